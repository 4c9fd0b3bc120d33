import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { foldRun } from '../../ledger/fold-run.ts';
import {
  anError,
  applied,
  DIGEST,
  ended,
  fold,
  intent,
  moved,
  ownerA,
  ownerB,
  planned,
  RUN,
  started,
  T0,
} from './build.ts';

const DIFF = 'perform_configuration_diff';
const APPLY = 'apply_configuration';
const decided = (decision: 'granted' | 'waiting', at = T0): RunEvent => ({
  at,
  kind: 'decided',
  stage: DIFF,
  digest: DIGEST,
  decision,
  by: ['ana'],
});
const runEnded = (status: 'COMPLETED' | 'FAILED', at = T0 + 9): RunEvent => ({ at, kind: 'run-ended', status });
const thrownBy = (events: readonly RunEvent[]) => {
  try {
    foldRun(RUN, events);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('foldRun()', () => {
  it('knows no run without events', () => {
    expect(foldRun(RUN, [])).toBeUndefined();
  });

  it('starts with every stage not started and no device', () => {
    const run = fold([started()]);

    expect(run).toMatchObject({ name: RUN, status: 'RUNNING', startedAt: T0, pullRequest: 412, devices: [] });
    expect(run.stages.map(({ state }) => state)).toEqual(Array(4).fill('NOT_STARTED'));
    expect(run.stages[0]?.history).toEqual([{ state: 'NOT_STARTED', at: T0 }]);
  });

  it('keeps every state a stage was in, and takes staying where it is for nothing', () => {
    const run = fold([
      started(),
      moved(DIFF, 'IN_PROGRESS', T0 + 1),
      moved(DIFF, 'IN_PROGRESS', T0 + 2),
      moved(DIFF, 'COMPLETE', T0 + 3, { why: 'nothing to do' }),
    ]);

    expect(run.stages[1]).toEqual({
      name: DIFF,
      state: 'COMPLETE',
      history: [
        { state: 'NOT_STARTED', at: T0 },
        { state: 'IN_PROGRESS', at: T0 + 1 },
        { state: 'COMPLETE', at: T0 + 3, why: 'nothing to do' },
      ],
      retries: 0,
      repetitions: 0,
      approvers: [],
      rejecters: [],
    });
  });

  it('keeps the error of a failed stage until it is tried again', () => {
    const failed = [started(), moved(DIFF, 'IN_PROGRESS'), moved(DIFF, 'FAILED', T0, { error: anError() })];

    expect(fold(failed).stages[1]?.error?.code).toBe('WORKFLOW_MANAGEMENT_LOST');
    expect(fold([...failed, moved(DIFF, 'IN_PROGRESS')]).stages[1]).not.toHaveProperty('error');
  });

  it('refuses a stage that skips its approval once one was decided', () => {
    const error = thrownBy([started(), moved(DIFF, 'IN_PROGRESS'), decided('granted'), moved(DIFF, 'COMPLETE')]);

    expect(error).toMatchObject({
      code: 'LEDGER_ILLEGAL_MOVE',
      details: { run: RUN, event: 'stage-moved', stage: DIFF, from: 'IN_PROGRESS', to: 'COMPLETE' },
    });
  });

  it('remembers through the approval that a stage was gated', () => {
    const run = fold([
      started(),
      moved(DIFF, 'IN_PROGRESS'),
      decided('granted'),
      moved(DIFF, 'PENDING_APPROVAL'),
      moved(DIFF, 'APPROVED'),
    ]);

    expect(run.stages[1]).toMatchObject({ state: 'APPROVED', gated: true });
    expect(run.decision).toEqual({ digest: DIGEST, decision: 'granted', by: ['ana'], at: T0 });
  });

  it('lets a stage that failed while it waited find nothing to ask for in its next try', () => {
    const run = fold([
      started(),
      moved(DIFF, 'IN_PROGRESS'),
      decided('waiting'),
      moved(DIFF, 'PENDING_APPROVAL'),
      moved(DIFF, 'FAILED'),
      moved(DIFF, 'IN_PROGRESS'),
      moved(DIFF, 'COMPLETE'),
    ]);

    expect(run.stages[1]?.state).toBe('COMPLETE');
  });

  it.each<{ readonly case: string; readonly events: readonly RunEvent[]; readonly event: string }>([
    { case: 'anything before the start', events: [moved(DIFF, 'IN_PROGRESS')], event: 'stage-moved' },
    { case: 'a second start', events: [started(), started()], event: 'run-started' },
    { case: 'a stage it does not have', events: [started(), moved('nap', 'IN_PROGRESS')], event: 'stage-moved' },
    {
      case: 'an intent for a stage it does not have',
      events: [started(), intent(['leaf-01'], { stage: 'nap' })],
      event: 'intent',
    },
    { case: 'an intent after the end', events: [started(), runEnded('FAILED'), intent(['leaf-01'])], event: 'intent' },
    {
      case: 'a stage moving after the end',
      events: [started(), runEnded('FAILED'), moved(DIFF, 'IN_PROGRESS')],
      event: 'stage-moved',
    },
    {
      case: 'a lease extended after the end',
      events: [started(), runEnded('FAILED'), { at: T0, kind: 'lease-extended', owner: ownerA, deadline: T0 }],
      event: 'lease-extended',
    },
    { case: 'another end', events: [started(), runEnded('FAILED'), runEnded('COMPLETED')], event: 'run-ended' },
    {
      case: 'an end that is none',
      events: [started(), { at: T0, kind: 'run-ended', status: 'RUNNING' }],
      event: 'run-ended',
    },
  ])('refuses $case', ({ events, event }) => {
    expect(thrownBy(events)).toMatchObject({ code: 'LEDGER_ILLEGAL_MOVE', details: { run: RUN, event } });
  });

  it('takes the same end twice for one', () => {
    const run = fold([started(), runEnded('FAILED', T0 + 5), runEnded('FAILED', T0 + 6)]);

    expect(run).toMatchObject({ status: 'FAILED', endedAt: T0 + 5 });
  });

  it('records what became of a switch even when that is learned after the end', () => {
    const run = fold([started(), intent(['leaf-01']), runEnded('FAILED'), ended('leaf-01', applied)]);

    expect(run.devices).toMatchObject([{ device: 'leaf-01', outcome: { kind: 'applied' } }]);
    expect(run).not.toHaveProperty('lease');
  });

  it('keeps devices sorted by site and name, each once', () => {
    const run = fold([
      started(),
      planned(['spine-02', 'leaf-10', 'leaf-02']),
      ended('leaf-01', { kind: 'in-sync' }),
      { ...ended('aaa', { kind: 'in-sync' }), site: 'zrh1' } as RunEvent,
      { at: T0, kind: 'backed-up', site: 'ams1', device: 'leaf-10', file: 'backups/ams1/leaf-10.yaml' },
    ]);

    expect(run.devices.map(({ site, device }) => `${site}/${device}`)).toEqual([
      'ams1/leaf-01',
      'ams1/leaf-02',
      'ams1/leaf-10',
      'ams1/spine-02',
      'zrh1/aaa',
    ]);
  });

  it('forgets a switch a newer plan leaves out, unless something was done to it', () => {
    const run = fold([
      started(),
      planned(['leaf-01', 'leaf-02', 'leaf-03']),
      intent(['leaf-02']),
      planned(['leaf-03']),
    ]);

    expect(run.devices.map(({ device, digest }) => ({ device, planned: digest !== undefined }))).toEqual([
      { device: 'leaf-02', planned: false },
      { device: 'leaf-03', planned: true },
    ]);
  });
});

describe('foldRun(), of leases', () => {
  it('opens one with an intent and remembers what was on each switch before', () => {
    const run = fold([started(), intent(['leaf-02', 'leaf-01'])]);

    expect(run.lease).toEqual({
      owner: ownerA,
      stage: APPLY,
      deadline: T0 + 600_000,
      fence: 'f'.repeat(40),
      devices: ['ams1/leaf-01', 'ams1/leaf-02'],
    });
    expect(run.devices[0]).toMatchObject({ attempts: 1, candidatesBefore: ['7'], baseToken: 'rev_12_apply_3' });
  });

  it('releases each switch with its outcome, and the lease with the last', () => {
    const events = [started(), intent(['leaf-01', 'leaf-02']), ended('leaf-01', applied)];

    expect(fold(events).lease?.devices).toEqual(['ams1/leaf-02']);
    expect(fold([...events, ended('leaf-02', applied)])).not.toHaveProperty('lease');
  });

  it('holds a switch that was backed up and has no outcome', () => {
    const backedUp: RunEvent = {
      at: T0,
      kind: 'backed-up',
      site: 'ams1',
      device: 'leaf-01',
      file: 'backups/ams1/x.yaml',
    };

    expect(fold([started(), intent(['leaf-01']), backedUp]).lease?.devices).toEqual(['ams1/leaf-01']);
  });

  it('moves the deadline for the owner', () => {
    const run = fold([
      started(),
      intent(['leaf-01']),
      { at: T0, kind: 'lease-extended', owner: ownerA, deadline: T0 + 900_000 },
    ]);

    expect(run.lease?.deadline).toBe(T0 + 900_000);
  });

  it('refuses to extend for somebody who lost it', () => {
    const error = thrownBy([
      started(),
      intent(['leaf-01']),
      intent(['leaf-01'], { owner: ownerB }),
      { at: T0, kind: 'lease-extended', owner: ownerA, deadline: T0 + 900_000 },
    ]);

    expect(error).toMatchObject({
      code: 'LEDGER_LEASE_LOST',
      disposition: 'retry-later',
      details: { run: RUN, owner: 'runner-a', heldBy: 'runner-b' },
    });
  });

  it('takes an extension for nothing when the last outcome has just been recorded', () => {
    const run = fold([
      started(),
      intent(['leaf-01']),
      ended('leaf-01', applied),
      { at: T0, kind: 'lease-extended', owner: ownerA, deadline: T0 + 900_000 },
    ]);

    expect(run).not.toHaveProperty('lease');
  });

  it('belongs to the newest intent, with all that is unfinished', () => {
    const run = fold([
      started(),
      intent(['leaf-01', 'leaf-02']),
      ended('leaf-01', applied),
      intent(['leaf-03'], { owner: ownerB, deadline: T0 + 5 }),
    ]);

    expect(run.lease).toMatchObject({ owner: ownerB, deadline: T0 + 5, devices: ['ams1/leaf-02', 'ams1/leaf-03'] });
  });

  it('is never shortened by its own owner’s next intent', () => {
    const run = fold([started(), intent(['leaf-01']), intent(['leaf-02'], { deadline: T0 + 5 })]);

    expect(run.lease?.deadline).toBe(T0 + 600_000);
  });

  it('counts the tries, and forgets the outcome of the last one when a new one begins', () => {
    const run = fold([
      started(),
      intent(['leaf-01']),
      ended('leaf-01', { kind: 'reverted', error: anError() }),
      intent(['leaf-01']),
    ]);

    expect(run.devices[0]?.attempts).toBe(2);
    expect(run.devices[0]).not.toHaveProperty('outcome');
  });

  it('ends with the run', () => {
    expect(fold([started(), intent(['leaf-01']), runEnded('FAILED')])).not.toHaveProperty('lease');
  });
});
