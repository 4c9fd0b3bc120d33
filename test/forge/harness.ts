import { rmSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createGithubForge } from '../../forge/create-github-forge.ts';
import type { Forge } from '../../forge/forge.ts';
import { type EmulatedGithub, type GithubOptions, startGithub } from '../../sandbox/github/start-github.ts';
import type { Clock } from '../../schemas/clock.ts';
import type { Log } from '../../schemas/log.ts';

/** A clock on which every sleep is over at once, and is remembered. */
interface SleeplessClock extends Clock {
  /** Milliseconds, in order. */
  readonly slept: readonly number[];
}

function createSleeplessClock(startsAt: number = Date.UTC(2026, 10, 20, 9)): SleeplessClock {
  const slept: number[] = [];
  let at = startsAt;
  return {
    slept,
    now: () => at,
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      slept.push(milliseconds);
      at += milliseconds;
    },
  };
}

function createRecordingLog(): Log & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  const write = (fields: object, message: string): void => {
    lines.push(JSON.stringify({ ...fields, message }));
  };
  const log = { lines, debug: write, info: write, warn: write, error: write, child: () => log };
  return log;
}

export interface Harness {
  readonly github: EmulatedGithub;
  readonly clock: SleeplessClock;
  readonly log: Log & { readonly lines: readonly string[] };
  readonly signal: AbortSignal;
  /** A forge with the token of `login`, the App's unless given. */
  forgeFor(login?: string): Forge;
  /** Methods and paths of the REST requests sent so far that change something. */
  writes(): readonly string[];
}

export const APP = 'pointsman[bot]';

const USERS: GithubOptions['users'] = [
  { login: 'ana', role: 'write' },
  { login: 'bo', role: 'maintain' },
  { login: 'cy', role: 'read' },
  { login: APP, role: 'write' },
  { login: 'github-actions[bot]', role: 'write' },
];

/** Made once a process and copied: what every test starts from need not be committed by each. */
const template = makeTemplate();

async function makeTemplate(): Promise<string> {
  const gitDir = join(await mkdtemp(join(tmpdir(), 'pointsman-test-')), 'fleet.git');
  process.once('exit', () => rmSync(dirname(gitDir), { recursive: true, force: true }));
  const github = await startGithub({ clock: createSleeplessClock(), repository: 'acme/fleet', users: USERS, gitDir });
  await github.as('ana').push('main', { 'fleet.yaml': 'mtu: 1500\n' }, 'begin');
  await github.as('ana').push('change', { 'fleet.yaml': 'mtu: 9000\n' }, 'raise the mtu');
  await github.close();
  return gitDir;
}

/** A GitHub where ana proposes, bo approves, and `pull` is open from `change` to `main`. */
export async function startHarness(options: Partial<GithubOptions> = {}): Promise<Harness & { readonly pull: number }> {
  const clock = createSleeplessClock();
  const log = createRecordingLog();
  const folder = await mkdtemp(join(tmpdir(), 'pointsman-test-'));
  const gitDir = join(folder, 'fleet.git');
  await cp(await template, gitDir, { recursive: true });
  const github = await startGithub({
    clock,
    repository: 'acme/fleet',
    gitDir,
    ...options,
    users: [...USERS, ...(options.users ?? [])],
    teams: { 'acme/noc': ['bo', 'cy'], ...options.teams },
  });
  onTestFinished(async () => {
    await github.close();
    await rm(folder, { recursive: true, force: true });
  });
  const pull = await github.as('ana').openPullRequest({ title: 'Raise the MTU', head: 'change' });

  return {
    github,
    clock,
    log,
    pull,
    signal: new AbortController().signal,
    forgeFor(login = APP) {
      const token = github.tokenFor(login);
      return createGithubForge({ repository: 'acme/fleet', api: github.apiUrl, token, log, clock });
    },
    writes: () =>
      github
        .requests()
        .filter(({ mutating }) => mutating)
        .map(({ method, path }) => `${method} ${path.replace(/\d{5,}|[0-9a-f]{40}/g, '*')}`),
  };
}
