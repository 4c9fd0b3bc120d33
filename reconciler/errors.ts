import { PointsmanError } from '../schemas/errors.ts';
import type { Problem } from '../schemas/problem.ts';

/** No source of pointsman.yaml knows a secret. */
export class SecretNotFoundError extends PointsmanError {
  readonly code = 'RECONCILER_SECRET_NOT_FOUND';
  readonly disposition = 'needs-human';
  readonly next = 'Put the secret where one of the sources looks, or correct its name in the fleet repo.';
  readonly details: { readonly name: string; readonly asked: readonly string[] };

  constructor(details: SecretNotFoundError['details'], options?: ErrorOptions) {
    super(`no source knows the secret ${details.name} (asked: ${details.asked.join(', ') || 'none'})`, options);
    this.details = details;
  }
}

/** The fleet at a commit is not valid, so nothing is done from it. */
export class FleetInvalidError extends PointsmanError {
  readonly code = 'RECONCILER_FLEET_INVALID';
  readonly disposition = 'needs-human';
  readonly next = 'Fix the named places in a pull request; nothing was contacted.';
  readonly details: { readonly revision: string; readonly problems: readonly Problem[] };

  constructor(details: FleetInvalidError['details'], options?: ErrorOptions) {
    const [first] = details.problems;
    const place = first
      ? `: ${first.file}${first.line === undefined ? '' : `:${first.line}:${first.column ?? 1}`} ${first.message}`
      : '';
    super(`the fleet at ${details.revision.slice(0, 12)} has ${details.problems.length} problems${place}`, options);
    this.details = details;
  }
}

/** The switch is at a site with a runner of its own, and that has not asked it yet. */
export class OtherRunnerError extends PointsmanError {
  readonly code = 'RECONCILER_OTHER_RUNNER';
  readonly disposition = 'retry-later';
  readonly next = 'Wait: the runner of the site asks it in its next pass (pointsman reconcile --site).';
  readonly details: { readonly device: string; readonly site: string };

  constructor(details: OtherRunnerError['details'], options?: ErrorOptions) {
    super(`${details.device} waits for the runner of ${details.site}`, options);
    this.details = details;
  }
}

/** Somebody moved the branch of a gate while we wrote to it. */
export class GateContendedError extends PointsmanError {
  readonly code = 'RECONCILER_GATE_CONTENDED';
  readonly disposition = 'retry-later';
  readonly next =
    'Nothing was changed on any switch; the next pass looks again. Leave branches below pointsman/gate/ alone.';
  readonly details: { readonly branch: string };

  constructor(details: GateContendedError['details'], options?: ErrorOptions) {
    super(`${details.branch} was moved by somebody else meanwhile`, options);
    this.details = details;
  }
}

/** Somebody moved the branch of a pull request about drift while we wrote to it. */
export class DriftContendedError extends PointsmanError {
  readonly code = 'RECONCILER_DRIFT_CONTENDED';
  readonly disposition = 'retry-later';
  readonly next =
    'Nothing was changed on any switch; the next check looks again. Leave branches below pointsman/drift/ alone.';
  readonly details: { readonly branch: string };

  constructor(details: DriftContendedError['details'], options?: ErrorOptions) {
    super(`${details.branch} was moved by somebody else meanwhile`, options);
    this.details = details;
  }
}

/** The branch of the fleet is not where we look for it. */
export class BranchMissingError extends PointsmanError {
  readonly code = 'RECONCILER_BRANCH_MISSING';
  readonly disposition = 'needs-human';
  readonly next = 'Check `branch` in pointsman.yaml and the repository address.';
  readonly details: { readonly ref: string };

  constructor(details: BranchMissingError['details'], options?: ErrorOptions) {
    super(`the remote has no ${details.ref}`, options);
    this.details = details;
  }
}

/** Newer intent was already applied to the switch; going back is not what anybody asked for. */
export class SupersededError extends PointsmanError {
  readonly code = 'RECONCILER_SUPERSEDED';
  readonly disposition = 'void-approval';
  readonly next =
    'Nothing to do where the newer one is what is wanted. Where this one is, ask for it again in a new pull request.';
  readonly details: {
    readonly device: string;
    readonly commit: string;
    readonly appliedCommit: string;
    /** The newer one was a Rollback to this, in words. */
    readonly rolledBackTo?: string;
  };

  constructor(details: SupersededError['details'], options?: ErrorOptions) {
    const { device, commit, appliedCommit, rolledBackTo } = details;
    const [newer, older] = [appliedCommit.slice(0, 12), commit.slice(0, 12)];
    super(
      rolledBackTo === undefined
        ? `${device} already runs ${newer}, which is newer than ${older}`
        : `${device} was taken back to ${rolledBackTo} by ${newer}, which is newer than ${older}`,
      options,
    );
    this.details = details;
  }
}

/** A Rollback names a switch that was not there, was another one, or has nothing to go back to. */
export class CannotGoBackError extends PointsmanError {
  readonly code = 'RECONCILER_CANNOT_GO_BACK';
  readonly disposition = 'needs-human';
  readonly next = 'Nothing is done to it. Take it out of the targets, or go back to something else.';
  readonly details: { readonly device: string; readonly backTo: string; readonly why: string };

  constructor(details: CannotGoBackError['details'], options?: ErrorOptions) {
    super(`${details.device} does not go back to ${details.backTo}: ${details.why}`, options);
    this.details = details;
  }
}

/** Backups hold no secret, and the fleet names none at some of the places that held one. */
export class BackupSecretsUnknownError extends PointsmanError {
  readonly code = 'RECONCILER_BACKUP_SECRETS_UNKNOWN';
  readonly disposition = 'needs-human';
  readonly next =
    'Nothing is done to it. Put these secrets into the fleet first, where they stand in the backup, or go back to a commit.';
  /** Paths in the backup, secrets in them masked. */
  readonly details: { readonly device: string; readonly file: string; readonly paths: readonly string[] };

  constructor(details: BackupSecretsUnknownError['details'], options?: ErrorOptions) {
    const { device, paths } = details;
    const [first = ''] = paths;
    const held =
      paths.length === 1
        ? `a secret that only the switch had: ${first}`
        : `${paths.length} secrets that only the switch had, the first at ${first}`;
    super(`${device}: its backup holds ${held}`, options);
    this.details = details;
  }
}

/** Our lease ended, or another process took it over, while we were still working. */
export class LeaseLostError extends PointsmanError {
  readonly code = 'RECONCILER_LEASE_LOST';
  readonly disposition = 'retry-later';
  readonly next = 'Whoever holds the lease goes on; the next pass looks again.';
  readonly details: { readonly run: string; readonly why: string };

  constructor(details: LeaseLostError['details'], options?: ErrorOptions) {
    super(`the lease of ${details.run} is not ours any more: ${details.why}`, options);
    this.details = details;
  }
}

/** A switch was tried as often as is safe without knowing how it ended. */
export class AttemptsExhaustedError extends PointsmanError {
  readonly code = 'RECONCILER_ATTEMPTS_EXHAUSTED';
  readonly disposition = 'needs-human';
  readonly next = 'Look at the switch and at the runner that keeps dying, then plan again in a new pull request.';
  readonly details: { readonly device: string; readonly attempts: number };

  constructor(details: AttemptsExhaustedError['details'], options?: ErrorOptions) {
    super(
      `${details.device} was tried ${details.attempts} times and every time the process ended in the middle`,
      options,
    );
    this.details = details;
  }
}

/** The switch would change now, and was not part of what people approved: it could not be asked then. */
export class NotInPlanError extends PointsmanError {
  readonly code = 'RECONCILER_NOT_IN_PLAN';
  readonly disposition = 'void-approval';
  readonly next = 'Open a pull request that touches this switch: its plan shows what differs, and can be approved.';
  readonly details: { readonly device: string };

  constructor(details: NotInPlanError['details'], options?: ErrorOptions) {
    super(
      `${details.device} could not be asked when the plan was made, so what it would change was not approved`,
      options,
    );
    this.details = details;
  }
}

/** A device that a pull request adds: its address is only a proposal, so no credential is sent there. */
export class NotYetMergedError extends PointsmanError {
  readonly code = 'RECONCILER_NOT_YET_MERGED';
  readonly disposition = 'needs-human';
  readonly next =
    'Merge: it is planned then, and nothing is written before a pull request of ours with that plan is approved.';
  readonly details: { readonly device: string };

  constructor(details: NotYetMergedError['details'], options?: ErrorOptions) {
    super(`${details.device} is new: its address is not on the base branch yet, so it was not contacted`, options);
    this.details = details;
  }
}

/** More was merged since the last pass than one pass looks back over. */
export class TooFarBehindError extends PointsmanError {
  readonly code = 'RECONCILER_TOO_FAR_BEHIND';
  readonly disposition = 'needs-human';
  readonly next =
    'Nothing was done. Look why passes did not run; then move the start of the ledger (ledger.json) to a commit whose state the switches run.';
  readonly details: { readonly tip: string; readonly lookedBack: number };

  constructor(details: TooFarBehindError['details'], options?: ErrorOptions) {
    super(`the last ${details.lookedBack} commits before ${details.tip.slice(0, 12)} have no run`, options);
    this.details = details;
  }
}

/** A stage took longer than its workflow allows. */
export class StageOverdueError extends PointsmanError {
  readonly code = 'RECONCILER_STAGE_OVERDUE';
  readonly disposition = 'retry-later';
  readonly next =
    'The next pass looks how far it got and goes on from there; a switch in its confirm window goes back by itself.';
  readonly details: { readonly run: string; readonly stage: string; readonly seconds: number };

  constructor(details: StageOverdueError['details'], options?: ErrorOptions) {
    super(`${details.run}: ${details.stage} did not end within ${details.seconds} s`, options);
    this.details = details;
  }
}

/** A person ended the run before it was done with this switch. */
export class RunTerminatedError extends PointsmanError {
  readonly code = 'RECONCILER_RUN_TERMINATED';
  readonly disposition = 'needs-human';
  readonly next =
    'Nothing was made live on the switch. What was merged is still on the branch: revert it there, or merge a change that touches this switch to have it planned again.';
  readonly details: { readonly device: string; readonly run: string; readonly by: string };

  constructor(details: RunTerminatedError['details'], options?: ErrorOptions) {
    super(`${details.by} terminated the run before it was done with ${details.device}`, options);
    this.details = details;
  }
}

/** The maintenance window of a site closed, or a freeze began, before a switch was begun. */
export class WindowClosedError extends PointsmanError {
  readonly code = 'RECONCILER_WINDOW_CLOSED';
  readonly disposition = 'retry-later';
  readonly next = 'Nothing to do: it is done when the window opens again.';
  readonly details: {
    readonly site: string;
    readonly why: string;
    /** Milliseconds since the epoch. */
    readonly opensAt?: number;
  };

  constructor(details: WindowClosedError['details'], options?: ErrorOptions) {
    super(`${details.site} is closed: ${details.why}`, options);
    this.details = details;
  }
}

/** Switches that are confirmed together or not at all are not begun when one of them cannot be. */
export class BatchIncompleteError extends PointsmanError {
  readonly code = 'RECONCILER_BATCH_INCOMPLETE';
  readonly disposition = 'retry-later';
  readonly next = 'Nothing was written to it. See the switch that is named; the batch is begun once all of it can be.';
  readonly details: { readonly device: string; readonly because: string; readonly why: string };

  constructor(details: BatchIncompleteError['details'], options?: ErrorOptions) {
    super(`${details.device} was not begun, because ${details.because} cannot be: ${details.why}`, options);
    this.details = details;
  }
}

/** A run took longer than it may. */
export class RunTimedOutError extends PointsmanError {
  readonly code = 'RECONCILER_RUN_TIMED_OUT';
  readonly disposition = 'needs-human';
  readonly next =
    'Nothing more is done in this run. Merge a request for the switches it did not come to, if it is still wanted.';
  readonly details: { readonly device: string; readonly run: string };

  constructor(details: RunTimedOutError['details'], options?: ErrorOptions) {
    super(`${details.run} had not come to ${details.device} when its time was over`, options);
    this.details = details;
  }
}

/** Something went wrong that nobody foresaw: a bug of ours. What it said is in the log, with its stack. */
export class UnforeseenError extends PointsmanError {
  readonly code = 'RECONCILER_UNFORESEEN';
  readonly disposition = 'needs-human';
  readonly next = 'Report it, with the log of this pass; everything else was looked at.';
  readonly details: { readonly about: string };

  constructor(details: UnforeseenError['details'], options?: ErrorOptions) {
    super(`a bug of Pointsman was met at ${details.about}`, options);
    this.details = details;
  }
}
