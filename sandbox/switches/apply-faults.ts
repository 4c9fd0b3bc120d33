import type { Issue } from './revisions.ts';

/** Something that goes wrong with one apply. */
export type ApplyFault =
  /** Refused as a whole, as if objects contradicted each other. */
  | { readonly kind: 'invalid'; readonly location: string; readonly reason: string }
  /** A warning is raised. `answerable: false`: it is asked even if the answer was sent along. */
  | { readonly kind: 'ays'; readonly warning?: Issue; readonly answerable?: boolean }
  | { readonly kind: 'verify-error' }
  | { readonly kind: 'ready-error' }
  /** Services fail to reload; the switch rolls back by itself and names the target. */
  | { readonly kind: 'apply-fail' }
  /** Services fail to reload; the switch asks whether to ignore it. */
  | { readonly kind: 'ignore-fail'; readonly answerable?: boolean }
  /** Ends well by its state, with an issue of severity error. */
  | { readonly kind: 'error-issue'; readonly issue?: Issue }
  /** `/system/health` is not OK once it is live, until another configuration is. */
  | { readonly kind: 'unhealthy' }
  /** Nothing answers once it is live, until another configuration is. */
  | { readonly kind: 'lose-management' }
  /** One state lasts longer. */
  | { readonly kind: 'slow'; readonly state: string; readonly milliseconds: number };
