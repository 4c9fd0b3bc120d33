import type { Io } from './io.ts';

/** One line that is rewritten while something takes seconds; nothing at all when not on a terminal. */
export interface Progress {
  show(line: string): void;
}

const CLEAR_LINE = '\r\u001b[2K';
/** A line that wraps could not be taken away again. */
const LONGEST = 79;

/** Does work that tells how far it is, and takes the line away when it ends, however it ends. */
export async function withProgress<T>(
  io: Pick<Io, 'isTerminal' | 'say'>,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  if (!io.isTerminal) return work({ show() {} });
  let shown = false;
  try {
    return await work({
      show(line) {
        shown = true;
        io.say(`${CLEAR_LINE}${line.slice(0, LONGEST)}`);
      },
    });
  } finally {
    if (shown) io.say(CLEAR_LINE);
  }
}
