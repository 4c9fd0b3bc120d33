import type { Workflow } from './workflow.ts';

/** Keeps what switches run, on request, by the clock, and after every deploy. Knows nothing of what is intended: a switch without an intent is backed up all the same. */
export const configurationBackup: Workflow = {
  name: 'ConfigurationBackup',
  does: 'Keeps what switches run.',
  kind: 'read',
  timeoutSeconds: 86_400,
  stages: [
    {
      name: 'load_running_configuration',
      does: 'Reads what the switches run.',
      waitsForApproval: false,
      touchesDevice: false,
      deadlineSeconds: 3600,
      retryable: true,
      retryCount: 3,
      retryDelaySeconds: 30,
      ifWeDied: 'Nothing outside was changed; it is done again.',
      whenFailed: {
        deviceState: 'Switches were only read.',
        advice: 'See the reason beside each switch; the next backup asks again.',
      },
      whenTerminated: {
        deviceState: 'Switches were only read.',
        advice: 'None: run it again if you still want the backup.',
      },
    },
    {
      name: 'persist_backup',
      does: 'Keeps what differs from the last backup on the ledger, redacted, in one commit.',
      waitsForApproval: false,
      touchesDevice: false,
      deadlineSeconds: 300,
      retryable: true,
      retryCount: 3,
      retryDelaySeconds: 30,
      ifWeDied: 'Nothing outside was changed; it is done again.',
      whenFailed: {
        deviceState: 'Switches were only read.',
        advice: 'The next backup keeps it; nothing is lost on the switches.',
      },
      whenTerminated: {
        deviceState: 'Switches were only read.',
        advice: 'None: run it again if you still want the backup.',
      },
    },
  ],
};
