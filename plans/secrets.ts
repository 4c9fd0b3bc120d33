/** Everything of this room that handles secrets, for the rooms above. Behind it no value, only fingerprints. */
export { agreesWith } from './agrees-with.ts';
export { alignSecrets, type RememberedSecrets } from './align-secrets.ts';
export { createFingerprint, isFingerprint } from './fingerprint.ts';
export { maskChanges, maskTree } from './mask-tree.ts';
export { createRedactor, holdsMask, redactText } from './redact-text.ts';
export { rememberSecrets } from './remember-secrets.ts';
export { keyPointer, valuePointer } from './tree-secrets.ts';
