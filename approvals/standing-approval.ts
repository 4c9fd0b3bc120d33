import type { ChangingDevice, Plan } from '../plans/plan.ts';
import { renderPath } from '../plans/render-change.ts';
import { shortCommit } from '../plans/words.ts';
import { covers } from '../schemas/path-cover.ts';
import type { Approval } from './approval.ts';

/** A rule of `automation.yaml` by which drift is taken back without anybody being asked. */
export interface StandingRule {
  readonly name: string;
  /** What it is about; with none it is about nothing. */
  readonly classes: readonly {
    readonly name: string;
    readonly paths: readonly string[];
    readonly mostSwitches: number;
  }[];
}

/** Everything a standing approval is decided from. */
export interface StandingEvidence {
  /** What would be done now, as the switches were just asked. */
  readonly plan: Plan;
  /** Tip of the fleet's branch, whose `automation.yaml` has the rule. */
  readonly tip: string;
  /** As it says there; absent where there is no such rule any more, or it enforces nothing. */
  readonly rule: StandingRule | undefined;
  /** What was found to drift: switches, and the digest of the changes that take it back, equal on all of them. */
  readonly found: { readonly devices: ReadonlySet<string>; readonly changesDigest: string };
  /** Of all their sites: one of the windows the rule names is open, and no freeze holds. */
  readonly window:
    | { readonly kind: 'open'; readonly until: number }
    | { readonly kind: 'closed'; readonly why: string };
  /** Why nothing automatic is done now, where that is so. */
  readonly paused: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type StandingDecision =
  | { readonly kind: 'granted'; readonly approval: Approval }
  /** Words that go on from "it is not taken back by itself: ". May quote the fleet repo and a switch. */
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Whether a rule that people put on the fleet's branch approves exactly this plan: every single change of it, on every switch.
 * It has to be just what was found, too: what was merged and never approved lies within a class as well. What is not known is
 * no.
 */
export function decideStandingApproval(evidence: StandingEvidence): StandingDecision {
  const why = whyNotStanding(evidence);
  const { rule, tip, plan, window } = evidence;
  if (why !== undefined) return { kind: 'refused', why };
  if (!rule || window.kind !== 'open') return { kind: 'refused', why: 'it is not known by which rule' };
  const approval: Pick<Approval, 'digest' | 'by' | 'expiresAt' | 'standing'> = {
    digest: plan.digest,
    by: [standingWords({ rule: rule.name, commit: tip })],
    expiresAt: window.until,
    standing: { rule: rule.name, commit: tip },
  };
  // Beside `decideApproval` the one place an approval is made: every condition above has been checked.
  return { kind: 'granted', approval: approval as Approval };
}

/** Who approved: never a person. Quotes the fleet repo. */
export function standingWords({ rule, commit }: NonNullable<Approval['standing']>): string {
  return `rule "${rule}" of automation.yaml at ${shortCommit(commit)}`;
}

/** Why a class or a rule does not cover a change, where it does not. */
export function whyNotCovered(
  rule: StandingRule,
  paths: readonly (readonly string[])[],
  switches: number,
): string | undefined {
  for (const path of paths) {
    const mosts = rule.classes.filter((one) => covers(one.paths, path)).map(({ mostSwitches }) => mostSwitches);
    if (mosts.length === 0) return `${renderPath(path)} is in none of the classes of the rule`;
    if (Math.max(...mosts) < switches)
      return `${switches} switches drift alike, and more than ${Math.max(...mosts)} are for a person`;
  }
  return undefined;
}

function whyNotStanding({ plan, tip, rule, found, window, paused, now }: StandingEvidence): string | undefined {
  if (paused !== undefined) return `it is paused: ${paused}`;
  if (!rule) return 'the branch has no such rule any more';
  if (plan.source.tree !== tip) return 'the branch has moved on since';
  if (window.kind === 'closed') return window.why;
  if (now >= window.until) return 'its window has closed';
  const changing = plan.devices.filter((device) => device.kind === 'changing');
  if (changing.length === 0) return 'nothing would change';
  const stranger = changing.find(({ device }) => !found.devices.has(device));
  if (stranger) return `${stranger.device} was not found to drift`;
  const another = changing.find(({ changesDigest }) => changesDigest !== found.changesDigest);
  if (another) return `${another.device} would change in something else than what was found to drift`;
  const moved = changing.find(({ siteBefore }) => siteBefore !== undefined);
  if (moved) return `${moved.device} is moved to another site`;
  return (
    whyNotCovered(rule, changing.flatMap(pathsOf), found.devices.size) ??
    changing.map(whyMarked).find((why) => why !== undefined)
  );
}

function pathsOf({ changes }: ChangingDevice): readonly (readonly string[])[] {
  return changes.map(({ change }) => change.path);
}

/** What may cost traffic or the way to the switch needs a person, whatever a class says. */
function whyMarked({ device, changes }: ChangingDevice): string | undefined {
  const [mark] = changes.flatMap(({ marks }) => marks);
  return mark && `taking it back on ${device} is marked ${mark.kind}: ${mark.reason}`;
}
