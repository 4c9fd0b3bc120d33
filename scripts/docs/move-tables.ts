import type { RunStatus, StageState } from '../../ledger/events.ts';
import { isLegalStageMove, RUN_MOVES, STAGE_MOVES } from '../../ledger/legal-moves.ts';
import { renderTable } from './table.ts';

/** What each state says to people. The moves come from the ledger's own table. */
const STAGE_MEANS: Readonly<Record<StageState, string>> = {
  NOT_STARTED: 'Nothing was done for it yet.',
  IN_PROGRESS: 'It is being done, or goes on with the next pass.',
  PENDING_APPROVAL: 'It asks, and waits for an answer.',
  APPROVED: 'The answer was yes.',
  REJECTED: 'The answer was no.',
  COMPLETE: 'It is done. Of a stage that asked: its answer was carried out, also when that was no.',
  FAILED: 'It did not come out well. Where its workflow allows it, a person may have it tried again.',
  UNREACHABLE: 'It will never be done: a stage before it ended the run.',
};

const RUN_MEANS: Readonly<Record<RunStatus, string>> = {
  RUNNING: 'It goes on whenever something is due, which may be in a week.',
  PAUSED: 'Somebody holds it, or the kill switch does. Nothing is begun in it.',
  COMPLETED: 'Everything came out as asked, on every switch.',
  REJECTED: 'Somebody who may approve it said no.',
  FAILED: 'Something did not come out as asked, if only on one switch.',
  TERMINATED: 'A person ended it.',
  TIMED_OUT: 'It had not ended when its time was up.',
};

/** Every state of a stage and where it may go from there. */
export function renderStageMoves(): string {
  const states = Object.keys(STAGE_MOVES) as readonly StageState[];
  const rows = states.map((from) => {
    const moves = STAGE_MOVES[from].map((to) =>
      isLegalStageMove(from, to, true) ? named(to) : `${named(to)} (only if it asked nobody)`,
    );
    return [named(from), STAGE_MEANS[from], moves.length > 0 ? moves.join(', ') : 'nothing else'];
  });
  return renderTable(['A stage that is', 'What that means', 'may become'], rows);
}

/** Every status of a run and where it may go from there. */
export function renderRunMoves(): string {
  const statuses = Object.keys(RUN_MOVES) as readonly RunStatus[];
  const rows = statuses.map((from) => {
    const moves = RUN_MOVES[from].map(named);
    return [named(from), RUN_MEANS[from], moves.length > 0 ? moves.join(', ') : 'nothing else: it has ended'];
  });
  return renderTable(['A run that is', 'What that means', 'may become'], rows);
}

function named(state: string): string {
  return `\`${state}\``;
}
