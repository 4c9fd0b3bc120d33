import { describe, expect, it } from 'vitest';
import type { RunStatus, StageState } from '../../ledger/events.ts';
import { hasEnded, isLegalRunMove, isLegalStageMove, RUN_MOVES, STAGE_MOVES } from '../../ledger/legal-moves.ts';

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

  it('lets a stage that asked for approval complete only from APPROVED or REJECTED', () => {
    const from = stageStates.filter((state) => state !== 'COMPLETE' && isLegalStageMove(state, 'COMPLETE', true));

    expect(from).toEqual(['APPROVED', 'REJECTED']);
  });

  it('asks nothing more of a gated stage than how it completes', () => {
    const differing = pairsOf(stageStates).filter(
      ({ from, to }) => isLegalStageMove(from, to, true) !== isLegalStageMove(from, to, false),
    );

    expect(differing).toEqual([{ from: 'IN_PROGRESS', to: 'COMPLETE' }]);
  });
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
