/** How a switch came out of a run, in words. */
import type { DeviceOutcome, OutcomeCounts } from './events.ts';
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

/** How many switches came out how. */
export type Counted = Readonly<Partial<Record<OutcomeKind, number>>>;

/**
 * How many switches of a run came out how. What a run says of its own switches counts; one that leaves that to the runs it
 * started is counted by them.
 */
export function countedOf(run: Run): Counted {
  const { devices, children } = run;
  if (children.length === 0 || devices.some(({ outcome }) => outcome)) {
    return tallyOf(devices.map((device) => outcomeOf(device, run)));
  }
  const told = children.flatMap(({ outcomes = {} }) => kindsIn(outcomes));
  const others = Math.max(0, devices.length - told.length);
  return tallyOf([...told, ...Array<OutcomeKind>(others).fill(run.endedAt === undefined ? 'open' : 'untouched')]);
}

/** The same of a run that has ended, for the event that tells its parent so. */
export function outcomesOf(run: Run): OutcomeCounts {
  const { open = 0, unknown = 0, ...counted } = countedOf(run);
  // Nobody will say any more what became of them.
  return open + unknown === 0 ? counted : { ...counted, unknown: open + unknown };
}

function kindsIn(outcomes: OutcomeCounts): readonly OutcomeKind[] {
  return OUTCOME_KINDS.flatMap((kind) => Array<OutcomeKind>(kind === 'open' ? 0 : (outcomes[kind] ?? 0)).fill(kind));
}

function tallyOf(kinds: readonly OutcomeKind[]): Counted {
  const counted: Partial<Record<OutcomeKind, number>> = {};
  for (const kind of kinds) counted[kind] = (counted[kind] ?? 0) + 1;
  return counted;
}

/** @returns `2 running what was approved, 1 back on what ran before`; empty for no device. */
export function countOutcomes(counted: Counted): string {
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
