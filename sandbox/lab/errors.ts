import { PointsmanError } from '../../schemas/errors.ts';

/** This machine cannot carry a lab: packages, rights or abilities of its kernel are missing. */
export class LabMissingError extends PointsmanError {
  readonly code = 'SANDBOX_LAB_MISSING';
  readonly disposition = 'needs-human';
  readonly next = 'Provide what is missing; scripts/install-lab.sh installs the packages.';
  readonly details: { readonly missing: readonly string[] };

  constructor(details: LabMissingError['details']) {
    super(`A lab cannot run on this machine. ${details.missing.join(' ')}`);
    this.details = details;
  }
}

/** A command that the lab itself runs on the machine failed. */
export class LabCommandFailedError extends PointsmanError {
  readonly code = 'SANDBOX_LAB_COMMAND_FAILED';
  readonly disposition = 'needs-human';
  readonly next = 'Read what the command said; the lab is taken down when it was being started.';
  readonly details: { readonly doing: string; readonly exitCode: number | null; readonly said: string };

  constructor(details: LabCommandFailedError['details']) {
    super(`${details.doing}: the command ended with ${details.exitCode} and said: ${details.said}`);
    this.details = details;
  }
}

/** A node was switched on and was not ready in time. */
export class LabNotReadyError extends PointsmanError {
  readonly code = 'SANDBOX_LAB_NOT_READY';
  readonly disposition = 'needs-human';
  readonly next = 'Read what the node said while booting; on a busy machine allow it more time.';
  readonly details: { readonly node: string; readonly withinSeconds: number; readonly bootLog: string };

  constructor(details: LabNotReadyError['details']) {
    super(
      `${details.node} was not ready within ${details.withinSeconds} s. Its boot said: ${details.bootLog || 'nothing'}`,
    );
    this.details = details;
  }
}

/** The lab was asked for something it does not have, or cannot be where it was asked to be. */
export class LabRefusal extends PointsmanError {
  readonly code = 'SANDBOX_LAB_REFUSED';
  readonly disposition = 'needs-human';
  readonly next = 'Change what was asked of the lab.';
  readonly details: { readonly asked: string; readonly found: string };

  constructor(details: LabRefusal['details']) {
    super(`${details.asked}: ${details.found}`);
    this.details = details;
  }
}
