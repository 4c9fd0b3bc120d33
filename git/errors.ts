import type { Disposition } from '../schemas/errors.ts';
import { PointsmanError } from '../schemas/errors.ts';
import type { ObjectId } from './repository.ts';

/** A git command ended in a way nobody foresaw. */
export class GitCommandError extends PointsmanError {
  readonly code = 'GIT_COMMAND_FAILED';
  readonly disposition = 'needs-human';
  readonly next: string;
  /** `exitCode` is absent when git could not be started or was killed. `said` is what it printed to stderr, at most 2 kB, without tokens. */
  readonly details: { readonly command: string; readonly exitCode?: number; readonly said: string };

  constructor(details: GitCommandError['details'], options?: ErrorOptions) {
    const ended = details.exitCode === undefined ? 'did not run to its end' : `ended with ${details.exitCode}`;
    super(`git ${details.command} ${ended}: ${details.said || 'it said nothing'}`, options);
    this.details = details;
    this.next =
      'Nothing was pushed. Check that git 2.38 or newer is installed and that the repository passes `git fsck`; a cached copy may be deleted, it is fetched again.';
  }
}

/** A commit, tree or blob that should be here is not. */
export class GitObjectMissingError extends PointsmanError {
  readonly code = 'GIT_OBJECT_MISSING';
  readonly disposition = 'needs-human';
  readonly next =
    'Fetch the branch that holds it. If it was just fetched, delete the cached copy: it is fetched again.';
  readonly details: { readonly object: ObjectId };

  constructor(details: GitObjectMissingError['details'], options?: ErrorOptions) {
    super(`the repository does not hold ${details.object}`, options);
    this.details = details;
  }
}

/** A blob is here and cannot be used: too large, or bytes where text is needed. */
export class GitBlobUnreadableError extends PointsmanError {
  readonly code = 'GIT_BLOB_UNREADABLE';
  readonly disposition = 'needs-human';
  readonly next = 'Replace the file in the repository.';
  readonly details: { readonly object: ObjectId; readonly path?: string; readonly problem: string };

  constructor(details: GitBlobUnreadableError['details'], options?: ErrorOptions) {
    super(`${details.path ?? details.object} ${details.problem}`, options);
    this.details = details;
  }
}

/** A path that no commit of ours may hold, or that we cannot read without guessing. */
export class GitPathError extends PointsmanError {
  readonly code = 'GIT_PATH_REFUSED';
  readonly disposition = 'needs-human';
  readonly next = 'Rename the file.';
  readonly details: { readonly path: string; readonly problem: string };

  constructor(details: GitPathError['details'], options?: ErrorOptions) {
    super(`the path ${JSON.stringify(details.path)} ${details.problem}`, options);
    this.details = details;
  }
}

/** A ref, revision, object id or text that would mean something else to git than what the caller means by it. */
export class GitArgumentError extends PointsmanError {
  readonly code = 'GIT_ARGUMENT_REFUSED';
  readonly disposition = 'needs-human';
  readonly next = 'Correct the name. Nothing was read or written.';
  readonly details: { readonly argument: string; readonly problem: string };

  constructor(details: GitArgumentError['details'], options?: ErrorOptions) {
    super(`${JSON.stringify(details.argument)} ${details.problem}`, options);
    this.details = details;
  }
}

/** There is no repository at or above the path, or git will not open it. */
export class GitNotARepositoryError extends PointsmanError {
  readonly code = 'GIT_NOT_A_REPOSITORY';
  readonly disposition = 'needs-human';
  readonly next = 'Name a folder inside a Git repository that belongs to the user Pointsman runs as.';
  readonly details: { readonly path: string; readonly said: string };

  constructor(details: GitNotARepositoryError['details'], options?: ErrorOptions) {
    super(`${details.path} is not in a Git repository: ${details.said}`, options);
    this.details = details;
  }
}

/** The address of a remote is not one we go to. */
export class GitAddressError extends PointsmanError {
  readonly code = 'GIT_ADDRESS_REFUSED';
  readonly disposition = 'needs-human';
  readonly next = 'Give a path, file://, https://, ssh:// or user@host:path address; pass the token on its own.';
  /** The address itself is left out: it may hold a password. */
  readonly details: { readonly problem: string };

  constructor(details: GitAddressError['details'], options?: ErrorOptions) {
    super(`the address of the remote ${details.problem}`, options);
    this.details = details;
  }
}

/** We were asked to push a commit that does not build on what the branch is expected to hold. */
export class GitNotFastForwardError extends PointsmanError {
  readonly code = 'GIT_NOT_FAST_FORWARD';
  readonly disposition = 'needs-human';
  readonly next = 'Nothing was pushed. Branches only ever grow: build the commit on the branch and push that.';
  readonly details: { readonly ref: string; readonly commit: ObjectId; readonly expected: ObjectId };

  constructor(details: GitNotFastForwardError['details'], options?: ErrorOptions) {
    super(`${details.commit} does not build on ${details.expected}, which ${details.ref} is expected to hold`, options);
    this.details = details;
  }
}

/** Why a remote did not do what we asked; decides the disposition. */
export type RemoteProblem = 'unreachable' | 'timed-out' | 'busy' | 'refused' | 'not-found' | 'untrusted' | 'rejected';

/** The remote could not be reached, refused us, or its answer was lost: what it did is not known. */
export class GitRemoteError extends PointsmanError {
  readonly code = 'GIT_REMOTE_FAILED';
  readonly disposition: Disposition;
  readonly next: string;
  readonly details: {
    readonly operation: 'look' | 'fetch' | 'push';
    readonly url: string;
    readonly problem: RemoteProblem;
    /** What git or the remote said, at most 2 kB, without tokens. */
    readonly said: string;
  };

  constructor(details: GitRemoteError['details'], options?: ErrorOptions) {
    super(`${details.operation} ${details.url}: ${details.problem}: ${inPlainWords(details.said)}`, options);
    this.details = details;
    const { disposition, next } = CONSEQUENCE[details.problem];
    this.disposition = disposition;
    this.next = details.operation === 'push' ? `Look where the branch is before anything else. ${next}` : next;
  }
}

/** What git says when nobody is there to type another password than the one that was refused. */
function inPlainWords(said: string): string {
  return /could not read (?:Username|Password)/.test(said) ? 'the token is not accepted' : said;
}

const CONSEQUENCE: Readonly<Record<RemoteProblem, { readonly disposition: Disposition; readonly next: string }>> = {
  unreachable: {
    disposition: 'retry-later',
    next: 'The next pass tries again. By hand: look at the address, the network, and a proxy on the way (HTTPS_PROXY).',
  },
  'timed-out': { disposition: 'retry-later', next: 'The next pass tries again.' },
  busy: { disposition: 'retry-later', next: 'The remote asked for patience or was moving; the next pass tries again.' },
  refused: { disposition: 'needs-human', next: 'Check that the token or key is valid and may read and write there.' },
  'not-found': {
    disposition: 'needs-human',
    next: 'Check the address, and that the token or key may see the repository.',
  },
  untrusted: {
    disposition: 'needs-human',
    next: 'Check the certificate or host key, or where the address redirects to.',
  },
  rejected: {
    disposition: 'needs-human',
    next: 'Read what the remote says: a branch rule or a hook there refuses it.',
  },
};
