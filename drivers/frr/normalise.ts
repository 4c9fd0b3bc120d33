import { isBranch, isTree, type Tree } from '../../schemas/json.ts';
import { FILES, SHOWN_ONLY_WITH_LINES } from './facts.ts';

/**
 * A tree as written by people without what FRR would never show again: sections of kinds that are nothing while they are
 * empty. Everything else of its spelling only the switch can tell ({@link Session.respell}). Idempotent.
 */
export function normaliseTree(tree: Tree): Tree {
  const lines = tree[FILES.frr];
  if (!isTree(lines)) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([file, node]) => [file, file === FILES.frr ? withoutEmpty(lines as Tree) : node]),
  );
}

function withoutEmpty(lines: Tree): Tree {
  const kept = Object.entries(lines).map(([line, node]): [string, Tree[string]] => {
    return [line, isBranch(node) ? withoutEmpty(node) : node];
  });
  return Object.fromEntries(kept.filter(([line, node]) => isBranch(node) || !isTree(node) || !vanishes(line)));
}

function vanishes(line: string): boolean {
  return SHOWN_ONLY_WITH_LINES.some((keyword) => line.startsWith(keyword));
}
