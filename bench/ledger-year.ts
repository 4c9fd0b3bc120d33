/** What a year of a ledger weighs: 700 switches, backed up every night, some of them changed every day. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRemote } from '../git/open-remote.ts';
import { foldEvents } from '../ledger/fold-run.ts';
import type { LedgerStep } from '../ledger/ledger.ts';
import type { LedgerSnapshot } from '../ledger/ledger-view.ts';
import type { Run } from '../ledger/run.ts';
import { emptyIndex, indexWith, type RunIndex } from '../ledger/run-index.ts';
import { runFolder } from '../ledger/run-name.ts';
import { filesOfStep, type StepFiles } from '../ledger/write-step.ts';
import { commitsADay, type Days, stepsOfDays } from './year-of-steps.ts';

const REF = 'refs/heads/pointsman/ledger';

async function benchDays(what: string, { count, checksADay }: Days) {
  const folder = await mkdtemp(join(tmpdir(), 'pointsman-bench-year-'));
  try {
    const remote = join(folder, 'fleet.git');
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-C', remote, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        maxBuffer: 1024 ** 3,
      });
    execFileSync('git', ['init', '--quiet', '--bare', remote]);
    const made = await timed(async () => {
      const write = createMemoryLedger();
      const into = startImport(remote);
      for (const [step, at] of stepsOfDays({ count, checksADay })) await into.commit(step, await write(step), at);
      return into.end();
    });
    const packed = await timed(async () => git('gc', '--quiet', '--prune=now'));
    const megabytes = Number(/size-pack: (\d+)/.exec(git('count-objects', '-v'))?.[1]) / 1024;

    const tip = git('rev-parse', REF).trim();
    const yesterday = git('rev-parse', `${REF}~${commitsADay(checksADay)}`).trim();
    const open = (name: string) =>
      openRemote({ url: `file://${remote}` }, join(folder, name), { environment: process.env });
    const signal = new AbortController().signal;
    const first = await open('first.git');
    const clone = await timed(() => first.fetch([REF], signal));
    git('update-ref', REF, yesterday);
    const second = await open('second.git');
    await second.fetch([REF], signal);
    git('update-ref', REF, tip);
    const next = await timed(() => second.fetch([REF], signal));
    return {
      what,
      days: count,
      runs: count * (2 + checksADay),
      commits: made.result,
      'packed MB': Math.round(megabytes),
      'of it backups': share(git, 'backups/'),
      'of it runs': share(git, 'runs/'),
      'of it plans': share(git, 'plans/'),
      'made s': seconds(made.ms),
      'git gc s': seconds(packed.ms),
      'first fetch s': seconds(clone.ms),
      'fetch of a day ms': Math.round(next.ms),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Megabytes in the pack of what stands below a folder, in all commits. */
function share(git: (...args: readonly string[]) => string, folder: string): number {
  const objects = git('rev-list', '--objects', REF)
    .split('\n')
    .flatMap((line) => (line.slice(41).startsWith(folder) ? [line.slice(0, 40)] : []));
  const sizes = execFileSync(
    'git',
    ['-C', git('rev-parse', '--absolute-git-dir').trim(), 'cat-file', '--batch-check=%(objectsize:disk)'],
    {
      input: `${objects.join('\n')}\n`,
      encoding: 'utf8',
      maxBuffer: 1024 ** 3,
    },
  );
  return Math.round(sizes.split('\n').reduce((sum, size) => sum + Number(size), 0) / 1024 ** 2);
}

/** A ledger in memory that says what each step writes. Only its commits are Git's. */
function createMemoryLedger() {
  const files = new Map<string, string>();
  const runs = new Map<string, Run>();
  const folders = new Map<string, string>();
  let index: RunIndex = emptyIndex;
  const none = async () => undefined;
  const snapshot: LedgerSnapshot = {
    file: async (path) => files.get(path),
    run: async (name) => runs.get(name),
    runFolderOf: async (name) => folders.get(name),
    runIndex: async () => index,
    filesRead: () => new Map(),
    startedAtCommit: none,
    events: async () => [],
    runNames: async () => [...folders.keys()],
    async *newestRuns() {},
    openRuns: async () => [],
    publications: async () => [],
    plan: none,
    device: none,
    drifting: async () => [],
    schedules: async () => new Map(),
    commands: async () => new Map(),
  };

  return async (step: LedgerStep): Promise<StepFiles> => {
    const written = await filesOfStep(snapshot, step, (text) => text);
    for (const [path, text] of written.files) if (path.startsWith('runs/')) files.set(path, text);
    for (const [name, events] of step.events ?? []) {
      const run = foldEvents(name, runs.get(name), events);
      if (!run) continue;
      index = indexWith(index, run, !folders.has(name));
      folders.set(name, runFolder(run));
      runs.set(name, run);
      // Nobody adds to it any more, and a year of them need not be held.
      if (run.endedAt !== undefined)
        for (const file of ['events.jsonl', 'README.md']) files.delete(`${runFolder(run)}/${file}`);
    }
    return written;
  };
}

/** One `git fast-import` for all commits. */
function startImport(gitDir: string) {
  const child = spawn('git', ['-C', gitDir, 'fast-import', '--quiet'], { stdio: ['pipe', 'inherit', 'inherit'] });
  let mark = 0;
  const send = async (text: string) => {
    if (!child.stdin.write(text)) await once(child.stdin, 'drain');
  };
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;

  return {
    async commit(step: LedgerStep, { files, deletions }: StepFiles, at: number): Promise<void> {
      mark += 1;
      const who = `Pointsman <pointsman@example.net> ${Math.floor(at / 1000)} +0000`;
      const from = mark === 1 ? '' : `from :${mark - 1}\n`;
      await send(
        `commit ${REF}\nmark :${mark}\nauthor ${who}\ncommitter ${who}\n${data(`${step.title}\n\nStep: ${mark}\n`)}${from}`,
      );
      for (const path of deletions) await send(`D ${path}\n`);
      for (const [path, text] of files) await send(`M 100644 inline ${path}\n${data(text)}`);
      await send('\n');
    },
    async end(): Promise<number> {
      child.stdin.end();
      const [code] = await once(child, 'close');
      if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
      return mark;
    },
  };
}

async function timed<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly ms: number }> {
  const start = performance.now();
  const result = await work();
  return { result, ms: performance.now() - start };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

if (import.meta.main) {
  console.table([
    await benchDays('a backup a night, a deploy a day', { count: 365, checksADay: 0 }),
    await benchDays('and a drift check every hour', { count: 30, checksADay: 24 }),
  ]);
}
