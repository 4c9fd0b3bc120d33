/** A real bare repository, and ledgers on it that each have a copy of their own, as processes on other machines do. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openRemote } from '../../git/open-remote.ts';
import type { ObjectId, RemoteAddress, RemoteRepository } from '../../git/repository.ts';
import { createLedger, type LedgerDeps } from '../../ledger/create-ledger.ts';
import type { Clock } from '../../schemas/clock.ts';
import { silent, T0 } from './build.ts';

const BRANCH = 'pointsman/ledger';
export const REF = `refs/heads/${BRANCH}`;
export const signal = new AbortController().signal;

/** Pauses take no time; what would have been waited is in `slept`, in milliseconds. */
export function impatientClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => T0,
    async sleep(milliseconds, aborted) {
      aborted.throwIfAborted();
      slept.push(milliseconds);
    },
  };
}

/** @param atTheEnd When to clean up; at the end of the test unless given. */
export function createWorld(atTheEnd: (cleanUp: () => void) => void = onTestFinished) {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-ledger-'));
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }));
  const remote = join(folder, 'fleet.git');
  execFileSync('git', ['init', '--quiet', '--bare', remote]);
  let copies = 0;

  const git = (...args: readonly string[]) => execFileSync('git', ['-C', remote, ...args], { encoding: 'utf8' }).trim();
  const copy = (address: RemoteAddress = { url: `file://${remote}` }) =>
    openRemote(address, join(folder, `copy-${copies++}.git`), { environment: process.env });
  const ledgerOn = (repository: RemoteRepository, more: Partial<LedgerDeps> = {}) =>
    createLedger({
      repository,
      branch: BRANCH,
      author: { name: 'Pointsman', email: 'pointsman@example.net' },
      log: silent,
      clock: impatientClock(),
      random: () => 0.5,
      ...more,
    });

  return {
    /** Holds the remote, `fleet.git`. */
    folder,
    git,
    copy,
    ledgerOn,
    ledger: async (more: Partial<LedgerDeps> = {}) => ledgerOn(await copy(), more),
    /** Ledger commits, oldest first, as one-line titles. */
    titles: () => git('log', '--reverse', '--format=%s', REF).split('\n'),
    tip: () => git('rev-parse', REF),
    show: (path: string) => execFileSync('git', ['-C', remote, 'show', `${REF}:${path}`], { encoding: 'utf8' }),
  };
}

/** A remote that is a variable: for what is about the content of a ledger and not about who was first. */
export function standingAt(repository: RemoteRepository, tip: ObjectId | undefined): RemoteRepository {
  let now = tip;
  return {
    ...repository,
    fetch: async () => new Map(now === undefined ? [] : [[REF, now]]),
    async push(_ref, commit, expected) {
      if (now !== expected) return { kind: 'moved' };
      now = commit;
      return { kind: 'pushed' };
    },
  };
}
