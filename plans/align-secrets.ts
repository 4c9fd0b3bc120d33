import type { Leaf, Tree, TreePath } from '../schemas/json.ts';
import { isBranch } from '../schemas/json.ts';
import type { SecretPattern } from '../schemas/secret.ts';
import { compareSecret, type SecretComparison } from './compare-secret.ts';
import { type Fingerprint, maskBelow, maskLeaf } from './mask-tree.ts';
import { comparePaths } from './natural-order.ts';
import { looksSecret, type SecretPlace, secretPlaces } from './secret-places.ts';
import { keyPointer, secretText, splitKeys, valuePointer } from './tree-secrets.ts';

/** Fingerprints of a secret as we set it and as the switch showed it afterwards, by JSON pointer of the masked path. */
export type RememberedSecrets = Readonly<Record<string, { readonly set: string; readonly shown: string }>>;

export interface SecretsToAlign {
  /** With real secrets. */
  readonly intended: Tree;
  /** With real secrets, as the switch shows them. */
  readonly running: Tree;
  readonly patterns: readonly SecretPattern[];
  /** True for text the switch made from a secret that cannot be compared with the secret. */
  readonly isOpaque: (text: string) => boolean;
  readonly remembered: RememberedSecrets;
  readonly fingerprint: Fingerprint;
}

/** Both trees masked: where the secrets are equal the fingerprints are, whatever the switch made of them. */
export interface AlignedSecrets {
  readonly intended: Tree;
  readonly running: Tree;
  /** Masked paths of secrets that could not be compared. They differ in the trees, so they are set. */
  readonly unknown: readonly TreePath[];
  /** Masked paths of secrets that are equal though the switch shows another text: it may well report them as set. */
  readonly rehashed: readonly TreePath[];
}

/** Masks both trees so that a re-hash is no change, and a change of a secret is one. */
export function alignSecrets(input: SecretsToAlign): AlignedSecrets {
  const unknown: TreePath[] = [];
  const rehashed: TreePath[] = [];
  const aligner = createAligner(input, unknown, rehashed);
  const { intended, running } = aligner(input.intended, input.running, secretPlaces(input.patterns), []);
  return { intended, running, unknown: unknown.toSorted(comparePaths), rehashed: rehashed.toSorted(comparePaths) };
}

/** A map of these members. `source` itself when it is one: nearly all of a tree holds no secret, and need not be kept twice. */
function madeOf(members: readonly (readonly [string, Node])[], source: Tree): Tree {
  const same =
    members.length === Object.keys(source).length &&
    members.every(([key, node]) => Object.hasOwn(source, key) && source[key] === node);
  return same ? source : Object.fromEntries(members);
}

type Node = Leaf | Tree;
interface Both {
  readonly intended: Tree;
  readonly running: Tree;
}

function createAligner(input: SecretsToAlign, unknown: TreePath[], rehashed: TreePath[]) {
  const { isOpaque, remembered, fingerprint } = input;

  /** What the switch shows, in terms of what we would set: known when we remember having set it. */
  const recall = (pointer: string, shown: string): string | undefined => {
    const pair = Object.hasOwn(remembered, pointer) ? remembered[pointer] : undefined;
    return pair?.shown === fingerprint(shown) ? pair.set : undefined;
  };

  const alignLeaves = (want: Leaf, have: Leaf, place: SecretPlace, path: TreePath): readonly [Leaf, Leaf] => {
    const [wantText, haveText] = [secretText(want), secretText(have)];
    const secret = place.value || looksSecret(wantText ?? '') || looksSecret(haveText ?? '');
    if (!secret || wantText === undefined || haveText === undefined) {
      return [maskLeaf(want, secret, fingerprint), maskLeaf(have, secret, fingerprint)];
    }
    const mask = fingerprint(wantText);
    if (wantText === haveText) return [mask, mask];
    const recalled = recall(valuePointer(path), haveText);
    const compared: SecretComparison =
      recalled === undefined ? compareSecret(wantText, haveText, isOpaque) : recalled === mask ? 'same' : 'different';
    if (compared === 'same') rehashed.push(path);
    if (compared === 'cannot-tell') unknown.push(path);
    return [mask, compared === 'same' ? mask : (recalled ?? fingerprint(haveText))];
  };

  /** Secret keys that one side has as another text than the other: which intended one each running one is. */
  const pairKeys = (intended: readonly string[], running: readonly string[], path: TreePath) => {
    const setBefore = new Map<string, string>();
    for (const [pointer, { set, shown }] of Object.entries(remembered)) {
      if (pointer === keyPointer([...path, set])) setBefore.set(shown, set);
    }
    const pairs = new Map<string, string>();
    const unclear: string[] = [];
    const left = [...intended];
    for (const key of running) {
      const recalled = setBefore.get(fingerprint(key));
      const match = left.find((candidate) =>
        recalled === undefined
          ? compareSecret(candidate, key, isOpaque) === 'same'
          : fingerprint(candidate) === recalled,
      );
      if (match !== undefined) {
        pairs.set(key, match);
        left.splice(left.indexOf(match), 1);
      } else if (recalled === undefined && isOpaque(key)) unclear.push(key);
    }
    const nameOf = (key: string): string => fingerprint(pairs.get(key) ?? key);
    const maskOf = (key: string): string =>
      pairs.has(key) ? nameOf(key) : (setBefore.get(fingerprint(key)) ?? nameOf(key));
    return { pairs, left, unclear, maskOf };
  };

  const alignBranches = (intended: Tree, running: Tree, place: SecretPlace, path: TreePath): Both => {
    const { same, onlyIntended, onlyRunning } = splitKeys(intended, running);
    const isSecretKey = (key: string) => place.enter(key).key;
    const keys = pairKeys(onlyIntended.filter(isSecretKey), onlyRunning.filter(isSecretKey), path);
    if (keys.left.length > 0 && keys.unclear.length > 0) {
      for (const key of [...keys.left, ...keys.unclear]) unknown.push([...path, fingerprint(key)]);
    }

    const wanted: [string, Node][] = [];
    const found: [string, Node][] = [];
    const both = (key: string, runningKey: string): void => {
      const here = place.enter(key);
      const name = here.key ? fingerprint(key) : key;
      const below = [...path, name];
      if (key !== runningKey) rehashed.push(below);
      const [want, have] = [intended[key] as Node, running[runningKey] as Node];
      if (isBranch(want) && isBranch(have)) {
        const aligned = alignBranches(want, have, here, below);
        wanted.push([name, aligned.intended]);
        found.push([name, aligned.running]);
      } else if (isBranch(want) || isBranch(have)) {
        wanted.push([name, maskNode(want, here)]);
        found.push([name, maskNode(have, here)]);
      } else {
        const [wantMasked, haveMasked] = alignLeaves(want as Leaf, have as Leaf, here, below);
        wanted.push([name, wantMasked]);
        found.push([name, haveMasked]);
      }
    };
    const alone = (key: string, tree: Tree, name: string): [string, Node] => [
      name,
      maskNode(tree[key] as Node, place.enter(key)),
    ];

    for (const key of same) both(key, key);
    for (const [runningKey, key] of keys.pairs) both(key, runningKey);
    const paired = new Set(keys.pairs.values());
    for (const key of onlyIntended) {
      if (!paired.has(key)) wanted.push(alone(key, intended, isSecretKey(key) ? fingerprint(key) : key));
    }
    for (const key of onlyRunning) {
      if (!keys.pairs.has(key)) found.push(alone(key, running, isSecretKey(key) ? keys.maskOf(key) : key));
    }
    return { intended: madeOf(wanted, intended), running: madeOf(found, running) };
  };

  const maskNode = (node: Node, place: SecretPlace): Node =>
    isBranch(node) ? maskBelow(node, place, fingerprint) : maskLeaf(node as Leaf, place.value, fingerprint);

  return alignBranches;
}
