import { describe, expect, it } from 'vitest';
import type { DeviceOutcome, RunEvent, StageState } from '../../ledger/events.ts';
import { foldRun } from '../../ledger/fold-run.ts';
import { STAGE_MOVES } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import { code, prose } from '../../plans/safe-text.ts';
import { howLeft as howLeftIn } from '../../reconciler/commands/how-left.ts';
import { endsOf } from '../../reconciler/end-wanted.ts';
import { ALL_WORKFLOWS } from '../../workflows/all-workflows.ts';
import type { Workflow } from '../../workflows/workflow.ts';
import { applied, T0 } from '../ledger/build.ts';

const howLeft = (run: Run) => howLeftIn(run, { code, plain: prose });
const wanted: RunEvent = { at: T0 + 5, kind: 'end-wanted', by: 'dora', why: 'wrong VLAN' };
const wait = ['IN_PROGRESS', 'PENDING_APPROVAL'] as const;

/** How a stage comes to be in a state. */
const WAY: Readonly<Record<StageState, readonly StageState[]>> = {
  NOT_STARTED: [],
  IN_PROGRESS: ['IN_PROGRESS'],
  PENDING_APPROVAL: wait,
  APPROVED: [...wait, 'APPROVED'],
  REJECTED: [...wait, 'REJECTED'],
  COMPLETE: ['IN_PROGRESS', 'COMPLETE'],
  FAILED: ['IN_PROGRESS', 'FAILED'],
  UNREACHABLE: ['UNREACHABLE'],
};

/** A run whose stages before one are done, and which stands in it when somebody wants it ended. */
function standing({ name, stages }: Workflow, stage: string, state: StageState, more: readonly RunEvent[] = []): Run {
  const names = stages.map((one) => one.name);
  const run = foldRun('a-run', [
    { at: T0, kind: 'run-started', workflow: name, stages: names, commit: 'c', pullRequest: 1 },
    {
      at: T0,
      kind: 'planned',
      digest: 'p1:d',
      devices: ['leaf01', 'leaf02'].map((device) => ({ site: 'ams1', device, digest: 'd' })),
    },
    ...names
      .slice(0, names.indexOf(stage))
      .flatMap((before) => WAY.COMPLETE.map((to): RunEvent => ({ at: T0, kind: 'stage-moved', stage: before, to }))),
    ...WAY[state].map((to): RunEvent => ({ at: T0, kind: 'stage-moved', stage, to })),
    ...more,
    wanted,
  ]);
  if (!run) throw new Error('no run');
  return run;
}

const ended = (device: string, outcome: DeviceOutcome, stage: string): RunEvent => ({
  at: T0,
  kind: 'device-ended',
  site: 'ams1',
  device,
  stage,
  outcome,
});

describe.each(ALL_WORKFLOWS.map((workflow) => ({ workflow, name: workflow.name })))(
  '$name, terminated',
  ({ workflow }) => {
    const states = (Object.keys(STAGE_MOVES) as StageState[]).filter((state) => state !== 'COMPLETE');

    it.each(workflow.stages.map(({ name }) => ({ name })))(
      'in $name, says how that leaves the switches and what to do',
      ({ name }) => {
        const stage = workflow.stages.find((one) => one.name === name);
        for (const state of states) {
          const [end] = endsOf(T0 + 9, [standing(workflow, name, state)]);
          const text = end ? howLeft(end.run).join('\n') : '';

          expect(end?.run).toMatchObject({
            status: 'TERMINATED',
            endedBy: 'dora',
            why: 'terminated by dora: wrong VLAN',
          });
          expect([state, text]).toEqual([
            state,
            expect.stringContaining(prose(stage?.whenTerminated.deviceState ?? '?')),
          ]);
          expect(text).toContain(prose(stage?.whenTerminated.advice ?? '?'));
          expect(text).toContain('- untouched: `leaf01`, `leaf02`');
        }
      },
    );
  },
);

describe('a run that is terminated', () => {
  const [deploy] = ALL_WORKFLOWS;
  const batches = ALL_WORKFLOWS.find(({ name }) => name === 'MultiDeploy');
  const batch = ALL_WORKFLOWS.find(({ name }) => name === 'BatchDeploy');
  if (!deploy || !batches || !batch) throw new Error('a workflow is missing');

  it('between two stages, speaks of the one that would have come', () => {
    const [end] = endsOf(T0 + 9, [standing(deploy, 'apply_configuration', 'COMPLETE')]);

    expect(end && howLeft(end.run).join()).toContain('only its backup is missing');
  });

  it('keeps what is known of its switches, and fails what was under way', () => {
    const [end] = endsOf(T0 + 9, [
      standing(deploy, 'apply_configuration', 'IN_PROGRESS', [ended('leaf01', applied, 'apply_configuration')]),
    ]);

    expect(end?.run.stages.map(({ state }) => state)).toEqual(['COMPLETE', 'COMPLETE', 'FAILED', 'UNREACHABLE']);
    expect(end?.run.devices.map(({ outcome }) => outcome?.kind)).toEqual(['applied', 'untouched']);
  });

  it('knows of its switches what their batches do', () => {
    const run = standing(batches, 'execute_batches', 'IN_PROGRESS', [
      { at: T0, kind: 'child-started', stage: 'execute_batches', run: 'its-batch' },
    ]);
    const child = standing(batch, 'apply_configuration', 'IN_PROGRESS', [
      ended('leaf01', applied, 'apply_configuration'),
    ]);

    const ends = endsOf(T0 + 9, [run, { ...child, name: 'its-batch', parent: run.name }]);

    expect(ends.map(({ run: one }) => [one.name, one.status])).toEqual([
      ['its-batch', 'TERMINATED'],
      ['a-run', 'TERMINATED'],
    ]);
    expect(ends.at(-1)?.run.devices.map(({ outcome }) => outcome?.kind)).toEqual(['applied', 'untouched']);
    expect(ends.at(-1)?.run.children).toMatchObject([{ run: 'its-batch', status: 'TERMINATED' }]);
  });

  it('keeps on record how that leaves the switches', () => {
    const [end] = endsOf(T0 + 9, [standing(deploy, 'apply_configuration', 'IN_PROGRESS')]);

    expect(end?.run.recovery).toMatchObject({ stage: 'apply_configuration', ...deploy.stages[2]?.whenTerminated });
  });
});
