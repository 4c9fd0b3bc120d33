import { describe, expect, it } from 'vitest';
import { withProgress } from '../../cli/progress.ts';

/** What a terminal shows of what it was sent, as far as our progress goes: one line, returned to and cleared. */
function onScreen(text: string): string {
  return text.split('\r\u001b[2K').at(-1) ?? '';
}

function listen(isTerminal: boolean) {
  const said: string[] = [];
  return { said, isTerminal, say: (text: string) => void said.push(text) };
}

describe('progress', () => {
  it('is one line that is rewritten, and gone when the work has ended', async () => {
    const io = listen(true);
    const screens: string[] = [];

    const result = await withProgress(io, async (progress) => {
      for (const line of ['1 of 2 switches asked', '2 of 2']) {
        progress.show(line);
        screens.push(onScreen(io.said.join('')));
      }
      return 'done';
    });

    expect(result).toBe('done');
    expect(screens).toEqual(['1 of 2 switches asked', '2 of 2']);
    expect(onScreen(io.said.join(''))).toBe('');
    expect(io.said.join('')).not.toContain('\n');
  });

  it('is gone, too, when the work throws', async () => {
    const io = listen(true);

    const work = withProgress(io, async (progress) => {
      progress.show('1 of 2 switches asked');
      throw new RangeError('it broke');
    });

    await expect(work).rejects.toThrow('it broke');
    expect(onScreen(io.said.join(''))).toBe('');
  });

  it('is never longer than a line', async () => {
    const io = listen(true);

    await withProgress(io, async (progress) => progress.show('x'.repeat(1_000)));

    expect(io.said[0]?.replaceAll(/[^x]/g, '').length).toBe(79);
  });

  it('says nothing when there was none', async () => {
    const io = listen(true);

    await withProgress(io, async () => undefined);

    expect(io.said).toEqual([]);
  });

  it('says nothing when not on a terminal', async () => {
    const io = listen(false);

    await withProgress(io, async (progress) => progress.show('1 of 2 switches asked'));

    expect(io.said).toEqual([]);
  });
});
