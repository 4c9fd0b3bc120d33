import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import { GitRemoteError } from '../git/errors.ts';
import type { ObjectId, RemoteRepository, Signature } from '../git/repository.ts';
import type { Clock } from '../schemas/clock.ts';
import type { Log } from '../schemas/log.ts';
import { LedgerBusyError } from './errors.ts';
import type { Ledger, LedgerStep } from './ledger.ts';
import { createSnapshot, type FilesRead, type LedgerSnapshot } from './ledger-view.ts';
import type { Redact } from './redact.ts';
import { createRunDirectory } from './run-directory.ts';
import { filesOfStep } from './write-step.ts';

export interface LedgerDeps {
  readonly repository: RemoteRepository;
  /** Name of the ledger branch, without `refs/heads/`. */
  readonly branch: string;
  /** Who the commits are by; when is the clock's. */
  readonly author: Omit<Signature, 'at'>;
  readonly log: Log;
  readonly clock: Clock;
  /** Takes secrets out of every text before it is written. A net under the rule that none gets here. */
  readonly redact?: Redact;
  /** From 0 up to 1; spreads those who collided. `Math.random` unless given. */
  readonly random?: () => number;
}

/** Someone else moving first is progress, only not ours: we give up when it happens this often in a row. */
const MOST_TRIES = 50;
/** How often the remote may leave us without an answer in one append before the error is handed on. */
const MOST_SILENCES = 4;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2000;

/** A commit of ours, and what is known of its files without reading them. */
interface Written {
  readonly commit: ObjectId;
  readonly known: FilesRead;
}

/** One that was sent, and nobody told us that it is there. */
interface Pending extends Written {
  readonly expected: ObjectId | undefined;
  /** Absent when the remote said that someone else was first. */
  readonly error?: GitRemoteError;
}

/** The records branch over Git: every append is one commit on the tip it was decided from, or it is not there. */
export function createLedger(deps: LedgerDeps): Ledger {
  const { repository, branch, log, clock, redact = (text) => text, random = Math.random } = deps;
  const ref = `refs/heads/${branch}`;
  const runFoldersAt = createRunDirectory(repository);
  // Appends of one process would only race each other; the remote decides between processes.
  const oneAtATime = pLimit(1);

  // What was read of it holds for the next one while nobody moves the ledger, and after a step of ours where that left it alone.
  let last: LedgerSnapshot | undefined;

  function snapshotAt(tip: ObjectId | undefined, known?: FilesRead): LedgerSnapshot {
    last = createSnapshot({ repository, tip, runFoldersAt, log, ...(known ? { known } : {}) });
    return last;
  }

  async function look(signal: AbortSignal): Promise<LedgerSnapshot> {
    signal.throwIfAborted();
    const tip = (await repository.fetch([ref], signal)).get(ref);
    return snapshotAt(tip, last && last.tip === tip ? keptOf(last) : undefined);
  }

  async function hasLanded({ commit }: Pending, tip: ObjectId | undefined): Promise<boolean> {
    return tip !== undefined && (await repository.mergeBase(commit, tip)) === commit;
  }

  async function write(view: LedgerSnapshot, step: LedgerStep): Promise<Written | undefined> {
    const { files, deletions } = await filesOfStep(view, step, redact);
    if (files.size === 0 && deletions.length === 0) return undefined;
    const commit = await repository.writeCommit({
      ...(view.tip === undefined ? {} : { parent: view.tip }),
      files,
      deletions,
      message: messageOf(redact(step.title)),
      author: { ...deps.author, at: clock.now() },
    });
    return { commit, known: knownAfter(view, files, deletions) };
  }

  async function pause(tries: number, signal: AbortSignal): Promise<void> {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
    await clock.sleep(Math.ceil(longest * random()), signal);
  }

  async function append(decide: Parameters<Ledger['append']>[0], signal: AbortSignal): Promise<LedgerSnapshot> {
    let pending: Pending | undefined;
    let silences = 0;
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      if (tries > 1) await pause(tries, signal);
      const sent = pending;
      const view = await look(signal).catch((error: unknown) => lostSight(error, sent, ++silences));
      if (view === undefined) continue;
      // Also after a plain "moved": git repeats a request whose connection broke, and then meets its own commit there.
      if (pending && (await hasLanded(pending, view.tip))) return view;
      if (pending?.error && isFinal(pending.error, silences)) throw pending.error;

      // Where nobody moved, the same commit is pushed again: should the lost push still arrive, it is this very one. Where
      // somebody did, it cannot arrive any more.
      const again = pending && pending.expected === view.tip ? pending : undefined;
      const written: Written | undefined = again ?? (await decideAndWrite(decide, view));
      if (written === undefined) return view;
      const { commit, known } = written;
      try {
        const outcome = await repository.push(ref, commit, view.tip, signal);
        if (outcome.kind === 'pushed') return snapshotAt(commit, known);
        pending = { commit, known, expected: view.tip };
        log.debug({ branch, tries }, 'someone else moved the ledger first');
      } catch (error) {
        if (!(error instanceof GitRemoteError)) throw error;
        pending = { commit, known, expected: view.tip, error };
        silences++;
        log.warn({ branch, commit, err: error }, 'answer to a ledger push was lost');
      }
    }
    throw new LedgerBusyError({ branch, tries: MOST_TRIES });
  }

  async function decideAndWrite(
    decide: Parameters<Ledger['append']>[0],
    view: LedgerSnapshot,
  ): Promise<Written | undefined> {
    const step = await decide(view);
    return step && write(view, step);
  }

  /**
   * The remote could not be looked at. Before anything was sent that is the caller's to know; afterwards we look again for a
   * while, and then what was sent last is what went wrong.
   */
  function lostSight(error: unknown, sent: Pending | undefined, silences: number): undefined {
    if (!sent || !(error instanceof GitRemoteError)) throw error;
    if (isFinal(error, silences)) throw sent.error ?? error;
    return undefined;
  }

  return {
    view: look,
    append: (decide, signal) => oneAtATime(() => append(decide, signal)),
  };
}

/** What is larger is read again: plans of a thousand switches, for fifty pull requests, should not all stay in memory. */
const MOST_CHARACTERS_KEPT = 256 * 1024;

function keptOf(view: LedgerSnapshot): FilesRead {
  return new Map([...view.filesRead()].filter(([, text = '']) => text.length <= MOST_CHARACTERS_KEPT));
}

/** What was read before a step, and what the step wrote of that. What nobody has asked for, backups say, is not kept. */
function knownAfter(view: LedgerSnapshot, files: ReadonlyMap<string, string>, deletions: readonly string[]): FilesRead {
  const gone = new Set(deletions);
  return new Map(
    [...keptOf(view)].map(([path, text]) => [path, gone.has(path) ? undefined : (files.get(path) ?? text)]),
  );
}

function isFinal(error: GitRemoteError, silences: number): boolean {
  return error.disposition !== 'retry-later' || silences >= MOST_SILENCES;
}

/**
 * The trailer makes every commit of ours the only one of its kind: two processes that write the same step in the same
 * second would otherwise make the very same commit, and each would take the other's for its own.
 */
function messageOf(title: string): string {
  return `${title.replace(/\s+/g, ' ').trim()}\n\nStep: ${randomUUID()}\n`;
}
