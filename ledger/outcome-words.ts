/** How a switch came out of a run, in words. */
import type { DeviceOutcome } from './events.ts';
import type { DeviceRecord, Run } from './run.ts';

/** An outcome, or `open`: the run is under way and there is none yet. */
export type OutcomeKind = DeviceOutcome['kind'] | 'open';

/** Most worrying first: the order of every table. */
export const OUTCOME_KINDS: readonly OutcomeKind[] = [
  'unknown',
  'faulty',
  'reverted',
  'untouched',
  'differs',
  'open',
  'applied',
  'backed-up',
  'in-sync',
];

/** After a number of switches: `2 run what was approved`. */
const OUTCOME_COUNTED: Readonly<Record<OutcomeKind, string>> = {
  unknown: 'in an unknown state',
  faulty: 'changed but reporting an error',
  reverted: 'back on what ran before',
  untouched: 'not touched',
  differs: 'running something else than intended',
  open: 'without an outcome yet',
  applied: 'running what was approved',
  'backed-up': 'backed up',
  'in-sync': 'already as intended',
};

/** What people are told of a device. Once a run has ended without an outcome for it, that is an answer too. */
export function outcomeOf(device: DeviceRecord, run: Run): OutcomeKind {
  if (device.outcome) return device.outcome.kind;
  if (run.endedAt === undefined) return 'open';
  return device.attempts === 0 ? 'untouched' : 'unknown';
}

/** @returns `2 running what was approved, 1 back on what ran before`; empty for no device. */
export function countOutcomes(counted: Readonly<Partial<Record<OutcomeKind, number>>>): string {
  return OUTCOME_KINDS.filter((kind) => (counted[kind] ?? 0) > 0)
    .toReversed()
    .map((kind) => `${counted[kind]} ${OUTCOME_COUNTED[kind]}`)
    .join(', ');
}

/** What the switch is known to hold, for people who have to decide whether to worry. */
export function stateInWords(device: DeviceRecord, run: Run): string {
  switch (device.outcome?.kind) {
    case 'applied':
      return 'Runs what was approved; confirmed and saved.';
    case 'faulty':
      return 'Runs what was approved, confirmed, and reports an error about it.';
    case 'in-sync':
      return 'Already ran what is intended; nothing was written.';
    case 'reverted':
      return 'Took the change back; runs what it ran before, read back and compared.';
    case 'untouched':
      return 'Runs what it ran before; nothing was written.';
    case 'unknown':
      return 'Not established: may run the old configuration, the new one, or wait to revert.';
    case 'differs':
      return 'Runs something else than intended; it was only read.';
    case 'backed-up':
      return 'Was only read; what it runs is kept.';
    case undefined:
      if (device.attempts === 0) return 'Nothing was written to it.';
      return run.endedAt === undefined ? 'Being worked on.' : 'Not recorded: the run ended while it was worked on.';
  }
}
