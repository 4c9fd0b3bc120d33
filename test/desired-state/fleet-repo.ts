import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fleet, Platforms } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import { openRepository } from '../../git/open-repository.ts';
import type { Repository } from '../../git/repository.ts';
import type { Tree } from '../../schemas/json.ts';
import { expandRanges } from '../../schemas/ranges.ts';
import { renderProblems } from '../../schemas/render-problems.ts';

export type Files = Readonly<Record<string, string>>;

/** A bare repository that whole fleets are committed to, one after the other. */
export interface FleetRepo {
  readonly repository: Repository;
  /** A commit that holds exactly these files. */
  commit(files: Files): Promise<string>;
}

const author = { name: 'Ann', email: 'ann@example.net', at: 1_795_000_000_000 };

let made: Promise<FleetRepo> | undefined;

/** One repository for all tests of a file; fleets in it are told apart by their commits. */
export function fleetRepo(): Promise<FleetRepo> {
  made ??= makeFleetRepo();
  return made;
}

async function makeFleetRepo(): Promise<FleetRepo> {
  const folder = await mkdtemp(join(tmpdir(), 'pointsman-fleet-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  execFileSync('git', ['init', '--quiet', '--bare', folder]);
  const repository = await openRepository(folder);
  return {
    repository,
    commit: (files) => repository.writeCommit({ files: new Map(Object.entries(files)), message: 'a fleet', author }),
  };
}

/** Knowledge of no real platform: ranges, a header, passwords and communities. */
const knowledge = {
  secretPatterns: [
    { path: ['**', 'password'], at: 'value' },
    { path: ['**', 'secret'], at: 'value' },
    { path: ['**', 'readonly-community', '*'], at: 'key' },
  ],
  normalise(tree: Tree): Tree {
    const { header: _header, ...rest } = tree;
    return expandRanges(rest);
  },
} as const;

export const platforms: Platforms = { cumulus: knowledge, nvos: knowledge, frr: knowledge };

const pins = `tls:\n  pins:\n    - sha256:${'a'.repeat(64)}\n`;

/** A device file; `more` is appended. */
export const device = (address: string, more = ''): string =>
  `platform: cumulus\nrole: leaf\naddress: ${address}\nserial: S-${address}\n${more}`;

/** A small valid fleet: two leaves at one site. */
export const smallFleet: Files = {
  'pointsman.yaml': [
    'forge: { kind: github, repository: example/fleet }',
    'secrets:',
    '  sources:',
    '    - kind: environment',
    '  fingerprint_key: { secret: fleet/fingerprint }',
    'credentials:',
    '  apply: { username: pointsman, password: { secret: fleet/apply } }',
    pins,
  ].join('\n'),
  'approvals.yaml': 'rules: []\n',
  'desired-state/images.yaml': `cumulus-5.11.1:\n  platform: cumulus\n  version: 5.11.1\n  file: a.bin\n  sha256: ${'b'.repeat(64)}\n`,
  'desired-state/sites/ams1.yaml': 'time_zone: Europe/Amsterdam\ndata:\n  ntp: 10.0.0.123\n',
  'desired-state/roles/leaf.yaml': [
    'image: cumulus-5.11.1',
    'templates: [base.j2]',
    'configuration:',
    '  interface:',
    '    swp1-4:',
    '      link:',
    '        mtu: 9216',
    '',
  ].join('\n'),
  'desired-state/templates/base.j2': 'system:\n  hostname: {{ device.name }}\n  ntp: {{ data.ntp }}\n',
  'desired-state/devices/ams1/leaf01.yaml': device('10.0.0.1'),
  'desired-state/devices/ams1/leaf02.yaml': device('10.0.0.2'),
};

/** The fleet these files are; throws with all problems when they are none. */
export async function fleetOf(files: Files): Promise<Fleet> {
  const { repository, commit } = await fleetRepo();
  const loaded = await loadFleet({ repository, revision: await commit(files) }, { platforms });
  if (loaded.kind === 'invalid') throw new Error(renderProblems(loaded.problems));
  return loaded.fleet;
}

/** Everything that is wrong with these files, rendering included: `file:line:column code`. */
export async function problemsOf(files: Files): Promise<readonly string[]> {
  const { repository, commit } = await fleetRepo();
  const loaded = await loadFleet({ repository, revision: await commit(files) }, { platforms, render: true });
  if (loaded.kind === 'valid') return [];
  return loaded.problems.map(
    ({ file, line, column, code }) => `${[file, line, column].filter(Boolean).join(':')} ${code}`,
  );
}

/** `files` with some changed; `undefined` takes one away. */
export function edited(files: Files, edits: Readonly<Record<string, string | undefined>>): Files {
  return Object.fromEntries(
    Object.entries({ ...files, ...edits }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
