import type { Workflow } from './workflow.ts';

/** Shows what would change on switches now, and changes nothing: not even a draft is made on them. */
export const configurationDiff: Workflow = {
  name: 'ConfigurationDiff',
  does: 'Shows what would change on switches now.',
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
      whenTerminated: {
        deviceState: 'Switches were only read.',
        advice: 'None: run it again if you still want the report.',
      },
    },
    {
      name: 'perform_configuration_diff',
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
        advice: 'See the reason beside each switch, and run it again.',
      },
      whenTerminated: {
        deviceState: 'Switches were only read.',
        advice: 'None: run it again if you still want the report.',
      },
    },
  ],
};
