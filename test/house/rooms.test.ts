import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Who may import whom; a room always may import itself. The picture of it is in ARCHITECTURE.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  calendar: ['schemas'],
  git: ['schemas'],
  plans: ['calendar', 'schemas'],
  drivers: ['schemas'],
  forge: ['schemas'],
  'desired-state': ['git', 'calendar', 'schemas'],
  ledger: ['git', 'schemas'],
  approvals: ['plans', 'forge', 'schemas'],
  workflows: ['approvals', 'plans', 'forge', 'desired-state', 'git', 'drivers', 'schemas'],
  reconciler: [
    'workflows',
    'ledger',
    'approvals',
    'plans',
    'forge',
    'desired-state',
    'git',
    'drivers',
    'calendar',
    'schemas',
  ],
  daemon: ['reconciler', 'forge', 'calendar', 'schemas'],
  doctor: ['workflows', 'approvals', 'plans', 'forge', 'desired-state', 'git', 'drivers', 'calendar', 'schemas'],
  sandbox: ['git', 'schemas'],
  cli: [
    'sandbox',
    'daemon',
    'doctor',
    'reconciler',
    'workflows',
    'ledger',
    'approvals',
    'plans',
    'forge',
    'desired-state',
    'git',
    'drivers',
    'calendar',
    'schemas',
  ],
};

/** Foreign libraries are known to one room each. */
const KNOWN_TO: Readonly<Record<string, readonly string[]>> = {
  octokit: ['forge'],
  '@octokit/core': ['forge'],
  '@octokit/plugin-throttling': ['forge'],
  '@octokit/plugin-retry': ['forge'],
  '@octokit/webhooks-methods': ['forge'],
  undici: ['drivers'],
  ssh2: ['drivers'],
  'isomorphic-git': ['git'],
  'simple-git': ['git'],
  yaml: ['schemas', 'sandbox'],
  'js-yaml': ['schemas'],
  ajv: ['schemas'],
  typebox: ['schemas'],
  'minijinja-js': ['desired-state'],
  pino: ['cli'],
  commander: ['cli'],
  '@actions/core': ['cli'],
  unixcrypt: ['drivers', 'plans'],
  'p-limit': ['doctor', 'drivers', 'forge', 'workflows', 'reconciler', 'sandbox', 'git', 'ledger'],
  'fastest-levenshtein': ['schemas'],
  'temporal-polyfill': ['calendar'],
  croner: ['calendar'],
  ignore: ['approvals'],
  'node-cron': ['daemon'],
  'prom-client': ['daemon'],
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly specifier: string;
}

/** An import or a re-export, over as many lines as it takes; the words in a string are neither. */
const STATEMENT = /^(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'/gm;

function importsOf(room: string): readonly Import[] {
  const files = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.flatMap((name) => {
    const file = join(room, name);
    const text = readFileSync(join(root, file), 'utf8');
    const found = [...text.matchAll(STATEMENT), ...text.matchAll(/\bimport\('([^']+)'\)/g)];
    return found.map((match) => ({ file, room, specifier: match[1] ?? '' }));
  });
}

const all = Object.keys(MAY_IMPORT).flatMap(importsOf);
const targetOf = ({ file, specifier }: Import) => relative(root, join(root, dirname(file), specifier));
const ours = all.filter(({ specifier }) => specifier.startsWith('.'));

describe('the rooms of the house', () => {
  it('import only what lies below them', () => {
    const upward = ours.filter((entry) => {
      const room = targetOf(entry).split('/')[0] ?? '';
      return room !== entry.room && room !== 'package.json' && !(MAY_IMPORT[entry.room] ?? []).includes(room);
    });

    expect(upward.map((entry) => `${entry.file} -> ${targetOf(entry)}`)).toEqual([]);
  });

  it('have no import cycles', () => {
    const edges = new Map<string, string[]>();
    for (const entry of ours) edges.set(entry.file, [...(edges.get(entry.file) ?? []), targetOf(entry)]);

    expect(cyclesIn(edges)).toEqual([]);
  });

  it('keep each foreign library in the one room that knows it', () => {
    const strangers = all.filter(({ specifier, room }) => {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) return false;
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      return !(KNOWN_TO[name] ?? []).includes(room);
    });

    expect(strangers.map(({ file, specifier }) => `${file} -> ${specifier}`)).toEqual([]);
  });

  it('let only cli/ and sandbox/ read the environment, and only cli/ exit', () => {
    const readers = Object.keys(MAY_IMPORT)
      .filter((room) => room !== 'cli' && room !== 'sandbox')
      .flatMap((room) =>
        readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith('.ts'))
          .map((file) => join(room, file)),
      )
      .filter((file) => /process\.(env|exit)\b/.test(readFileSync(join(root, file), 'utf8')));

    expect(readers).toEqual([]);
  });
});

function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return cycles;
}
