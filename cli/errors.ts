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

/** What is ordered stands on record with a name, and the token belongs to nobody. */
export class NoPersonError extends PointsmanError {
  readonly code = 'CLI_NO_PERSON';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: { readonly verb: string };

  constructor(details: NoPersonError['details'], options?: ErrorOptions) {
    const { verb } = details;
    super(`pointsman ${verb} is done in the name of a person, and this token is of an App or of a job`, options);
    this.details = details;
    this.next = `Sign in as yourself: set POINTSMAN_GITHUB_TOKEN to a token of your own (gh auth token), without the variables of the App. Or write the comment /pointsman ${verb} on the pull request.`;
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

/** Files of a fleet repo are there already, with other content. Nothing was written. */
export class InitClashError extends PointsmanError {
  readonly code = 'CLI_INIT_CLASH';
  readonly disposition = 'needs-human';
  readonly next =
    'Nothing was written. Where pointsman.yaml is among them this is a fleet repo already: edit it. Otherwise move the named files away, or choose another folder.';
  /** `where`: a folder or a branch. */
  readonly details: { readonly where: string; readonly files: readonly string[] };

  constructor(details: InitClashError['details'], options?: ErrorOptions) {
    super(`${details.where} already has, with other content: ${details.files.join(', ')}`, options);
    this.details = details;
  }
}

/** The branch of our proposal holds something else. Nothing was pushed. */
export class InitBranchTakenError extends PointsmanError {
  readonly code = 'CLI_INIT_BRANCH_TAKEN';
  readonly disposition = 'needs-human';
  readonly next =
    'Nothing was pushed. Edit the files on that branch, where a proposal is open already; or delete the branch and run it again.';
  readonly details: { readonly branch: string; readonly files: readonly string[] };

  constructor(details: InitBranchTakenError['details'], options?: ErrorOptions) {
    super(`the branch ${details.branch} has other content in: ${details.files.join(', ')}`, options);
    this.details = details;
  }
}

/** The repository has no commit yet, so there is nothing a pull request could go to. */
export class InitRepositoryEmptyError extends PointsmanError {
  readonly code = 'CLI_INIT_REPOSITORY_EMPTY';
  readonly disposition = 'needs-human';
  readonly next =
    'Begin it with a first commit: at GitHub, “creating a new file” on the page of the repository, for example README.md. Then run it again. Or write the files with --out into an empty clone, and push them.';
  readonly details: Readonly<Record<never, never>>;

  constructor(details: InitRepositoryEmptyError['details'], options?: ErrorOptions) {
    super('the repository has no commit yet, so a pull request has nowhere to go', options);
    this.details = details;
  }
}

/** GitHub lets only tokens with a right of their own write workflows. Ours should not have it for good. */
export class InitWorkflowsRefusedError extends PointsmanError {
  readonly code = 'CLI_INIT_WORKFLOWS_REFUSED';
  readonly disposition = 'needs-human';
  readonly next =
    'Nothing was pushed. Run it once with a token of your own that may write workflows (gh auth refresh -s workflow; GITHUB_TOKEN=$(gh auth token)). The App of Pointsman should never have that permission.';
  readonly details: { readonly said: string };

  constructor(details: InitWorkflowsRefusedError['details'], options?: ErrorOptions) {
    super(`GitHub does not let this token write workflows: ${details.said}`, options);
    this.details = details;
  }
}
