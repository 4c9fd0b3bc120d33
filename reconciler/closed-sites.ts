import type { SiteOutlook } from '../plans/comment-context.ts';
import type { PlannedRequest, Rollout } from '../plans/plan.ts';
import { mayBeginAt } from './hold.ts';
import type { TipRules } from './tip-rules.ts';

export interface WouldBegin {
  /** Of the switches that would be changed; one may be named more than once. */
  readonly sites: readonly string[];
  readonly rollout: Rollout;
  readonly request?: PlannedRequest;
}

/** Sites where nothing would be begun now, by name: what people are told before anything is. */
export function closedSites(
  rules: TipRules,
  { sites, rollout, request }: WouldBegin,
  now: number,
): readonly SiteOutlook[] {
  const { outsideWindows = false } = request ?? {};
  const mayBegin = mayBeginAt(rules, { outsideWindows, secondsNeeded: rollout.confirmWithinSeconds }, () => now);
  return [...new Set(sites)].sort().flatMap((site) => {
    const closed = mayBegin(site);
    if (!closed) return [];
    const { why, opensAt } = closed.details;
    return [{ site, why, ...(opensAt === undefined ? {} : { at: opensAt }) }];
  });
}
