/**
 * Configurations as switches have them, made into what a fleet repo may hold: every secret is a reference, and its value is
 * handed out beside it.
 */
import { compareNaturally } from '../plans/natural-order.ts';
import { looksSecret, type SecretPlace, secretPlaces } from '../plans/secret-places.ts';
import type { Json, Leaf, Tree, TreePath } from '../schemas/json.ts';
import { isTree } from '../schemas/json.ts';
import type { SecretPattern } from '../schemas/secret.ts';
import { type FoundSecret, type KnownSecrets, nameSecrets } from './name-secrets.ts';

export interface ReadConfiguration {
  readonly device: string;
  readonly site: string;
  /** With real secrets, as the switch shows them: memory only. */
  readonly tree: Tree;
  readonly secretPatterns: readonly SecretPattern[];
  readonly isOpaque: (text: string) => boolean;
}

/** A secret nobody could read: by the name it was given, and where it stands. */
export interface UnreadSecret {
  readonly name: string;
  readonly device: string;
  /** Without secrets. */
  readonly path: TreePath;
}

export interface ExtractedSecrets {
  /** By device: secrets are the text `secret:<name>`, as leaf or as key. */
  readonly trees: ReadonlyMap<string, Tree>;
  /** What has to be put where the fleet looks for secrets, by name. Memory only. */
  readonly values: ReadonlyMap<string, string>;
  /**
   * Of `values`, those the switch encrypted itself. It takes the text back as it is, so nothing changes; no other switch
   * understands it.
   */
  readonly encrypted: readonly UnreadSecret[];
  /** The switch shows a star. The value is in nobody's hands but the operator's, and not among `values`. */
  readonly hidden: readonly UnreadSecret[];
}

/** A setting no file of a fleet can say. */
export interface UnwritablePlace {
  readonly device: string;
  /** Without secrets. */
  readonly path: TreePath;
  readonly why: string;
}

export type SecretExtraction =
  | ({ readonly kind: 'extracted' } & ExtractedSecrets)
  | { readonly kind: 'unwritable'; readonly places: readonly UnwritablePlace[] };

/**
 * Takes the secrets out of configurations that are adopted together. One value is one secret, on however many switches; a
 * value the fleet has a name for keeps that. Names say where a secret stands, never what it is.
 */
export function extractSecrets(configurations: readonly ReadConfiguration[], known: KnownSecrets): SecretExtraction {
  const places: UnwritablePlace[] = [];
  const found: FoundSecret[] = [];
  for (const configuration of configurations) collect(configuration, found, places);
  if (places.length > 0) return { kind: 'unwritable', places };

  const names = nameSecrets(found, known);
  const nameOf = (secret: FoundSecret): string => names.get(secret.id) ?? '';
  const unread = (which: (secret: FoundSecret) => boolean): readonly UnreadSecret[] =>
    found.filter(which).map((secret) => ({ name: nameOf(secret), device: secret.device, path: secret.path }));
  return {
    kind: 'extracted',
    trees: new Map(configurations.map((one) => [one.device, withReferences(one, nameOf)])),
    values: new Map(
      found
        .filter((secret) => !secret.hidden && !known.byValue.has(secret.value))
        .map((secret) => [nameOf(secret), secret.value]),
    ),
    encrypted: unread(({ encrypted }) => encrypted),
    hidden: unread(({ hidden }) => hidden),
  };
}

/** What a switch shows instead of a secret it gives to nobody. Sent back, it would become the secret. */
const HIDDEN = /^\*+$/;
/** Would be read as a reference. */
const REFERENCE = /^secret:/;

type Visit = (at: 'value' | 'key', text: string, path: TreePath) => string;
type Refuse = (path: TreePath, why: string) => void;

function collect(configuration: ReadConfiguration, found: FoundSecret[], places: UnwritablePlace[]): void {
  const { device, site, isOpaque } = configuration;
  walk(
    configuration,
    (at, value, path) => {
      const hidden = HIDDEN.test(value);
      const id = idOf(device, at, value, path);
      found.push({ id, device, site, at, value, path, hidden, encrypted: !hidden && isOpaque(value) });
      return value;
    },
    (path, why) => places.push({ device, path, why }),
  );
}

function withReferences(configuration: ReadConfiguration, nameOf: (secret: FoundSecret) => string): Tree {
  const { device, site } = configuration;
  const visit: Visit = (at, value, path) => {
    const id = idOf(device, at, value, path);
    return `secret:${nameOf({ id, device, site, at, value, path, hidden: false, encrypted: false })}`;
  };
  return walk(configuration, visit, () => {});
}

/** Names one secret at one place, for as long as it takes. */
function idOf(device: string, at: 'value' | 'key', value: string, path: TreePath): string {
  return JSON.stringify([device, at, path, value]);
}

/** Rebuilds the tree with what `visit` makes of every secret in it. Paths handed out have a star where a key is secret. */
function walk({ tree, secretPatterns }: ReadConfiguration, visit: Visit, refuse: Refuse): Tree {
  const below = (node: Tree, place: SecretPlace, path: TreePath): Tree =>
    Object.fromEntries(
      Object.entries(node)
        .toSorted(([a], [b]) => compareNaturally(a, b))
        .map(([key, value]): [string, Leaf | Tree] => {
          const here = place.enter(key);
          const secret = here.key || REFERENCE.test(key);
          const there = [...path, secret ? '*' : key];
          const name = secret ? visit('key', key, there) : key;
          if (secret && key === '') refuse(there, 'an empty secret cannot be kept');
          return [name, isTree(value) ? below(value, here, there) : leaf(value as Leaf, here, there)];
        }),
    );
  const leaf = (value: Leaf, place: SecretPlace, path: TreePath): Leaf => {
    if (value === null) refuse(path, 'it is null, which removes a setting in a fleet');
    if (Array.isArray(value) && holdsSecret(value, place.value)) refuse(path, 'a secret cannot stand in a list');
    const text = typeof value === 'number' && place.value ? String(value) : value;
    if (typeof text !== 'string' || !(place.value || looksSecret(text) || REFERENCE.test(text))) return value;
    if (text === '') refuse(path, 'an empty secret cannot be kept');
    return visit('value', text, path);
  };
  return below(tree, secretPlaces(secretPatterns), []);
}

/** @param all Everything here is a secret. */
function holdsSecret(value: Json, all: boolean): boolean {
  if (typeof value === 'string') return all || looksSecret(value) || REFERENCE.test(value);
  if (typeof value === 'number') return all;
  if (Array.isArray(value)) return value.some((element: Json) => holdsSecret(element, all));
  return isTree(value) && Object.values(value).some((member) => holdsSecret(member as Json, all));
}
