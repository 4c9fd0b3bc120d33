import { matchesGlob } from '../../desired-state/select-devices.ts';
import type { RunStatus } from '../../ledger/events.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { hasEnded, RUN_MOVES } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import { UsageError } from '../errors.ts';

/** Which runs are wanted. What is absent is not asked for. */
export interface RunFilter {
  readonly status?: readonly RunStatus[];
  /** In any case of its letters. */
  readonly workflow?: readonly string[];
  /** Names or globs: a run that is about any of them. */
  readonly device?: readonly string[];
  /** Only those that have not ended. */
  readonly open: boolean;
  /** Batches too, each below the run it is of. */
  readonly all: boolean;
  readonly limit: number;
}

/** As options give it. */
export interface FilterOptions {
  readonly status?: readonly string[];
  readonly workflow?: readonly string[];
  readonly device?: readonly string[];
  readonly open: boolean;
  readonly all: boolean;
  readonly limit: string;
}

/** @throws {UsageError} */
export function parseFilter({ limit, status, ...options }: FilterOptions): RunFilter {
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError({ problem: `--limit is "${limit}"`, next: 'Give a whole number from 1.' });
  }
  return { ...options, limit: count, ...(status ? { status: status.map(parseStatus) } : {}) };
}

function parseStatus(text: string): RunStatus {
  const statuses = Object.keys(RUN_MOVES) as readonly RunStatus[];
  const found = statuses.find((status) => status === text.toUpperCase().replaceAll('-', '_'));
  if (found) return found;
  const names = statuses.map((status) => status.toLowerCase()).join(', ');
  throw new UsageError({ problem: `--status is "${text}"`, next: `Give one of ${names}.` });
}

/**
 * The runs that are wanted, newest first; with `all`, batches in their order after the run they are of. Reads the ledger only
 * as far back as it takes to find as many as are wanted.
 *
 * @returns At most `limit` runs, batches that stand below one of them not counted.
 */
export async function selectRuns(view: LedgerView, filter: RunFilter): Promise<readonly Run[]> {
  const found: Run[] = [];
  const families = new Set<string>();
  for await (const run of filter.open ? newestFirst(await view.openRuns()) : view.newestRuns(mayFit(filter))) {
    if (!fits(run, filter)) continue;
    const head = filter.all ? (run.parent ?? run.name) : run.name;
    if (families.has(head)) continue;
    families.add(head);
    found.push(run);
    if (found.length === filter.limit) break;
  }
  if (!filter.all) return found;
  const members = await Promise.all(found.map((run) => familyOf(view, run, filter)));
  return members.flat();
}

/**
 * Whether a run can be wanted, by the bare text of its events: whoever looks for one switch in ten thousand runs should not wait
 * until all of them are understood. Says yes whenever it cannot tell.
 */
function mayFit({ status, device }: RunFilter): (text: string) => boolean {
  // Those that have not ended say so by what is not there.
  const endings = status?.every(hasEnded) ? status : undefined;
  const names = device?.map(longestName);
  return (text) =>
    (endings === undefined || endings.some((ending) => text.includes(ending))) &&
    (names === undefined || names.some((name) => text.includes(name)));
}

/** What stands in every name that fits a glob. */
function longestName(glob: string): string {
  return glob.split(/[*?]/).reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

/** A run and its batches, or a batch with its parent and all batches of that: those of them that are wanted. */
async function familyOf(view: LedgerView, run: Run, filter: RunFilter): Promise<readonly Run[]> {
  const head = run.parent === undefined ? run : await view.run(run.parent);
  if (!head) return [run];
  const children = await Promise.all(head.children.map((child) => view.run(child.run)));
  return [head, ...children.filter((child) => child !== undefined)].filter((one) => fits(one, filter));
}

function fits(run: Run, { status, workflow, device, open, all }: RunFilter): boolean {
  // Whoever asks for a workflow that does batches means batches.
  if (run.parent !== undefined && !all && workflow === undefined) return false;
  return (
    (!open || run.endedAt === undefined) &&
    (status === undefined || status.includes(run.status)) &&
    (workflow === undefined || workflow.some((name) => name.toLowerCase() === run.workflow.toLowerCase())) &&
    (device === undefined || device.some((glob) => run.devices.some((one) => matchesGlob(glob, one.device))))
  );
}

function newestFirst(runs: readonly Run[]): readonly Run[] {
  return runs.toSorted((a, b) => b.startedAt - a.startedAt || (a.name < b.name ? -1 : 1));
}
