/** The records branch: append, read, fold. It is also the lock. */

import type { ObjectId } from '../git/repository.ts';
import type { Leaf, TreePath } from '../schemas/json.ts';
import type { Publication } from '../schemas/publication.ts';
import type { RunEvent } from './events.ts';
import type { Run } from './run.ts';

/** Last known of one switch: `devices/<site>/<device>.json`. */
export interface DeviceState {
  readonly site: string;
  readonly device: string;
  readonly serial: string;
  readonly version: string;
  /** Commit of the fleet's branch that was last applied. */
  readonly appliedCommit: string;
  readonly appliedAt: number;
  readonly run: string;
  /** That run took it back to this, in words: it runs something else than the fleet's branch said at `appliedCommit`. */
  readonly rolledBackTo?: string;
  /** SHA-256 of the masked running configuration read back afterwards. */
  readonly runningDigest: string;
  /** For secrets the switch encrypts itself: by path (JSON pointer), fingerprint of what we set and of what it then showed. */
  readonly opaqueSecrets: Readonly<Record<string, { readonly set: string; readonly shown: string }>>;
}

/**
 * A switch that runs something else than intended though nobody merged a change, or because a Rollback made it:
 * `drift/<site>/<device>.json`. There while it is so, gone when it is not. Secrets are fingerprints.
 */
export interface DeviceDrift {
  readonly site: string;
  readonly device: string;
  /** When these very changes were first seen, milliseconds since the epoch. */
  readonly since: number;
  /** When this was written: as long as nothing of it is new, it is not written again. */
  readonly seenAt: number;
  /** The check that wrote it. */
  readonly run: string;
  /** Commit of the fleet's branch whose intent it was compared with. */
  readonly commit: string;
  /** Hash of the changes that would mend it, of all of them. */
  readonly digest: string;
  /** In digest order; a switch may differ by more than is kept. */
  readonly changes: readonly DriftedLeaf[];
  /** Changes there are beyond those kept. */
  readonly more: number;
  /** Who last changed the switch, where the platform knows and it was not us. Foreign text. */
  readonly by?: string;
  /** When that was, by the switch's clock. */
  readonly changedAt?: number;
  /**
   * A Rollback took it back, so it is meant to run something else than the branch says: `changes` are from that, and there are
   * none where it runs exactly that.
   */
  readonly wentBack?: WentBack;
  /** The last pull request of ours about it; kept while the switch drifts, until there is another. */
  readonly proposed?: DriftProposal;
}

/** To what a switch was taken back, by which run, and how that differs from the branch. */
export interface WentBack {
  /** In words. */
  readonly to: string;
  readonly run: string;
  /** Commit of the ledger that holds what it ran right after; absent where that is not there any more. */
  readonly ledger?: ObjectId;
  /** What would make it run what the branch says, in digest order; there may be more than is kept. */
  readonly changes: readonly DriftedLeaf[];
  readonly more: number;
}

export interface DriftProposal {
  readonly pullRequest: number;
  /** The commit we wrote on its branch: that one is ours, and no other. */
  readonly head: string;
  readonly way: 'revert' | 'adopt';
}

/** One leaf that is not as intended. */
export interface DriftedLeaf {
  readonly path: TreePath;
  /** Absent where nothing is intended. */
  readonly intended?: Leaf;
  /** Absent where the switch has nothing there. */
  readonly running?: Leaf;
}

/** What is remembered of one schedule: in `automation/schedules.json`, by its key. */
export interface ScheduleRecord {
  /** SHA-256 of what it does and when; another one is another schedule. */
  readonly digest: string;
  /** When it was first seen as it is, milliseconds since the epoch: nothing before that is due. */
  readonly since: number;
  /** The last time that was left out, because what an earlier one started had not ended. */
  readonly skipped?: { readonly scheduledFor: number; readonly at: number; readonly why: string };
}

/**
 * A command of a comment that was dealt with: a line of `commands/pr-<n>.jsonl`. Of several lines about one comment the
 * last counts.
 */
export interface CommandRecord {
  /** The forge's number of the comment. */
  readonly comment: number;
  /** When it was dealt with, milliseconds since the epoch. */
  readonly at: number;
  readonly by: string;
  /** Absent when the comment could not be read as a command. */
  readonly verb?: string;
  readonly args: readonly string[];
  /** When the comment was written, by the forge's clock: what a verdict on a plan is judged by. */
  readonly saidAt?: number;
  /** Why, in the words of whoever gave it. */
  readonly reason?: string;
  readonly verdict: 'done' | 'refused';
  /** What was done, or why not. Plain text, as the person is told. */
  readonly why: string;
  /** Runs it changed. */
  readonly runs?: readonly string[];
  /** Whoever gave it has been answered. */
  readonly told: boolean;
}

/** The ledger at one commit. Reading it costs what is asked for, not what the ledger holds. */
export interface LedgerView {
  /** Absent while the branch does not exist. */
  readonly tip?: ObjectId;
  run(name: string): Promise<Run | undefined>;
  /** What happened in a run; none where there is no such run. */
  events(name: string): Promise<readonly RunEvent[]>;
  /** Names of all runs, newest month first. */
  runNames(): Promise<readonly string[]>;
  /**
   * All runs, batches too, the one that started last first. Read month by month, as far as they are asked for.
   *
   * @param mayFit Asked with the events of a run as they are stored. What it says no to is left out without being understood,
   *   which is most of the work.
   */
  newestRuns(mayFit?: (text: string) => boolean): AsyncIterable<Run>;
  /** Runs that have not ended. */
  openRuns(): Promise<readonly Run[]>;
  /** Commit the ledger was started at: nothing merged before it is due. */
  startedAtCommit(): Promise<string | undefined>;
  publications(pullRequest: number): Promise<readonly Publication[]>;
  /** The plan as stored, JSON text. */
  plan(pullRequest: number, digest: string): Promise<string | undefined>;
  device(site: string, device: string): Promise<DeviceState | undefined>;
  /** Every switch that is known to drift, by site and name. */
  drifting(): Promise<readonly DeviceDrift[]>;
  /** What is remembered of schedules, by their keys. */
  schedules(): Promise<ReadonlyMap<string, ScheduleRecord>>;
  /** By comment: commands on a pull request that were dealt with. */
  commands(pullRequest: number): Promise<ReadonlyMap<number, CommandRecord>>;
  file(path: string): Promise<string | undefined>;
}

/** One step: what to add. All of it lands in one commit, or none. */
export interface LedgerStep {
  /** First line of the commit message. */
  readonly title: string;
  readonly started?: { readonly commit: string };
  /**
   * Appended to each run's events, in order. Illegal moves throw before anything is written. An `intent` names the tip of
   * the view it was decided from as its `fence`; a step with another one is refused.
   */
  readonly events?: ReadonlyMap<string, readonly RunEvent[]>;
  readonly publication?: {
    readonly pullRequest: number;
    readonly publication: Publication;
    readonly planJson: string;
    readonly planMarkdown: string;
  };
  /** `backups/<site>/<device>.<extension>` */
  readonly backups?: ReadonlyMap<string, string>;
  readonly devices?: readonly DeviceState[];
  readonly drift?: readonly DeviceDrift[];
  /** Switches that do not drift any more. */
  readonly driftGone?: readonly Pick<DeviceDrift, 'site' | 'device'>[];
  /** All of them: what is not here is forgotten. */
  readonly schedules?: ReadonlyMap<string, ScheduleRecord>;
  /** Appended to the commands of each pull request. */
  readonly commands?: ReadonlyMap<number, readonly CommandRecord[]>;
  /** Files of results, by run and by name; the run's events name them. Names are plain: `diff.md`. */
  readonly artifacts?: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Every verdict, for `approvals/<run>/<stage>.json`. */
  readonly verdicts?: { readonly run: string; readonly stage: string; readonly json: string };
}

export interface Ledger {
  /** Fetches and looks. */
  view(signal: AbortSignal): Promise<LedgerView>;

  /**
   * Looks, lets `decide` say what to add to what is there, and pushes it as one commit. When someone else moved first it
   * looks and decides again, so `decide` must decide from the view alone.
   *
   * @param decide Returns `undefined` when there is nothing to add after all.
   * @returns The view that holds the step, or the view that made it unnecessary.
   * @throws {GitRemoteError} The ledger could not be reached: nothing is known to be written. After a lost answer, the
   *   next look shows whether the step landed; the same step is never appended twice.
   * @throws {LedgerBusyError} Others were faster too many times in a row: nothing is written.
   * @throws {IllegalMoveError} {LeaseLostError} {LedgerStepRefusedError} The step cannot be: nothing is written.
   * @throws {LedgerUnreadableError} What is there cannot be read, so nothing is decided from it.
   */
  append(decide: (view: LedgerView) => Promise<LedgerStep | undefined>, signal: AbortSignal): Promise<LedgerView>;
}
