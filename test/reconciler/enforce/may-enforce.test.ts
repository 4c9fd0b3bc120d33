import { describe, expect, it } from 'vitest';
import type { Run } from '../../../ledger/run.ts';
import { type EnforceSituation, mayEnforce } from '../../../reconciler/enforce/may-enforce.ts';
import { finding, T0 } from '../drift/build.ts';

const HOUR_MS = 3_600_000;
const NOW = T0 + HOUR_MS;
const PATH = ['system', 'message', 'pre-login'];
const RULE = {
  name: 'texts',
  classes: [{ name: 'texts', paths: ['system.message'], mostSwitches: 2 }],
  windows: ['nightly'],
};
const ID = '0a1b2c3d4e5f';

function ran(
  name: string,
  startedAt: number,
  status: Run['status'],
  with_: Partial<NonNullable<Run['enforces']>> = {},
): Run {
  return {
    name,
    workflow: 'ConfigurationDeploy',
    commit: 'c'.repeat(40),
    status,
    startedAt,
    ...(status === 'RUNNING' ? {} : { endedAt: startedAt + 60_000 }),
    stages: [],
    children: [],
    artifacts: [],
    devices: [],
    enforces: { rule: 'texts', finding: ID, devices: ['leaf01'], digest: 'd', paths: [PATH], ...with_ },
  };
}
const decide = (with_: Partial<EnforceSituation> = {}) =>
  mayEnforce({
    finding: finding(ID, { byOthers: true }),
    rule: RULE,
    window: { kind: 'open', until: NOW + HOUR_MS },
    paused: undefined,
    answered: undefined,
    saidNo: undefined,
    before: [],
    checkedAt: T0,
    now: NOW,
    ...with_,
  });

describe('mayEnforce()', () => {
  it('lets a rule take back what lies within its classes, inside its window', () => {
    expect(decide()).toEqual({ kind: 'may', rule: 'texts' });
  });

  it.each<readonly [string, Partial<EnforceSituation>, RegExp]>([
    [
      'a change outside',
      { finding: finding(ID, { byOthers: true, changes: [{ path: ['a'], running: 1 }] }) },
      /none of/,
    ],
    ['more than is on record', { finding: finding(ID, { byOthers: true, more: 1 }) }, /more differs/],
    ['too many switches', { finding: finding(ID, { byOthers: true, devices: ['a', 'b', 'c'] }) }, /3 switches/],
    ['nobody known to have changed it', { finding: finding(ID) }, /not known/],
    [
      'a switch that was taken back',
      { finding: finding(ID, { byOthers: true, wentBack: { to: 'x', run: 'y', ledger: 'z' } }) },
      /taken back to something else/,
    ],
    ['a closed window', { window: { kind: 'closed', why: 'it is outside "nightly"' } }, /outside/],
    ['a pause', { paused: 'automation.yaml: storm' }, /paused by automation.yaml: storm/],
    ['a no', { answered: 'declined' }, /closed/],
    ['another no', { saidNo: '#7 was rejected' }, /#7/],
    ['a rule that says otherwise by now', { rule: undefined }, /otherwise/],
  ])('lets none do so with %s', (_what, with_, why) => {
    expect(decide(with_)).toEqual({ kind: 'not', why: expect.stringMatching(why) });
  });

  it.each(['FAILED', 'REJECTED', 'TERMINATED', 'TIMED_OUT'] as const)('does not try again what ended %s', (status) => {
    expect(decide({ before: [ran('run-1', T0 + 1, status)] })).toEqual({
      kind: 'not',
      why: `it was tried by run-1, which ended ${status}`,
    });
  });

  it('tries again what was seen anew after that', () => {
    expect(decide({ before: [ran('run-1', T0 - 1, 'FAILED')] }).kind).toBe('may');
  });

  it('begins nothing beside a run that is at it, nor before a check has looked after it', () => {
    const open = ran('run-1', T0 + 1, 'RUNNING');
    const done = ran('run-1', T0 + 1, 'COMPLETED');

    expect(decide({ before: [open] })).toEqual({ kind: 'under-way', run: open });
    expect(decide({ before: [done] })).toEqual({ kind: 'under-way', run: done });
  });

  it('takes back once more what came back the same before a check had seen it gone, and no third time', () => {
    const once = ran('run-1', T0 + 1, 'COMPLETED');
    const again = ran('run-2', T0 + 2, 'COMPLETED');
    const checkedAt = T0 + HOUR_MS / 2;

    expect(decide({ before: [once], checkedAt }).kind).toBe('may');
    expect(decide({ before: [again, once], checkedAt })).toMatchObject({ kind: 'not' });
  });

  it('fights nobody: what comes back after twice in a week is for a person, whatever its value', () => {
    const twice = [
      ran('run-2', T0 - HOUR_MS, 'COMPLETED', { finding: 'ffffffffffff' }),
      ran('run-1', T0 - 2 * HOUR_MS, 'COMPLETED', {
        finding: 'eeeeeeeeeeee',
        paths: [
          ['service', 'ntp'],
          ['system', 'message'],
        ],
      }),
    ];

    expect(decide({ before: twice.slice(0, 1) }).kind).toBe('may');
    expect(decide({ before: twice })).toEqual({ kind: 'not', why: expect.stringContaining('2 times in 7 days') });
    expect(decide({ before: twice, now: NOW + 7 * 24 * HOUR_MS }).kind).toBe('may');
  });

  it('forgets after a week, and counts neither other switches nor other settings', () => {
    const old = NOW - 7 * 24 * HOUR_MS;
    const others = [
      ran('run-1', old, 'COMPLETED', { finding: 'a' }),
      ran('run-2', old, 'COMPLETED', { finding: 'b' }),
      ran('run-3', T0 - 1, 'COMPLETED', { finding: 'c', devices: ['leaf02'] }),
      ran('run-4', T0 - 1, 'COMPLETED', { finding: 'd', devices: ['leaf02'] }),
      ran('run-5', T0 - 1, 'COMPLETED', { finding: 'e', paths: [['service', 'ntp']] }),
      ran('run-6', T0 - 1, 'COMPLETED', { finding: 'f', paths: [['service', 'ntp']] }),
    ];

    expect(decide({ before: others }).kind).toBe('may');
  });
});
