import { PointsmanError } from '../../schemas/errors.ts';

/** What is wrong with one field of a record, or with the record. Source: GitHub's REST documentation, "Troubleshooting". */
interface RecordProblem {
  /** `PullRequest`, `IssueComment`… */
  readonly resource: string;
  readonly field?: string;
  /** `custom`: the message says it. */
  readonly code: 'custom' | 'invalid' | 'missing_field' | 'unprocessable';
  readonly message?: string;
}

/** The emulated GitHub says no, in GitHub's words. Over REST it is the answer; through the control API it is thrown. */
export class GithubRefusal extends PointsmanError {
  readonly code = 'SANDBOX_GITHUB_REFUSED';
  readonly disposition = 'needs-human';
  readonly next = 'Change what was asked of the emulated GitHub.';
  readonly details: {
    readonly status: number;
    readonly message: string;
    readonly errors?: readonly (string | RecordProblem)[];
    /** As in `x-accepted-github-permissions`. */
    readonly acceptedPermissions?: string;
  };

  constructor(details: GithubRefusal['details']) {
    super([`${details.status} ${details.message}`, ...(details.errors ?? []).map(wordsOf)].join(': '));
    this.details = details;
  }
}

export function notFound(): GithubRefusal {
  return new GithubRefusal({ status: 404, message: 'Not Found' });
}

export function unprocessable(...errors: readonly string[]): GithubRefusal {
  return new GithubRefusal({ status: 422, message: 'Unprocessable Entity', errors });
}

/** As {@link unprocessable}, where GitHub describes its errors as records. */
export function invalid(...errors: readonly RecordProblem[]): GithubRefusal {
  return new GithubRefusal({ status: 422, message: 'Validation Failed', errors });
}

function wordsOf(error: string | RecordProblem): string {
  if (typeof error === 'string') return error;
  const { resource, field, code, message } = error;
  return message ?? [resource, field, code].filter(Boolean).join(' ');
}

/** A git command that the emulation itself runs failed: a bug of the emulation, or a broken repository. */
export class GitCommandFailedError extends PointsmanError {
  readonly code = 'SANDBOX_GIT_COMMAND_FAILED';
  readonly disposition = 'needs-human';
  readonly next = 'Look at the repository of the sandbox.';
  readonly details: { readonly command: string; readonly exitCode: number | null; readonly said: string };

  constructor(details: GitCommandFailedError['details']) {
    super(`git ${details.command} ended with ${details.exitCode}: ${details.said}`);
    this.details = details;
  }
}
