import { describe, expect, it } from 'vitest';
import { requirementsFor } from '../../approvals/requirements-for.ts';
import type { ApprovalRule } from '../../schemas/fleet.ts';
import { aBlocked, aChanging, anUnchanged, aPlan, planned, set } from '../plans/build.ts';

const STAGE = 'perform_configuration_diff';
const rule = (name: string, when?: ApprovalRule['when']): ApprovalRule => ({
  name,
  approvals: 1,
  by: { teams: ['acme/noc'] },
  ...(when ? { when } : {}),
});
const marked = (kind: 'disruptive' | 'management') => [planned(set('a', 1), { marks: [{ kind, reason: 'why' }] })];

const leaf = aChanging('leaf-01', { labels: { tier: 'edge' } });
const spine = aChanging('spine-01', { site: 'fra1', role: 'spine', changes: marked('disruptive') });
const plan = aPlan({ devices: [leaf, spine, anUnchanged('leaf-02'), { ...aBlocked('x'), site: 'lon1' }] });
const namesFor = (rules: readonly ApprovalRule[], of = plan) =>
  requirementsFor(of, STAGE, { rules: [...rules] }).map(({ name }) => name);

describe('requirementsFor()', () => {
  it.each<{ what: string; when: NonNullable<ApprovalRule['when']>; matches: boolean }>([
    { what: 'the workflow', when: { workflows: ['Other', 'ConfigurationDeploy'] }, matches: true },
    { what: 'another workflow', when: { workflows: ['Other'] }, matches: false },
    { what: 'the stage', when: { stages: [STAGE] }, matches: true },
    { what: 'another stage', when: { stages: ['perform_backup'] }, matches: false },
    { what: 'a site of a changing device', when: { sites: ['fra1'] }, matches: true },
    { what: 'a site where devices are only blocked', when: { sites: ['lon1'] }, matches: false },
    { what: 'a role', when: { roles: ['spine'] }, matches: true },
    { what: 'a role and a site no device has together', when: { roles: ['spine'], sites: ['ams1'] }, matches: false },
    { what: 'a label', when: { labels: { tier: 'edge' } }, matches: true },
    { what: 'a label every object has', when: { labels: { constructor: 'x' } }, matches: false },
    { what: 'disruption', when: { disruptive: true }, matches: true },
    { what: 'the absence of disruption', when: { disruptive: false }, matches: false },
    { what: 'management', when: { management: true }, matches: false },
    { what: 'the absence of management', when: { management: false }, matches: true },
  ])('matches a rule by $what: $matches', ({ when, matches }) => {
    expect(namesFor([rule('asked', when), rule('always')])).toEqual(matches ? ['asked', 'always'] : ['always']);
  });

  it('asks for two maintainers where no rule matches', () => {
    expect(requirementsFor(plan, STAGE, { rules: [] })).toEqual([
      { rule: 'default', name: 'default rule', approvals: 2, teams: [], users: [], permission: 'maintain' },
    ]);
  });

  it('asks for two maintainers beside the rules as soon as one changing device is matched by none', () => {
    expect(namesFor([rule('ams', { sites: ['ams1'] })])).toEqual(['ams', 'default rule']);
    expect(namesFor([rule('ams', { sites: ['ams1'] }), rule('fra', { sites: ['fra1'] })])).toEqual(['ams', 'fra']);
  });

  it('asks for two maintainers where only a rule about other plans would cover a device', () => {
    expect(namesFor([rule('calm', { disruptive: false })])).toEqual(['default rule']);
  });

  it('is never empty, not even where nothing changes', () => {
    expect(namesFor([rule('ams', { sites: ['ams1'] })], aPlan({ devices: [] }))).toEqual(['default rule']);
  });

  it('takes who and how many from the rule', () => {
    const twoOf: ApprovalRule = { name: 'core', approvals: 2, by: { teams: ['acme/core'], users: ['ana'] } };

    expect(requirementsFor(plan, STAGE, { rules: [twoOf] })).toEqual([
      { rule: twoOf, name: 'core', approvals: 2, teams: ['acme/core'], users: ['ana'] },
    ]);
  });
});
