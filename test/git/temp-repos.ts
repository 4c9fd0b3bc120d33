import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { Environment } from '../../git/environment.ts';
import { openRemote } from '../../git/open-remote.ts';
import { openRepository } from '../../git/open-repository.ts';
import type { ObjectId, RemoteRepository, Repository, Signature } from '../../git/repository.ts';

export const ann: Signature = { name: 'Ann', email: 'ann@example.net', at: 1_700_000_000_000 };
export const never = new AbortController().signal;

/** Without the settings of whoever runs the tests. */
export const environment: Environment = { PATH: process.env['PATH'], HOME: '/nonexistent' };

const made: string[] = [];
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-git-'));
  made.push(folder);
  return folder;
}

/** The real git, for making and looking at things independently of our code. */
export function git(folder: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.net', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...identity, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', LC_ALL: 'C', GIT_ALLOW_PROTOCOL: 'file' },
    stdio: ['ignore', 'pipe', 'pipe'],
  }).replace(/\n$/, '');
}

export function bareFolder(): string {
  const folder = join(tempFolder(), 'repo.git');
  mkdirSync(folder);
  git(folder, 'init', '--quiet', '--bare', '--initial-branch=main');
  return folder;
}

export async function bareRepository(): Promise<Repository> {
  return openRepository(bareFolder(), { environment });
}

export async function remoteCopy(url: string, token?: string): Promise<RemoteRepository> {
  const address = token === undefined ? { url } : { url, token };
  return openRemote(address, join(tempFolder(), 'copy.git'), { environment });
}

/** Writes files into a folder of the real file system. */
export function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** A work tree with one commit of these files. */
export function workTree(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder();
  git(folder, 'init', '--quiet', '--initial-branch=main');
  put(folder, files);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'first');
  return folder;
}

export async function commit(
  repository: Repository,
  files: Readonly<Record<string, string | Uint8Array>>,
  parent?: ObjectId,
  message = 'a commit',
): Promise<ObjectId> {
  const content = { files: new Map(Object.entries(files)), message, author: ann };
  return repository.writeCommit(parent === undefined ? content : { ...content, parent });
}

/** The error a promise ends with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
