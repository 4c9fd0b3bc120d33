import type { Io } from './io.ts';

/** One line that is rewritten while something takes seconds; nothing at all when not on a terminal. */
export interface Progress {
  show(line: string): void;
  /** Takes the line away, so that what follows starts clean. */
  done(): void;
}

const CLEAR_LINE = '\r\u001b[2K';

export function createProgress(io: Pick<Io, 'isTerminal' | 'say'>): Progress {
  if (!io.isTerminal) return { show() {}, done() {} };
  let shown = false;
  return {
    show(line) {
      shown = true;
      io.say(`${CLEAR_LINE}${line.slice(0, 100)}`);
    },
    done() {
      if (shown) io.say(CLEAR_LINE);
      shown = false;
    },
  };
}
