import { PointsmanError } from '../schemas/errors.ts';

/** The service cannot listen where it was told to. Nothing was started. */
export class AddressUnavailableError extends PointsmanError {
  readonly code = 'DAEMON_ADDRESS_UNAVAILABLE';
  readonly disposition = 'needs-human';
  readonly next = 'Free the address, or give another one with --host and --port. Ports below 1024 need a privilege.';
  /** `reason` is the system's: `EADDRINUSE`, `EACCES`… */
  readonly details: { readonly host: string; readonly port: number; readonly reason: string };

  constructor(details: AddressUnavailableError['details'], options?: ErrorOptions) {
    super(`cannot listen on ${details.host} port ${details.port}: ${details.reason}`, options);
    this.details = details;
  }
}

/** The schedule or its time zone says nothing that a clock could follow. Nothing was started. */
export class ScheduleInvalidError extends PointsmanError {
  readonly code = 'DAEMON_SCHEDULE_INVALID';
  readonly disposition = 'needs-human';
  readonly next =
    'Write five fields, minute hour day month weekday: 17 * * * * is once an hour. Name the time zone as IANA does, for example Europe/Berlin.';
  readonly details: { readonly what: 'schedule' | 'time zone'; readonly found: string; readonly problem: string };

  constructor(details: ScheduleInvalidError['details'], options?: ErrorOptions) {
    super(`the ${details.what} ${JSON.stringify(details.found)} cannot be followed: ${details.problem}`, options);
    this.details = details;
  }
}
