import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { countedOf, outcomesOf } from '../../ledger/outcome-words.ts';
import { anError, applied, ended, fold, intent, moved, planned, started, T0 } from './build.ts';

const BATCHES = 'execute_batches';
const STAGES = ['load_intended_configuration', 'perform_configuration_diff', BATCHES];
const FIRST = 'batchdeploy-pr-412-01-a1b2c3d4e5f6';
const SECOND = 'batchdeploy-pr-412-02-a1b2c3d4e5f6';
const parent = started({ workflow: 'MultiDeploy', stages: STAGES });
const childStarted = (run: string, number: number, at = T0 + 10): RunEvent => ({
  at,
  kind: 'child-started',
  stage: BATCHES,
  run,
  batch: { number, of: 2, ...(number === 1 ? { canary: true } : {}) },
  devices: 2,
});
const childEnded = (run: string, status: 'COMPLETED' | 'FAILED' | 'RUNNING', more: object = {}): RunEvent => ({
  at: T0 + 90,
  kind: 'child-ended',
  stage: BATCHES,
  run,
  status,
  outcomes: { applied: 2 },
  ...more,
});
const barrier = (decision: 'confirm' | 'take-back', why = 'all are proven'): RunEvent => ({
  at: T0 + 50,
  kind: 'barrier-decided',
  stage: 'apply_configuration',
  decision,
  why,
});
const refused = (event: RunEvent['kind']) =>
  expect.objectContaining({ code: 'LEDGER_ILLEGAL_MOVE', details: expect.objectContaining({ event }) });

describe('foldRun(), of the runs it started', () => {
  it('keeps them in order, each once, and how each ended', () => {
    const run = fold([
      parent,
      childStarted(FIRST, 1),
      childEnded(FIRST, 'FAILED', { outcomes: { applied: 1, reverted: 1 }, why: '1 of 2 went back' }),
      childStarted(FIRST, 1, T0 + 99),
      childStarted(SECOND, 2),
    ]);

    expect(run.children).toEqual([
      {
        run: FIRST,
        stage: BATCHES,
        batch: { number: 1, of: 2, canary: true },
        devices: 2,
        startedAt: T0 + 10,
        status: 'FAILED',
        endedAt: T0 + 90,
        outcomes: { applied: 1, reverted: 1 },
        why: '1 of 2 went back',
      },
      { run: SECOND, stage: BATCHES, batch: { number: 2, of: 2 }, devices: 2, startedAt: T0 + 10 },
    ]);
  });

  it('takes the same end twice for one, and refuses another', () => {
    const once = [parent, childStarted(FIRST, 1), childEnded(FIRST, 'COMPLETED')];

    expect(fold([...once, { ...childEnded(FIRST, 'COMPLETED'), at: T0 + 99 }])).toEqual(fold(once));
    expect(() => fold([...once, childEnded(FIRST, 'FAILED')])).toThrow(refused('child-ended'));
  });

  it.each<{ readonly case: string; readonly events: readonly RunEvent[]; readonly event: RunEvent['kind'] }>([
    { case: 'the end of a run it did not start', events: [childEnded(FIRST, 'COMPLETED')], event: 'child-ended' },
    {
      case: 'an end that is none',
      events: [childStarted(FIRST, 1), childEnded(FIRST, 'RUNNING')],
      event: 'child-ended',
    },
    {
      case: 'a start while it is paused',
      events: [{ at: T0, kind: 'run-paused', by: 'dora' }, childStarted(FIRST, 1)],
      event: 'child-started',
    },
    {
      case: 'a start after its end',
      events: [{ at: T0, kind: 'run-ended', status: 'TERMINATED' }, childStarted(FIRST, 1)],
      event: 'child-started',
    },
    {
      case: 'a start by a stage it does not have',
      events: [{ at: T0, kind: 'child-started', stage: 'nap', run: FIRST }],
      event: 'child-started',
    },
  ])('refuses $case', ({ events, event }) => {
    expect(() => fold([parent, ...events])).toThrow(refused(event));
  });

  it('records how one ended even after its own end, for it says what became of switches', () => {
    const run = fold([
      parent,
      childStarted(FIRST, 1),
      { at: T0 + 60, kind: 'run-ended', status: 'TERMINATED' },
      childEnded(FIRST, 'FAILED'),
    ]);

    expect(run).toMatchObject({ status: 'TERMINATED', endedAt: T0 + 60, children: [{ status: 'FAILED' }] });
  });

  it('is no longer held once it starts one', () => {
    const run = fold([parent, { at: T0, kind: 'held', why: 'outside of the window' }, childStarted(FIRST, 1)]);

    expect(run).not.toHaveProperty('hold');
  });
});

describe('countedOf()', () => {
  const devices = ['leaf-01', 'leaf-02', 'leaf-03', 'leaf-04', 'leaf-05'];

  it('counts the switches of a parent by what the runs it started tell', () => {
    const events = [
      parent,
      planned(devices),
      childStarted(FIRST, 1),
      childEnded(FIRST, 'FAILED', { outcomes: { applied: 1, reverted: 1 } }),
      childStarted(SECOND, 2),
    ];

    expect(countedOf(fold(events))).toEqual({ applied: 1, reverted: 1, open: 3 });
    expect(countedOf(fold([...events, { at: T0, kind: 'run-ended', status: 'FAILED' }]))).toEqual({
      applied: 1,
      reverted: 1,
      untouched: 3,
    });
  });

  it('counts each switch once where the parent tells of them itself', () => {
    const run = fold([
      parent,
      planned(devices.slice(0, 2)),
      childStarted(FIRST, 1),
      childEnded(FIRST, 'FAILED', { outcomes: { reverted: 2 } }),
      childStarted(SECOND, 2),
      childEnded(SECOND, 'COMPLETED', { outcomes: { applied: 2 } }),
      ended('leaf-01', applied),
      ended('leaf-02', applied),
    ]);

    expect(countedOf(run)).toEqual({ applied: 2 });
  });
});

describe('outcomesOf()', () => {
  it('says of a switch the run left behind that nobody knows', () => {
    const run = fold([started(), planned(['leaf-01', 'leaf-02', 'leaf-03']), intent(['leaf-01', 'leaf-02'])]);
    const over = fold([
      started(),
      planned(['leaf-01', 'leaf-02', 'leaf-03']),
      intent(['leaf-01', 'leaf-02']),
      ended('leaf-01', applied),
      { at: T0, kind: 'run-ended', status: 'TERMINATED' },
    ]);

    expect(outcomesOf(run)).toEqual({ unknown: 3 });
    expect(outcomesOf(over)).toEqual({ applied: 1, unknown: 1, untouched: 1 });
  });
});

describe('foldRun(), of a barrier', () => {
  const atWork = [started(), moved('apply_configuration', 'IN_PROGRESS'), intent(['leaf-01', 'leaf-02'])];

  it('keeps what was decided first, and refuses the opposite', () => {
    const run = fold([...atWork, barrier('confirm', 'first'), barrier('confirm', 'again')]);

    expect(run.barrier).toEqual({ stage: 'apply_configuration', decision: 'confirm', why: 'first' });
    expect(() => fold([...atWork, barrier('confirm'), barrier('take-back')])).toThrow(refused('barrier-decided'));
  });

  it('holds whoever takes over to it, as long as a switch has no outcome', () => {
    const taken = [...atWork, barrier('take-back'), ended('leaf-01', applied), intent(['leaf-02'])];

    expect(fold(taken).barrier?.decision).toBe('take-back');
    expect(() => fold([...taken, barrier('confirm')])).toThrow(refused('barrier-decided'));
  });

  it('begins anew with an intent after it was carried out on every switch', () => {
    const reverted = { kind: 'reverted', error: anError() } as const;
    const carriedOut = [...atWork, barrier('take-back'), ended('leaf-01', reverted), ended('leaf-02', reverted)];

    const again = fold([...carriedOut, intent(['leaf-01', 'leaf-02'])]);

    expect(fold(carriedOut).barrier?.decision).toBe('take-back');
    expect(again).not.toHaveProperty('barrier');
    expect(fold([...carriedOut, intent(['leaf-01', 'leaf-02']), barrier('confirm')]).barrier?.decision).toBe('confirm');
  });
});
