import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matrixCommand } from '../../cli/commands/matrix.ts';
import { planCommand } from '../../cli/commands/plan.ts';
import { reconcileCommand } from '../../cli/commands/reconcile.ts';
import { intendedAt } from '../../cli/demo/demo-world.ts';
import type { ExitCode, Io } from '../../cli/io.ts';
import { renderError } from '../../cli/render-error.ts';
import { createRealClock, type SandboxClock } from '../../sandbox/clock.ts';
import { type DemoFabric, type DemoSwitch, readDemoFabric } from '../../sandbox/demo-fabric.ts';
import { type DemoStories, type DemoStory, makeDemoStories } from '../../sandbox/fleets/demo-stories.ts';
import { type FleetEdit, type FleetFiles, withRollout } from '../../sandbox/fleets/fleet-files.ts';
import { createWorld, type World } from '../../sandbox/world.ts';

/** What a command printed and how it ended. */
export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly said: string;
}

/** The demo fabric in a sandbox, people, and the product as they would run it. */
export interface Journey {
  readonly world: World;
  readonly stories: DemoStories;
  readonly clock: SandboxClock;
  /** Bare repository of the fleet and the ledger. */
  readonly gitDir: string;
  /** Pushes a branch and opens a pull request. @returns Its number. */
  open(story: Pick<DemoStory, 'title' | 'branch' | 'files'>, by?: string): Promise<number>;
  /** `pointsman plan --pr <number>` */
  plan(number: number): Promise<Ran>;
  /** An approving review, in a later second than everything before it. */
  approve(number: number, by?: string): Promise<void>;
  merge(number: number): Promise<string>;
  /** `pointsman reconcile`, or `pointsman reconcile --site …` */
  reconcile(...site: readonly string[]): Promise<Ran>;
  /** `pointsman matrix` */
  matrix(): Promise<unknown>;
  /** Any command, in this process. What it throws is printed and ends in 1, as `main.ts` does. */
  run(command: (io: Io) => Promise<ExitCode>): Promise<Ran>;
  /** The one comment on a pull request. */
  comment(number: number): string;
  /** Puts the product's clock ahead of everybody else's by this much more. */
  ahead(milliseconds: number): void;
  /** Number of the newest pull request the product opened to ask for an approval. */
  gate(): number;
  /** A file of the ledger branch; `undefined` when it is not there. */
  ledgerFile(path: string): Promise<string | undefined>;
  /** A file of the fleet's branch; `undefined` when it is not there. */
  fleetFile(path: string): Promise<string | undefined>;
  /** Subjects of the ledger's commits, newest first. */
  ledgerLog(): Promise<readonly string[]>;
  /** A real process of the product, with its output. It knows only its arguments and environment. */
  spawn(args: readonly string[]): Child;
  close(): Promise<void>;
}

export interface Child {
  readonly process: ChildProcess;
  /** Ends with the exit code, or the name of the signal. */
  readonly ended: Promise<{ readonly how: number | string; readonly out: string; readonly said: string }>;
}

export interface JourneyOptions {
  /** How much faster than the machine's time everything here runs, in this process only; 60 unless given. */
  readonly speed?: number;
  /** How far the product's clock is ahead of everybody else's. */
  readonly skewMilliseconds?: number;
  /** How the merge queue merges; by merge commits unless given. */
  readonly queueMethod?: 'merge' | 'squash' | 'rebase';
  readonly files?: (files: FleetFiles) => FleetFiles;
  /** What the product finds in its environment beside the usual, or instead; nothing for what is `undefined`. */
  readonly environment?: (world: World) => Readonly<Record<string, string | undefined>>;
  readonly pace?: Parameters<typeof withRollout>[1];
  /** Another fleet than the demo's, at its own pace. Its stories are told by whoever brings it. */
  readonly fabric?: DemoFabric;
  /** Makes switches other than the demo's; what they run is not asked. */
  readonly switches?: (spec: DemoSwitch) => DemoSwitch;
}

const root = join(import.meta.dirname, '..', '..');

export async function createJourney(options: JourneyOptions = {}): Promise<Journey> {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-journey-'));
  const clock = createRealClock({ speed: options.speed ?? 60 });
  const fabric = options.fabric ?? readDemoFabric();
  // At 60 times the speed these are fifteen seconds: enough on a busy machine, and not long to wait for where it has to end.
  const pace = options.fabric ? {} : { pollMilliseconds: 500, confirmWithinSeconds: 900 };
  const files = withRollout(fabric.files, { ...pace, ...options.pace });
  const world = await createWorld({
    clock,
    folder,
    files: options.files?.(files) ?? files,
    ...(options.queueMethod ? { queueMethod: options.queueMethod } : {}),
    switches: fabric.switches.map((spec) => options.switches?.(spec) ?? spec),
    secrets: fabric.secrets,
    configurationsAt: (gitDir, commit) => intendedAt(gitDir, commit, fabric.secrets),
  });
  const environment = options.environment?.(world) ?? {};
  const gitDir = join(folder, 'fleet.git');
  const remote = { remote: world.github.remoteUrl, cache: join(folder, 'cache') };
  const never = new AbortController().signal;
  let skew = options.skewMilliseconds ?? 0;

  async function run(command: (io: Io) => Promise<ExitCode>): Promise<Ran> {
    let out = '';
    let said = '';
    const io: Io = {
      environment: {
        ...world.environment,
        PATH: process.env['PATH'],
        HOME: folder,
        POINTSMAN_LOG: 'debug',
        ...environment,
      },
      cwd: folder,
      out: (text) => {
        out += text;
      },
      say: (text) => {
        said += text;
      },
      isTerminal: false,
      color: false,
      clock: { ...clock, now: () => clock.now() + skew },
      signal: never,
    };
    try {
      return { code: await command(io), out, said };
    } catch (error) {
      return { code: 1, out, said: said + renderError(error) };
    }
  }

  return {
    world,
    get stories() {
      return makeDemoStories(world.files);
    },
    clock,
    gitDir,
    async open({ title, branch, files: edit }, by = 'ada') {
      const actor = world.github.as(by);
      await actor.push(branch, Object.fromEntries(edit as FleetEdit), title);
      return actor.openPullRequest({ title, head: branch });
    },
    plan: (number) =>
      run((io) => planCommand(io, undefined, undefined, { ...remote, pr: String(number), fleet: '.', json: false })),
    async approve(number, by = 'bea') {
      await nextSecond(clock);
      await world.github.as(by).approve(number);
    },
    merge: (number) => world.github.as('ada').merge(number),
    reconcile: (...site) =>
      run((io) => reconcileCommand(io, { ...remote, ...(site.length > 0 ? { site } : {}), json: false })),
    matrix: async () => JSON.parse((await run((io) => matrixCommand(io, { ...remote, all: false }))).out),
    run,
    ahead(milliseconds) {
      skew += milliseconds;
    },
    comment(number) {
      const ours = world.github
        .comments(number)
        .filter(({ author, body }) => author === 'pointsman[bot]' && body.startsWith('<!-- pointsman:plan '));
      if (ours.length !== 1) throw new Error(`#${number} has ${ours.length} comments`);
      return ours[0]?.body ?? '';
    },
    gate() {
      const opened = world.github.pullRequests().filter(({ headBranch }) => headBranch.startsWith('pointsman/gate/'));
      const newest = opened.at(-1);
      if (!newest) throw new Error('no gate was opened');
      return newest.number;
    },
    ledgerFile: (path) => fileAt(gitDir, `pointsman/ledger:${path}`),
    fleetFile: (path) => fileAt(gitDir, `main:${path}`),
    async ledgerLog() {
      return (await git(gitDir, ['log', '--format=%s', 'pointsman/ledger'])).out.trim().split('\n');
    },
    spawn(args) {
      const child = spawn(
        process.execPath,
        [
          join(root, 'cli', 'main.ts'),
          ...args,
          '--remote',
          remote.remote,
          '--cache',
          join(folder, `cache-${args.length}-${childCount++}`),
        ],
        {
          cwd: folder,
          env: { ...world.environment, PATH: process.env['PATH'] ?? '', HOME: folder },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      return { process: child, ended: endOf(child) };
    },
    async close() {
      await world.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let childCount = 0;

/** The forge's clock tells seconds; what happens in the same second has no order. */
export async function nextSecond(clock: SandboxClock): Promise<void> {
  await clock.sleep(1_000 - (clock.now() % 1_000) + 10, new AbortController().signal);
}

async function fileAt(gitDir: string, place: string): Promise<string | undefined> {
  const found = await git(gitDir, ['show', place]);
  return found.code === 0 ? found.out : undefined;
}

export async function git(
  gitDir: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string }> {
  const child = spawn('git', [`--git-dir=${gitDir}`, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const { how, out } = await endOf(child);
  return { code: typeof how === 'number' ? how : 1, out };
}

function endOf(
  child: ChildProcess,
): Promise<{ readonly how: number | string; readonly out: string; readonly said: string }> {
  let out = '';
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ how: code ?? signal ?? 'unknown', out, said }));
  });
}
