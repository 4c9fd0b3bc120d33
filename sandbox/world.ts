import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Tree } from '../schemas/json.ts';
import type { SandboxClock } from './clock.ts';
import { type FleetFiles, withEndpoints } from './fleets/fleet-files.ts';
import { type EmulatedGithub, startGithub } from './github/start-github.ts';
import { type EmulatedSwitch, startSwitches } from './switches/emulated-switch.ts';
import { renderStartupYaml } from './switches/startup-yaml.ts';
import type { SwitchSpec } from './switches/switch-spec.ts';

/**
 * The people of every sandbox. ada writes, bea and carl approve, dora leads, eve is a stranger; pointsman is the product's
 * own account.
 */
const PEOPLE = [
  { login: 'ada', name: 'Ada Example', role: 'write' },
  { login: 'bea', name: 'Bea Example', role: 'write' },
  { login: 'carl', name: 'Carl Example', role: 'write' },
  { login: 'dora', name: 'Dora Example', role: 'maintain' },
  { login: 'eve', name: 'Eve Example', role: 'read' },
  { login: 'pointsman[bot]', name: 'Pointsman', role: 'write' },
  // The account of every workflow of the repository.
  { login: 'github-actions[bot]', name: 'GitHub Actions', role: 'write' },
] as const;

const TEAMS = { 'acme/netops': ['ada', 'bea', 'carl'], 'acme/net-leads': ['dora'] } as const;

export interface WorldInput {
  readonly clock: SandboxClock;
  /** Where the repositories are kept; everything else is in memory. */
  readonly folder: string;
  readonly files: FleetFiles;
  /** How the merge queue merges; by merge commits unless given. */
  readonly queueMethod?: 'merge' | 'squash' | 'rebase';
  readonly switches: readonly Omit<SwitchSpec, 'configuration'>[];
  readonly secrets: ReadonlyMap<string, string>;
  /** What each switch runs when it is switched on, by name: what the fleet at this commit renders to, unless a test wants otherwise. */
  readonly configurationsAt: (gitDir: string, commit: string) => Promise<ReadonlyMap<string, Tree>>;
}

/** Switches, a GitHub with a fleet repo, and people, on one machine. */
export interface World {
  readonly github: EmulatedGithub;
  /** By name. */
  readonly switches: ReadonlyMap<string, EmulatedSwitch>;
  readonly specs: ReadonlyMap<string, SwitchSpec>;
  /** The fleet repo as it was pushed, with the addresses and pins of the switches that run here. */
  readonly files: FleetFiles;
  /** What the product has to be given: its token and the secrets of the fleet. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Builds a world: pushes the fleet, switches the switches on, and pins their certificates in a second commit. */
export async function createWorld(input: WorldInput): Promise<World> {
  const { clock, folder } = input;
  mkdirSync(folder, { recursive: true });
  const github = await startGithub({
    clock,
    repository: 'acme/fleet',
    gitDir: join(folder, 'fleet.git'),
    users: PEOPLE,
    teams: TEAMS,
    ...(input.queueMethod ? { queueMethod: input.queueMethod } : {}),
  });
  const reachable = new Map([...input.files, ['pointsman.yaml', withApi(input.files, github.apiUrl)]]);
  const first = await github.as('dora').push('main', Object.fromEntries(reachable), 'Describe the fabric');

  const configurations = await input.configurationsAt(join(folder, 'fleet.git'), first);
  const specs = input.switches.map((spec) => ({ ...spec, configuration: configurations.get(spec.name) ?? {} }));
  const switches = new Map((await startSwitches(specs, { clock })).map((started) => [started.name, started]));

  const endpoints = new Map(
    [...switches].map(([name, { host, port, pin }]) => [name, { address: `${host}:${port}`, pin }]),
  );
  const files = withEndpoints(reachable, endpoints);
  await github.as('dora').push('main', Object.fromEntries(files), 'Pin the certificates of the switches');

  return {
    github,
    switches,
    specs: new Map(specs.map((spec) => [spec.name, spec])),
    files,
    environment: {
      GITHUB_TOKEN: github.tokenFor('pointsman[bot]'),
      ...Object.fromEntries([...input.secrets].map(([name, value]) => [variableFor(name), value])),
    },
    async close() {
      await Promise.all([...switches.values()].map((one) => one.close()));
      await github.close();
    },
  };
}

/** Leaves what people want to look at in the world's folder: comments and what every switch runs. The repository is there already. */
export function writeWorld(world: World, folder: string, pullRequests: readonly number[]): void {
  const write = (path: string, text: string): void => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  for (const number of pullRequests) {
    const comments = world.github.comments(number).map(({ body }) => body);
    write(`pull-requests/${number}/comment.md`, `${comments.join('\n\n')}\n`);
  }
  for (const [name, one] of world.switches) {
    const spec = world.specs.get(name);
    if (spec) write(`switches/${name}.yaml`, renderStartupYaml(spec, one.applied()));
  }
}

/** Adds the address of this sandbox's GitHub, as a company with its own GitHub Enterprise Server would. */
function withApi(files: FleetFiles, api: string): string {
  const text = files.get('pointsman.yaml') ?? '';
  return text.replace(/^( *)repository: acme\/fleet$/m, (line, indent: string) => `${line}\n${indent}api: ${api}`);
}

/** As `secrets.sources` of kind `environment` looks it up. */
function variableFor(secret: string): string {
  return `POINTSMAN_SECRET_${secret.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}
