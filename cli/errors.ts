import { PointsmanError } from '../schemas/errors.ts';

/** The command line or the environment does not say what a command needs. */
export class UsageError extends PointsmanError {
  readonly code = 'CLI_USAGE';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: { readonly problem: string };

  constructor(details: UsageError['details'] & { readonly next: string }, options?: ErrorOptions) {
    super(details.problem, options);
    this.next = details.next;
    this.details = { problem: details.problem };
  }
}

/** There is no git here that can do what every command builds on. */
export class GitNeededError extends PointsmanError {
  readonly code = 'CLI_GIT_NEEDED';
  readonly disposition = 'needs-human';
  readonly next: string;
  /** `found` is absent when there is none at all. */
  readonly details: { readonly needed: string; readonly found?: string };

  constructor(details: GitNeededError['details'], options?: ErrorOptions) {
    const { needed, found } = details;
    super(
      found === undefined ? 'git was not found on the PATH' : `git ${needed} or newer is needed, this is ${found}`,
      options,
    );
    this.details = details;
    this.next = `Install git ${needed} or newer, and see that the PATH finds it first.`;
  }
}

/** Somebody asked the process to end. What was under way was left as it stood. */
export class StoppedError extends PointsmanError {
  readonly code = 'CLI_STOPPED';
  readonly disposition = 'retry-later';
  readonly next =
    'Run pointsman reconcile again: it finds out how far everything came and goes on from there. A switch inside its confirm window reverts by itself.';
  readonly details: { readonly by: string };

  constructor(details: StoppedError['details'], options?: ErrorOptions) {
    super(`stopped by ${details.by}`, options);
    this.details = details;
  }
}
