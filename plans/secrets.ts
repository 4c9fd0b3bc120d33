/** Everything of this room that handles secrets. Behind it no value, only fingerprints. */
export { type Agreement, agreesWith } from './agrees-with.ts';
export { type AlignedSecrets, alignSecrets, type RememberedSecrets, type SecretsToAlign } from './align-secrets.ts';
export { compareSecret, type SecretComparison } from './compare-secret.ts';
export { createFingerprint } from './fingerprint.ts';
export { maskChanges, maskTree } from './mask-tree.ts';
export { redactText } from './redact-text.ts';
export { rememberSecrets } from './remember-secrets.ts';
