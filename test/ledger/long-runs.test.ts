/** Pages of runs that take days: batches, windows, people who hold, retry and end them. */
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { renderReadme } from '../../ledger/render-readme.ts';
import { renderRunPage } from '../../ledger/render-run-page.ts';
import { indexOf } from '../../ledger/run-index.ts';
import { runFolder } from '../../ledger/run-name.ts';
import {
  anError,
  applied,
  COMMIT,
  DIGEST,
  type EventOf,
  ended,
  fold,
  intent,
  moved,
  planned,
  STAGES,
  started,
  T0,
} from './build.ts';

const [LOAD, DIFF, APPLY, BACKUP] = STAGES;
const BATCHES = 'execute_batches';
const PARENT = 'multideploy-for-racks-7-to-9-a1b2c3d4e5f6';
const [CANARIES, SECOND] = [
  'batchdeploy-for-racks-7-to-9-01-a1b2c3d4e5f6',
  'batchdeploy-for-racks-7-to-9-02-a1b2c3d4e5f6',
];
const at = (seconds: number) => T0 + seconds * 1000;
const switches = Array.from({ length: 12 }, (_, index) => `leaf-${String(index + 1).padStart(2, '0')}`);
const folderOf = (name: string) => runFolder({ name, startedAt: T0 });

const decided = (
  stage: string,
  decision: EventOf<'decided'>['decision'],
  seconds: number,
  more: object = {},
): RunEvent => ({
  at: at(seconds),
  kind: 'decided',
  stage,
  digest: DIGEST,
  decision,
  by: ['ana', 'max'],
  ...more,
});

const asked: readonly RunEvent[] = [
  started({
    workflow: 'MultiDeploy',
    stages: [LOAD, DIFF, BATCHES],
    request: 'racks-7-to-9',
    reason: 'new uplinks | racks 7 to 9',
    timeoutAt: at(30 * 86_400),
  }),
  moved(LOAD, 'IN_PROGRESS', at(1)),
  moved(LOAD, 'COMPLETE', at(4)),
  moved(DIFF, 'IN_PROGRESS', at(4)),
  planned(switches, at(9)),
];
const approved: readonly RunEvent[] = [
  ...asked,
  moved(DIFF, 'PENDING_APPROVAL', at(9)),
  decided(DIFF, 'granted', 9),
  moved(DIFF, 'APPROVED', at(9)),
  moved(DIFF, 'COMPLETE', at(9)),
  moved(BATCHES, 'IN_PROGRESS', at(10)),
];
const batch = (run: string, number: number, devices: number, seconds: number): RunEvent => ({
  at: at(seconds),
  kind: 'child-started',
  stage: BATCHES,
  run,
  batch: { number, of: 3, ...(number === 1 ? { canary: true } : {}) },
  devices,
});
const wentWell: RunEvent = {
  at: at(130),
  kind: 'child-ended',
  stage: BATCHES,
  run: CANARIES,
  status: 'COMPLETED',
  outcomes: { applied: 2 },
};
const failedCanary: readonly RunEvent[] = [
  ...approved,
  batch(CANARIES, 1, 2, 10),
  {
    at: at(330),
    kind: 'child-ended',
    stage: BATCHES,
    run: CANARIES,
    status: 'FAILED',
    outcomes: { applied: 1, reverted: 1 },
    why: '1 applied, 1 reverted',
  },
  moved(BATCHES, 'FAILED', at(330), {
    error: anError({
      code: 'RECONCILER_BATCH_FAILED',
      message: 'batch 1 of 3 did not come out well: 1 of 2 switches runs what was approved, 2 were needed',
      next: 'See the page of the batch for what went wrong.',
    }),
    recovery: {
      deviceState:
        'Batches that ran are done, switch by switch as their tables say. Batches that had not begun are untouched.',
      advice: 'See the failed batch; then have the rest tried again, or end the run.',
    },
  }),
];
const window: RunEvent = {
  at: at(131),
  kind: 'held',
  why: 'ams1 is changed on Tuesdays and Thursdays, 22:00 to 04:00',
  until: at(43_200),
};

const batchStart = started({
  workflow: 'BatchDeploy',
  stages: ['review_batch', APPLY, BACKUP],
  request: 'racks-7-to-9',
  parent: PARENT,
  batch: { number: 2, of: 3 },
  shard: 'ams1',
});
const terminated: readonly RunEvent[] = [
  batchStart,
  moved('review_batch', 'IN_PROGRESS', at(1)),
  moved('review_batch', 'COMPLETE', at(2)),
  planned(['leaf-03', 'leaf-04'], at(2)),
  moved(APPLY, 'IN_PROGRESS', at(3)),
  intent(['leaf-03'], { at: at(3), deadline: at(603) }),
  ended('leaf-03', applied, at(60)),
  { at: at(61), kind: 'run-paused', by: 'dora', why: 'a fan of leaf-04 is loud' },
  ended(
    'leaf-04',
    {
      kind: 'untouched',
      error: anError({
        code: 'RECONCILER_RUN_TERMINATED',
        message: 'leaf-04 was not begun with when dora terminated the run',
        next: 'Ask again, in a new pull request, if it is still wanted.',
      }),
    },
    at(90),
  ),
  moved(APPLY, 'FAILED', at(90), { why: 'terminated by dora' }),
  moved(BACKUP, 'UNREACHABLE', at(90), { why: 'terminated by dora' }),
  {
    at: at(90),
    kind: 'run-ended',
    status: 'TERMINATED',
    why: 'terminated by dora',
    by: 'dora',
    recovery: {
      stage: APPLY,
      deviceState: 'Each switch runs either its old or its new configuration; the table says which.',
      advice: 'Keep what they run with pointsman backup <device>, then plan again.',
    },
  },
];

const retried: readonly RunEvent[] = [
  batchStart,
  moved('review_batch', 'IN_PROGRESS', at(1)),
  moved('review_batch', 'PENDING_APPROVAL', at(1)),
  { at: at(1), kind: 'gate-opened', stage: 'review_batch', pullRequest: 431 },
  decided('review_batch', 'granted', 300, { by: ['eve'] }),
  moved('review_batch', 'APPROVED', at(300)),
  moved('review_batch', 'COMPLETE', at(300)),
  planned(['leaf-03', 'leaf-04'], at(300)),
  moved(APPLY, 'IN_PROGRESS', at(301)),
  intent(['leaf-03', 'leaf-04'], { at: at(301), deadline: at(901) }),
  { at: at(360), kind: 'barrier-decided', stage: APPLY, decision: 'take-back', why: 'leaf-04 did not answer' },
  ended('leaf-03', { kind: 'reverted', error: anError({ message: 'leaf-03 went back with its batch' }) }, at(370)),
  ended('leaf-04', { kind: 'reverted', error: anError() }, at(371)),
  moved(APPLY, 'FAILED', at(372), { why: 'taken back' }),
  moved(APPLY, 'IN_PROGRESS', at(4_000), { by: 'dora' }),
  {
    at: at(4_010),
    kind: 'retry-delayed',
    stage: APPLY,
    until: at(4_040),
    attempt: 1,
    of: 3,
    why: 'leaf-04 refused the connection',
  },
];

describe('renderRunPage()', () => {
  it.each<{ readonly name: string; readonly events: readonly RunEvent[]; readonly run?: string }>([
    { name: 'stopped-at-canaries', events: failedCanary },
    { name: 'held-between-batches', events: [...approved, batch(CANARIES, 1, 2, 10), wentWell, window] },
    { name: 'terminated', events: terminated, run: SECOND },
    { name: 'tried-again', events: retried, run: SECOND },
  ])('tells a run that is $name', async ({ name, events, run = PARENT }) => {
    const page = renderRunPage(fold(events, run), events, folderOf);

    await expect(page).toMatchFileSnapshot(`golden/run-${name}.md`);
  });

  it('tells of the runs it started also where nobody knows in which folder they are', () => {
    const page = renderRunPage(fold(failedCanary, PARENT), failedCanary);

    expect(page).toContain(`| 1 of 3 | canaries | \`${CANARIES}\` | 2 | FAILED |`);
  });

  it('says who paused it and that nobody has to do anything where that was the kill switch', () => {
    const events: readonly RunEvent[] = [
      ...approved,
      { at: at(12), kind: 'run-paused', by: 'automation.yaml', why: 'moving the lab', automatic: true },
    ];

    const page = renderRunPage(fold(events, PARENT), events);

    expect(page).toContain(
      '- automation.yaml paused it at 2026-11-20 10:00:12 UTC (moving the lab). It goes on by itself once that is lifted.',
    );
  });

  it('sends readers of a batch that failed to the run it is part of', () => {
    const events = [...retried.slice(0, -2)];

    expect(renderRunPage(fold(events, SECOND), events)).toContain(
      `- It is tried again, or ended, with the run it is part of: \`${PARENT}\`.`,
    );
  });

  it('says which batches it waits for', () => {
    const events = [...approved, batch(CANARIES, 1, 2, 10)];

    expect(renderRunPage(fold(events, PARENT), events)).toContain(
      `- Wait: batch 1 of 3 (canaries), \`${CANARIES}\`, is under way.`,
    );
  });

  it('shows a table of switches to whom a parent knows more of them than its plan', () => {
    const events = [...failedCanary, ended('leaf-01', applied, at(330))];

    expect(renderRunPage(fold(failedCanary, PARENT), failedCanary)).not.toContain('## Switches');
    expect(renderRunPage(fold(events, PARENT), events)).toContain('## Switches');
  });
});

describe('renderReadme()', () => {
  it('says what waits for whom, how far batches are, what windows hold, and what schedules found', async () => {
    const nightly = (workflow: string, more: Partial<EventOf<'run-started'>>, outcomes: readonly RunEvent[]) => [
      started({ at: at(-28_800), workflow, schedule: 'nightly', ...more }),
      ...outcomes,
      { at: at(-28_000), kind: 'run-ended', status: 'COMPLETED' } as const,
    ];
    const gate = [...retried.slice(0, 4), decided('review_batch', 'waiting', 2)];
    const heldAlone: readonly RunEvent[] = [
      { at: T0, kind: 'run-started', workflow: 'ConfigurationDeploy', stages: STAGES, commit: COMMIT },
      window,
    ];
    const paused: readonly RunEvent[] = [...asked, { at: at(60), kind: 'run-paused', by: 'dora' }];
    const stopped = fold(failedCanary, PARENT.replace('7-to-9', '1-to-3'));

    const page = renderReadme(
      indexOf([
        fold([...approved, batch(CANARIES, 1, 2, 10), wentWell, batch(SECOND, 2, 5, 200)], PARENT),
        fold(gate, SECOND),
        fold(heldAlone, 'configurationdeploy-direct-a1b2c3d4e5f6'),
        fold(paused, 'multideploy-pr-8-a1b2c3d4e5f6'),
        stopped,
        fold(
          nightly('DriftCheck', {}, [
            ended('leaf-01', { kind: 'differs', digest: 'd', changes: 2 }),
            ended('leaf-02', { kind: 'in-sync' }),
          ]),
          'driftcheck-by-nightly-20261120t0200z',
        ),
        fold(
          nightly('SiteBackup', { shard: 'ams1' }, [ended('leaf-01', { kind: 'backed-up', changed: true })]),
          'sitebackup-by-nightly-ams1-0a1b2c-20261120t0200z',
        ),
      ]),
    );

    await expect(page).toMatchFileSnapshot('golden/readme-long-runs.md');
  });

  it('lists a batch by itself once the run it belongs to has ended', () => {
    const parent: readonly RunEvent[] = [...approved, { at: at(99), kind: 'run-ended', status: 'TIMED_OUT' }];

    const page = renderReadme(indexOf([fold(parent, PARENT), fold([batchStart], SECOND)]));

    expect(page).toContain(
      `## Under way\n\n| Run | For | Started (UTC) | Stage |\n| --- | --- | --- | --- |\n| [${SECOND}]`,
    );
  });
});
