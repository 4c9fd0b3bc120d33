import { PointsmanError } from '../schemas/errors.ts';

/** The commit or tree to read a fleet at is not in the repository. */
export class FleetRevisionUnknownError extends PointsmanError {
  readonly code = 'DESIRED_STATE_REVISION_UNKNOWN';
  readonly disposition = 'needs-human';
  readonly next = 'Check the name of the branch, commit or pull request, and that it has been fetched.';
  readonly details: { readonly revision: string };

  constructor(details: FleetRevisionUnknownError['details'], options?: ErrorOptions) {
    super(`the fleet repo has no revision ${details.revision}`, options);
    this.details = details;
  }
}
