import type { Clock } from '../../schemas/clock.ts';
import type { Io } from '../io.ts';

/** A line people read beside the run, and beside the file where it names one. */
export interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  readonly column?: number;
}

/** What the action sees of the job it runs in. Made in `action.ts`; tests make their own. */
export interface ActionHost {
  readonly environment: Io['environment'];
  readonly cwd: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Empty when it was not given. */
  input(name: string): string;
  /** From here on the runner shows `***` in its place. */
  mask(value: string): void;
  /** To the log, as it is: the runner obeys lines that look like commands to it. */
  print(text: string): void;
  annotate(annotation: Annotation): void;
  output(name: string, value: string): void;
  /** Markdown on the page of the run. */
  summarise(markdown: string): Promise<void>;
  /** Tells somebody outside that a pass ended well. */
  ping(url: string): Promise<void>;
}
