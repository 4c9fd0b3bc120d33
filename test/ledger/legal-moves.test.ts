import { describe, expect, it } from 'vitest';
import type { RunEvent, RunStatus, StageState } from '../../ledger/events.ts';
import { foldRun } from '../../ledger/fold-run.ts';
import { hasEnded, isLegalRunMove, isLegalStageMove, RUN_MOVES, STAGE_MOVES } from '../../ledger/legal-moves.ts';
import { DIGEST, moved, RUN, STAGES, started, T0 } from './build.ts';

const stageStates = Object.keys(STAGE_MOVES) as readonly StageState[];
const statuses = Object.keys(RUN_MOVES) as readonly RunStatus[];
const pairsOf = <State>(states: readonly State[]) => states.flatMap((from) => states.map((to) => ({ from, to })));

/** Written out a second time on purpose: a slip in the product's table has to be made twice to pass. */
const LEGAL_STAGE_MOVES = new Set([
  'NOT_STARTED IN_PROGRESS',
  'NOT_STARTED UNREACHABLE',
  'IN_PROGRESS PENDING_APPROVAL',
  'IN_PROGRESS COMPLETE',
  'IN_PROGRESS FAILED',
  'PENDING_APPROVAL APPROVED',
  'PENDING_APPROVAL REJECTED',
  'PENDING_APPROVAL FAILED',
  'APPROVED COMPLETE',
  'APPROVED FAILED',
  'REJECTED COMPLETE',
  'REJECTED FAILED',
  'FAILED IN_PROGRESS',
]);
/** What a stage that asked for approval may not do, though others may. */
const PAST_THE_GATE = new Set(['IN_PROGRESS COMPLETE']);
const LEGAL_RUN_MOVES = new Set([
  'RUNNING PAUSED',
  'RUNNING COMPLETED',
  'RUNNING REJECTED',
  'RUNNING FAILED',
  'RUNNING TERMINATED',
  'RUNNING TIMED_OUT',
  'PAUSED RUNNING',
  'PAUSED TERMINATED',
  'PAUSED TIMED_OUT',
]);

describe('isLegalStageMove()', () => {
  it.each(pairsOf(stageStates))('decides $from to $to as the table says', ({ from, to }) => {
    const legal = isLegalStageMove(from, to, false);

    expect(legal).toBe(from === to || LEGAL_STAGE_MOVES.has(`${from} ${to}`));
  });

  it.each(pairsOf(stageStates))(
    'decides $from to $to as the table says, of a stage that asked for approval',
    ({ from, to }) => {
      const legal = isLegalStageMove(from, to, true);

      expect(legal).toBe(
        from === to || (LEGAL_STAGE_MOVES.has(`${from} ${to}`) && !PAST_THE_GATE.has(`${from} ${to}`)),
      );
    },
  );
});

describe('isLegalRunMove()', () => {
  it.each(pairsOf(statuses))('decides $from to $to as the table says', ({ from, to }) => {
    const legal = isLegalRunMove(from, to);

    expect(legal).toBe(from === to || LEGAL_RUN_MOVES.has(`${from} ${to}`));
  });

  it('has no way out of an ended run', () => {
    expect(statuses.filter((status) => !hasEnded(status))).toEqual(['RUNNING', 'PAUSED']);
  });
});

describe('foldRun()', () => {
  const STAGE = STAGES[1];
  const asks: RunEvent = { at: T0, kind: 'decided', stage: STAGE, digest: DIGEST, decision: 'waiting', by: [] };
  const [begun, asked] = [moved(STAGE, 'IN_PROGRESS'), moved(STAGE, 'PENDING_APPROVAL')];
  /** The shortest way into each state, where there is one: a stage cannot be over, or not begun, and have asked. */
  const ways: Readonly<Record<'plain' | 'gated', Readonly<Partial<Record<StageState, readonly RunEvent[]>>>>> = {
    plain: {
      NOT_STARTED: [],
      IN_PROGRESS: [begun],
      PENDING_APPROVAL: [begun, asked],
      APPROVED: [begun, asked, moved(STAGE, 'APPROVED')],
      REJECTED: [begun, asked, moved(STAGE, 'REJECTED')],
      COMPLETE: [begun, moved(STAGE, 'COMPLETE')],
      FAILED: [begun, moved(STAGE, 'FAILED')],
      UNREACHABLE: [moved(STAGE, 'UNREACHABLE')],
    },
    gated: {
      IN_PROGRESS: [begun, asks],
      PENDING_APPROVAL: [begun, asks, asked],
      APPROVED: [begun, asks, asked, moved(STAGE, 'APPROVED')],
      REJECTED: [begun, asks, asked, moved(STAGE, 'REJECTED')],
      COMPLETE: [begun, asks, asked, moved(STAGE, 'APPROVED'), moved(STAGE, 'COMPLETE')],
      FAILED: [begun, asks, asked, moved(STAGE, 'FAILED')],
    },
  };
  const tries = (['plain', 'gated'] as const).flatMap((gate) =>
    Object.entries(ways[gate]).flatMap(([from, way]) =>
      stageStates.map((to) => ({ gate, from: from as StageState, to, events: [started(), ...way] })),
    ),
  );

  it.each(tries)(
    'takes a $gate stage from $from to $to if that is legal, and else throws',
    ({ gate, from, to, events }) => {
      const move = () => foldRun(RUN, [...events, moved(STAGE, to)])?.stages[1]?.state;

      if (isLegalStageMove(from, to, gate === 'gated')) expect(move()).toBe(to);
      else
        expect(move).toThrow(
          expect.objectContaining({ code: 'LEDGER_ILLEGAL_MOVE', details: expect.objectContaining({ from, to }) }),
        );
    },
  );

  it.each(pairsOf(statuses))('takes a run from $from to $to if that is legal, and else throws', ({ from, to }) => {
    const move = () => foldRun(RUN, [started(), ...(from === 'RUNNING' ? [] : [intoRun(from)]), intoRun(to)])?.status;

    if (isLegalRunMove(from, to)) expect(move()).toBe(to);
    else expect(move).toThrow(expect.objectContaining({ code: 'LEDGER_ILLEGAL_MOVE' }));
  });

  function intoRun(status: RunStatus): RunEvent {
    if (status === 'PAUSED') return { at: T0, kind: 'run-paused', by: 'dora' };
    if (status === 'RUNNING') return { at: T0, kind: 'run-resumed', by: 'dora' };
    return { at: T0, kind: 'run-ended', status };
  }
});
