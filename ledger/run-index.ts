/**
 * The derived index of runs, `runs/index.json`: so that nobody has to read ten thousand runs to find the two that are
 * open. It is never state: it is made from the folded runs, checked against the listing of runs, and made anew from all
 * of them wherever it does not fit.
 */
import type { RunStatus, StageState } from './events.ts';
import { hasEnded, RUN_MOVES, STAGE_MOVES } from './legal-moves.ts';
import { type OutcomeKind, outcomeOf } from './outcome-words.ts';
import type { Run } from './run.ts';
import { runFolder } from './run-name.ts';
import { count, listOf, moment, objectOf, oneOf, optional, recordOf, type Shape, text } from './shapes.ts';
import { compareText } from './sorted-list.ts';

/** Ended runs the index remembers, for the front page. */
const RECENT_RUNS = 20;

/** A run in one line. */
export interface RunSummary {
  readonly name: string;
  /** `runs/<yyyy>/<mm>/<name>` */
  readonly folder: string;
  readonly workflow: string;
  readonly commit: string;
  readonly pullRequest?: number;
  readonly request?: string;
  readonly schedule?: string;
  /** The run it is a batch of. */
  readonly parent?: string;
  readonly status: RunStatus;
  /** Why nothing is begun in it now, though nobody has to do anything. */
  readonly hold?: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The stage that moved last. Absent when none has. */
  readonly stage?: { readonly name: string; readonly state: StageState };
  /** How many devices came out how. */
  readonly devices: Readonly<Partial<Record<OutcomeKind, number>>>;
}

export interface RunIndex {
  readonly version: 1;
  /** How many runs the ledger holds: an index that counts another number than the listing is not of this commit. */
  readonly runs: number;
  /** Runs that have not ended, oldest first. */
  readonly open: readonly RunSummary[];
  /** The newest of those that have, newest first; without batches, which their parents tell of. */
  readonly recent: readonly RunSummary[];
}

export const emptyIndex: RunIndex = { version: 1, runs: 0, open: [], recent: [] };

/** The index with `run` as it is now. `isNew`: it was not there before. */
export function indexWith(index: RunIndex, run: Run, isNew: boolean): RunIndex {
  const summary = summaryOf(run);
  const open = index.open.filter(({ name }) => name !== run.name);
  const recent = index.recent.filter(({ name }) => name !== run.name);
  const runs = index.runs + (isNew ? 1 : 0);
  if (!hasEnded(run.status)) return { version: 1, runs, open: [...open, summary].sort(oldestFirst), recent };
  if (run.parent !== undefined) return { version: 1, runs, open, recent };
  return { version: 1, runs, open, recent: [summary, ...recent].sort(lastEndedFirst).slice(0, RECENT_RUNS) };
}

/** The index of all runs, from nothing but them. */
export function indexOf(runs: readonly Run[]): RunIndex {
  const summaries = runs.map(summaryOf);
  return {
    version: 1,
    runs: runs.length,
    open: summaries.filter(({ status }) => !hasEnded(status)).sort(oldestFirst),
    recent: summaries
      .filter(({ status, parent }) => hasEnded(status) && parent === undefined)
      .sort(lastEndedFirst)
      .slice(0, RECENT_RUNS),
  };
}

/** Whether an index can be of a ledger with these runs. */
export function indexFits(index: RunIndex, folders: ReadonlyMap<string, string>): boolean {
  return (
    index.runs === folders.size &&
    [...index.open, ...index.recent].every(({ name, folder }) => folders.get(name) === folder)
  );
}

function summaryOf(run: Run): RunSummary {
  const { name, workflow, commit, pullRequest, request, schedule, parent, hold, status, startedAt, endedAt } = run;
  const moved = run.stages.filter(({ state }) => state !== 'NOT_STARTED' && state !== 'UNREACHABLE').at(-1);
  return {
    name,
    folder: runFolder(run),
    workflow,
    commit,
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(request === undefined ? {} : { request }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(parent === undefined ? {} : { parent }),
    status,
    ...(hold === undefined ? {} : { hold: hold.why }),
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(moved ? { stage: { name: moved.name, state: moved.state } } : {}),
    devices: outcomesOf(run),
  };
}

function outcomesOf(run: Run): RunSummary['devices'] {
  const counted: Partial<Record<OutcomeKind, number>> = {};
  for (const device of run.devices) {
    const kind = outcomeOf(device, run);
    counted[kind] = (counted[kind] ?? 0) + 1;
  }
  return counted;
}

function oldestFirst(a: RunSummary, b: RunSummary): number {
  return a.startedAt - b.startedAt || compareText(a.name, b.name);
}

function lastEndedFirst(a: RunSummary, b: RunSummary): number {
  return (b.endedAt ?? 0) - (a.endedAt ?? 0) || compareText(a.name, b.name);
}

const summary = objectOf<RunSummary>({
  name: text,
  folder: text,
  workflow: text,
  commit: text,
  pullRequest: optional(count),
  request: optional(text),
  schedule: optional(text),
  parent: optional(text),
  hold: optional(text),
  status: oneOf(...Object.keys(RUN_MOVES)),
  startedAt: moment,
  endedAt: optional(moment),
  stage: optional(
    objectOf<NonNullable<RunSummary['stage']>>({ name: text, state: oneOf(...Object.keys(STAGE_MOVES)) }),
  ),
  devices: recordOf(count),
});

export const runIndexShape: Shape = objectOf<RunIndex>({
  version: (value, where) => (value === 1 ? undefined : `${where} is not 1`),
  runs: count,
  open: listOf(summary),
  recent: listOf(summary),
});
