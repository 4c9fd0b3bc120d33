import type { Change } from '../schemas/change.ts';
import { PointsmanError } from '../schemas/errors.ts';
import type { TreePath } from '../schemas/json.ts';
import { type Obstacle, renderObstacles } from './decide-barrier.ts';

/** The switch would change otherwise than what was approved. Nothing was written to it. */
export class DiffChangedError extends PointsmanError {
  readonly code = 'WORKFLOW_DIFF_CHANGED';
  readonly disposition = 'void-approval';
  readonly next = 'A new plan is published; it has to be approved before anything is written.';
  readonly details: {
    readonly device: string;
    readonly approved: string;
    readonly found: string;
    readonly why: string;
  };

  constructor(details: DiffChangedError['details'], options?: ErrorOptions) {
    super(`${details.device} changed since the plan was approved: ${details.why}`, options);
    this.details = details;
  }
}

/** The switch's own account of the candidate is not what was approved. The candidate has been discarded. */
export class DeviceDisagreesError extends PointsmanError {
  readonly code = 'WORKFLOW_DEVICE_DISAGREES';
  readonly disposition = 'needs-human';
  readonly next =
    'Nothing was made live. Compare the two lists; a release that writes a value differently is reported as a bug.';
  readonly details: {
    readonly device: string;
    readonly onlyApproved: readonly Change[];
    readonly onlyDevice: readonly Change[];
  };

  constructor(details: DeviceDisagreesError['details'], options?: ErrorOptions) {
    const { device, onlyApproved, onlyDevice } = details;
    super(
      `${device} accounts for the candidate differently: ${onlyDevice.length} changes only it names, ${onlyApproved.length} only the plan names (${namesOf([...onlyDevice, ...onlyApproved])})`,
      options,
    );
    this.details = details;
  }
}

/** A full replace would take away something the switch or we cannot do without. */
export class ReplaceHazardError extends PointsmanError {
  readonly code = 'WORKFLOW_REPLACE_HAZARD';
  readonly disposition = 'needs-human';
  readonly next =
    'Put it back into the fleet repo, or name the hazard in rollout.allow_hazards of pointsman.yaml if it is meant.';
  readonly details: {
    readonly device: string;
    readonly hazards: readonly { readonly name: string; readonly message: string; readonly origin?: string }[];
  };

  constructor(details: ReplaceHazardError['details'], options?: ErrorOptions) {
    super(
      `${details.device}: ${details.hazards.map(({ name, message, origin }) => `${message} (${name})${writtenAt(origin)}`).join(' and ')}`,
      options,
    );
    this.details = details;
  }
}

/** The switch refused the candidate, with the fleet's lines behind what it refused. */
export class CandidateRefusedError extends PointsmanError {
  readonly code = 'WORKFLOW_CANDIDATE_REFUSED';
  readonly disposition = 'needs-human';
  readonly next = 'Nothing is live and the candidate is gone. Change the named lines of the fleet repo.';
  readonly details: {
    readonly device: string;
    readonly refusals: readonly { readonly path: string; readonly words: string; readonly origin?: string }[];
  };

  constructor(details: CandidateRefusedError['details'], options?: ErrorOptions) {
    super(
      `${details.device} refused ${details.refusals.map(({ path, words, origin }) => `${path || 'the configuration'}: "${words}"${writtenAt(origin)}`).join(' and ')}`,
      options,
    );
    this.details = details;
  }
}

/** Another serial than the fleet repo says: this is not the switch that was approved. */
export class WrongSwitchError extends PointsmanError {
  readonly code = 'WORKFLOW_WRONG_SWITCH';
  readonly disposition = 'needs-human';
  readonly next = 'Check the cabling and the address; if the hardware was replaced, change `serial` in a pull request.';
  readonly details: { readonly device: string; readonly expected: string; readonly found: string };

  constructor(details: WrongSwitchError['details'], options?: ErrorOptions) {
    super(
      `${details.device} should have serial ${details.expected}; the switch at its address says ${details.found}`,
      options,
    );
    this.details = details;
  }
}

/** The fleet repo says to leave it alone. */
export class DeployDisabledError extends PointsmanError {
  readonly code = 'WORKFLOW_DEPLOY_DISABLED';
  readonly disposition = 'needs-human';
  readonly next = 'Set flags.deploy_enabled to true in a pull request when it may change again.';
  readonly details: { readonly device: string };

  constructor(details: DeployDisabledError['details'], options?: ErrorOptions) {
    super(`${details.device} has flags.deploy_enabled false`, options);
    this.details = details;
  }
}

/** Somebody else's change is being applied on the switch, or waits for an answer there. */
export class SwitchBusyError extends PointsmanError {
  readonly code = 'WORKFLOW_SWITCH_BUSY';
  readonly disposition = 'retry-later';
  readonly next =
    'The next pass looks again. If nobody is working on the switch, answer or cancel that revision there.';
  readonly details: { readonly device: string; readonly candidate: string; readonly state: string };

  constructor(details: SwitchBusyError['details'], options?: ErrorOptions) {
    super(
      `${details.device} is busy with revision ${details.candidate} (state ${details.state}), which is not ours`,
      options,
    );
    this.details = details;
  }
}

/** The switch answers, and so slowly that a step did not end within its limit. */
export class SwitchOverdueError extends PointsmanError {
  readonly code = 'WORKFLOW_SWITCH_OVERDUE';
  readonly disposition = 'retry-later';
  readonly next = 'Nothing was made live. A later pass asks again; look what keeps the switch busy.';
  readonly details: { readonly device: string };

  constructor(details: SwitchOverdueError['details'], options?: ErrorOptions) {
    super(`${details.device} answers so slowly that it could not be asked everything in time`, options);
    this.details = details;
  }
}

/** No fresh connection could be made after the change went live, and the switch took it back. */
export class ManagementLostError extends PointsmanError {
  readonly code = 'WORKFLOW_MANAGEMENT_LOST';
  readonly disposition = 'needs-human';
  readonly next =
    'The switch runs what it ran before. Find out why the change cuts management off before it is tried again.';
  readonly details: { readonly device: string; readonly waitedSeconds: number; readonly lastWords: string };

  constructor(details: ManagementLostError['details'], options?: ErrorOptions) {
    super(
      `${details.device} could not be reached for ${details.waitedSeconds} s after the change went live, so it was not confirmed and the switch took it back (last try: ${details.lastWords})`,
      options,
    );
    this.details = details;
  }
}

/** The change was live and was not confirmed, because the switch was worse than before or did not read back as intended. */
export class ProofFailedError extends PointsmanError {
  readonly code = 'WORKFLOW_PROOF_FAILED';
  readonly disposition = 'needs-human';
  readonly next =
    'The switch runs what it ran before. Change what the findings name, or declare them in expected_changes, in a new pull request.';
  readonly details: { readonly device: string; readonly findings: readonly string[] };

  constructor(details: ProofFailedError['details'], options?: ErrorOptions) {
    super(
      `${details.device} was worse after the change, so it was taken back: ${details.findings.join('; ')}`,
      options,
    );
    this.details = details;
  }
}

/** The change was proven, and our yes never made the switch keep it. */
export class ConfirmNotTakenError extends PointsmanError {
  readonly code = 'WORKFLOW_CONFIRM_NOT_TAKEN';
  readonly disposition = 'needs-human';
  readonly next = 'The switch runs what it ran before. Find out what loses requests to it, then plan again.';
  readonly details: { readonly device: string; readonly state: string };

  constructor(details: ConfirmNotTakenError['details'], options?: ErrorOptions) {
    super(`${details.device} was told to keep the change and did not: it is ${details.state}`, options);
    this.details = details;
  }
}

/** Its batch is confirmed together or not at all, and not every switch of it could be. */
export class BarrierNotPassedError extends PointsmanError {
  readonly code = 'WORKFLOW_BARRIER_NOT_PASSED';
  readonly disposition = 'needs-human';
  readonly next =
    'The switch runs what it ran before. Change what kept the named switches from being proven, in a new pull request.';
  readonly details: { readonly device: string; readonly obstacles: readonly Obstacle[]; readonly more: number };

  /** @param details `obstacles`: as many as there are; those beyond five are only counted. */
  constructor(details: { readonly device: string; readonly obstacles: readonly Obstacle[] }, options?: ErrorOptions) {
    const { device, obstacles } = details;
    super(
      `${device} was not confirmed, because its batch is confirmed together or not at all: ${renderObstacles(obstacles)}`,
      options,
    );
    // Every switch of a batch carries them.
    this.details = { device, obstacles: obstacles.slice(0, 5), more: Math.max(0, obstacles.length - 5) };
  }
}

/** The switch ended the apply without the change: its own words. */
export class TakenBackError extends PointsmanError {
  readonly code = 'WORKFLOW_TAKEN_BACK';
  readonly disposition = 'needs-human';
  readonly next = 'The switch runs what it ran before. Its words say why; change that in a new pull request.';
  readonly details: { readonly device: string; readonly state: string; readonly words: readonly string[] };

  constructor(details: TakenBackError['details'], options?: ErrorOptions) {
    super(
      `${details.device} took the change back (state ${details.state}): ${details.words.join('; ') || 'it gave no reason'}`,
      options,
    );
    this.details = details;
  }
}

/** We stopped in the middle and could not establish what the switch runs now. */
export class StateUnknownError extends PointsmanError {
  readonly code = 'WORKFLOW_STATE_UNKNOWN';
  readonly disposition = 'needs-human';
  readonly next =
    'Nothing was confirmed: a switch whose timer runs takes the change back by itself. Look at the switch (`nv config history`), then plan again.';
  readonly details: { readonly device: string; readonly why: string };

  constructor(details: StateUnknownError['details'], options?: ErrorOptions) {
    super(`what ${details.device} runs now could not be established: ${details.why}`, options);
    this.details = details;
  }
}

/** The approval a change began with does not hold any more: dismissed, or somebody asked for changes. */
export class ApprovalWithdrawnError extends PointsmanError {
  readonly code = 'WORKFLOW_APPROVAL_WITHDRAWN';
  readonly disposition = 'void-approval';
  readonly next = 'Nothing more is sent. Plan again in a new pull request when the change is wanted after all.';
  readonly details: { readonly device: string; readonly digest: string };

  constructor(details: ApprovalWithdrawnError['details'], options?: ErrorOptions) {
    super(`the approval of the change on ${details.device} was withdrawn before it was finished`, options);
    this.details = details;
  }
}

/** Live, confirmed, and the switch complains about it. */
export class ApplyIssuesError extends PointsmanError {
  readonly code = 'WORKFLOW_APPLY_ISSUES';
  readonly disposition = 'needs-human';
  readonly next =
    'The change is live and saved. Look at the named service on the switch; a new plan would show no difference.';
  readonly details: { readonly device: string; readonly issues: readonly string[] };

  constructor(details: ApplyIssuesError['details'], options?: ErrorOptions) {
    super(`${details.device} made the change live and reports: ${details.issues.join('; ')}`, options);
    this.details = details;
  }
}

/** A place stands last and between spaces, so that it can be clicked and copied. */
function writtenAt(origin: string | undefined): string {
  return origin ? ` written at ${origin}` : '';
}

function namesOf(changes: readonly Change[]): string {
  const names = [...new Set(changes.map(({ path }) => path.join('.')))];
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

/** A switch that is to be adopted calls its system by a name no driver is for. Only questions were sent to it. */
export class ProductUnknownError extends PointsmanError {
  readonly code = 'WORKFLOW_PRODUCT_UNKNOWN';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: { readonly device: string; readonly product: string; readonly known: readonly string[] };

  constructor(details: ProductUnknownError['details'], options?: ErrorOptions) {
    super(
      `${details.device} calls its system "${details.product.slice(0, 80)}", which no platform here is known by`,
      options,
    );
    this.details = details;
    const known = details.known.join(', ');
    this.next = `If it is one of ${known} all the same, name it with --platform. If not, leave the switch out.`;
  }
}

/** A switch that is to be adopted has settings that no file of a fleet can say. Nothing was written anywhere. */
export class ConfigurationUnwritableError extends PointsmanError {
  readonly code = 'WORKFLOW_CONFIGURATION_UNWRITABLE';
  readonly disposition = 'needs-human';
  readonly next = 'Change these settings on the switch and adopt it again, or leave the switch out.';
  readonly details: {
    readonly device: string;
    readonly places: readonly { readonly path: TreePath; readonly why: string }[];
  };

  constructor(details: ConfigurationUnwritableError['details'], options?: ErrorOptions) {
    const places = details.places.map(({ path, why }) => `${path.join('.')}: ${why}`);
    super(`${details.device} has settings that cannot be written into a fleet: ${places.join('; ')}`, options);
    this.details = details;
  }
}
