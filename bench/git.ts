/** What 10,000 files cost to read, compare and write, beside a Git in JavaScript; and what the short commands cost. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import isomorphic from 'isomorphic-git';
import { openRepository } from '../git/open-repository.ts';
import type { ObjectId, Repository } from '../git/repository.ts';

const FILES = 10_000;
/** Average of a device's file in a large fleet. */
const FILE_BYTES = 2800;
const AUTHOR = { name: 'Bench', email: 'bench@example.net' };

export interface GitTiming {
  readonly what: string;
  readonly oursMs: number;
  /** Absent where it takes too long to be run each time. */
  readonly isomorphicMs?: number;
}

export async function benchGit(): Promise<readonly GitTiming[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pointsman-bench-git-'));
  try {
    execFileSync('git', ['init', '--quiet', '--bare', folder]);
    const repository = await openRepository(folder, { environment: process.env });
    return await measure(repository, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(repository: Repository, gitdir: string): Promise<readonly GitTiming[]> {
  const all = fleet();
  const ten = new Map([...all].slice(0, 10).map(([path]) => [path, `changed: true\n`]));

  const written = await timed(() => write(repository, all));
  const changed = await timed(() => write(repository, ten, written.value));
  const read = await timed(() => readAll(repository, written.value));
  const diff = await timed(() => repository.changedFiles(written.value, changed.value));
  const one = await timed(() => repository.readFile(changed.value, [...ten.keys()][0] ?? ''));

  const theirRead = await timed(() => readAllIsomorphic(gitdir, written.value));
  const theirDiff = await timed(() => diffIsomorphic(gitdir, written.value, changed.value));
  if (read.value !== FILES || theirRead.value !== FILES || diff.value.length !== 10 || theirDiff.value !== 10) {
    throw new Error('the two do not agree: the times mean nothing');
  }
  return [
    { what: `write ${FILES} files in one commit`, oursMs: written.ms },
    { what: `read ${FILES} files`, oursMs: read.ms, isomorphicMs: theirRead.ms },
    { what: 'compare two commits, 10 files changed', oursMs: diff.ms, isomorphicMs: theirDiff.ms },
    { what: `write 10 files of ${FILES}`, oursMs: changed.ms },
    { what: `read one file of ${FILES}`, oursMs: one.ms },
  ];
}

function fleet(): ReadonlyMap<string, string> {
  return new Map(
    Array.from({ length: FILES }, (_, index) => {
      const lines = Array.from(
        { length: FILE_BYTES / 28 },
        (_, line) => `  leaf_${(index * 7919 + line) % 99_991}: value`,
      );
      const text = `hostname: d${index}\n${lines.join('\n')}`.slice(0, FILE_BYTES);
      return [`desired-state/devices/site-${index % 100}/d${index}.yaml`, text];
    }),
  );
}

function write(repository: Repository, files: ReadonlyMap<string, string>, parent?: ObjectId): Promise<ObjectId> {
  const commit = { files, message: 'bench', author: { ...AUTHOR, at: 1_700_000_000_000 } };
  return repository.writeCommit(parent === undefined ? commit : { ...commit, parent });
}

async function readAll(repository: Repository, commit: ObjectId): Promise<number> {
  const entries = await repository.listFiles(commit);
  return (await repository.readBlobs(entries.map(({ blob }) => blob))).size;
}

async function readAllIsomorphic(gitdir: string, oid: ObjectId): Promise<number> {
  const contents = await isomorphic.walk({
    fs,
    gitdir,
    cache: {},
    trees: [isomorphic.TREE({ ref: oid })],
    map: async (_, [entry]) => ((await entry?.type()) === 'blob' ? await entry?.content() : undefined),
  });
  return contents.length;
}

async function diffIsomorphic(gitdir: string, from: ObjectId, to: ObjectId): Promise<number> {
  const changed: unknown[] = await isomorphic.walk({
    fs,
    gitdir,
    cache: {},
    trees: [isomorphic.TREE({ ref: from }), isomorphic.TREE({ ref: to })],
    map: async (path, [a, b]) => {
      if ((await a?.oid()) === (await b?.oid())) return null; // Null prunes: what is equal is not entered.
      return (await b?.type()) === 'blob' ? path : undefined;
    },
  });
  return changed.length;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

if (import.meta.main) {
  const rows = (await benchGit()).map(({ what, oursMs, isomorphicMs }) => ({
    what,
    'ours (ms)': Math.round(oursMs),
    'isomorphic-git (ms)': isomorphicMs === undefined ? '' : Math.round(isomorphicMs),
    ratio: isomorphicMs === undefined ? '' : `${(isomorphicMs / oursMs).toFixed(0)}x`,
  }));
  console.table(rows);
}
