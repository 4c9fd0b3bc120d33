import type { PassReport } from '../../reconciler/pass.ts';
import { type ErrorDocument, PointsmanError } from '../../schemas/errors.ts';
import type { Log } from '../../schemas/log.ts';

export const nothingDue: PassReport = { commands: [], runs: [], leftOut: [], pullRequests: [], failures: [] };

export class OutageError extends PointsmanError {
  readonly code = 'TEST_OUTAGE';
  readonly disposition = 'retry-later';
  readonly next = 'Wait.';
  readonly details: Readonly<Record<string, unknown>>;

  constructor(details: Readonly<Record<string, unknown>> = {}) {
    super('GitHub is down for switch leaf01');
    this.details = details;
  }
}

export function documentOf(given: Partial<ErrorDocument> = {}): ErrorDocument {
  return { ...new OutageError().toJSON(), ...given };
}

/** Remembers what was logged. */
export function createLogBook(): Log & {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[];
} {
  const lines: { level: string; fields: object; message: string }[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const log: Log & { readonly lines: typeof lines } = {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  };
  return log;
}
