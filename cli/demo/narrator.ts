import { setTimeout as wait } from 'node:timers/promises';
import type { Io } from '../io.ts';

/** Tells a story on a terminal, in plain words, at a pace people can follow. */
export interface Narrator {
  /** A step of the journey: numbered, and given a moment. */
  step(title: string): Promise<void>;
  tell(text: string): void;
  /** What somebody typed, or what a program did. */
  command(line: string): void;
  /** Something to look at, set apart from what is told. */
  show(text: string): void;
}

const PAUSE_MS = 1_200;

export function createNarrator(io: Io, fast: boolean): Narrator {
  let number = 0;
  return {
    async step(title) {
      number += 1;
      if (!fast) await wait(PAUSE_MS, undefined, { signal: io.signal });
      io.out(`\n${number}. ${title}\n${'─'.repeat(title.length + String(number).length + 2)}\n`);
    },
    tell: (text) => io.out(`${text}\n`),
    command: (line) => io.out(`\n  $ ${line}\n`),
    show(text) {
      const lines = text.trimEnd().split('\n');
      io.out(`\n${lines.map((line) => `  │ ${line}`.trimEnd()).join('\n')}\n\n`);
    },
  };
}
