import { describe, expect, it } from 'vitest';
import { makeChangingDevice, makePlan } from '../../plans/make-plan.ts';
import type { DevicePlan, Plan } from '../../plans/plan.ts';
import { decideTargets } from '../../reconciler/deploy/decide-targets.ts';

const rollout = { devicesAtOnce: 4, confirmWithinSeconds: 300 };
const about = (device: string) => ({ device, site: 'ams1', role: 'leaf', platform: 'cumulus', labels: {} });
const changing = (device: string, to = 'up', version = '5.11.1'): DevicePlan =>
  makeChangingDevice({
    ...about(device),
    identity: { hostname: device, serial: `S-${device}`, model: 'VX', version, pin: `sha256:${'0'.repeat(64)}` },
    changes: [{ change: { kind: 'set', path: ['interface', 'swp1', 'link'], to }, marks: [] }],
    baseToken: '1',
    runningDigest: 'd',
    trial: 'not-asked',
    notes: [],
  });
const unchanged = (device: string): DevicePlan => ({ ...about(device), kind: 'unchanged' });
const blocked = (device: string): DevicePlan => ({
  ...about(device),
  kind: 'blocked',
  error: { code: 'X', disposition: 'retry-later', message: 'no answer', next: 'later', details: {} },
});
const plan = (devices: readonly DevicePlan[], changes: Partial<Plan> = {}): Plan =>
  makePlan({
    workflow: 'ConfigurationDeploy',
    stages: ['a', 'b'],
    rollout,
    source: { head: 'h', base: 'b', tree: 't' },
    devices,
    removed: [],
    elsewhere: 0,
    ...changes,
  });

describe('decideTargets()', () => {
  it('changes what would still change exactly as published', () => {
    const published = plan([changing('leaf01'), changing('leaf02')]);

    const targets = decideTargets(published, plan([changing('leaf02'), changing('leaf01')]), rollout);

    expect(targets).toMatchObject({
      kind: 'as-planned',
      change: [{ device: 'leaf01' }, { device: 'leaf02' }],
      settled: [],
    });
  });

  it.each([
    { what: 'would change otherwise', now: changing('leaf01', 'down') },
    { what: 'runs another version', now: changing('leaf01', 'up', '5.12.0') },
  ])('voids the whole approval when one switch $what', ({ now }) => {
    const published = plan([changing('leaf01'), changing('leaf02')]);

    const targets = decideTargets(published, plan([now, changing('leaf02')]), rollout);

    expect(targets).toEqual({ kind: 'moved', why: 'leaf01 would change otherwise than the plan says' });
  });

  it('voids it when a switch that would not have changed would change now', () => {
    const published = plan([changing('leaf01'), unchanged('leaf02')]);

    expect(decideTargets(published, plan([changing('leaf01'), changing('leaf02')]), rollout).kind).toBe('moved');
  });

  it.each([
    { what: 'rollout settings', now: plan([changing('leaf01')]), pace: { ...rollout, devicesAtOnce: 5 } },
    { what: 'stages', now: plan([changing('leaf01')], { stages: ['a'] }), pace: rollout },
    { what: 'switches of the plan', now: plan([]), pace: rollout },
  ])('voids it when the $what are not what they were', ({ now, pace }) => {
    expect(decideTargets(plan([changing('leaf01')]), now, pace).kind).toBe('moved');
  });

  it('leaves alone what cannot be asked now, without holding up the others', () => {
    const published = plan([changing('leaf01'), changing('leaf02')]);

    const targets = decideTargets(published, plan([blocked('leaf01'), changing('leaf02')]), rollout);

    expect(targets).toMatchObject({
      kind: 'as-planned',
      change: [{ device: 'leaf02' }],
      settled: [{ device: 'leaf01', outcome: { kind: 'untouched', error: { code: 'X' } } }],
    });
  });

  it('leaves alone what could not be asked when the plan was made: nobody approved what it would change', () => {
    const published = plan([blocked('leaf01'), changing('leaf02')]);

    const targets = decideTargets(published, plan([changing('leaf01'), changing('leaf02')]), rollout);

    expect(targets).toMatchObject({
      kind: 'as-planned',
      change: [{ device: 'leaf02' }],
      settled: [{ device: 'leaf01', outcome: { kind: 'untouched', error: { code: 'RECONCILER_NOT_IN_PLAN' } } }],
    });
  });

  it('has nothing to do on a switch that meanwhile runs what is intended', () => {
    const published = plan([changing('leaf01'), changing('leaf02')]);

    const targets = decideTargets(published, plan([unchanged('leaf01'), changing('leaf02')]), rollout);

    expect(targets).toMatchObject({ settled: [{ device: 'leaf01', outcome: { kind: 'in-sync' } }] });
  });
});
