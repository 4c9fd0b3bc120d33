import type { TreePath } from '../../schemas/json.ts';

/** Whether a path is one the pattern names: `*` stands for one element, `**` for any number. */
export function matchesPattern(path: TreePath, pattern: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return path.length === 0;
  if (head === '**') return matchesPattern(path, rest) || (path.length > 0 && matchesPattern(path.slice(1), pattern));
  return path.length > 0 && (head === '*' || head === path[0]) && matchesPattern(path.slice(1), rest);
}
