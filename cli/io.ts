import type { Clock } from '../schemas/clock.ts';

/** What a command sees of the world around the process. Made in `main.ts`; tests make their own. */
export interface Io {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What was asked for. */
  out(text: string): void;
  /** What is said beside it: progress, problems. */
  say(text: string): void;
  /** What is said is read on a terminal: progress is shown, and lines may be rewritten. */
  readonly isTerminal: boolean;
  /** What was asked for may be coloured. */
  readonly color: boolean;
  readonly clock: Clock;
  /** Aborted on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** 0 no change or done, 1 error, 2 there are changes, 3 blocked. */
export type ExitCode = 0 | 1 | 2 | 3;
