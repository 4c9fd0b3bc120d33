import { canonicalJson } from '../schemas/canonical.ts';
import type { Change } from '../schemas/change.ts';
import type { TreePath } from '../schemas/json.ts';
import { FINGERPRINT } from './fingerprint.ts';
import { canonicalLeaf } from './same-leaf.ts';

export type Agreement =
  | { readonly agrees: true }
  | { readonly agrees: false; readonly onlyApproved: readonly Change[]; readonly onlyDevice: readonly Change[] };

/**
 * Whether a switch's own account of a candidate says the same as the changes people approved.
 *
 * Compared is what is set and unset, not what stood there before: the running configuration is compared by digest. Secrets
 * are compared by place only: a switch that encrypts shows a text nobody can compare, and the candidate it accounts for is
 * the one we staged.
 *
 * @param approved Masked.
 * @param device Masked.
 * @param unclear Masked paths of secrets that may be equal though the texts differ: either side may report them or not.
 */
export function agreesWith(
  approved: readonly Change[],
  device: readonly Change[],
  unclear: readonly TreePath[],
): Agreement {
  const onlyApproved = without(approved, device, unclear);
  const onlyDevice = without(device, approved, unclear);
  if (onlyApproved.length === 0 && onlyDevice.length === 0) return { agrees: true };
  return { agrees: false, onlyApproved, onlyDevice };
}

/** Those of `changes` that `others` does not account for; each of `others` accounts for one. */
function without(
  changes: readonly Change[],
  others: readonly Change[],
  unclear: readonly TreePath[],
): readonly Change[] {
  const left = new Map<string, number>();
  for (const other of others) left.set(textOf(other), (left.get(textOf(other)) ?? 0) + 1);

  const tolerated = new Set(unclear.map(placeOf));
  const below = parentsOfUnsets(others.concat(changes));
  const above = new Set(changes.concat(others).flatMap(({ kind, path }) => (kind === 'set' ? ancestorsOf(path) : [])));
  return changes.filter((change) => {
    const count = left.get(textOf(change)) ?? 0;
    if (count > 0) {
      left.set(textOf(change), count - 1);
      return false;
    }
    if ([placeOf(change.path), ...ancestorsOf(change.path)].some((place) => tolerated.has(place))) return false;
    return !isEmptied(change, below) && !isOutgrown(change, above);
  });
}

/** A map that stays behind empty when its members go: some switches name it, some do not. */
function isEmptied(change: Change, parents: ReadonlySet<string>): boolean {
  return change.kind === 'set' && isEmptyMap(change.to) && parents.has(placeOf(change.path));
}

/** An empty map that is not empty any more. */
function isOutgrown(change: Change, ancestors: ReadonlySet<string>): boolean {
  return change.kind === 'unset' && isEmptyMap(change.from) && ancestors.has(placeOf(change.path));
}

function parentsOfUnsets(changes: readonly Change[]): ReadonlySet<string> {
  return new Set(changes.flatMap(({ kind, path }) => (kind === 'unset' ? ancestorsOf(path) : [])));
}

function ancestorsOf(path: TreePath): readonly string[] {
  return path.slice(1).map((_, index) => placeOf(path.slice(0, index + 1)));
}

const ANY_FINGERPRINT = new RegExp(FINGERPRINT, 'g');

function textOf(change: Change): string {
  const value = change.kind === 'set' ? canonicalJson(canonicalLeaf(change.to)) : '';
  return `${change.kind} ${placeOf(change.path)} ${value.replace(ANY_FINGERPRINT, '«secret»')}`;
}

function placeOf(path: TreePath): string {
  return JSON.stringify(path).replace(ANY_FINGERPRINT, '«secret»');
}

function isEmptyMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
