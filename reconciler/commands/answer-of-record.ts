import type { CommandRecord, LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { code, prose } from '../../plans/safe-text.ts';
import { type Answer, refused } from './answer.ts';
import { howLeft } from './how-left.ts';

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
        lines: runs.flatMap((run) => howLeft(run, { code, plain: prose })),
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
