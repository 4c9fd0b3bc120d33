/** A few lines that are drawn again in the same place. Only for a terminal. */
export interface LiveView {
  /** @param lines Shorter than the terminal is wide: one that wraps could not be taken away again. */
  draw(lines: readonly string[]): void;
  clear(): void;
}

export function createLiveView(say: (text: string) => void): LiveView {
  let drawn = 0;
  const up = () => (drawn === 0 ? '' : `\u001b[${drawn}A\r\u001b[J`);
  return {
    draw(lines) {
      say(`${up()}${lines.map((line) => `${line}\n`).join('')}`);
      drawn = lines.length;
    },
    clear() {
      if (drawn > 0) say(up());
      drawn = 0;
    },
  };
}
