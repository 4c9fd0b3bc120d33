import type { Workflow } from './workflow.ts';

const untouched = {
  deviceState: 'No switch was touched.',
  advice: 'Nothing to clean up. The next pass tries again by itself.',
} as const;

/**
 * Makes switches run what a merged pull request says. The sentence it implements: load what is intended, ask every switch
 * what would change, go on only with an approval of exactly that, make it live under a revert timer, prove it from a fresh
 * connection, confirm, save, and keep a backup.
 */
export const configurationDeploy: Workflow = {
  name: 'ConfigurationDeploy',
  does: 'Makes switches run what a merged pull request says.',
  stages: [
    {
      name: 'load_intended_configuration',
      does: 'Reads the fleet at the merged commit and renders the intended configuration of every switch it changes.',
      waitsForApproval: false,
      touchesDevice: false,
      deadlineSeconds: 300,
      ifWeDied: 'Nothing outside was changed; it is done again.',
      whenFailed: {
        deviceState: untouched.deviceState,
        advice: 'Fix what the problems name in a new pull request.',
      },
      whenTerminated: untouched,
    },
    {
      name: 'perform_configuration_diff',
      does: 'Asks every switch what it runs now; goes on only where the changes are still exactly the approved ones.',
      waitsForApproval: true,
      touchesDevice: false,
      deadlineSeconds: 900,
      ifWeDied: 'Nothing outside was changed; it is done again.',
      whenFailed: {
        deviceState: untouched.deviceState,
        advice: 'See the reason beside each switch; the next pass asks again.',
      },
      whenTerminated: untouched,
    },
    {
      name: 'apply_configuration',
      does: 'Stages the configuration, compares the switch’s own account with the approval, makes it live under a revert timer, checks reachability and health from a fresh connection, then confirms and saves.',
      waitsForApproval: false,
      touchesDevice: true,
      deadlineSeconds: 3600,
      ifWeDied:
        'Each switch is asked: unchanged → started again; waiting for confirmation → checked and confirmed; taken back → started again once; running what is intended → recorded.',
      whenFailed: {
        deviceState: 'Each switch runs either its old or its new configuration, never a mixture; the table says which.',
        advice:
          'Fix the cause named beside the switch in a new pull request. Do not reboot a switch while its revert timer runs.',
      },
      whenTerminated: {
        deviceState: 'A switch inside its confirm window takes the change back by itself when the timer ends.',
        advice: 'Wait for the timer, then plan again: the plan shows what each switch runs.',
      },
    },
    {
      name: 'perform_backup',
      does: 'Reads the running configuration back and keeps it on the ledger, redacted, in the form the switch can load.',
      waitsForApproval: false,
      touchesDevice: false,
      deadlineSeconds: 900,
      ifWeDied: 'It is read again; an equal backup makes no new version.',
      whenFailed: {
        deviceState: 'The change is live and confirmed; only its backup is missing.',
        advice: 'Run: pointsman backup <device>',
      },
      whenTerminated: {
        deviceState: 'The change is live and confirmed; only its backup is missing.',
        advice: 'Run: pointsman backup <device>',
      },
    },
  ],
};
