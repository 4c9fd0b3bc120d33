import type { StandingEvidence } from '../../approvals/standing-approval.ts';
import { whyNotCovered } from '../../approvals/standing-approval.ts';
import type { Run } from '../../ledger/run.ts';
import { isAtOrBelow } from '../../schemas/json.ts';
import type { Answered } from '../drift/decide-drift.ts';
import type { Finding } from '../drift/findings.ts';
import type { RuleInForce } from './rule-in-force.ts';

export interface EnforceSituation {
  readonly finding: Finding;
  readonly rule: RuleInForce | undefined;
  readonly window: StandingEvidence['window'];
  /** Why nothing automatic is done, if so. */
  readonly paused: string | undefined;
  /** What people said to a pull request about it; in words where they said no. */
  readonly answered: Answered | undefined;
  readonly saidNo: string | undefined;
  /** Runs by which rules took drift back, of the last days and since the finding was first seen; newest first. */
  readonly before: readonly Run[];
  /** When the check began to ask; what it found is not older. Milliseconds since the epoch. */
  readonly checkedAt: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type EnforceDecision =
  | { readonly kind: 'may'; readonly rule: string }
  /** A run of its rule is about it already, or was and the next check has not looked since. */
  | { readonly kind: 'under-way'; readonly run: Run }
  /** Words that go on from "not taken back by itself: ". They stay the same as long as it is so. May quote the fleet repo. */
  | { readonly kind: 'not'; readonly why: string };

const WEEK_MS = 7 * 86_400_000;
/** What comes back after that is somebody's will, or another tool's: fighting it is nobody's decision. */
const MOST_A_WEEK = 2;

/**
 * Whether a rule takes a finding back now. Only begins it: what is done is decided again, from what the switches answer then, by
 * `decideStandingApproval`.
 */
export function mayEnforce(situation: EnforceSituation): EnforceDecision {
  const { finding, rule, before, checkedAt } = situation;
  const ours = before.filter(
    ({ enforces, startedAt }) => enforces?.finding === finding.id && startedAt >= finding.since,
  );
  const open = ours.find(({ endedAt }) => endedAt === undefined);
  if (open) return { kind: 'under-way', run: open };
  const failed = ours.find(({ status }) => status !== 'COMPLETED');
  if (failed) return { kind: 'not', why: `it was tried by ${failed.name}, which ended ${failed.status}` };
  // What is still there in a check after that came back meanwhile, the same as it was.
  const done = ours.find(({ endedAt = checkedAt }) => endedAt >= checkedAt);
  if (done) return { kind: 'under-way', run: done };
  const why = whyNot(situation);
  if (why !== undefined || !rule) return { kind: 'not', why: why ?? 'its rule says otherwise by now' };
  return { kind: 'may', rule: rule.name };
}

function whyNot({
  finding,
  rule,
  window,
  paused,
  answered,
  saidNo,
  before,
  now,
}: EnforceSituation): string | undefined {
  const { changes, more, devices, wentBack, byOthers } = finding;
  if (!rule) return 'its rule says otherwise by now';
  if (saidNo !== undefined) return saidNo;
  if (answered !== undefined) return 'a pull request about it was closed, or is being carried out';
  if (wentBack) return 'it was taken back to something else than the branch says';
  if (more > 0) return 'more differs than is kept on record';
  if (!byOthers) return 'it is not known that somebody else changed it';
  const outside = whyNotCovered(
    rule,
    changes.map(({ path }) => path),
    devices.length,
  );
  if (outside !== undefined) return outside;
  if (paused !== undefined) return `paused by ${paused}`;
  const again = devices.find((device) => timesThisWeek(device, finding, before, now) >= MOST_A_WEEK);
  if (again) return `the same was taken back on ${again} ${MOST_A_WEEK} times in 7 days, and came back`;
  return window.kind === 'closed' ? window.why : undefined;
}

function timesThisWeek(device: string, { changes }: Finding, before: readonly Run[], now: number): number {
  return before.filter(
    ({ enforces, startedAt }) =>
      startedAt > now - WEEK_MS &&
      enforces?.devices.includes(device) &&
      enforces.paths.some((path) => changes.some((one) => isAtOrBelow(path, one.path) || isAtOrBelow(one.path, path))),
  ).length;
}
