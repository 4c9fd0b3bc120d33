import type { Recovery, Stage } from './workflow.ts';

/** Stages that several workflows share, with one set of texts: what people read of them must not depend on who ran them. */

const UNTOUCHED: Recovery = {
  deviceState: 'No switch was touched.',
  advice: 'Nothing to clean up. The next pass tries again by itself.',
};

/** Ended by a person before anything was done. */
export const UNTOUCHED_FOR_GOOD: Recovery = {
  deviceState: 'No switch was touched.',
  advice: 'Nothing to clean up. Ask again, in a new pull request, if it is still wanted.',
};

const REMOTE_RETRIES = { retryable: true, retryCount: 3, retryDelaySeconds: 30 } as const;

export const loadStage: Stage = {
  name: 'load_intended_configuration',
  does: 'Reads the fleet at the merged commit and renders the intended configuration of every switch it changes.',
  waitsForApproval: false,
  touchesDevice: false,
  deadlineSeconds: 300,
  retryable: false,
  retryCount: 0,
  retryDelaySeconds: 0,
  ifWeDied: 'Nothing outside was changed; it is done again.',
  whenFailed: { deviceState: UNTOUCHED.deviceState, advice: 'Fix what the problems name in a new pull request.' },
  whenTerminated: UNTOUCHED_FOR_GOOD,
};

export const diffStage: Stage = {
  name: 'perform_configuration_diff',
  does: 'Asks every switch what it runs now; goes on only where the changes are still exactly the approved ones.',
  waitsForApproval: true,
  touchesDevice: false,
  deadlineSeconds: 900,
  ...REMOTE_RETRIES,
  ifWeDied: 'Nothing outside was changed; it is done again.',
  whenFailed: {
    deviceState: UNTOUCHED.deviceState,
    advice: 'See the reason beside each switch; the next pass asks again.',
  },
  whenTerminated: UNTOUCHED_FOR_GOOD,
};

export const applyStage: Stage = {
  name: 'apply_configuration',
  does: 'Stages the configuration, compares the switch’s own account with the approval, makes it live under a revert timer, checks reachability and health from a fresh connection, then confirms and saves.',
  waitsForApproval: false,
  touchesDevice: true,
  deadlineSeconds: 3600,
  ...REMOTE_RETRIES,
  ifWeDied:
    'Each switch is asked: unchanged → started again; waiting for confirmation → checked and confirmed; taken back → started again once; running what is intended → recorded.',
  whenFailed: {
    deviceState: 'Each switch runs either its old or its new configuration, never a mixture; the table says which.',
    advice:
      'Fix the cause named beside the switch in a new pull request. Do not reboot a switch while its revert timer runs.',
  },
  whenTerminated: {
    deviceState:
      'Each switch runs either its old or its new configuration; the table says which. One inside its confirm window takes the change back by itself when the timer ends.',
    advice:
      'Wait for the timer, keep what they run with pointsman backup <device>, then plan again: the plan shows what each switch lacks.',
  },
};

export const backupStage: Stage = {
  name: 'perform_backup',
  does: 'Reads the running configuration back and keeps it on the ledger, redacted, in the form the switch can load.',
  waitsForApproval: false,
  touchesDevice: false,
  deadlineSeconds: 900,
  ...REMOTE_RETRIES,
  ifWeDied: 'It is read again; an equal backup makes no new version.',
  whenFailed: {
    deviceState: 'The change is live and confirmed; only its backup is missing.',
    advice: 'Run: pointsman backup <device>',
  },
  whenTerminated: {
    deviceState: 'The change is live and confirmed; only its backup is missing.',
    advice: 'Run: pointsman backup <device>',
  },
};

export const batchesStage: Stage = {
  name: 'execute_batches',
  does: 'Starts one run for each batch, in order: the canaries first, the next only after the one before came out well.',
  waitsForApproval: false,
  touchesDevice: false,
  deadlineSeconds: 300,
  retryable: true,
  retryCount: 0,
  retryDelaySeconds: 0,
  ifWeDied: 'Every batch is a run of its own; the next pass goes on with the one that was under way.',
  whenFailed: {
    deviceState:
      'Batches that ran are done, switch by switch as their tables say. Batches that had not begun are untouched.',
    advice:
      'See the failed batch. /pointsman retry goes on with the batches that are left, and tries those switches again that failed for a passing reason.',
  },
  whenTerminated: {
    deviceState:
      'It may be split: switches of batches that ended run the new configuration, all others their old one. The record says what of each.',
    advice:
      'Read the record of each batch. To do the rest, merge a request for the switches that are left; to take back what was done, merge a Rollback request for this run.',
  },
};
