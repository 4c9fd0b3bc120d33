import { describe, expect, it } from 'vitest';
import type { RunEvent, StageState } from '../../ledger/events.ts';
import { STAGE_MOVES } from '../../ledger/legal-moves.ts';
import { standingOf, waitsForPerson } from '../../ledger/standing.ts';
import { anError, applied, DIGEST, ended, fold, intent, moved, STAGES, started, T0 } from './build.ts';

const [LOAD, DIFF, APPLY] = STAGES;
const held = (why: string, at = T0, more: object = {}): RunEvent => ({ at, kind: 'held', why, ...more });
const delayed = (attempt: number, stage: string = APPLY): RunEvent => ({
  at: T0 + 5,
  kind: 'retry-delayed',
  stage,
  until: T0 + 30_005,
  attempt,
  of: 3,
  why: 'the switch did not answer',
});
const decided = (decision: 'granted' | 'waiting' | 'rejected', stage: string = DIFF): RunEvent => ({
  at: T0 + 7,
  kind: 'decided',
  stage,
  digest: DIGEST,
  decision,
  by: ['ana'],
});
const end = (more: object = {}): RunEvent => ({ at: T0 + 99, kind: 'run-ended', status: 'TERMINATED', ...more });
const stage = (events: readonly RunEvent[], name: string) => fold(events).stages.find((one) => one.name === name);
const refused = expect.objectContaining({ code: 'LEDGER_ILLEGAL_MOVE' });

/** The shortest way into each state a stage can be in. */
const WAYS: Readonly<Record<StageState, readonly StageState[]>> = {
  NOT_STARTED: [],
  IN_PROGRESS: ['IN_PROGRESS'],
  PENDING_APPROVAL: ['IN_PROGRESS', 'PENDING_APPROVAL'],
  APPROVED: ['IN_PROGRESS', 'PENDING_APPROVAL', 'APPROVED'],
  REJECTED: ['IN_PROGRESS', 'PENDING_APPROVAL', 'REJECTED'],
  COMPLETE: ['IN_PROGRESS', 'COMPLETE'],
  FAILED: ['IN_PROGRESS', 'FAILED'],
  UNREACHABLE: ['UNREACHABLE'],
};
const into = (state: StageState, name: string) => [started(), ...WAYS[state].map((to) => moved(name, to))];
const takenIn = (event: (name: string) => RunEvent): readonly StageState[] =>
  (Object.keys(STAGE_MOVES) as StageState[]).filter((state) => {
    try {
      fold([...into(state, DIFF), event(DIFF)]);
      return true;
    } catch (error) {
      expect(error).toEqual(refused);
      return false;
    }
  });

describe('a held run', () => {
  it('says why, until when, and since when it waits for whatever it waits for', () => {
    const run = fold([
      started(),
      held('outside of the window', T0 + 1, { until: T0 + 900 }),
      held('a freeze', T0 + 2, { until: T0 + 950 }),
    ]);

    expect(run.hold).toEqual({ why: 'a freeze', until: T0 + 950, since: T0 + 1 });
  });

  it('goes on with whatever is begun', () => {
    const waiting = [started(), moved(LOAD, 'IN_PROGRESS'), held('a freeze')];

    expect(fold([...waiting, moved(LOAD, 'COMPLETE')])).not.toHaveProperty('hold');
    expect(fold([...waiting, intent(['leaf-01'])])).not.toHaveProperty('hold');
  });

  it('waits on while a stage only stays where it is', () => {
    expect(fold([started(), moved(LOAD, 'IN_PROGRESS'), held('a freeze'), moved(LOAD, 'IN_PROGRESS')]).hold?.why).toBe(
      'a freeze',
    );
  });

  it('waits for nothing once it has ended', () => {
    expect(fold([started(), held('a freeze'), end()])).not.toHaveProperty('hold');
  });
});

describe('a stage that is tried again by itself', () => {
  it('says when, and how often it did so, until something is begun', () => {
    const waiting = [...into('IN_PROGRESS', APPLY), delayed(1)];

    expect(stage(waiting, APPLY)).toMatchObject({
      repetitions: 1,
      retries: 0,
      retryDelay: { until: T0 + 30_005, attempt: 1, of: 3 },
    });
    const begun = stage([...waiting, intent(['leaf-01'])], APPLY);
    expect(begun).toMatchObject({ repetitions: 1 });
    expect(begun).not.toHaveProperty('retryDelay');
    expect(stage([...waiting, moved(APPLY, 'FAILED')], APPLY)).not.toHaveProperty('retryDelay');
  });

  it('counts anew once a person had it tried again', () => {
    const run = stage(
      [...into('IN_PROGRESS', APPLY), delayed(3), moved(APPLY, 'FAILED'), moved(APPLY, 'IN_PROGRESS')],
      APPLY,
    );

    expect(run).toMatchObject({ repetitions: 0, retries: 1 });
  });

  it('is one that is under way: what failed waits for a person, what is over for nobody', () => {
    expect(takenIn((name) => delayed(1, name))).toEqual(['IN_PROGRESS', 'PENDING_APPROVAL', 'APPROVED']);
  });

  it('is tried no more once the run has ended', () => {
    expect(stage([...into('IN_PROGRESS', APPLY), delayed(1), end()], APPLY)).not.toHaveProperty('retryDelay');
  });
});

describe('a stage that is tried again by a person', () => {
  it('says who did it, and nothing of what was said about the try before', () => {
    const failed = moved(DIFF, 'FAILED', T0 + 8, {
      error: anError(),
      recovery: { deviceState: 'old', advice: 'wait' },
    });
    const before = [...into('PENDING_APPROVAL', DIFF), decided('granted'), failed];

    const again = stage([...before, moved(DIFF, 'IN_PROGRESS', T0 + 20, { by: 'dora' })], DIFF);

    expect(stage(before, DIFF)).toMatchObject({
      approvers: [{ by: 'ana', at: T0 + 7 }],
      recovery: { deviceState: 'old', advice: 'wait' },
    });
    expect(again).toMatchObject({ retries: 1, approvers: [], rejecters: [] });
    expect(again?.history.at(-1)).toEqual({ state: 'IN_PROGRESS', at: T0 + 20, by: 'dora' });
    for (const gone of ['gated', 'error', 'recovery']) expect(again).not.toHaveProperty(gone);
  });
});

describe('a decision', () => {
  it('says who released a stage, or refused it, and when', () => {
    const asked = into('PENDING_APPROVAL', DIFF);

    expect(stage([...asked, decided('granted')], DIFF)).toMatchObject({
      approvers: [{ by: 'ana', at: T0 + 7 }],
      rejecters: [],
    });
    expect(stage([...asked, decided('rejected')], DIFF)).toMatchObject({
      approvers: [],
      rejecters: [{ by: 'ana', at: T0 + 7 }],
    });
    expect(stage([...asked, decided('waiting')], DIFF)).toMatchObject({ approvers: [], rejecters: [] });
  });

  it('is about a stage in its try: no other would ever have stood at a gate', () => {
    expect(takenIn((name) => decided('granted', name))).toEqual(['IN_PROGRESS', 'PENDING_APPROVAL']);
  });
});

describe('a run the kill switch paused', () => {
  const automatic: RunEvent = { at: T0 + 1, kind: 'run-paused', by: 'automation.yaml', automatic: true, why: 'moving' };
  const person: RunEvent = { at: T0 + 2, kind: 'run-paused', by: 'dora' };

  it('is held by a person who pauses it too, so that it does not go on when the switch is off', () => {
    expect(fold([started(), automatic, person]).paused).toEqual({ by: 'dora', at: T0 + 2 });
  });

  it('stays a person’s when the kill switch comes second', () => {
    expect(fold([started(), person, automatic]).paused).toEqual({ by: 'dora', at: T0 + 2 });
  });

  it('remembers why, and since when, however often the switch says it', () => {
    expect(fold([started(), automatic, { ...automatic, at: T0 + 8 }]).paused).toEqual({
      by: 'automation.yaml',
      at: T0 + 1,
      why: 'moving',
      automatic: true,
    });
  });
});

describe('the end of a run', () => {
  it('keeps who ended it and what to do then', () => {
    const recovery = { stage: APPLY, deviceState: 'old or new', advice: 'look' };

    expect(fold([started(), end({ by: 'dora', recovery })])).toMatchObject({ endedBy: 'dora', recovery });
  });
});

describe('a result', () => {
  it('is listed once, however often it was written', () => {
    const wrote = (file: string): RunEvent => ({ at: T0, kind: 'artifact-written', stage: DIFF, file });

    expect(fold([started(), wrote('diff.md'), wrote('diff.json'), wrote('diff.md')]).artifacts).toEqual([
      'diff.md',
      'diff.json',
    ]);
    expect(() => fold([started(), { at: T0, kind: 'artifact-written', stage: 'nap', file: 'diff.md' }])).toThrow(
      refused,
    );
  });
});

describe('standingOf()', () => {
  const asking = into('PENDING_APPROVAL', DIFF);
  const paused: RunEvent = { at: T0, kind: 'run-paused', by: 'dora' };
  const child: RunEvent = { at: T0, kind: 'child-started', stage: APPLY, run: 'batch' };

  it.each<{ readonly kind: string; readonly events: readonly RunEvent[]; readonly person: boolean }>([
    { kind: 'due', events: [started()], person: false },
    { kind: 'ended', events: [started(), end()], person: false },
    { kind: 'paused', events: [...asking, paused], person: true },
    { kind: 'paused', events: [started(), { ...paused, automatic: true } as RunEvent], person: false },
    { kind: 'at-work', events: [started(), intent(['leaf-01'])], person: false },
    { kind: 'asks', events: [...asking, held('a freeze')], person: true },
    { kind: 'failed', events: into('FAILED', DIFF), person: true },
    { kind: 'held', events: [started(), held('a freeze')], person: false },
    { kind: 'repeats', events: [...into('IN_PROGRESS', APPLY), delayed(1)], person: false },
    { kind: 'children', events: [started(), child], person: false },
    { kind: 'due', events: [started(), intent(['leaf-01']), ended('leaf-01', applied)], person: false },
  ])('finds a run that is $kind, which waits for a person: $person', ({ kind, events, person }) => {
    const standing = standingOf(fold(events));

    expect(standing.kind).toBe(kind);
    expect(waitsForPerson(standing)).toBe(person);
  });

  it('says where an approval is given: at the gate, or else at the pull request that was merged', () => {
    const gate: RunEvent = { at: T0, kind: 'gate-opened', stage: DIFF, pullRequest: 9 };

    expect(standingOf(fold(asking))).toMatchObject({ stage: DIFF, pullRequest: 412, isGate: false });
    expect(standingOf(fold([...asking, gate]))).toMatchObject({ stage: DIFF, pullRequest: 9, isGate: true });
  });
});
