import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type EmulatedGithub, type GithubOptions, startGithub } from '../../../sandbox/github/start-github.ts';

/** 2026-11-20 09:00:00.750 UTC: not a whole second, so that a test sees GitHub's times are. */
const NOW = Date.UTC(2026, 10, 20, 9, 0, 0, 750);

export async function startWorld(options: Partial<GithubOptions> = {}): Promise<EmulatedGithub> {
  const github = await startGithub({
    clock: { now: () => NOW },
    repository: 'acme/fleet',
    users: [
      { login: 'ana', role: 'write' },
      { login: 'bo', role: 'maintain' },
      { login: 'cy', role: 'read' },
      { login: 'out', role: 'none' },
      { login: 'pointsman[bot]', role: 'write' },
    ],
    ...options,
  });
  onTestFinished(() => github.close());
  return github;
}

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pointsman-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface GitRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real git, with nobody's configuration. Asynchronous, for the server it talks to lives in this process. */
export function git(folder: string, ...args: readonly string[]): Promise<GitRun> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ana',
    GIT_AUTHOR_EMAIL: 'ana@example.com',
    GIT_COMMITTER_NAME: 'Ana',
    GIT_COMMITTER_EMAIL: 'ana@example.com',
  };
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: folder, env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout: stdout.trim(), stderr }));
  });
}

/** Arguments that make git send the token of `login`. */
export function as(github: EmulatedGithub, login: string): readonly string[] {
  const credentials = Buffer.from(`x-access-token:${github.tokenFor(login)}`).toString('base64');
  return ['-c', `http.extraHeader=Authorization: Basic ${credentials}`];
}

export interface RestReply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at whatever the answer holds.
  readonly body: any;
}

export async function rest(
  github: EmulatedGithub,
  login: string | undefined,
  route: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<RestReply> {
  const [method = '', path = ''] = route.split(' ');
  const response = await fetch(path.startsWith('http') ? path : `${github.apiUrl}${path}`, {
    method,
    headers: { ...(login ? { authorization: `Bearer ${github.tokenFor(login)}` } : {}), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}
