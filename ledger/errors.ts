import { type Disposition, PointsmanError } from '../schemas/errors.ts';
import type { RunEvent } from './events.ts';

/** An event asks for a move the table of legal moves does not hold. A bug of ours, or a decision made from an old view. */
export class IllegalMoveError extends PointsmanError {
  readonly code = 'LEDGER_ILLEGAL_MOVE';
  readonly disposition: Disposition = 'needs-human';
  readonly next =
    'Nothing was written. Please report this with the run’s page: the engine asked for a step that is never due.';
  readonly details: {
    readonly run: string;
    readonly event: RunEvent['kind'];
    readonly stage?: string;
    readonly from?: string;
    readonly to?: string;
    readonly why: string;
  };

  constructor(details: IllegalMoveError['details'], options?: ErrorOptions) {
    super(`${details.event} is not a legal next event of run ${details.run}: ${details.why}`, options);
    this.details = details;
  }
}

/** We wanted to extend a lease that somebody else holds by now: they may be working on the devices. */
export class LeaseLostError extends PointsmanError {
  readonly code = 'LEDGER_LEASE_LOST';
  readonly disposition: Disposition = 'retry-later';
  readonly next =
    'This process sends nothing more to those switches. The one that took over looks at them and goes on.';
  readonly details: { readonly run: string; readonly owner: string; readonly heldBy: string };

  constructor(details: LeaseLostError['details'], options?: ErrorOptions) {
    super(`${details.owner} no longer holds the lease of run ${details.run}: ${details.heldBy} does`, options);
    this.details = details;
  }
}

/** A file of the ledger does not hold what we write there. */
export class LedgerUnreadableError extends PointsmanError {
  readonly code = 'LEDGER_UNREADABLE';
  readonly disposition: Disposition = 'needs-human';
  readonly next =
    'Nothing is decided from a ledger that cannot be read. If a newer version wrote it, run that version; if somebody edited it, revert that commit on the ledger branch.';
  readonly details: {
    readonly file: string;
    /** 1-based. Absent when the file as a whole is meant. */
    readonly line?: number;
    readonly problem: string;
  };

  constructor(details: LedgerUnreadableError['details'], options?: ErrorOptions) {
    const where = details.line === undefined ? details.file : `${details.file}:${details.line}`;
    super(`${where} on the ledger cannot be read: ${details.problem}`, options);
    this.details = details;
  }
}

/** A step would write where, or what, the ledger does not hold. A bug of ours: nothing was written. */
export class LedgerStepRefusedError extends PointsmanError {
  readonly code = 'LEDGER_STEP_REFUSED';
  readonly disposition: Disposition = 'needs-human';
  readonly next = 'Nothing was written. Please report this.';
  readonly details: { readonly path: string; readonly problem: string };

  constructor(details: LedgerStepRefusedError['details'], options?: ErrorOptions) {
    super(`The ledger does not take ${JSON.stringify(details.path)}: ${details.problem}`, options);
    this.details = details;
  }
}

/** Others were faster so many times in a row that we gave up for this pass. */
export class LedgerBusyError extends PointsmanError {
  readonly code = 'LEDGER_BUSY';
  readonly disposition: Disposition = 'retry-later';
  readonly next =
    'Nothing was written. The next pass tries again; if this stays, too many reconcilers share one ledger.';
  readonly details: { readonly branch: string; readonly tries: number };

  constructor(details: LedgerBusyError['details'], options?: ErrorOptions) {
    super(`Someone else wrote to ${details.branch} first, ${details.tries} times in a row`, options);
    this.details = details;
  }
}
