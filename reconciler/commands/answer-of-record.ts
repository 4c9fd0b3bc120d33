import type { CommandRecord, LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { code, prose } from '../../plans/safe-text.ts';
import { listNames } from '../../plans/words.ts';
import { recoveryOf } from '../../workflows/all-workflows.ts';
import { type Answer, refused } from './answer.ts';

/** What a person is told of a command that stands on the ledger, also by a process that did not do it. */
export async function answerOfRecord(record: CommandRecord, view: LedgerView): Promise<Answer> {
  const { verdict, why, verb } = record;
  if (verdict === 'refused') return refused(why);
  const runs = await runsOf(record, view);
  switch (verb) {
    case 'terminate':
      return {
        verdict,
        why,
        lines: runs.flatMap(howLeft),
        ...(runs.some(({ endedAt }) => endedAt === undefined) ? { pending: true as const } : {}),
      };
    case 'pause':
      return { verdict, why, lines: runs.map(({ name }) => `It goes on after ${code(`/pointsman resume ${name}`)}.`) };
    case 'retry':
      return { verdict, why, next: 'This pass goes on with it.' };
    default:
      return { verdict, why };
  }
}

/** Those that were named. What is said of a run is said of its batches too. */
async function runsOf({ runs = [] }: CommandRecord, view: LedgerView): Promise<readonly Run[]> {
  const found = (await Promise.all(runs.map((name) => view.run(name)))).filter((run) => run !== undefined);
  return found.filter(({ parent }) => parent === undefined || !runs.includes(parent));
}

const MOST_NAMED = 20;

/** How a run that is terminated leaves every switch, and what its workflow advises at the stage it stood in. Markdown. */
export function howLeft(run: Run): readonly string[] {
  const recovery = recoveryOf({ ...run, status: 'TERMINATED' });
  return [
    ...(run.endedAt === undefined ? [`- ${stillInHand(run)}`] : switchesOf(run)),
    ...(recovery ? ['', `${code(recovery.stage)}: ${prose(`${recovery.deviceState} ${recovery.advice}`)}`] : []),
    '',
    'What was merged is still on the branch. Revert it there, or merge a change that touches these switches: its plan shows what they lack.',
  ];
}

function switchesOf({ devices }: Run): readonly string[] {
  if (devices.length === 0) return ['- no switch had been asked yet'];
  const byKind = Map.groupBy(devices, ({ outcome }) => outcome?.kind ?? 'unknown');
  return [...byKind].map(([kind, list]) => `- ${kind}: ${named(list.map(({ device }) => device))}`);
}

function stillInHand({ lease }: Run): string {
  if (!lease) return 'it ends with the next pass.';
  const names = named(lease.devices.map((key) => key.slice(key.indexOf('/') + 1)));
  const until = `${new Date(lease.deadline).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return `still being changed: ${names}. Whoever does that stops within seconds; where that process is gone, the next pass looks at them after ${until}. This reply says then how each was left.`;
}

function named(names: readonly string[]): string {
  return listNames(names, MOST_NAMED, code);
}
