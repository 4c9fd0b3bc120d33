/** 40 lower-case hex digits. */
export type ObjectId = string;

/** One file at a commit. Folders, symlinks and submodules are not files; the reader reports the latter two by `mode`. */
export interface TreeEntry {
  /** From the root of the repo, `/` between parts. */
  readonly path: string;
  /** `100644`, `100755`; `120000` is a symlink, `160000` a submodule. */
  readonly mode: string;
  readonly blob: ObjectId;
}

export interface FileChange {
  readonly path: string;
  readonly kind: 'added' | 'modified' | 'deleted';
}

/** Who and when, as a commit records it. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  /** Milliseconds since the Unix epoch; Git keeps whole seconds. */
  readonly at: number;
}

export interface CommitInfo {
  readonly id: ObjectId;
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Signature;
  readonly committer: Signature;
  /** The whole message. */
  readonly message: string;
}

/** A line of a file and the commit that last wrote it. */
export interface BlameLine {
  readonly commit: ObjectId;
  readonly author: string;
  readonly at: number;
  readonly summary: string;
}

export interface NewCommit {
  /** Absent for the first commit of an orphan branch. */
  readonly parent?: ObjectId;
  /** Files to write whole: path to content. Paths not named here or in `deletions` stay as in the parent. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  readonly deletions?: readonly string[];
  readonly message: string;
  readonly author: Signature;
}

export type PushOutcome =
  | { readonly kind: 'pushed' }
  /** The remote branch is not where `expected` says: someone else moved first. Nothing was changed. */
  | { readonly kind: 'moved' };

/** A local (bare or not) repository, read and written without touching its work tree or index. */
export interface Repository {
  /** Absolute path of the Git folder. */
  readonly gitDir: string;

  /** @returns `undefined` when there is no such ref or object. Accepts whatever `git rev-parse` does, never an option. */
  resolve(revision: string): Promise<ObjectId | undefined>;
  commitInfo(commit: ObjectId): Promise<CommitInfo>;

  /** Every file below `under` (the whole tree when absent), sorted by path. */
  listFiles(commit: ObjectId, under?: string): Promise<readonly TreeEntry[]>;
  /** Contents by blob id, in one conversation with Git. Missing objects throw {@link GitObjectMissingError}. */
  readBlobs(blobs: readonly ObjectId[]): Promise<ReadonlyMap<ObjectId, Buffer>>;
  /** @returns `undefined` when there is no such file. */
  readFile(commit: ObjectId, path: string): Promise<string | undefined>;
  /** Files by path, in two commands however many they are. What is no file is not in it. */
  readFiles(commit: ObjectId, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Paths below `under` whose content holds `text` literally. */
  findText(commit: ObjectId, text: string, under: string): Promise<readonly string[]>;

  /** Files that differ between two commits or trees, renames as delete and add. */
  changedFiles(from: ObjectId, to: ObjectId): Promise<readonly FileChange[]>;
  /** First-parent commits reachable from `to` and not from `from`, oldest first; at most `limit`, the newest ones. */
  firstParents(
    to: ObjectId,
    options: { readonly from?: ObjectId; readonly limit: number },
  ): Promise<readonly ObjectId[]>;
  /** The newest commit, `commit` or an ancestor of it, that changed this file. */
  lastChange(commit: ObjectId, path: string): Promise<ObjectId | undefined>;
  mergeBase(a: ObjectId, b: ObjectId): Promise<ObjectId | undefined>;
  /** What merging `head` into `base` would give, without a work tree. */
  mergeTrees(
    base: ObjectId,
    head: ObjectId,
  ): Promise<
    | { readonly kind: 'merged'; readonly tree: ObjectId }
    | { readonly kind: 'conflict'; readonly paths: readonly string[] }
  >;
  blame(commit: ObjectId, path: string, line: number): Promise<BlameLine | undefined>;
  /** The work tree (tracked and untracked, ignored ones left out) as a tree object. Leaves index and work tree alone. */
  writeWorkTree(): Promise<ObjectId>;

  /** Writes blobs, trees and one commit; no ref moves. */
  writeCommit(commit: NewCommit): Promise<ObjectId>;
}

/** Where a {@link RemoteRepository} comes from. */
export interface RemoteAddress {
  /** A path, `file://`, `https://`, `ssh://` or `user@host:path`. Must not hold a password. */
  readonly url: string;
  /**
   * For smart HTTP, sent as Basic `x-access-token:<token>`; never in a URL, an argument list or a log. One that ends has to be
   * asked for: then this is called before every conversation with the remote.
   */
  readonly token?: string | ((signal: AbortSignal) => Promise<string>);
}

/** A bare local copy of a remote, and the way back to it. */
export interface RemoteRepository extends Repository {
  /**
   * Brings `refs` (full names such as `refs/heads/main`, `refs/pull/7/head`) here, under the same names.
   *
   * @returns Where each is now; a ref the remote does not have is absent.
   * @throws {GitRemoteError} The remote could not be reached or refused us.
   */
  fetch(refs: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, ObjectId>>;

  /**
   * The branch that a clone would be on, as a full ref name. Nothing is fetched.
   *
   * @returns `undefined` when the remote names none: it is empty, or its HEAD is no branch.
   * @throws {GitRemoteError} The remote could not be reached or refused us.
   */
  defaultBranch(signal: AbortSignal): Promise<string | undefined>;

  /**
   * Asks whether we may push at all, and pushes nothing. What rules of a single branch say is not asked.
   *
   * @param commit One that is here.
   * @throws {GitRemoteError} We may not, or the remote could not be reached.
   */
  tryPush(commit: ObjectId, signal: AbortSignal): Promise<void>;

  /**
   * Moves `ref` on the remote from `expected` to `commit`, or does nothing. `expected` absent: the ref must not exist yet.
   *
   * @throws {GitRemoteError} Not reached, refused, or the answer was lost: look again before anything else.
   */
  push(ref: string, commit: ObjectId, expected: ObjectId | undefined, signal: AbortSignal): Promise<PushOutcome>;
}
