import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideStandingApproval, type StandingEvidence } from '../../approvals/standing-approval.ts';
import type { DevicePlan, Plan } from '../../plans/plan.ts';
import { covers } from '../../schemas/path-cover.ts';
import { aBlocked, aChanging, anUnchanged, aPlan, planned, set, unset } from '../plans/build.ts';

const NOW = Date.UTC(2026, 10, 26, 12);
const TIP = 'c'.repeat(40);
const RULE = {
  name: 'clocks',
  classes: [
    { name: 'clock', paths: ['service.ntp'], mostSwitches: 2 },
    { name: 'texts', paths: ['system.message', 'interface.*.description'], mostSwitches: 5 },
  ],
};
const NTP = planned(unset('service ntp mgmt server 10.9.9.9', {}));
const TEXT = planned(set('interface swp1 description', 'to spine01', 'x'));
const OTHER = planned(set('interface swp1 link mtu', 9216, 1500));

const changing = (device: string, ...changes: readonly ReturnType<typeof planned>[]) => aChanging(device, { changes });
const planOf = (...devices: readonly DevicePlan[]) => {
  const plan = aPlan({ devices });
  return { ...plan, source: { ...plan.source, tree: TIP } };
};
const FOUND = ['leaf-01', 'leaf-02'];
const digestOf = ({ devices }: Plan) =>
  devices.flatMap((one) => (one.kind === 'changing' ? [one.changesDigest] : []))[0] ?? 'none';
/** What was found is what the plan changes first, unless a test says otherwise. */
const evidence = (with_: Partial<StandingEvidence> = {}, plan = with_.plan ?? planOf(changing('leaf-01', NTP))) => ({
  plan,
  tip: TIP,
  rule: RULE,
  found: { devices: new Set(FOUND), changesDigest: digestOf(plan) },
  window: { kind: 'open', until: NOW + 3_600_000 } as const,
  paused: undefined,
  now: NOW,
  ...with_,
});
const among = (...names: readonly string[]) => ({
  devices: new Set(names),
  changesDigest: digestOf(planOf(changing('leaf-01', NTP))),
});
const whyNot = (with_: Partial<StandingEvidence>) => {
  const decided = decideStandingApproval(evidence(with_));
  return decided.kind === 'refused' ? decided.why : undefined;
};

describe('decideStandingApproval()', () => {
  it('approves exactly this plan, by the rule and its commit and no person, until the window closes', () => {
    const plan = planOf(changing('leaf-01', NTP, TEXT), anUnchanged('leaf-02'));

    expect(decideStandingApproval(evidence({ plan }))).toEqual({
      kind: 'granted',
      approval: {
        digest: plan.digest,
        by: [`rule "clocks" of automation.yaml at ${TIP.slice(0, 7)}`],
        expiresAt: NOW + 3_600_000,
        standing: { rule: 'clocks', commit: TIP },
      },
    });
  });

  it.each<readonly [string, Partial<StandingEvidence>, string | RegExp]>([
    [
      'one change outside the classes',
      { plan: planOf(changing('leaf-01', NTP, OTHER)) },
      /interface swp1 link mtu is in none/,
    ],
    [
      'one on another switch',
      { plan: planOf(changing('leaf-01', NTP), changing('leaf-02', OTHER)) },
      /leaf-02 would change in something else/,
    ],
    [
      'more above a class taken away',
      { plan: planOf(changing('leaf-01', planned(unset('service', {})))) },
      /none of the classes/,
    ],
    ['a switch that did not drift', { plan: planOf(changing('leaf-09', NTP)) }, 'leaf-09 was not found to drift'],
    ['more switches than the class takes', { found: among('leaf-01', 'b', 'c') }, /3 switches .* more than 2/],
    ['nothing to change', { plan: planOf(anUnchanged('leaf-01'), aBlocked('leaf-02')) }, 'nothing would change'],
    ['no such rule', { rule: undefined }, /no such rule/],
    ['a rule without classes', { rule: { name: 'clocks', classes: [] } }, /none of the classes/],
    ['another tip', { tip: 'd'.repeat(40) }, /moved on/],
    ['a closed window', { window: { kind: 'closed', why: 'it is outside "nightly"' } }, 'it is outside "nightly"'],
    ['a window that has closed', { now: NOW + 3_600_000 }, /closed/],
    ['a pause', { paused: 'automation.yaml: storm' }, /storm/],
    [
      'a mark',
      { plan: planOf(changing('leaf-01', planned(NTP.change, { marks: [{ kind: 'management', reason: 'eth0' }] }))) },
      /marked management/,
    ],
  ])('approves nothing with %s', (_what, with_, why) => {
    expect(whyNot(with_)).toEqual(typeof why === 'string' ? why : expect.stringMatching(why));
  });

  it('approves nothing that was merged and is not what was found, though it lies within a class', () => {
    const plan = planOf(changing('leaf-01', NTP, planned(set('service ntp mgmt server 10.0.0.2', {}))));
    expect(whyNot({ plan, found: among('leaf-01') })).toMatch(/something else than what was found/);
  });

  it('counts switches for the classes that are used, not for the others of the rule', () => {
    const plan = planOf(changing('leaf-01', TEXT));
    const found = { devices: new Set(['leaf-01', 'b', 'c']), changesDigest: digestOf(plan) };
    expect(whyNot({ found, plan })).toBeUndefined();
  });

  it('never approves a plan with any change outside the classes', () => {
    const keys = fc.constantFrom('service', 'ntp', 'system', 'message', 'interface', 'swp1', 'description', 'x');
    const change = fc
      .tuple(fc.array(keys, { minLength: 1, maxLength: 5 }), fc.boolean())
      .map(([path, isSet]) => planned(isSet ? set(path.join(' '), 1, 2) : unset(path.join(' '), 1)));
    const device = fc
      .tuple(
        fc.constantFrom('leaf-01', 'leaf-02', 'leaf-09'),
        fc.array(fc.oneof(change, fc.constantFrom(NTP, TEXT)), { minLength: 1 }),
      )
      .map(([name, changes]) => changing(name, ...changes));
    const devices = fc.uniqueArray(device, { selector: (one) => one.device, minLength: 1, maxLength: 3 });
    let granted = 0;
    fc.assert(
      fc.property(devices, (all) => {
        const decided = decideStandingApproval(evidence({ plan: planOf(...all) }));
        if (decided.kind !== 'granted') return;
        granted++;
        const places = RULE.classes.flatMap(({ paths }) => paths);
        for (const { device: name, changes } of all) {
          expect(['leaf-01', 'leaf-02']).toContain(name);
          for (const one of changes) expect(covers(places, one.change.path)).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(granted).toBeGreaterThan(20);
  });
});
