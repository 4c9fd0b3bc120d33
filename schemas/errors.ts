/**
 * What should happen next. The engine decides from this field alone; nobody reads an error's message to decide.
 *
 * - `retry-later`: nothing is wrong with what was asked; a later pass may succeed.
 * - `needs-human`: trying again cannot help until a person changes something.
 * - `void-approval`: what was approved is no longer what would happen; a new plan has to be approved.
 */
export type Disposition = 'retry-later' | 'needs-human' | 'void-approval';

/** A {@link PointsmanError} as it is logged, stored on the ledger, and posted to a pull request. Holds no secret. */
export interface ErrorDocument {
  /** `ROOM_WHAT_HAPPENED`. Stable: never reused, never renamed. */
  readonly code: string;
  readonly disposition: Disposition;
  /** What was expected and what was found, where. One sentence or a few lines, no advice. */
  readonly message: string;
  /** What happens next, and what a person can do. */
  readonly next: string;
  /** Plain JSON, enough to act on without reading the message. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Base of every error this project throws on purpose. One class per thing that can happen, beside the code that throws it. */
export abstract class PointsmanError extends Error {
  abstract readonly code: string;
  abstract readonly disposition: Disposition;
  abstract readonly next: string;
  abstract readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }

  toJSON(): ErrorDocument {
    const { code, disposition, message, next, details } = this;
    return { code, disposition, message, next, details };
  }
}
