import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reconcileCommand } from '../../cli/commands/reconcile.ts';
import type { Io } from '../../cli/io.ts';
import type { Plan } from '../../plans/plan.ts';
import { createRealClock, type SandboxClock } from '../../sandbox/clock.ts';
import { applyEdit, type Endpoint, type FleetEdit, withEndpoints } from '../../sandbox/fleets/fleet-files.ts';
import type { EmulatedSwitch } from '../../sandbox/switches/emulated-switch.ts';
import { makeSyntheticFleet, type SyntheticFleet } from '../../sandbox/synthetic-fleet.ts';
import { createWorld, type World } from '../../sandbox/world.ts';
import { git, nextSecond, type Ran } from './journey.ts';

/** A fleet of any size in a sandbox, people, and the product as they would run it. */
export interface SyntheticSandbox {
  readonly world: World;
  readonly clock: SandboxClock;
  readonly gitDir: string;
  /** By name. */
  of(name: string): EmulatedSwitch;
  reconcile(): Promise<Ran>;
  /** A comment, in a later second than everything before it. */
  say(by: string, number: number, text: string): Promise<void>;
  /** The one comment with the plan of a pull request. */
  comment(number: number): string;
  ledgerFile(path: string): Promise<string | undefined>;
  /** Puts the product's clock ahead of everybody else's by this much more. */
  ahead(milliseconds: number): void;
  close(): Promise<void>;
}

/** The same, with one change that is planned, approved and merged. */
export interface SyntheticJourney extends Omit<SyntheticSandbox, 'say' | 'comment' | 'ahead'> {
  /** The pull request that was merged, and its plan. */
  readonly number: number;
  readonly plan: Plan;
  say(by: string, text: string): Promise<void>;
  /** The one comment on the pull request. */
  comment(): string;
  /** The name of the run that carries it out. */
  run(): Promise<string>;
}

export interface SyntheticOptions {
  readonly devices: number;
  readonly changeGroups?: number;
  /** Lines below `rollout:` of pointsman.yaml. */
  readonly rollout: readonly string[];
  /** How much faster than the machine's time everything here runs; 30 unless given. */
  readonly speed?: number;
  /** Files beside those of the fleet. */
  readonly files?: Readonly<Record<string, string>>;
}

export async function createSyntheticJourney(options: SyntheticOptions): Promise<SyntheticJourney> {
  const fleet = makeFleet(options);
  const { say, comment, ahead: _, ...sandbox } = await createSandbox(fleet, options);
  const { world, clock, gitDir, reconcile, ledgerFile } = sandbox;
  await reconcile();
  const number = await propose(world, fleet, fleet.change.grouped);
  await reconcile();
  await nextSecond(clock);
  await world.github.as('bea').approve(number);
  await world.github.as('ada').merge(number);
  const planned = (await git(gitDir, ['ls-tree', '-r', '--name-only', 'pointsman/ledger', `plans/pr-${number}/`])).out;
  const plan = planned.split('\n').find((path) => path.endsWith('.json')) ?? '';

  return {
    ...sandbox,
    number,
    plan: JSON.parse((await ledgerFile(plan)) ?? ''),
    say: (by, text) => say(by, number, text),
    comment: () => comment(number),
    async run() {
      const commit = (await git(gitDir, ['rev-parse', '--short=12', 'main'])).out.trim();
      return `multideploy-pr-${number}-${commit}`;
    },
  };
}

/** Nothing is changed, asked for or looked at yet. */
export function createSyntheticSandbox(options: SyntheticOptions): Promise<SyntheticSandbox> {
  return createSandbox(makeFleet(options), options);
}

function makeFleet({ devices, changeGroups, rollout, files = {} }: SyntheticOptions): SyntheticFleet {
  const grouped = changeGroups === undefined ? {} : { changeGroups };
  const fleet = withRolloutLines(makeSyntheticFleet({ devices, ...grouped, configurationKilobytes: 6 }), rollout);
  return { ...fleet, files: new Map([...fleet.files, ...Object.entries(files)]) };
}

async function createSandbox(fleet: SyntheticFleet, { speed = 30 }: SyntheticOptions): Promise<SyntheticSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-synthetic-'));
  const clock = createRealClock({ speed });
  const running = new Map(fleet.switches.map(({ name, configuration }) => [name, configuration]));
  const world = await createWorld({
    clock,
    folder: join(folder, 'world'),
    files: fleet.files,
    switches: fleet.switches.map((spec) => ({ ...spec, stepMilliseconds: 200, configuration: undefined })),
    secrets: fleet.secrets,
    configurationsAt: async () => running,
  });
  const { gitDir } = world.github;
  let skew = 0;

  return {
    world,
    clock,
    gitDir,
    of(name) {
      const one = world.switches.get(name);
      if (!one) throw new Error(`no ${name}`);
      return one;
    },
    async reconcile() {
      let out = '';
      let said = '';
      const io: Io = {
        environment: { ...world.environment, PATH: process.env['PATH'], HOME: folder },
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
        signal: new AbortController().signal,
      };
      const remote = { remote: world.github.remoteUrl, cache: join(folder, 'cache') };
      return { code: await reconcileCommand(io, { ...remote, json: false }), out, said };
    },
    async say(by, number, text) {
      await nextSecond(clock);
      await world.github.as(by).comment(number, text);
    },
    comment(number) {
      const ours = world.github.comments(number).filter(({ body }) => body.startsWith('<!-- pointsman:plan '));
      if (ours.length !== 1) throw new Error(`#${number} has ${ours.length} comments`);
      return ours[0]?.body ?? '';
    },
    async ledgerFile(path) {
      const found = await git(gitDir, ['show', `pointsman/ledger:${path}`]);
      return found.code === 0 ? found.out : undefined;
    },
    ahead(milliseconds) {
      skew += milliseconds;
    },
    async close() {
      await world.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function withRolloutLines(fleet: SyntheticFleet, lines: readonly string[]): SyntheticFleet {
  const settings = fleet.files.get('pointsman.yaml') ?? '';
  const text = settings.replace(/^rollout:\n/m, `rollout:\n${lines.map((line) => `  ${line}\n`).join('')}`);
  return { ...fleet, files: new Map(fleet.files).set('pointsman.yaml', text) };
}

async function propose(world: World, fleet: SyntheticFleet, change: FleetEdit): Promise<number> {
  const endpoints = new Map(
    [...world.switches].map(([name, { host, port, pin }]): [string, Endpoint] => [
      name,
      { address: `${host}:${port}`, pin },
    ]),
  );
  const edited = withEndpoints(applyEdit(fleet.files, change), endpoints);
  const ada = world.github.as('ada');
  const files = Object.fromEntries([...change.keys()].map((path) => [path, edited.get(path) ?? '']));
  await ada.push('tenants', files, 'Add tenants');
  return ada.openPullRequest({ title: 'Add tenants', head: 'tenants' });
}
