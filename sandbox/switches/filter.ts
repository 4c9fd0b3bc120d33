/** The `include` and `omit` parameters: JSON pointers with shell wildcards, below the resource asked for. Pure. */
import { isTree, type Leaf, type Tree } from '../../schemas/json.ts';

/** Keeps what lies on, under or above a matching path; maps that end up with nothing are left out. */
export function includeOnly(tree: Tree, patterns: readonly string[]): Tree {
  return keep(tree, patterns.map(segments)) ?? {};
}

export function omit(tree: Tree, patterns: readonly string[]): Tree {
  return without(tree, patterns.map(segments));
}

type Pattern = readonly RegExp[];

function segments(pattern: string): Pattern {
  return pattern
    .replace(/^\//, '')
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(
      (segment) =>
        new RegExp(
          `^${segment
            .replace(/[.+^${}()|\\]/g, '\\$&')
            .replaceAll('*', '.*')
            .replaceAll('?', '.')}$`,
        ),
    );
}

function keep(tree: Tree, patterns: readonly Pattern[]): Tree | undefined {
  const result: Record<string, Leaf | Tree> = {};
  for (const [key, value] of Object.entries(tree)) {
    const matching = patterns.filter(([first]) => first?.test(key)).map((pattern) => pattern.slice(1));
    if (matching.some((rest) => rest.length === 0)) result[key] = value;
    else if (matching.length > 0 && isTree(value)) {
      const below = keep(value, matching);
      if (below) result[key] = below;
    }
  }
  return Object.keys(result).length > 0 ? result : undefined;
}

function without(tree: Tree, patterns: readonly Pattern[]): Tree {
  const result: Record<string, Leaf | Tree> = {};
  for (const [key, value] of Object.entries(tree)) {
    const matching = patterns.filter(([first]) => first?.test(key)).map((pattern) => pattern.slice(1));
    if (matching.some((rest) => rest.length === 0)) continue;
    result[key] = isTree(value) && matching.length > 0 ? without(value, matching) : value;
  }
  return result;
}
