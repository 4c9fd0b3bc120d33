/** Everything of this room that handles secrets, for the rooms above. Behind it no value, only fingerprints. */
export { agreesWith } from './agrees-with.ts';
export { alignSecrets, type RememberedSecrets } from './align-secrets.ts';
export { createFingerprint } from './fingerprint.ts';
export { maskChanges, maskTree } from './mask-tree.ts';
export { createRedactor, redactText } from './redact-text.ts';
export { rememberSecrets } from './remember-secrets.ts';
