import { advanceDeploy } from './deploy/advance-deploy.ts';
import type { Advance } from './deploy/deploy-work.ts';
import type { ReconcilerDeps } from './deps.ts';
import { advanceEnforcing } from './enforce/advance-enforcing.ts';
import { advanceReading } from './read/advance-reading.ts';
import type { TipRules } from './tip-rules.ts';
import { isReadWork, type Work } from './work.ts';

/** Takes one run as far as it can go now. Safe to call again after dying anywhere in it. */
export function advance(deps: ReconcilerDeps, rules: TipRules, work: Work, signal: AbortSignal): Promise<Advance> {
  if (!isReadWork(work) && work.enforces) {
    return advanceEnforcing(deps, rules, { ...work, enforces: work.enforces }, signal);
  }
  return isReadWork(work) ? advanceReading(deps, rules, work, signal) : advanceDeploy(deps, rules, work, signal);
}
