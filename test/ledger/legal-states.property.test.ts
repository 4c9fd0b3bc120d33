import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IllegalMoveError, LeaseLostError } from '../../ledger/errors.ts';
import type { RunEvent } from '../../ledger/events.ts';
import { deviceKey, foldEvent } from '../../ledger/fold-run.ts';
import { hasEnded, RUN_MOVES, STAGE_MOVES } from '../../ledger/legal-moves.ts';
import type { Run, StageRecord } from '../../ledger/run.ts';
import { anyEvent } from './arbitrary-events.ts';
import { RUN, started } from './build.ts';

/** A run, and wishes of an engine that has lost its mind: any event, in any order. Long ones: short ones get nowhere. */
const anything = fc
  .array(anyEvent, { minLength: 1, maxLength: 80, size: 'max' })
  .map((wishes) => [started(), ...wishes]);

/** Every step of it: the run before, what was asked, and the run after, or what it was refused with. */
function* stepsOf(wishes: readonly RunEvent[]) {
  let before: Run | undefined;
  for (const event of wishes) {
    let after: Run | undefined;
    let refusal: unknown;
    try {
      after = foldEvent(RUN, before, event);
    } catch (error) {
      refusal = error;
    }
    yield { before, event, after, refusal };
    before = after ?? before;
  }
}

it('foldEvent() takes any event or refuses it as illegal or as of a lost lease, and nothing else', () => {
  fc.assert(
    fc.property(anything, (wishes) => {
      for (const { after, refusal } of stepsOf(wishes)) {
        if (after) continue;
        expect(refusal instanceof IllegalMoveError || refusal instanceof LeaseLostError, String(refusal)).toBe(true);
      }
    }),
  );
});

it('foldEvent() leads from one state of the tables to another by one of their moves', () => {
  fc.assert(
    fc.property(anything, (wishes) => {
      for (const { before, after } of stepsOf(wishes)) {
        if (!after) continue;
        expect(Object.keys(RUN_MOVES)).toContain(after.status);
        if (before && before.status !== after.status) expect(RUN_MOVES[before.status]).toContain(after.status);
        for (const [index, stage] of after.stages.entries()) {
          expect(problemOf(stage)).toBeUndefined();
          const from = before?.stages[index]?.state;
          if (from && from !== stage.state) expect(STAGE_MOVES[from]).toContain(stage.state);
        }
      }
    }),
  );
});

it('foldEvent() never completes a stage past the gate it stood at', () => {
  fc.assert(
    fc.property(anything, (wishes) => {
      const gated = new Set<string>();
      for (const { before, event, after } of stepsOf(wishes)) {
        if (!after) continue;
        if (event.kind === 'decided') gated.add(event.stage);
        if (event.kind !== 'stage-moved') continue;
        const from = before?.stages.find(({ name }) => name === event.stage)?.state;
        if (event.to === 'IN_PROGRESS' && from === 'FAILED') gated.delete(event.stage);
        if (event.to === 'COMPLETE' && from !== 'COMPLETE' && gated.has(event.stage)) {
          expect(['APPROVED', 'REJECTED']).toContain(from);
        }
      }
    }),
  );
});

it('foldEvent() keeps what belongs to a status with that status only', () => {
  fc.assert(
    fc.property(anything, (wishes) => {
      for (const { after: run } of stepsOf(wishes)) {
        if (!run) continue;
        const over = hasEnded(run.status);
        expect(run.paused !== undefined).toBe(run.status === 'PAUSED');
        expect(run.endedAt !== undefined).toBe(over);
        if (over) expect({ lease: run.lease, hold: run.hold }).toEqual({ lease: undefined, hold: undefined });
        for (const { state, retryDelay } of run.stages) {
          if (retryDelay) expect([over, state]).toEqual([false, expect.stringMatching(UNDER_WAY)]);
        }
        for (const { status, endedAt, outcomes } of run.children) {
          expect([endedAt !== undefined, outcomes !== undefined]).toEqual(Array(2).fill(status !== undefined));
          if (status) expect(hasEnded(status)).toBe(true);
        }
      }
    }),
  );
});

it('foldEvent() changes nothing of an ended run but what became of its switches', () => {
  fc.assert(
    fc.property(anything, (wishes) => {
      for (const { before, event, after } of stepsOf(wishes)) {
        if (!before || !hasEnded(before.status) || !after) continue;
        expect(['device-ended', 'backed-up', 'child-ended', 'run-ended']).toContain(event.kind);
        expect({ ...after, devices: [], children: [] }).toEqual({ ...before, devices: [], children: [] });
        expect(after.children.map(({ run }) => run)).toEqual(before.children.map(({ run }) => run));
      }
    }),
  );
});

it('foldEvent() touches nothing in a run that somebody holds', () => {
  fc.assert(
    fc.property(anything, (wishes) => {
      for (const { before, event, after } of stepsOf(wishes)) {
        if (before?.status === 'PAUSED' && after) expect(['intent', 'child-started']).not.toContain(event.kind);
      }
    }),
  );
});

it('foldEvent() keeps to what a barrier decided as long as a switch has no outcome', () => {
  fc.assert(
    fc.property(anything, (wishes) => {
      for (const { before, event, after } of stepsOf(wishes)) {
        if (!before?.barrier || !after || after.barrier?.decision === before.barrier.decision) continue;
        expect([event.kind, before.lease]).toEqual(['intent', undefined]);
      }
    }),
  );
});

it('foldEvent() leases only switches of the run that have no outcome', () => {
  fc.assert(
    fc.property(anything, (wishes) => {
      for (const { after: run } of stepsOf(wishes)) {
        const open = new Set(run?.devices.filter(({ outcome }) => !outcome).map(deviceKey));
        expect(run?.lease?.devices.filter((key) => !open.has(key)) ?? []).toEqual([]);
        expect(run?.lease?.devices).not.toEqual([]);
      }
    }),
  );
});

const UNDER_WAY = /^(?:IN_PROGRESS|PENDING_APPROVAL|APPROVED)$/;

/** What of a stage's history could not have happened. */
function problemOf({ state, history }: StageRecord): string | undefined {
  const states = history.map((entry) => entry.state);
  if (states[0] !== 'NOT_STARTED') return `begins as ${states[0]}`;
  if (states.at(-1) !== state) return `is ${state} and was last ${states.at(-1)}`;
  const wrong = states.findIndex((to, index) => {
    const from = states[index - 1];
    return from !== undefined && !STAGE_MOVES[from].includes(to);
  });
  return wrong === -1 ? undefined : `went from ${states[wrong - 1]} to ${states[wrong]}`;
}
