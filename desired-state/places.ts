import type { TreePath } from '../schemas/json.ts';

/** Where a leaf of an intended configuration was written. */
export interface Origin {
  readonly file: string;
  /** 1-based. Absent when only the file is known. */
  readonly line?: number;
  /** The commit it stands at, in words people can look up, where that is not the one at hand. */
  readonly at?: string;
}

/** A place in an intended configuration whose value is a secret. */
export interface SecretPlace {
  readonly path: TreePath;
  /** `value`: the leaf; `key`: the last element of `path` (an SNMP community is a map key). */
  readonly at: 'value' | 'key';
  /** Name in a secret source. */
  readonly secret: string;
}
