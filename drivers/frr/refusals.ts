import type { TreePath } from '../../schemas/json.ts';
import { FILES } from './facts.ts';
import type { RenderedFile } from './render.ts';

export interface Refusal {
  readonly path: TreePath;
  readonly words: string;
}

/**
 * What FRR cannot read of a configuration, with the place. `vtysh` names lines of the text we sent.
 *
 * @param said What `frr-reload.py` wrote to its log: `…exited with status 2:\nb'line 7: % Unknown command:  foo\\n\\n'`.
 */
export function parseRefusals(said: string, rendered: RenderedFile | undefined): readonly Refusal[] {
  const named = [...plain(said).matchAll(/line (\d+): (?:% )?([^\n\\]*)/g)].map(([, number, words]): Refusal => {
    const below = rendered?.pathOf(Number(number));
    return { path: below === undefined ? [FILES.frr] : [FILES.frr, ...below], words: (words ?? '').trim() };
  });
  if (named.length > 0) return named;
  return [{ path: [FILES.frr], words: tellingLines(said)[0] ?? 'refused without a word' }];
}

/** What ifupdown2 says of a file. */
export function parseInterfaceRefusals(said: string): readonly Refusal[] {
  return tellingLines(said).map((words) => ({ path: [FILES.interfaces], words }));
}

/** The lines of a log that say what went wrong: without colours, times, and what was only told by the way. */
export function tellingLines(said: string): readonly string[] {
  const lines = plain(said)
    .split('\n')
    .map((line) =>
      line
        .replace(/^\d{4}-\d\d-\d\d [\d:,]+/, '')
        .trim()
        .replace(/^(?:ERROR|WARNING): */, ''),
    )
    .filter((line) => line !== '' && !/^(?:INFO|DEBUG):/.test(line));
  return [...new Set(lines)].slice(0, 8).map((line) => line.slice(0, 300));
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what colours the words of the tool.
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
