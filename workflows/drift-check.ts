import type { Workflow } from './workflow.ts';

/** Compares what switches run with what is intended, and tells what differs, since when and by whom. */
export const driftCheck: Workflow = {
  name: 'DriftCheck',
  does: 'Finds switches that run something else than intended.',
  kind: 'read',
  timeoutSeconds: 7200,
  stages: [
    {
      name: 'load_intended_configuration',
      does: 'Reads the fleet and renders the intended configuration of every switch it is about.',
      waitsForApproval: false,
      touchesDevice: false,
      deadlineSeconds: 300,
      retryable: true,
      retryCount: 3,
      retryDelaySeconds: 30,
      ifWeDied: 'Nothing outside was changed; it is done again.',
      whenFailed: { deviceState: 'Switches were only read.', advice: 'Fix what the problems name in a pull request.' },
      whenTerminated: { deviceState: 'Switches were only read.', advice: 'None: the next check looks again.' },
    },
    {
      name: 'check_drift',
      does: 'Asks every switch what it runs and compares.',
      waitsForApproval: false,
      touchesDevice: false,
      deadlineSeconds: 3600,
      retryable: true,
      retryCount: 3,
      retryDelaySeconds: 30,
      ifWeDied: 'Nothing outside was changed; it is done again.',
      whenFailed: {
        deviceState: 'Switches were only read.',
        advice: 'See the reason beside each switch; the next check asks again.',
      },
      whenTerminated: { deviceState: 'Switches were only read.', advice: 'None: the next check looks again.' },
    },
    {
      name: 'handle_drift',
      does: 'Does what the drift policy says: reports it, or opens and closes pull requests.',
      waitsForApproval: false,
      touchesDevice: false,
      deadlineSeconds: 900,
      retryable: true,
      retryCount: 3,
      retryDelaySeconds: 30,
      ifWeDied: 'Nothing outside was changed; it is done again.',
      whenFailed: {
        deviceState: 'Switches were only read.',
        advice: 'The next check does it again; pull requests it opened stay.',
      },
      whenTerminated: {
        deviceState: 'Switches were only read.',
        advice: 'Pull requests it opened stay; close those you do not want.',
      },
    },
  ],
};
