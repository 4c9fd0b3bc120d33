import type { BatchView, OutcomeView, RunView } from './comment-context.ts';

type Kind = OutcomeView['kind'];

export type OutcomeCounts = BatchView['outcomes'];

/** The order people need it in: what went wrong, and how badly, before what went well. */
const OUTCOME_WORDS: Readonly<Record<Kind, string>> = {
  unknown: 'in an unknown state',
  faulty: 'applied with errors',
  reverted: 'reverted',
  untouched: 'untouched',
  differs: 'differing from what is intended',
  applied: 'applied',
  'backed-up': 'backed up',
  'in-sync': 'already as intended',
};

const KINDS = Object.keys(OUTCOME_WORDS) as readonly Kind[];

/** `1 reverted`, `24 applied`: one text for each way switches came out, the worst first. */
export function countOutcomes(counts: OutcomeCounts): readonly string[] {
  return KINDS.flatMap((kind) => {
    const number = counts[kind] ?? 0;
    return number > 0 ? [`${number.toLocaleString('en-US')} ${OUTCOME_WORDS[kind]}`] : [];
  });
}

export function sumOutcomes(all: readonly OutcomeCounts[]): OutcomeCounts {
  return Object.fromEntries(
    KINDS.map((kind) => [kind, all.reduce((sum, counts) => sum + (counts[kind] ?? 0), 0)] as const).filter(
      ([, number]) => number > 0,
    ),
  );
}

/** How many switches of a run came out how, and how many there are. Batches know it of all their switches. */
export function outcomesOf({ devices, batches }: Pick<RunView, 'devices' | 'batches'>): {
  readonly counts: OutcomeCounts;
  readonly of: number;
} {
  const inBatches = batches?.reduce((sum, batch) => sum + batch.devices, 0) ?? 0;
  if (batches && inBatches >= devices.length) {
    return { counts: sumOutcomes(batches.map(({ outcomes }) => outcomes)), of: inBatches };
  }
  return {
    counts: sumOutcomes(devices.flatMap(({ outcome }) => (outcome ? [{ [outcome.kind]: 1 }] : []))),
    of: devices.length,
  };
}
