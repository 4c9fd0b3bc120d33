import { PointsmanError } from '../schemas/errors.ts';

/** The command line or the environment does not say what a command needs. */
export class UsageError extends PointsmanError {
  readonly code = 'CLI_USAGE';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: { readonly problem: string };

  constructor(details: UsageError['details'] & { readonly next: string }) {
    super(details.problem);
    this.next = details.next;
    this.details = { problem: details.problem };
  }
}
