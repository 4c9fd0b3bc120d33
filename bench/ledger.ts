/** What the ledger costs when it holds years of runs: reading, listing, appending. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRemote } from '../git/open-remote.ts';
import type { RemoteRepository } from '../git/repository.ts';
import { createLedger } from '../ledger/create-ledger.ts';
import type { RunEvent } from '../ledger/events.ts';
import { formatEvents } from '../ledger/events-codec.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import { runFolder, runNameFor } from '../ledger/run-name.ts';
import type { Log } from '../schemas/log.ts';

export const BRANCH = 'pointsman/ledger';
const REF = `refs/heads/${BRANCH}`;
const AUTHOR = { name: 'Pointsman', email: 'pointsman@example.net' };
const FIRST_RUN_AT = Date.UTC(2020, 0, 1);
const HOUR_MS = 3_600_000;
const SWITCHES_OF_A_RUN = 20;
const STAGES = ['load_intended_configuration', 'perform_configuration_diff', 'apply_configuration', 'perform_backup'];

export interface LedgerTimings {
  readonly runs: number;
  /** Milliseconds each. `first…` is what a process that has just started pays. */
  readonly firstViewMs: number;
  readonly openRunsMs: number;
  readonly firstRunByNameMs: number;
  readonly runNamesMs: number;
  /** What `pointsman runs` reads; what `--device` reads of a switch nobody has heard of; and all runs, one by one. */
  readonly newestTwentyMs: number;
  readonly searchAllMs: number;
  readonly foldAllMs: number;
  readonly firstAppendMs: number;
  readonly nextAppendMs: number;
  readonly rebuildIndexMs: number;
}

/** @param open How many of the newest runs are still under way; the others have ended. */
export async function benchLedger(
  sizes: readonly number[] = [100, 10_000],
  open = 10,
): Promise<readonly LedgerTimings[]> {
  const timings: LedgerTimings[] = [];
  for (const runs of sizes) timings.push(await benchOne(runs, open));
  return timings;
}

async function benchOne(runs: number, open: number): Promise<LedgerTimings> {
  const folder = await mkdtemp(join(tmpdir(), 'pointsman-bench-ledger-'));
  const { signal } = new AbortController();
  try {
    const remote = join(folder, 'fleet.git');
    execFileSync('git', ['init', '--quiet', '--bare', remote]);
    const copy = (name: string) =>
      openRemote({ url: `file://${remote}` }, join(folder, name), { environment: process.env });
    await fill(await copy('writer.git'), runs, open, signal);

    const repository = await copy('reader.git');
    const ledger = createLedger({ repository, branch: BRANCH, author: AUTHOR, log: silent, clock });
    await repository.fetch([REF], signal);
    // The index is missing at first: the first look has to make it from all runs.
    const rebuildIndexMs = await timed(async () => (await ledger.view(signal)).openRuns());
    await ledger.append(async () => stepOn(runs, 'IN_PROGRESS'), signal);

    const fresh = createLedger({ repository, branch: BRANCH, author: AUTHOR, log: silent, clock });
    const firstViewMs = await timed(() => fresh.view(signal));
    const view = await fresh.view(signal);
    return {
      runs,
      firstViewMs,
      openRunsMs: await timed(() => view.openRuns()),
      firstRunByNameMs: await timed(() => view.run(nameOf(0))),
      runNamesMs: await timed(() => view.runNames()),
      newestTwentyMs: await timed(() => take(view, 20)),
      searchAllMs: await timed(() => take(view, 20, (text) => text.includes('nobody-knows-it'))),
      foldAllMs: await timed(() => take(view, Number.POSITIVE_INFINITY)),
      firstAppendMs: await timed(() =>
        createLedger({ repository, branch: BRANCH, author: AUTHOR, log: silent, clock }).append(
          async () => stepOn(runs, 'FAILED'),
          signal,
        ),
      ),
      nextAppendMs: await timed(() => ledger.append(async () => stepOn(runs, 'IN_PROGRESS'), signal)),
      rebuildIndexMs,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function take(view: LedgerView, most: number, mayFit?: (text: string) => boolean): Promise<void> {
  let taken = 0;
  for await (const _run of view.newestRuns(mayFit)) if (++taken === most) return;
}

/**
 * Writes a branch with a run an hour.
 *
 * @param open How many of the newest are still under way.
 * @param switchesOf How many switches a run is about, by its place from 0.
 */
export async function fill(
  repository: RemoteRepository,
  runs: number,
  open: number,
  signal: AbortSignal,
  switchesOf: (index: number) => number = () => SWITCHES_OF_A_RUN,
): Promise<void> {
  const files = new Map<string, string>();
  for (let index = 0; index < runs; index++) {
    const folder = runFolder({ name: nameOf(index), startedAt: startOf(index) });
    files.set(`${folder}/events.jsonl`, formatEvents(eventsOf(index, switchesOf(index), index >= runs - open)));
    files.set(`${folder}/README.md`, `# ${nameOf(index)}\n`);
  }
  const commit = await repository.writeCommit({ files, message: 'years\n', author: { ...AUTHOR, at: FIRST_RUN_AT } });
  await repository.push(REF, commit, undefined, signal);
}

function eventsOf(index: number, switches: number, isOpen: boolean): readonly RunEvent[] {
  const at = startOf(index);
  const started: RunEvent = {
    at,
    kind: 'run-started',
    workflow: 'ConfigurationDeploy',
    stages: STAGES,
    commit: commitOf(index),
  };
  const ended: RunEvent = { at: at + 60_000, kind: 'run-ended', status: 'COMPLETED' };
  const moves = STAGES.flatMap((stage): readonly RunEvent[] => [
    { at, kind: 'stage-moved', stage, to: 'IN_PROGRESS' },
    { at, kind: 'stage-moved', stage, to: 'COMPLETE' },
  ]);
  const devices = Array.from({ length: switches }, (_, number) => `leaf${(index + number) % 700}`);
  const outcomes = devices.map(
    (device): RunEvent => ({
      at,
      kind: 'device-ended',
      site: 'ams1',
      device,
      stage: STAGES[2] ?? '',
      outcome: { kind: 'applied', candidate: '12', probes: ['system-health'] },
    }),
  );
  return isOpen ? [started] : [started, ...moves, ...outcomes, ended];
}

/** A step on the newest run, which is open. */
export function stepOn(runs: number, to: 'IN_PROGRESS' | 'FAILED') {
  const event: RunEvent = { at: clock.now(), kind: 'stage-moved', stage: STAGES[0] ?? '', to };
  return { title: 'one step', events: new Map([[nameOf(runs - 1), [event]]]) };
}

const commitOf = (index: number) => index.toString(16).padStart(40, '0').split('').reverse().join('');
export const nameOf = (index: number) => runNameFor({ workflow: 'ConfigurationDeploy', commit: commitOf(index) });
const startOf = (index: number) => FIRST_RUN_AT + index * HOUR_MS;

const clock = { now: () => Date.now(), sleep: async () => undefined };
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round(performance.now() - start);
}

if (import.meta.main) console.table(await benchLedger());
