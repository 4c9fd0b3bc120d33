import { type ErrorDocument, PointsmanError } from '../schemas/errors.ts';

/** An error as a person reads it: what, then what next. No stack for what was foreseen; all of it for a bug. */
export function renderError(error: unknown, redact: (text: string) => string = (text) => text): string {
  if (error instanceof PointsmanError) return redact(renderErrorDocument(error.toJSON()));
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return redact(`error: this is a bug in Pointsman, please report it\n${detail}\n`);
}

export function renderErrorDocument({ code, message, next }: ErrorDocument): string {
  return `error ${code}: ${message}\n  next: ${next}\n`;
}
