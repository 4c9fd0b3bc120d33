import type { Manner } from '../../ledger/manner.ts';
import type { Run } from '../../ledger/run.ts';
import { listNames } from '../../plans/words.ts';
import { recoveryOf } from '../../workflows/all-workflows.ts';

const MOST_NAMED = 20;

type Words = Pick<Manner, 'code' | 'plain'>;

/** How a run that is terminated leaves every switch, and what its workflow advises at the stage it stood in. A line each. */
export function howLeft(run: Run, words: Words): readonly string[] {
  const recovery = recoveryOf({ ...run, status: 'TERMINATED' });
  return [
    ...(run.endedAt === undefined ? [`- ${stillInHand(run, words)}`] : switchesOf(run, words)),
    ...(recovery
      ? ['', `${words.code(recovery.stage)}: ${words.plain(`${recovery.deviceState} ${recovery.advice}`)}`]
      : []),
    '',
    'What was merged is still on the branch. Revert it there, or merge a change that touches these switches: its plan shows what they lack.',
  ];
}

function switchesOf({ devices }: Run, words: Words): readonly string[] {
  if (devices.length === 0) return ['- no switch had been asked yet'];
  const byKind = Map.groupBy(devices, ({ outcome }) => outcome?.kind ?? 'unknown');
  return [...byKind].map(
    ([kind, list]) =>
      `- ${kind}: ${named(
        list.map(({ device }) => device),
        words,
      )}`,
  );
}

function stillInHand({ lease }: Run, words: Words): string {
  if (!lease) return 'it ends with the next pass.';
  const names = named(
    lease.devices.map((key) => key.slice(key.indexOf('/') + 1)),
    words,
  );
  const until = `${new Date(lease.deadline).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return `still being changed: ${names}. Whoever does that stops within seconds; where that process is gone, a pass looks at them after ${until}. How each was left is told then.`;
}

function named(names: readonly string[], { code }: Words): string {
  return listNames(names, MOST_NAMED, code);
}
