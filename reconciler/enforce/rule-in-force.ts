import type { StandingEvidence, StandingRule } from '../../approvals/standing-approval.ts';
import { windowStateOfAll } from '../../calendar/window-state.ts';
import type { Fleet } from '../../desired-state/fleet.ts';
import type { DriftRule } from '../drift/findings.ts';
import { decidePaused } from '../kill-switch.ts';

/** Unless a class says otherwise. */
const MOST_SWITCHES = 5;
/** Of windows that never close, an approval ends all the same. */
const DAY_MS = 86_400_000;

/** A rule that enforces, with its classes. */
export interface RuleInForce extends StandingRule {
  /** Names of maintenance windows. */
  readonly windows: readonly string[];
}

/** What a rule of a valid fleet says, if it enforces anything. */
export function ruleInForce({ automation }: Pick<Fleet, 'automation'>, name: string): RuleInForce | undefined {
  const rule = (automation.drift ?? []).find((one) => one.name === name);
  return rule && inForce(automation.drift_classes ?? {}, rule);
}

function inForce(
  known: NonNullable<Fleet['automation']['drift_classes']>,
  { name, policy, classes = [], windows = [] }: DriftRule,
): RuleInForce | undefined {
  if (policy !== 'enforce') return undefined;
  const found = classes.flatMap((one) => {
    const of = Object.hasOwn(known, one) ? known[one] : undefined;
    return of ? [{ name: one, paths: of.paths, mostSwitches: of.most_switches ?? MOST_SWITCHES }] : [];
  });
  return { name, classes: found, windows };
}

/**
 * Whether one of the named windows is open at all these sites, and long enough for a switch. A site that has none of them is
 * closed: that a site without windows is always open is said of what people approved.
 */
export function namedWindow(
  { sites: known }: Pick<Fleet, 'sites'>,
  { windows: names }: Pick<RuleInForce, 'windows'>,
  { sites, secondsNeeded }: { readonly sites: readonly string[]; readonly secondsNeeded: number },
  now: number,
): StandingEvidence['window'] {
  const calendars = new Map(
    sites.map((site) => {
      const { windows = [], ...calendar } = known.get(site)?.value ?? {};
      return [site, { ...calendar, windows: windows.filter(({ name }) => names.includes(name)) }] as const;
    }),
  );
  const without = [...calendars].find(([, { windows }]) => windows.length === 0);
  const listed = names.map((name) => `"${name}"`).join(', ');
  if (without) return { kind: 'closed', why: `${without[0]} has no window ${listed}` };
  const state = windowStateOfAll(calendars, now);
  if (state.kind === 'closed') {
    return { kind: 'closed', why: state.by === 'freeze' ? 'a freeze holds' : `it is outside ${listed}` };
  }
  const { until = now + DAY_MS } = state;
  return until - now < secondsNeeded * 1000
    ? { kind: 'closed', why: `${listed} closes too soon` }
    : { kind: 'open', until };
}

/** Why nothing automatic is done at these sites by this workflow, if so. */
export function pausedFor(
  { automation }: Pick<Fleet, 'automation'>,
  about: { readonly workflow: string; readonly sites: readonly string[] },
): string | undefined {
  const held = decidePaused({ kind: 'known', value: automation }, about);
  return held && `${held.where}: ${held.reason}`;
}
