import { describe, expect, it } from 'vitest';
import type { DeviceOutcome, StageState } from '../../../ledger/events.ts';
import type { Run, StageRecord } from '../../../ledger/run.ts';
import { decideRetry } from '../../../reconciler/commands/decide-retry.ts';
import { ALL_WORKFLOWS } from '../../../workflows/all-workflows.ts';
import type { Workflow } from '../../../workflows/workflow.ts';
import { anError, T0 } from '../../ledger/build.ts';

const STATES: readonly StageState[] = [
  'NOT_STARTED',
  'IN_PROGRESS',
  'PENDING_APPROVAL',
  'APPROVED',
  'REJECTED',
  'COMPLETE',
  'FAILED',
  'UNREACHABLE',
];

const passing: DeviceOutcome = { kind: 'untouched', error: anError({ disposition: 'retry-later' }) };
const forGood: DeviceOutcome = { kind: 'untouched', error: anError({ disposition: 'needs-human' }) };

/** A run whose stages before `stage` are done, and which stands in it. */
function standing(
  { name: workflow, stages }: Workflow,
  stage: string,
  state: StageState,
  more: Partial<Run> = {},
): Run {
  const at = stages.findIndex(({ name }) => name === stage);
  return {
    name: 'x-pr-1-a1b2c3d4e5f6',
    workflow,
    commit: 'c',
    status: 'RUNNING',
    startedAt: T0,
    children: [],
    artifacts: [],
    stages: stages.map(
      ({ name }, index): StageRecord => ({
        name,
        state: index < at ? 'COMPLETE' : index > at ? 'NOT_STARTED' : state,
        history: [],
        retries: 0,
        repetitions: 0,
        approvers: [],
        rejecters: [],
      }),
    ),
    devices: [
      {
        site: 'ams1',
        device: 'leaf01',
        digest: 'd',
        attempts: 1,
        unsettled: 0,
        candidatesBefore: [],
        outcome: passing,
      },
    ],
    ...more,
  };
}

const asked = { by: 'dora', now: T0 + 1 };
const [configurationDeploy] = ALL_WORKFLOWS;
if (!configurationDeploy) throw new Error('no workflow');

describe.each(ALL_WORKFLOWS.map((workflow) => ({ workflow, name: workflow.name })))(
  'retry of $name',
  ({ workflow }) => {
    it.each(workflow.stages.flatMap(({ name }) => STATES.map((state) => ({ name, state }))))(
      'of $name, $state: only what FAILED, where the workflow says that a person may',
      ({ name, state }) => {
        const stage = workflow.stages.find((one) => one.name === name);
        const decided = decideRetry(standing(workflow, name, state), name, asked);

        if (state === 'FAILED' && stage?.retryable) {
          expect(decided).toEqual({
            kind: 'move',
            events: [
              { kind: 'stage-moved', at: T0 + 1, stage: name, to: 'IN_PROGRESS', why: 'tried again', by: 'dora' },
            ],
            why: `${name} is tried again`,
          });
        } else {
          expect(decided).toMatchObject({ kind: 'refused', next: expect.stringMatching(/[.:]$/) });
        }
      },
    );
  },
);

describe('retry is refused', () => {
  const failed = (more: Partial<Run> = {}) => standing(configurationDeploy, 'apply_configuration', 'FAILED', more);
  const whyNot = (run: Run, stage?: string) => {
    const decided = decideRetry(run, stage, asked);
    return decided.kind === 'refused' ? `${decided.why} | ${decided.next} ${decided.copy ?? ''}` : 'not refused';
  };

  it.each<{ what: string; run: Run; stage?: string; why: RegExp }>([
    {
      what: 'in a run that has ended, whose request is a new run',
      run: failed({ status: 'FAILED', endedAt: T0, why: '1 reverted' }),
      why: /has ended already, FAILED \(1 reverted\) \| To change the switches again, merge another pull request/,
    },
    {
      what: 'in a run that somebody terminated',
      run: failed({ endWanted: { by: 'eve', at: T0 } }),
      why: /eve terminated it/,
    },
    {
      what: 'in a run that somebody holds',
      run: failed({ status: 'PAUSED', paused: { by: 'eve', at: T0 } }),
      why: /paused by eve \| Resume it first: \/pointsman resume x-pr-1/,
    },
    {
      what: 'in a run that the kill switch holds',
      run: failed({ status: 'PAUSED', paused: { by: 'automation.yaml', at: T0, why: 'storm', automatic: true } }),
      why: /automation.yaml holds it: storm \| It can be tried again when that is over/,
    },
    {
      what: 'of a batch, which is tried again with its run',
      run: failed({ parent: 'multideploy-pr-1-a', batch: { number: 2, of: 3 } }),
      why: /batch 2 of multideploy-pr-1-a.* \/pointsman retry multideploy-pr-1-a execute_batches/,
    },
    { what: 'of a stage there is not', run: failed(), stage: 'fly', why: /no stage fly \| It stands so: load/ },
    {
      what: 'where no stage has failed',
      run: standing(configurationDeploy, 'perform_backup', 'COMPLETE'),
      why: /no stage of it has failed/,
    },
    {
      what: 'of a stage that failed for a reason that does not pass',
      run: {
        ...failed(),
        stages: failed().stages.map((stage) =>
          stage.state === 'FAILED' ? { ...stage, error: anError({ disposition: 'void-approval' }) } : stage,
        ),
      },
      why: /failed for a reason that does not pass by itself: leaf-03 did not answer.*it is a new run/,
    },
    {
      what: 'where every switch failed for good',
      run: failed({ devices: failed().devices.map((device) => ({ ...device, outcome: forGood })) }),
      why: /no switch of it failed for a reason that may pass.*it is a new run/,
    },
  ])('$what', ({ run, stage, why }) => {
    expect(whyNot(run, stage)).toMatch(why);
  });

  it('where several stages failed and none is named', () => {
    const run = { ...failed(), stages: failed().stages.map((stage) => ({ ...stage, state: 'FAILED' as const })) };

    expect(whyNot(run)).toMatch(/4 stages of it have failed.*retry x-pr-1-a1b2c3d4e5f6 load_intended_configuration/);
  });
});

it('the one stage that failed need not be named', () => {
  const run = standing(configurationDeploy, 'apply_configuration', 'FAILED');

  expect(decideRetry(run, undefined, asked)).toEqual(decideRetry(run, 'apply_configuration', asked));
});
