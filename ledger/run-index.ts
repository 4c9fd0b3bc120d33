/**
 * The derived index of runs, `runs/index.json`: so that nobody has to read ten thousand runs to find the two that are
 * open. It is never state: it is made from the folded runs, checked against the listing of runs, and made anew from all
 * of them wherever it does not fit.
 */
import type { BatchOf, RunStatus, StageState } from './events.ts';
import { hasEnded, RUN_MOVES, STAGE_MOVES } from './legal-moves.ts';
import { type Counted, countedOf } from './outcome-words.ts';
import type { Run } from './run.ts';
import { runFolder } from './run-name.ts';
import { count, flag, listOf, moment, objectOf, oneOf, optional, recordOf, type Shape, text } from './shapes.ts';
import { compareText } from './sorted-list.ts';
import { standingOf } from './standing.ts';

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
  readonly shard?: string;
  readonly request?: string;
  readonly schedule?: string;
  /** The run it is a batch of. */
  readonly parent?: string;
  readonly batch?: BatchOf;
  readonly status: RunStatus;
  readonly why?: string;
  /** Why nothing is begun in it now, though nobody has to do anything. */
  readonly hold?: { readonly why: string; readonly until?: number };
  /** What a person has to do for it to go on. */
  readonly waits?: WaitsFor;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The stage that moved last. Absent when none has. */
  readonly stage?: { readonly name: string; readonly state: StageState };
  /** Of the runs it started, how many there are, and how many of these have ended and how many not well. Absent when none. */
  readonly batches?: {
    readonly of: number;
    readonly started: number;
    readonly ended: number;
    readonly failed: number;
  };
  /** How many devices came out how. */
  readonly devices: Counted;
}

export interface WaitsFor {
  readonly what: 'approve' | 'resume' | 'retry';
  /** The stage that asks, or failed. */
  readonly stage?: string;
  /** The pull request where it is asked. */
  readonly pullRequest?: number;
  /** It is a pull request of our own: closing it says no. */
  readonly isGate?: boolean;
  /** Who paused it. */
  readonly by?: string;
}

export interface RunIndex {
  readonly version: 1;
  /** How many runs the ledger holds: an index that counts another number than the listing is not of this commit. */
  readonly runs: number;
  /** Runs that have not ended, oldest first. */
  readonly open: readonly RunSummary[];
  /** The newest that somebody asked for and that have ended, newest first; without batches, which their parents tell of. */
  readonly recent: readonly RunSummary[];
  /** Of each schedule the run that ended last: they come too often to stand among the others. */
  readonly scheduled: readonly RunSummary[];
}

export const emptyIndex: RunIndex = { version: 1, runs: 0, open: [], recent: [], scheduled: [] };

/** The index with `run` as it is now. `isNew`: it was not there before. */
export function indexWith(index: RunIndex, run: Run, isNew: boolean): RunIndex {
  const others = ({ name }: RunSummary) => name !== run.name;
  return arranged(index.runs + (isNew ? 1 : 0), [
    ...index.open.filter(others),
    ...index.recent.filter(others),
    ...index.scheduled.filter(others),
    summaryOf(run),
  ]);
}

/** The index of all runs, from nothing but them. */
export function indexOf(runs: readonly Run[]): RunIndex {
  return arranged(runs.length, runs.map(summaryOf));
}

function arranged(runs: number, summaries: readonly RunSummary[]): RunIndex {
  const [open, ended] = [
    summaries.filter(({ status }) => !hasEnded(status)),
    summaries.filter(({ status, parent }) => hasEnded(status) && parent === undefined).sort(lastEndedFirst),
  ];
  const bySchedule = Map.groupBy(
    ended.filter(({ schedule }) => schedule !== undefined),
    ({ schedule, workflow, shard }) => JSON.stringify([schedule, workflow, shard]),
  );
  return {
    version: 1,
    runs,
    open: open.sort(oldestFirst),
    recent: ended.filter(({ schedule }) => schedule === undefined).slice(0, RECENT_RUNS),
    scheduled: [...bySchedule.values()].flatMap((list) => list.slice(0, 1)).sort(byWorkflow),
  };
}

/** Whether an index can be of a ledger with these runs. */
export function indexFits(index: RunIndex, folders: ReadonlyMap<string, string>): boolean {
  return (
    index.runs === folders.size &&
    [...index.open, ...index.recent, ...index.scheduled].every(({ name, folder }) => folders.get(name) === folder)
  );
}

export function summaryOf(run: Run): RunSummary {
  const { name, workflow, commit, pullRequest, shard, request, schedule, parent, batch } = run;
  const { status, why, hold, startedAt, endedAt } = run;
  const moved = run.stages.filter(({ state }) => state !== 'NOT_STARTED' && state !== 'UNREACHABLE').at(-1);
  const waits = waitsOf(run);
  return {
    name,
    folder: runFolder(run),
    workflow,
    commit,
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(shard === undefined ? {} : { shard }),
    ...(request === undefined ? {} : { request }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(parent === undefined ? {} : { parent }),
    ...(batch ? { batch } : {}),
    status,
    ...(why === undefined ? {} : { why }),
    ...(hold ? { hold: { why: hold.why, ...(hold.until === undefined ? {} : { until: hold.until }) } } : {}),
    ...(waits ? { waits } : {}),
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(moved ? { stage: { name: moved.name, state: moved.state } } : {}),
    ...(run.children.length > 0 ? { batches: batchesOf(run) } : {}),
    devices: countedOf(run),
  };
}

function waitsOf(run: Run): WaitsFor | undefined {
  const standing = standingOf(run);
  switch (standing.kind) {
    case 'paused':
      return standing.automatic ? undefined : { what: 'resume', by: standing.by };
    case 'asks': {
      const { stage, pullRequest, isGate } = standing;
      return { what: 'approve', stage, ...(pullRequest === undefined ? {} : { pullRequest }), isGate };
    }
    case 'failed':
      // A batch is tried again with the run it is part of, and that one says so.
      return run.parent === undefined ? { what: 'retry', stage: standing.stage } : undefined;
    default:
      return undefined;
  }
}

function batchesOf({ children }: Run): NonNullable<RunSummary['batches']> {
  return {
    of: Math.max(children.length, ...children.map(({ batch }) => batch?.of ?? 0)),
    started: children.length,
    ended: children.filter(({ status }) => status !== undefined).length,
    failed: children.filter(({ status }) => status !== undefined && status !== 'COMPLETED').length,
  };
}

function oldestFirst(a: RunSummary, b: RunSummary): number {
  return a.startedAt - b.startedAt || compareText(a.name, b.name);
}

function lastEndedFirst(a: RunSummary, b: RunSummary): number {
  return (b.endedAt ?? 0) - (a.endedAt ?? 0) || compareText(a.name, b.name);
}

/** By workflow, then schedule, then site. */
function byWorkflow(a: RunSummary, b: RunSummary): number {
  return (
    compareText(a.workflow, b.workflow) ||
    compareText(a.schedule ?? '', b.schedule ?? '') ||
    compareText(a.shard ?? '', b.shard ?? '')
  );
}

const summary = objectOf<RunSummary>({
  name: text,
  folder: text,
  workflow: text,
  commit: text,
  pullRequest: optional(count),
  shard: optional(text),
  request: optional(text),
  schedule: optional(text),
  parent: optional(text),
  batch: optional(objectOf<BatchOf>({ number: count, of: count, canary: optional(flag) })),
  status: oneOf(...Object.keys(RUN_MOVES)),
  why: optional(text),
  hold: optional(objectOf<NonNullable<RunSummary['hold']>>({ why: text, until: optional(moment) })),
  waits: optional(
    objectOf<WaitsFor>({
      what: oneOf('approve', 'resume', 'retry'),
      stage: optional(text),
      pullRequest: optional(count),
      isGate: optional(flag),
      by: optional(text),
    }),
  ),
  startedAt: moment,
  endedAt: optional(moment),
  stage: optional(
    objectOf<NonNullable<RunSummary['stage']>>({ name: text, state: oneOf(...Object.keys(STAGE_MOVES)) }),
  ),
  batches: optional(
    objectOf<NonNullable<RunSummary['batches']>>({ of: count, started: count, ended: count, failed: count }),
  ),
  devices: recordOf(count),
});

export const runIndexShape: Shape = objectOf<RunIndex>({
  version: (value, where) => (value === 1 ? undefined : `${where} is not 1`),
  runs: count,
  open: listOf(summary),
  recent: listOf(summary),
  scheduled: listOf(summary),
});
