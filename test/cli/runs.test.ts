import { beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { anError, applied, type EventOf, ended, moved, planned, STAGES, started, T0 } from '../ledger/build.ts';
import { createLedgerWorld } from './ledger-world.ts';
import type { Ran } from './run.ts';

const [, DIFF, APPLY] = STAGES;
const BATCHES = 'execute_batches';
const PARENT = 'multideploy-for-racks-7-to-9-a1b2c3d4e5f6';
const [FIRST, SECOND] = [
  'batchdeploy-for-racks-7-to-9-01-a1b2c3d4e5f6',
  'batchdeploy-for-racks-7-to-9-02-a1b2c3d4e5f6',
];
const MINUTE = 60_000;
const over = (at: number, status: EventOf<'run-ended'>['status'], more: object = {}): RunEvent => ({
  at,
  kind: 'run-ended',
  status,
  ...more,
});
const child = (run: string, number: number, at: number): RunEvent => ({
  at,
  kind: 'child-started',
  stage: BATCHES,
  run,
  batch: { number, of: 3, ...(number === 1 ? { canary: true } : {}) },
  devices: 2,
});

let world: Awaited<ReturnType<typeof createLedgerWorld>>;
beforeAll(async () => {
  world = await createLedgerWorld();
  const at = (minutes: number) => T0 + minutes * MINUTE;
  const asked = { workflow: 'MultiDeploy', stages: [DIFF, BATCHES], request: 'racks-7-to-9' };
  const batch = (number: number, minutes: number) =>
    started({ at: at(minutes), workflow: 'BatchDeploy', parent: PARENT, batch: { number, of: 3 } });
  await world.append({
    // Long before, and named so that it stands last of its month: by its name it would be the first of the list.
    'zz-last-month': [
      started({ at: at(-40 * 24 * 60) }),
      planned(['leaf-09']),
      ended('leaf-09', applied),
      over(at(-39 * 24 * 60), 'COMPLETED'),
    ],
    'aa-first-of-all': [
      started({ at: at(-600) }),
      planned(['leaf-01']),
      ended('leaf-01', { kind: 'reverted', error: anError() }),
      over(at(-590), 'FAILED', { why: '1 reverted' }),
    ],
    'driftcheck-by-nightly-20261120t0200z': [
      started({ at: at(-480), workflow: 'DriftCheck', schedule: 'nightly' }),
      planned(['leaf-01', 'spine-01']),
      ended('leaf-01', { kind: 'differs', digest: 'd', changes: 2 }),
      ended('spine-01', { kind: 'in-sync' }),
      over(at(-479), 'COMPLETED'),
    ],
    'mm-terminated': [
      started({ at: at(-300) }),
      over(at(-299), 'TERMINATED', { by: 'dora', why: 'terminated by dora' }),
    ],
    'pp-waiting': [
      started({ at: at(-60) }),
      moved(DIFF, 'IN_PROGRESS'),
      planned(['leaf-05']),
      moved(DIFF, 'PENDING_APPROVAL'),
    ],
    'qq-held': [
      started({ at: at(-50) }),
      {
        at: at(-49),
        kind: 'held',
        why: 'ams1 is changed on Tuesdays and Thursdays, 22:00 to 04:00, and on nothing but those days',
        until: at(600),
      },
    ],
    'rr-paused': [started({ at: at(-40) }), { at: at(-39), kind: 'run-paused', by: 'dora\u001b[31m\nand more' }],
    [PARENT]: [
      started({ at: at(0), ...asked }),
      planned(['leaf-01', 'leaf-02', 'leaf-03', 'leaf-04']),
      moved(BATCHES, 'IN_PROGRESS'),
      child(FIRST, 1, at(1)),
      { at: at(5), kind: 'child-ended', stage: BATCHES, run: FIRST, status: 'COMPLETED', outcomes: { applied: 2 } },
      child(SECOND, 2, at(6)),
    ],
    [FIRST]: [
      batch(1, 1),
      planned(['leaf-01', 'leaf-02']),
      ended('leaf-01', applied),
      ended('leaf-02', applied),
      over(at(5), 'COMPLETED'),
    ],
    [SECOND]: [batch(2, 6), planned(['leaf-03', 'leaf-04']), moved(APPLY, 'IN_PROGRESS'), ended('leaf-03', applied)],
  });
});

const runs = (...args: readonly string[]): Promise<Ran> => world.command(['runs', ...args]);
const namesOf = async (...args: readonly string[]): Promise<readonly string[]> =>
  (JSON.parse((await runs(...args, '--json')).out) as readonly { readonly name: string }[]).map(({ name }) => name);

describe('pointsman runs', () => {
  it('shows how each run stands or came out, newest first and without batches, on lines that fit', async () => {
    const { out, code } = await runs();

    expect(code).toBe(0);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(96);
    await expect(out).toMatchFileSnapshot('golden/runs.txt');
  });

  it('shows batches below the run they are of when all are wanted', async () => {
    await expect((await runs('--all', '--limit', '2')).out).toMatchFileSnapshot('golden/runs-all.txt');
  });

  it('needs no secret of the fleet, only leave to read the repository', async () => {
    const { said, code } = await runs('--limit', '1');

    expect({ said, code }).toEqual({ said: '', code: 0 });
  });

  it.each<{ readonly case: string; readonly args: readonly string[]; readonly names: readonly string[] }>([
    { case: 'as many as are wanted, by when they started', args: ['--limit', '2'], names: [PARENT, 'rr-paused'] },
    { case: 'those that have not ended', args: ['--open'], names: [PARENT, 'rr-paused', 'qq-held', 'pp-waiting'] },
    {
      case: 'those of a status',
      args: ['--status', 'failed', '--status', 'TERMINATED'],
      names: ['mm-terminated', 'aa-first-of-all'],
    },
    {
      case: 'those of a workflow',
      args: ['--workflow', 'driftcheck'],
      names: ['driftcheck-by-nightly-20261120t0200z'],
    },
    { case: 'batches, where their workflow is named', args: ['--workflow', 'BatchDeploy'], names: [SECOND, FIRST] },
    {
      case: 'those about a switch',
      args: ['--device', 'leaf-01'],
      names: [PARENT, 'driftcheck-by-nightly-20261120t0200z', 'aa-first-of-all'],
    },
    {
      case: 'those about any of several switches',
      args: ['--device', 'leaf-09', '--device', 'spine-*'],
      names: ['driftcheck-by-nightly-20261120t0200z', 'zz-last-month'],
    },
    {
      case: 'all of that together',
      args: ['--device', 'leaf-*', '--status', 'completed', '--workflow', 'DriftCheck'],
      names: ['driftcheck-by-nightly-20261120t0200z'],
    },
    {
      case: 'batches of a status below no run that is of another',
      args: ['--all', '--status', 'completed', '--limit', '1'],
      names: [FIRST],
    },
    {
      case: 'those of a status that stands in no event',
      args: ['--status', 'running'],
      names: [PARENT, 'qq-held', 'pp-waiting'],
    },
    { case: 'what of a family has not ended', args: ['--all', '--open', '--limit', '1'], names: [PARENT, SECOND] },
    {
      case: 'batches about a switch with the run they are of',
      args: ['--all', '--device', 'leaf-02'],
      names: [PARENT, FIRST],
    },
  ])('lists $case', async ({ args, names }) => {
    expect(await namesOf(...args)).toEqual(names);
  });

  it('says that there is none rather than nothing', async () => {
    expect((await runs('--status', 'timed-out')).out).toBe('No run is like that.\n');
    expect((await runs('--status', 'timed-out', '--json')).out).toBe('[]\n');
  });

  it.each([
    { args: ['--status', 'done'], problem: '--status is "done"' },
    { args: ['--limit', '0'], problem: '--limit is "0"' },
  ])('refuses $args', async ({ args, problem }) => {
    const { code, said } = await runs(...args);

    expect(code).toBe(1);
    expect(said).toContain(problem);
  });

  it('gives programs what they may rely on', async () => {
    const all = JSON.parse((await runs('--all', '--json')).out) as readonly object[];

    expect(all.find((run) => 'batches' in run)).toEqual({
      name: PARENT,
      folder: `runs/2026/11/${PARENT}`,
      workflow: 'MultiDeploy',
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      pullRequest: 412,
      request: 'racks-7-to-9',
      status: 'RUNNING',
      startedAt: T0,
      stage: { name: BATCHES, state: 'IN_PROGRESS' },
      batches: { of: 3, started: 2, ended: 1, failed: 0 },
      devices: { applied: 2, open: 2 },
    });
    expect(all.find((run) => 'parent' in run)).toMatchObject({ parent: PARENT, batch: { number: 1, of: 3 } });
    expect(all.find((run) => 'waits' in run)).toMatchObject({ name: 'rr-paused', waits: { what: 'resume' } });
  });
});

describe('pointsman show', () => {
  it('shows a run with its batches as they are now, on lines that fit', async () => {
    const { out, code } = await world.command(['show', PARENT]);

    expect(code).toBe(0);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(96);
    await expect(out).toMatchFileSnapshot('golden/show-batches.txt');
  });

  it('shows what went wrong, and what to do about it', async () => {
    await expect((await world.command(['show', 'first-of-all'])).out).toMatchFileSnapshot('golden/show-failed.txt');
  });

  it('gives programs the run, with the runs it started', async () => {
    const run = JSON.parse((await world.command(['show', PARENT, '--json'])).out) as object;

    expect(run).toMatchObject({
      name: PARENT,
      status: 'RUNNING',
      stages: [{ name: DIFF }, { name: BATCHES, state: 'IN_PROGRESS', retries: 0, approvers: [] }],
      children: [
        { run: FIRST, batch: { number: 1, of: 3, canary: true }, status: 'COMPLETED', outcomes: { applied: 2 } },
        { run: SECOND, batch: { number: 2, of: 3 } },
      ],
      devices: [{ device: 'leaf-01' }, { device: 'leaf-02' }, { device: 'leaf-03' }, { device: 'leaf-04' }],
    });
  });

  it('lets nothing that people or switches wrote move the cursor or begin a line', async () => {
    const { out } = await world.command(['show', 'rr-paused']);

    expect(out).not.toContain('\u001b');
    expect(out).toContain('dora⟨U+001B⟩[31m and more paused it');
  });
});
