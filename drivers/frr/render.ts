import { isBranch, isTree, type Tree, type TreePath } from '../../schemas/json.ts';
import { FILES, type Sections } from './facts.ts';
import { openedBy, secretOf, sectionsOf, spellLine } from './lines.ts';

export interface RenderedFile {
  readonly text: string;
  /** The path of a line below its file, by its number from 1; none for those that only close a section. */
  pathOf(line: number): TreePath | undefined;
}

/** What stands in one file of a tree, as text that reads back to it. */
export function renderFile(file: string, lines: Tree): RenderedFile {
  const out: { readonly text: string; readonly path?: TreePath }[] = [];
  if (file === FILES.interfaces) renderInterfaces(lines, out);
  else renderSections(lines, sectionsOf(file), [], out);
  return {
    text: out.map(({ text }) => `${text}\n`).join(''),
    pathOf: (line) => out[line - 1]?.path,
  };
}

type Out = { readonly text: string; readonly path?: TreePath }[];

function renderSections(lines: Tree, within: Sections, above: TreePath, out: Out): void {
  const indent = ' '.repeat(above.length);
  for (const [key, node] of Object.entries(lines)) {
    const path = [...above, key];
    const secret = secretOf(node);
    if (secret !== undefined) {
      out.push({ text: `${indent}${spellLine({ key, secret })}`, path });
      continue;
    }
    const inner = openedBy(key, within);
    out.push({ text: `${indent}${key}`, path });
    if (inner === undefined && !isBranch(node)) continue;
    renderSections(isTree(node) ? (node as Tree) : {}, inner ?? {}, path, out);
    out.push({ text: `${indent}${exitOf(key)}` });
    if (above.length === 0) out.push({ text: '!' });
  }
}

/** As FRR writes it. */
function exitOf(section: string): string {
  const [word] = section.split(' ');
  return word === 'address-family' || word === 'vrf' || word === 'vni' ? `exit-${word}` : 'exit';
}

function renderInterfaces(lines: Tree, out: Out): void {
  for (const [key, node] of Object.entries(lines)) {
    const secret = secretOf(node);
    out.push({ text: spellLine({ key, ...(secret === undefined ? {} : { secret }) }), path: [key] });
    if (secret !== undefined || !isTree(node)) continue;
    for (const [attribute, below] of Object.entries(node as Tree)) {
      const hidden = secretOf(below);
      const text = spellLine({ key: attribute, ...(hidden === undefined ? {} : { secret: hidden }) });
      out.push({ text: `    ${text}`, path: [key, attribute] });
    }
    if (isBranch(node)) out.push({ text: '' });
  }
}
