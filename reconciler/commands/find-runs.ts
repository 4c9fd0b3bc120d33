import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';

/** Runs a command is about. */
export type FoundRuns =
  | { readonly kind: 'found'; readonly runs: readonly [Run, ...Run[]] }
  | { readonly kind: 'none'; readonly why: string; readonly next: string };

const MOST_NAMED = 5;
const BATCH = 'batchdeploy-';

/**
 * The run of that name, or the only one whose name ends so; without a name, the runs of a pull request that have not ended.
 * Names of batches end like that of the run they are of: that one is meant, unless a batch is named by more than they share.
 */
export async function findRuns(
  view: LedgerView,
  name: string | undefined,
  pullRequest: number | undefined,
): Promise<FoundRuns> {
  const open = await view.openRuns();
  if (name === undefined) {
    const mine = open.filter((run) => run.pullRequest === pullRequest || run.gate === pullRequest);
    const names = new Set(mine.map((run) => run.name));
    const [first, ...more] = mine.filter(({ parent }) => parent === undefined || !names.has(parent));
    if (first) return { kind: 'found', runs: [first, ...more] };
    return { kind: 'none', why: 'this pull request has no run that is under way', next: namesOf(open) };
  }
  const all = await view.runNames();
  const ending = all.filter((known) => known.endsWith(name));
  const whole = ending.filter((known) => !known.startsWith(BATCH));
  const names = all.includes(name) ? [name] : whole.length === 1 ? whole : ending;
  const [only, ...others] = names;
  const run = only === undefined || others.length > 0 ? undefined : await view.run(only);
  if (run) return { kind: 'found', runs: [run] };
  const why =
    only === undefined
      ? `no run is called ${name}, nor does the name of one end so`
      : `${names.length} runs end in ${name}`;
  return { kind: 'none', why, next: namesOf(open) };
}

function namesOf(open: readonly Run[]): string {
  if (open.length === 0) return 'No run is under way.';
  const shown = open.slice(0, MOST_NAMED).map((run) => run.name);
  const more = open.length - shown.length;
  return `Under way: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}
