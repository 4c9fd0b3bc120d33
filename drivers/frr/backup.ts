import type { Identity } from '../../schemas/device.ts';
import { isTree, type Tree } from '../../schemas/json.ts';
import { renderFile } from './render.ts';

/**
 * A list of a header and the files, each as it would stand on the switch. Nothing in it says when it was made, so that a backup
 * changes when the switch does and not otherwise.
 *
 * @param tree Masked.
 */
export function renderFilesYaml(tree: Tree, { hostname, serial, model, version }: Identity): string {
  const texts = Object.entries(tree).flatMap(([file, lines]): [string, string][] => {
    return isTree(lines) ? [[file, renderFile(file, lines as Tree).text]] : [];
  });
  const masked = texts.reduce((sum, [, text]) => sum + (text.match(/«secret:/g)?.length ?? 0), 0);
  const head = [
    `# ${[hostname, model, `serial ${serial}`, version].filter((words) => words !== '').join(', ')}`,
    '# Running configuration, a text for each file of the switch.',
    ...(masked > 0
      ? [
          `# ${masked} ${masked === 1 ? 'secret is' : 'secrets are'} masked ("«secret:…»"). Put the real values in before using it.`,
        ]
      : []),
  ].map((line) => `${singleLine(line)}\n`);
  const header = { hostname, serial, model, version };
  return [
    ...head,
    '- header:\n',
    ...Object.entries(header).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`),
    '- text:\n',
    ...texts.map(([file, text]) => `    ${file}: |\n${indented(text)}`),
  ].join('');
}

/** Two deeper than the key of the block. No text begins with a space or an empty line, so the block needs no indicator. */
function indented(text: string): string {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => (line === '' ? '\n' : `      ${line}\n`))
    .join('');
}

function singleLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
