import type { RunEvent } from '../../ledger/events.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { standingOf, waitsForPerson } from '../../ledger/standing.ts';

/** What happened, and in which run. */
export interface News {
  readonly run: Run;
  readonly event: RunEvent;
}

/** A run and those it started, at one moment. */
export interface Look {
  readonly run: Run;
  /** In the order they were started. */
  readonly children: readonly Run[];
  /** What happened in them since the look before, oldest first. */
  readonly news: readonly News[];
}

/**
 * @param before How many events of each run were looked at already; brought up to date.
 */
export async function lookAtRun(view: LedgerView, run: Run, before: Map<string, number>): Promise<Look> {
  const found = await Promise.all(run.children.map((child) => view.run(child.run)));
  const children = found.filter((child) => child !== undefined);
  const news = async (one: Run): Promise<readonly News[]> => {
    const events = await view.events(one.name);
    return events.slice(before.get(one.name) ?? 0).map((event) => ({ run: one, event }));
  };
  const [own, ...others] = await Promise.all([run, ...children].map(news));
  for (const { run: one } of [...(own ?? []), ...others.flat()]) before.set(one.name, (before.get(one.name) ?? 0) + 1);
  return { run, children, news: inOrder(own ?? [], others.flat()) };
}

/** By time; of one moment, what the run itself says of the end of another comes after all that one said. */
function inOrder(own: readonly News[], others: readonly News[]): readonly News[] {
  const left = others.toSorted((a, b) => a.event.at - b.event.at);
  const take = (which: (news: News) => boolean): readonly News[] => {
    const taken = left.filter(which);
    for (const news of taken) left.splice(left.indexOf(news), 1);
    return taken;
  };
  const ordered = own.flatMap((news) => {
    const { event } = news;
    return [
      ...take((other) => other.event.at < event.at),
      ...take((other) => event.kind === 'child-ended' && other.run.name === event.run && other.event.at <= event.at),
      news,
    ];
  });
  return [...ordered, ...left];
}

/** Somebody has to do something before it, or a batch of it, goes on. */
export function isWaitingForPerson({ run, children }: Look): boolean {
  return [run, ...children].some((one) => waitsForPerson(standingOf(one)));
}
