import type { ErrorDocument } from '../schemas/errors.ts';

/** How one switch came out of an apply. The reconciler writes it on the ledger as it stands. */
export type ApplyOutcome =
  /** Live, proven from a fresh connection, confirmed and saved. */
  | { readonly kind: 'applied'; readonly candidate: string; readonly probes: readonly string[] }
  /** Live and confirmed, and the switch reports an error about it. */
  | { readonly kind: 'faulty'; readonly candidate: string; readonly error: ErrorDocument }
  /** It already ran what is intended; nothing was sent. */
  | { readonly kind: 'in-sync' }
  /** The change was live and is not any more: read back and equal to what ran before. */
  | { readonly kind: 'reverted'; readonly error: ErrorDocument }
  /** Nothing was made live. */
  | { readonly kind: 'untouched'; readonly error: ErrorDocument }
  /** Could not be established. Nothing was confirmed. */
  | { readonly kind: 'unknown'; readonly error: ErrorDocument };
