import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../ledger/events.ts';
import { foldRun } from '../../../ledger/fold-run.ts';
import type { Run } from '../../../ledger/run.ts';
import type { Batch } from '../../../plans/plan.ts';
import { batchViews } from '../../../reconciler/batches/batch-views.ts';
import { APPLY, BACKUP, moved, REVIEW, started } from '../../../reconciler/deploy/run-events.ts';

const error = { code: 'X', disposition: 'retry-later', message: 'no answer', next: 'wait', details: {} } as const;
const batches: readonly Batch[] = [
  { number: 1, canary: true, devices: ['leaf1'] },
  { number: 2, devices: ['leaf2', 'leaf3'] },
  { number: 3, devices: ['leaf4'] },
];

function folded(name: string, workflow: string, devices: readonly string[], more: readonly RunEvent[]): Run {
  const run = foldRun(name, [
    started(1, { run: name, workflow, commit: 'c', parent: 'p' }),
    {
      kind: 'planned',
      at: 1,
      digest: 'd',
      devices: devices.map((device) => ({ site: 's', device, digest: 'd' })),
    },
    ...more,
  ]);
  if (!run) throw new Error('no run');
  return run;
}

const whole = (more: readonly RunEvent[] = [], devices = ['leaf1', 'leaf2', 'leaf3', 'leaf4']) =>
  folded('whole', 'MultiDeploy', devices, more);
const held: RunEvent = { kind: 'held', at: 2, why: 'a freeze' };
const child = (number: number, more: readonly RunEvent[], devices = batches[number - 1]?.devices ?? []) =>
  [number, folded(`batch-${number}`, 'BatchDeploy', devices, more)] as const;

const begun = [moved(2, REVIEW, 'IN_PROGRESS'), moved(2, REVIEW, 'COMPLETE'), moved(2, APPLY, 'IN_PROGRESS')];
const applied = (device: string): RunEvent => ({
  kind: 'device-ended',
  at: 3,
  site: 's',
  device,
  stage: APPLY,
  outcome: { kind: 'applied', candidate: '2', probes: [] },
});
const untouched = (device: string): RunEvent =>
  ({
    ...applied(device),
    kind: 'device-ended',
    outcome: { kind: 'untouched', error },
  }) as RunEvent;
const finished = [
  moved(4, APPLY, 'COMPLETE'),
  moved(4, BACKUP, 'IN_PROGRESS'),
  moved(4, BACKUP, 'COMPLETE'),
  { kind: 'run-ended', at: 4, status: 'COMPLETED' },
] as const satisfies readonly RunEvent[];
const asking = [moved(2, REVIEW, 'IN_PROGRESS'), moved(2, REVIEW, 'PENDING_APPROVAL')];
const gate: RunEvent = { kind: 'gate-opened', at: 2, stage: REVIEW, pullRequest: 9 };

const views = (run: Run, ...children: readonly (readonly [number, Run])[]) =>
  batchViews({ batches }, [{ run, children: new Map(children) }], (number) => `https://example/${number}`);
const statesOf = (found: ReturnType<typeof views>) => found.map(({ state }) => state);

describe('batchViews()', () => {
  it('has nothing to say of a plan without batches', () => {
    expect(batchViews({}, [{ run: whole(), children: new Map() }], String)).toEqual([]);
  });

  it('tells of every batch, begun or not, with its switches and how they came out', () => {
    const found = views(
      whole(),
      child(1, [...begun, applied('leaf1'), ...finished]),
      child(2, [...begun, applied('leaf2')]),
    );

    expect(found).toEqual([
      { number: 1, canary: true, devices: 1, state: 'done', outcomes: { applied: 1 } },
      { number: 2, devices: 2, state: 'running', outcomes: { applied: 1 } },
      { number: 3, devices: 1, state: 'waiting', outcomes: {} },
    ]);
  });

  it.each<{ what: string; more: readonly RunEvent[]; ofWhole?: readonly RunEvent[]; state: string }>([
    { what: 'has just begun', more: [moved(2, REVIEW, 'IN_PROGRESS')], state: 'running' },
    { what: 'waits for an approval', more: asking, state: 'asks' },
    {
      what: 'failed and can be tried again',
      more: [...begun, untouched('leaf1'), moved(3, APPLY, 'FAILED')],
      state: 'failed',
    },
    { what: 'ended badly', more: [...begun, { kind: 'run-ended', at: 3, status: 'FAILED' }], state: 'failed' },
    { what: 'was rejected', more: [...asking, { kind: 'run-ended', at: 3, status: 'REJECTED' }], state: 'failed' },
    { what: 'is held itself', more: [...begun, held], state: 'held' },
    { what: 'is of a run that is held', more: begun, ofWhole: [held], state: 'held' },
    {
      what: 'is of a run that is paused',
      more: begun,
      ofWhole: [{ kind: 'run-paused', at: 2, by: 'ana' }],
      state: 'held',
    },
  ])('says $state of a batch that $what', ({ more, ofWhole = [], state }) => {
    expect(statesOf(views(whole(ofWhole), child(1, more)))[0]).toBe(state);
  });

  it('says that a batch is under way while somebody works on it, though nothing new is begun', () => {
    const lease: RunEvent = {
      kind: 'intent',
      at: 3,
      stage: APPLY,
      owner: { id: 'o', machine: 'm', process: 1 },
      deadline: 9,
      fence: 'f',
      digest: 'd',
      devices: [{ site: 's', device: 'leaf1', candidatesBefore: [], baseToken: 'b' }],
    } as unknown as RunEvent;

    expect(statesOf(views(whole([held]), child(1, [...begun, lease])))[0]).toBe('running');
  });

  it('says where an approval is asked for', () => {
    expect(views(whole(), child(1, [...asking, gate]))[0]?.gate).toEqual({ pullRequest: 9, url: 'https://example/9' });
    expect(views(whole(), child(1, [...begun, gate]))[0]?.gate).toBeUndefined();
  });

  it('holds the batch that would be next where a run is held between two', () => {
    const done = child(1, [...begun, applied('leaf1'), ...finished]);

    expect(statesOf(views(whole([held]), done))).toEqual(['done', 'held', 'waiting']);
  });

  it('tells of the parts of a batch as of one, the worst of them', () => {
    const here = whole([], ['leaf1', 'leaf2']);
    const there = whole([held], ['leaf3', 'leaf4']);
    const found = batchViews(
      { batches },
      [
        {
          run: here,
          children: new Map([
            child(1, [...begun, applied('leaf1'), ...finished]),
            child(2, [...begun, applied('leaf2'), ...finished], ['leaf2']),
          ]),
        },
        { run: there, children: new Map() },
      ],
      String,
    );

    expect(found.map(({ state, outcomes }) => [state, outcomes])).toEqual([
      ['done', { applied: 1 }],
      ['held', { applied: 1 }],
      ['waiting', {}],
    ]);
  });
});
