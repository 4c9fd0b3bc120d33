import type { DeviceDrift } from '../../ledger/ledger.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { TipRules } from '../tip-rules.ts';

/** What one check found, as it stands on the ledger. */
export interface DriftFindings {
  /** The run of the check. */
  readonly run: string;
  /** Commit whose intent was compared with. */
  readonly commit: string;
  /** Switches of this check that drift, by site and name. */
  readonly drifting: readonly DeviceDrift[];
}

/** What was done about the drift of one switch. */
export interface DriftHandled {
  readonly site: string;
  readonly device: string;
  /** In words, for people; Markdown that is safe to show. */
  readonly done: string;
}

/**
 * Does what `automation.yaml` says about drift: reports it. Called in every check that found a difference or saw one gone; safe
 * to call again after dying anywhere in it.
 */
export async function handleDrift(
  _deps: ReconcilerDeps,
  _rules: TipRules,
  { drifting }: DriftFindings,
  _signal: AbortSignal,
): Promise<readonly DriftHandled[]> {
  return drifting.map(({ site, device }) => ({ site, device, done: 'reported here' }));
}
