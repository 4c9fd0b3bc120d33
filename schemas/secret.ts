/** Where secret values come from. They are fetched when a stage needs them and live in memory only. */
export interface SecretStore {
  /** @throws {SecretNotFoundError} No source knows the name. */
  read(name: string): Promise<string>;
}

/** A place in a platform's configuration that holds a secret. `*` stands for one element, `**` for any number. */
export interface SecretPattern {
  readonly path: readonly string[];
  /** `value`: the leaf at the path; `key`: the last element of the path itself (an SNMP community is a map key). */
  readonly at: 'value' | 'key';
}
