import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { renderReadme } from '../../ledger/render-readme.ts';
import { renderRunPage } from '../../ledger/render-run-page.ts';
import { emptyIndex, indexOf } from '../../ledger/run-index.ts';
import {
  anError,
  applied,
  COMMIT,
  DIGEST,
  ended,
  fold,
  intent,
  moved,
  ownerB,
  planned,
  RUN,
  STAGES,
  started,
  T0,
} from './build.ts';

const [LOAD, DIFF, APPLY, BACKUP] = STAGES;
const at = (seconds: number) => T0 + seconds * 1000;
const decided = (decision: 'granted' | 'waiting' | 'rejected', seconds: number, more: object = {}): RunEvent => ({
  at: at(seconds),
  kind: 'decided',
  stage: DIFF,
  digest: DIGEST,
  decision,
  by: ['ana', 'bob_the_builder'],
  ...more,
});
const backedUp = (device: string, seconds: number): RunEvent => ({
  at: at(seconds),
  kind: 'backed-up',
  site: 'ams1',
  device,
  file: `backups/ams1/${device}.yaml`,
});

/** No pull request brought it. */
const directly: RunEvent = {
  at: T0,
  kind: 'run-started',
  workflow: 'ConfigurationDeploy',
  stages: STAGES,
  commit: COMMIT,
};

const planMade = (devices: readonly string[]): readonly RunEvent[] => [
  started(),
  moved(LOAD, 'IN_PROGRESS', at(1)),
  moved(LOAD, 'COMPLETE', at(4)),
  moved(DIFF, 'IN_PROGRESS', at(4)),
  planned(devices, at(9)),
];
const approved = (devices: readonly string[]): readonly RunEvent[] => [
  ...planMade(devices),
  decided('granted', 9),
  moved(DIFF, 'PENDING_APPROVAL', at(9)),
  moved(DIFF, 'APPROVED', at(9), { why: 'two of two approvals' }),
  moved(DIFF, 'COMPLETE', at(9)),
  moved(APPLY, 'IN_PROGRESS', at(10)),
  intent(devices, { at: at(10), deadline: at(610) }),
];

const completed: readonly RunEvent[] = [
  ...approved(['leaf-01', 'leaf-02', 'spine-01']),
  { at: at(70), kind: 'lease-extended', owner: { id: 'runner-a' }, deadline: at(670) },
  ended('leaf-01', applied, at(95)),
  ended('spine-01', applied, at(96)),
  ended('leaf-02', { kind: 'in-sync' }, at(97)),
  moved(APPLY, 'COMPLETE', at(97)),
  moved(BACKUP, 'IN_PROGRESS', at(97)),
  backedUp('leaf-01', 100),
  backedUp('spine-01', 100),
  moved(BACKUP, 'COMPLETE', at(100)),
  { at: at(100), kind: 'run-ended', status: 'COMPLETED' },
];

const many = Array.from({ length: 12 }, (_, index) => `leaf-${String(index + 1).padStart(2, '0')}`);
const lost = anError();
const refused = anError({
  code: 'DRIVER_NVUE_CONFIGURATION_REFUSED',
  message:
    'leaf-10 refused /interface/swp1 | mtu:\n  "9300" is *not* <b>one</b> of `1280-9216`\n```\nsee [manual](https://example.net)',
  next: 'Correct desired-state/roles/leaf.yaml:12 in a new pull request | then merge it.',
});
const failed: readonly RunEvent[] = [
  ...approved(many),
  ...many.slice(0, 8).map((device) => ended(device, applied, at(90))),
  ended('leaf-09', { kind: 'reverted', error: lost }, at(400)),
  ended('leaf-10', { kind: 'untouched', error: refused }, at(401)),
  ended(
    'leaf-11',
    {
      kind: 'faulty',
      candidate: '3',
      error: anError({
        code: 'DRIVER_NVUE_APPLY_FAULTY',
        message: 'ays: BGP neighbour swp51 is down',
        next: 'Look at swp51.',
      }),
    },
    at(402),
  ),
  moved(APPLY, 'FAILED', at(460), { error: lost }),
  { at: at(461), kind: 'run-ended', status: 'FAILED', why: '4 of 12 switches do not run what was approved' },
];

describe('renderRunPage()', () => {
  it.each<{ readonly name: string; readonly events: readonly RunEvent[] }>([
    { name: 'completed', events: completed },
    { name: 'failed', events: failed },
    {
      name: 'waiting-for-approval',
      events: [
        ...planMade(['leaf-01']),
        decided('waiting', 9, { by: ['ana'], why: 'one more approval by acme/network is needed' }),
        moved(DIFF, 'PENDING_APPROVAL', at(9)),
      ],
    },
    {
      name: 'rejected',
      events: [
        ...planMade(['leaf-01']),
        decided('rejected', 9),
        moved(DIFF, 'PENDING_APPROVAL', at(9)),
        moved(DIFF, 'REJECTED', at(9)),
        moved(DIFF, 'COMPLETE', at(9)),
        moved(APPLY, 'UNREACHABLE', at(9)),
        { at: at(10), kind: 'run-ended', status: 'REJECTED', why: 'rejected by ana' },
      ],
    },
    {
      name: 'under-way',
      events: [
        ...approved(['leaf-01', 'leaf-02', 'leaf-03', 'leaf-04', 'leaf-05']),
        ended('leaf-03', applied, at(60)),
        intent(['leaf-01'], { at: at(611), owner: ownerB, deadline: at(1211) }),
      ],
    },
    { name: 'just-started', events: [directly] },
  ])('tells a run that is $name', async ({ name, events }) => {
    const page = renderRunPage(fold(events), events);

    await expect(page).toMatchFileSnapshot(`golden/run-${name}.md`);
  });

  it('says of a switch the run left behind that nobody knows what it runs', () => {
    const events: readonly RunEvent[] = [
      ...approved(['leaf-01']),
      { at: at(99), kind: 'run-ended', status: 'TERMINATED' },
    ];

    const page = renderRunPage(fold(events), events);

    expect(page).toContain('- **leaf-01**: look at what it runs; the run ended before its outcome was recorded.');
    expect(page).not.toContain('Nothing.');
  });
});

describe('renderReadme()', () => {
  it('shows what is under way and what was last', async () => {
    const waiting = fold(
      [...planMade(['leaf-01']), decided('waiting', 9), moved(DIFF, 'PENDING_APPROVAL', at(9))],
      'configurationdeploy-pr-413-0123456789ab',
    );
    const direct = fold(
      [
        { ...directly, at: at(-90_000) },
        { at: at(-60), kind: 'run-ended', status: 'TIMED_OUT' },
      ],
      `configurationdeploy-direct-${COMMIT.slice(0, 12)}`,
    );

    const page = renderReadme(
      indexOf([waiting, direct, fold(completed, RUN), fold(failed, 'configurationdeploy-pr-9-ffffffffffff')]),
    );

    await expect(page).toMatchFileSnapshot('golden/readme.md');
  });

  it('is a page also when nothing ever happened', async () => {
    await expect(renderReadme(emptyIndex)).toMatchFileSnapshot('golden/readme-empty.md');
  });

  it('lists the twenty runs that ended last, and says how many more there are', () => {
    const runs = Array.from({ length: 25 }, (_, index) =>
      fold([started(), { at: at(index), kind: 'run-ended', status: 'COMPLETED' }], `run-${index}`),
    );

    const page = renderReadme(indexOf(runs));

    expect([...page.matchAll(/\[run-(\d+)\]/g)].map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 20 }, (_, index) => 24 - index),
    );
    expect(page).toContain('And 5 more');
  });
});
