import type { Leaf, TreePath } from './json.ts';

/**
 * One thing to set or unset on one device. Secrets in `from`, `to` and in path elements are keyed fingerprints
 * (`«secret:3f9a…»`), never values.
 */
export type Change =
  /** `from` is what the leaf holds now; absent when the leaf is new. */
  | { readonly kind: 'set'; readonly path: TreePath; readonly to: Leaf; readonly from?: Leaf }
  /** The leaf goes away. */
  | { readonly kind: 'unset'; readonly path: TreePath; readonly from: Leaf };

/** What a change does beyond itself, so that reviewers see it first. */
export interface ChangeMark {
  readonly kind: 'disruptive' | 'management';
  /** For people: `the BGP ASN changes: FRR restarts`. */
  readonly reason: string;
}
