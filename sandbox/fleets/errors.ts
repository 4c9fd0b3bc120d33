import { PointsmanError } from '../../schemas/errors.ts';

/** A sandbox fleet was about to be edited at a place that is not there: the files are not those the edit was written for. */
export class FleetTextNotFoundError extends PointsmanError {
  readonly code = 'SANDBOX_FLEET_TEXT_NOT_FOUND';
  readonly disposition = 'needs-human';
  readonly next = 'Bring sandbox/fleets/ and examples/demo-fabric/ back in line.';
  readonly details: { readonly file: string; readonly text: string; readonly found: number };

  constructor(details: FleetTextNotFoundError['details'], options?: ErrorOptions) {
    super(`${details.file}: expected ${JSON.stringify(details.text)} once, found it ${details.found} times`, options);
    this.details = details;
  }
}
