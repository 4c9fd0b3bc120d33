import type { ObjectId, Repository } from '../../git/repository.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { hasEnded } from '../../ledger/legal-moves.ts';
import type { DeviceRecord } from '../../ledger/run.ts';
import { childrenOf, withChildren } from '../batches/with-children.ts';
import { namesLike } from '../commands/find-runs.ts';

/** A run whose changes are to be taken back. */
export interface RunToUndo {
  readonly kind: 'found';
  readonly name: string;
  /** What the branch said before it. */
  readonly base: ObjectId;
  /** Runs that wrote to its switches: itself and its batches. */
  readonly runs: ReadonlySet<string>;
  /** Why it has nothing to take back on a switch; `undefined` where it has. */
  unchanged(device: string): string | undefined;
}

const MOST_NAMED = 5;

/** The run of that name, or the only one whose name ends so; it has to have ended, and to have changed something. */
export async function findRunToUndo(
  repository: Repository,
  view: LedgerView | undefined,
  name: string,
): Promise<RunToUndo | { readonly kind: 'none'; readonly why: string; readonly hint?: string }> {
  if (!view) return { kind: 'none', why: 'runs are known from the ledger, and it was not read' };
  const names = namesLike(await view.runNames(), name);
  const [only, ...others] = names;
  if (only === undefined) return { kind: 'none', why: `no run is called ${name}, nor does the name of one end so` };
  if (others.length > 0) {
    const shown = names.slice(0, MOST_NAMED).join(', ');
    return {
      kind: 'none',
      why: `the names of ${names.length} runs end in ${name}`,
      hint: `write one in full: ${shown}`,
    };
  }
  const alone = await view.run(only);
  if (!alone) throw new RangeError(`${only} is listed on the ledger and is not there`);
  if (!hasEnded(alone.status)) {
    const hint = 'wait until it has, or end it with /pointsman terminate';
    return { kind: 'none', why: `${only} has not ended, so what it changes is not known yet`, hint };
  }
  const run = withChildren(alone, (await childrenOf(view, alone)).values());
  if (!run.devices.some(isChanged)) {
    return { kind: 'none', why: `${only} changed no switch, so there is nothing to take back` };
  }
  const base = run.base ?? (await firstParentOf(repository, run.commit));
  if (base === undefined || (await repository.resolve(`${base}^{commit}`)) === undefined) {
    return { kind: 'none', why: `the commit before ${only} is not in the repository any more` };
  }
  const records = new Map(run.devices.map((record) => [record.device, record]));
  return {
    kind: 'found',
    name: only,
    base,
    runs: new Set([only, ...run.children.map((child) => child.run)]),
    unchanged(device) {
      const record = records.get(device);
      if (!record) return 'it was no part of that run';
      return isChanged(record) ? undefined : `that run did not change it (${record.outcome?.kind ?? 'not begun'})`;
    },
  };
}

/** Whether a switch runs, or may run, what the run brought. */
function isChanged({ attempts, outcome }: DeviceRecord): boolean {
  if (!outcome) return attempts > 0;
  return outcome.kind === 'applied' || outcome.kind === 'faulty' || outcome.kind === 'unknown';
}

async function firstParentOf(repository: Repository, commit: ObjectId): Promise<ObjectId | undefined> {
  if ((await repository.resolve(`${commit}^{commit}`)) === undefined) return undefined;
  return (await repository.commitInfo(commit)).parents[0];
}
