import { PointsmanError } from '../../schemas/errors.ts';

/** A switch that answered cannot come into the fleet as it is. Nothing was written anywhere. */
export class SwitchNotAdoptableError extends PointsmanError {
  readonly code = 'CLI_SWITCH_NOT_ADOPTABLE';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: { readonly device: string; readonly why: string };

  constructor(details: SwitchNotAdoptableError['details'] & { readonly next: string }, options?: ErrorOptions) {
    super(`${details.device} ${details.why}`, options);
    this.next = details.next;
    this.details = { device: details.device, why: details.why };
  }
}

/** A file that adopting would write is there already and says something else. Nothing was written. */
export class FileInTheWayError extends PointsmanError {
  readonly code = 'CLI_FILE_IN_THE_WAY';
  readonly disposition = 'needs-human';
  readonly next = 'Move these files away, or give --overwrite if what they say may go.';
  readonly details: { readonly files: readonly string[] };

  constructor(details: FileInTheWayError['details'], options?: ErrorOptions) {
    super(`${details.files.join(', ')} would be overwritten`, options);
    this.details = details;
  }
}
