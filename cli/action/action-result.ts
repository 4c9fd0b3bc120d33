import type { ExitCode } from '../io.ts';
import type { Annotation } from './action-host.ts';

/** What a command answered, in the forms a job has for it. */
export interface ActionResult {
  /** One line, for a job that goes on from it. */
  readonly verdict: string;
  /** For the log. Ends with a newline. */
  readonly text: string;
  /** For the page of the run. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  /** By the names that `action.yml` declares. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** What a command printed and how it ended. */
export interface Ended {
  readonly code: ExitCode;
  readonly out: string;
  readonly said: string;
}
