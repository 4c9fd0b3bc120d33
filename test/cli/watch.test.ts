import { beforeAll, describe, expect, it } from 'vitest';
import type { Io } from '../../cli/io.ts';
import type { RunEvent } from '../../ledger/events.ts';
import { anError, applied, DIGEST, type EventOf, ended, intent, moved, planned, started, T0 } from '../ledger/build.ts';
import { createLedgerWorld } from './ledger-world.ts';
import type { Ran } from './run.ts';

type World = Awaited<ReturnType<typeof createLedgerWorld>>;
type Step = Readonly<Record<string, readonly RunEvent[]>>;

const [DIFF, APPLY, BATCHES] = ['perform_configuration_diff', 'apply_configuration', 'execute_batches'];
const at = (seconds: number) => T0 + seconds * 1000;
const over = (seconds: number, status: EventOf<'run-ended'>['status'], more: object = {}): RunEvent => ({
  at: at(seconds),
  kind: 'run-ended',
  status,
  ...more,
});
const asked: readonly RunEvent[] = [
  moved(DIFF, 'PENDING_APPROVAL', at(2)),
  {
    at: at(2),
    kind: 'decided',
    stage: DIFF,
    digest: DIGEST,
    decision: 'waiting',
    by: [],
    why: 'one approval is missing',
  },
];

/** A name for each test: they share one ledger. */
const parentOf = (what: string) => `multideploy-for-${what}-a1b2c3d4e5f6`;
const batchOf = (what: string, number: number) => `batchdeploy-for-${what}-0${number}-a1b2c3d4e5f6`;

/** Two batches, the second of which fails: what a pass writes, step by step. */
function twoBatches(what: string): readonly Step[] {
  const [parent, first, second] = [parentOf(what), batchOf(what, 1), batchOf(what, 2)];
  const child = (run: string, number: number, seconds: number): RunEvent => ({
    at: at(seconds),
    kind: 'child-started',
    stage: BATCHES,
    run,
    batch: { number, of: 2, ...(number === 1 ? { canary: true } : {}) },
    devices: 2,
  });
  const batch = (number: number, seconds: number) =>
    started({
      at: at(seconds),
      workflow: 'BatchDeploy',
      stages: ['review_batch', APPLY],
      parent,
      batch: { number, of: 2, ...(number === 1 ? { canary: true } : {}) },
    });
  const told = (device: string, outcome: EventOf<'device-ended'>['outcome'], seconds: number): RunEvent => ({
    ...(ended(device, outcome, at(seconds)) as EventOf<'device-ended'>),
    stage: BATCHES,
  });
  const reverted = { kind: 'reverted', error: anError() } as const;
  return [
    {
      [parent]: [
        started({ workflow: 'MultiDeploy', stages: [DIFF, BATCHES] }),
        moved(DIFF, 'IN_PROGRESS', at(1)),
        planned(['leaf-01', 'leaf-02', 'leaf-03', 'leaf-04'], at(1)),
        ...asked,
      ],
    },
    {
      [parent]: [
        moved(DIFF, 'APPROVED', at(60), { why: 'approved by bea' }),
        moved(DIFF, 'COMPLETE', at(60)),
        moved(BATCHES, 'IN_PROGRESS', at(60)),
        child(first, 1, 60),
      ],
      [first]: [batch(1, 60), planned(['leaf-01', 'leaf-02'], at(60)), moved(APPLY, 'IN_PROGRESS', at(61))],
    },
    {
      [first]: [ended('leaf-01', applied, at(90)), ended('leaf-02', applied, at(90)), over(90, 'COMPLETED')],
      [parent]: [
        told('leaf-01', applied, 90),
        told('leaf-02', applied, 90),
        { at: at(90), kind: 'child-ended', stage: BATCHES, run: first, status: 'COMPLETED', outcomes: { applied: 2 } },
        child(second, 2, 91),
      ],
      [second]: [batch(2, 91), planned(['leaf-03', 'leaf-04'], at(91)), moved(APPLY, 'IN_PROGRESS', at(92))],
    },
    {
      [second]: [ended('leaf-03', reverted, at(120))],
      [parent]: [told('leaf-03', reverted, 120)],
    },
    {
      [second]: [ended('leaf-04', applied, at(130)), over(130, 'FAILED', { why: '1 reverted, 1 applied' })],
      [parent]: [
        told('leaf-04', applied, 130),
        {
          at: at(130),
          kind: 'child-ended',
          stage: BATCHES,
          run: second,
          status: 'FAILED',
          outcomes: { applied: 1, reverted: 1 },
        },
        moved(BATCHES, 'FAILED', at(130)),
        over(131, 'FAILED', { why: '1 reverted, 3 applied' }),
      ],
    },
  ];
}

let world: World;
beforeAll(async () => {
  world = await createLedgerWorld();
});

/** Watches while a pass writes a step of `steps` whenever the watcher waits. The first one is there before. */
async function watch(
  name: string,
  steps: readonly (Step | (() => void))[],
  args: readonly string[] = [],
  given: Partial<Io> = {},
): Promise<Ran & { readonly waits: readonly number[] }> {
  const [first, ...rest] = steps;
  if (typeof first === 'object') await world.append(first);
  const waits: number[] = [];
  let now = at(3);
  const clock = {
    now: () => now,
    async sleep(milliseconds: number, signal: AbortSignal) {
      waits.push(milliseconds);
      now += 30_000;
      const step = rest.shift();
      if (typeof step === 'function') step();
      else if (step) await world.append(step);
      else throw new Error(`${name} is watched on, and nothing is left to happen`);
      signal.throwIfAborted();
    },
  };
  return { ...(await world.command(['watch', name, ...args], { clock, ...given })), waits };
}

/** What stood on the screen each time that something was drawn. */
function screensOf(said: string): readonly string[] {
  const lines: string[] = [];
  const [first = '', ...others] = said.replaceAll('\r\u001b[J', '').split('\u001b[');
  return [`0A${first}`, ...others].map((piece) => {
    const [, up = '0', text = ''] = /^(\d+)A([\s\S]*)$/.exec(piece) ?? [];
    lines.splice(lines.length - Number(up));
    lines.push(...text.split('\n').slice(0, -1));
    return lines.join('\n');
  });
}

describe('pointsman watch, where it is not read on a terminal', () => {
  it('prints what has happened and then what does, in the run and in its batches, a line each, until it ends', async () => {
    const ran = await watch(parentOf('lines'), twoBatches('lines'));

    expect(ran).toMatchObject({ code: 1, said: '' });
    await expect(ran.out).toMatchFileSnapshot('golden/watch-lines.txt');
  });

  it('prints each event as JSON for programs, every one once', async () => {
    const steps = twoBatches('json');

    const ran = await watch(parentOf('json'), steps, ['--json']);

    const lines = ran.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { run: string; event: RunEvent });
    const written = steps.flatMap((step) =>
      Object.entries(step).flatMap(([run, events]) => events.map((event) => ({ run, event }))),
    );
    expect(lines).toHaveLength(written.length);
    expect(lines).toEqual(expect.arrayContaining(written));
    expect(lines.map(({ event }) => event.at)).toEqual(lines.map(({ event }) => event.at).toSorted((a, b) => a - b));
  });

  it('looks every five seconds unless it is told otherwise', async () => {
    const done: Step = { 'run-a': [started(), over(5, 'COMPLETED')] };
    const slow: readonly Step[] = [{ 'run-b': [started()] }, { 'run-b': [over(5, 'COMPLETED')] }];

    expect(await watch('run-a', [done])).toMatchObject({ code: 0, waits: [] });
    expect(await watch('run-b', slow)).toMatchObject({ code: 0, waits: [5_000] });
    expect(
      (await watch('run-c', [{ 'run-c': [started()] }, { 'run-c': [over(5, 'FAILED')] }], ['--every', '1m'])).waits,
    ).toEqual([60_000]);
  });

  it('goes on watching when the ledger does not answer for a while', async () => {
    const cut = () => void world.github.inject({ kind: 'git' }, { kind: 'drop-before' });

    const ran = await watch('run-d', [{ 'run-d': [started()] }, cut, { 'run-d': [over(5, 'COMPLETED')] }]);

    expect(ran.code).toBe(0);
    expect(ran.said).toMatch(/the ledger did not answer \(GIT_REMOTE_FAILED\), trying on\n/);
    expect(ran.out).toContain('The run ended: COMPLETED.');
  });

  it('stops when the ledger cannot be read for a reason that does not pass by itself', async () => {
    let lift = () => undefined as unknown;
    const refuse = () => {
      lift = world.github.inject({ kind: 'git' }, { kind: 'status', status: 403 }, Number.POSITIVE_INFINITY);
    };

    const ran = await watch('run-e', [{ 'run-e': [started()] }, refuse]);

    lift();
    expect(ran.code).toBe(1);
    expect(ran.said).toMatch(/^error GIT_REMOTE_FAILED: /);
  });

  it('refuses a run that is not there', async () => {
    const ran = await watch('nothing', []);

    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.said).toContain('no run is called nothing');
  });
});

describe('pointsman watch, given up', () => {
  const givenUp = (what: string, events: readonly RunEvent[]) => {
    const stop = new AbortController();
    const step: Step = { [what]: [started(), ...events] };
    return watch(what, [step, () => stop.abort(new Error('SIGINT'))], [], { signal: stop.signal });
  };

  it.each<{ readonly what: string; readonly events: readonly RunEvent[] }>([
    { what: 'an-approval', events: [moved(DIFF, 'IN_PROGRESS'), ...asked] },
    { what: 'somebody-who-paused-it', events: [{ at: T0, kind: 'run-paused', by: 'dora' }] },
    { what: 'a-retry', events: [moved(DIFF, 'IN_PROGRESS'), moved(DIFF, 'FAILED')] },
  ])('ends with 3 while the run waits for $what', async ({ what, events }) => {
    const ran = await givenUp(what, events);

    expect(ran.code).toBe(3);
    expect(ran.said).toBe(`Stopped watching ${what}. It waits for a person.\n`);
  });

  it('ends with 1 while the run goes on by itself, and says that it does', async () => {
    const ran = await givenUp('by-itself', [{ at: T0, kind: 'held', why: 'a freeze' }]);

    expect(ran.code).toBe(1);
    expect(ran.said).toBe('Stopped watching by-itself. It goes on by itself.\n');
  });

  it('ends with 3 while only a batch of it waits', async () => {
    const what = 'waiting-batch';
    const [first, second] = twoBatches(what);
    const child = batchOf(what, 1);
    const gate: Step = { [child]: [moved('review_batch', 'IN_PROGRESS'), moved('review_batch', 'PENDING_APPROVAL')] };
    const stop = new AbortController();

    const ran = await watch(
      parentOf(what),
      [first ?? {}, second ?? {}, gate, () => stop.abort(new Error('SIGINT'))],
      [],
      {
        signal: stop.signal,
      },
    );

    expect(ran.code).toBe(3);
    expect(ran.out).toContain('  next: An approval is missing, for review_batch.');
  });
});

describe('pointsman watch, on a terminal', () => {
  it('draws one small view in the same place, and leaves the last one with how it came out', async () => {
    const ran = await watch(parentOf('live'), twoBatches('live'), [], { isTerminal: true });

    const screens = screensOf(ran.said);
    expect(screens.at(-1)).toBe('');
    for (const screen of screens) {
      for (const line of screen.split('\n')) expect(line.length).toBeLessThanOrEqual(79);
      expect(screen.split('\n').length).toBeLessThanOrEqual(24);
    }
    await expect(`${screens.slice(0, -1).join('\n\n~~~~~\n\n')}\n\n=====\n\n${ran.out}`).toMatchFileSnapshot(
      'golden/watch-live.txt',
    );
  });

  it('stays on one screen however many switches and batches there are', async () => {
    const what = 'wide';
    const [parent, names] = [
      parentOf(what),
      Array.from({ length: 60 }, (_, index) => `leaf-${String(index).padStart(2, '0')}`),
    ];
    const batches = Array.from(
      { length: 30 },
      (_, index) => `batchdeploy-for-${what}-${String(index + 1).padStart(2, '0')}-a1b2c3d4e5f6`,
    );
    const stop = new AbortController();
    const step: Step = {
      [parent]: [
        started({ workflow: 'MultiDeploy', stages: [DIFF, BATCHES] }),
        planned(names),
        moved(BATCHES, 'IN_PROGRESS'),
        ...batches.map(
          (run, index): RunEvent => ({
            at: T0,
            kind: 'child-started',
            stage: BATCHES,
            run,
            batch: { number: index + 1, of: 40 },
          }),
        ),
      ],
      ...Object.fromEntries(
        batches.map((run, index) => [
          run,
          [
            started({ parent, batch: { number: index + 1, of: 40 } }),
            planned(names.slice(index * 2, index * 2 + 2)),
            ended(names[index * 2] ?? '', { kind: 'unknown', error: anError() }),
            ...(index < 29 ? [over(9, 'FAILED')] : []),
          ],
        ]),
      ),
    };

    const ran = await watch(parent, [step, () => stop.abort(new Error('SIGINT'))], [], {
      isTerminal: true,
      signal: stop.signal,
    });

    const [screen = ''] = screensOf(ran.said);
    expect(screen.split('\n').length).toBeLessThanOrEqual(24);
    expect(screen).toContain('25 before these, 0 of them completed\n');
    expect(screen).toContain('10 more to come\n');
    expect(screen).toContain('\nand 24 more like these\n');
  });

  it('shows switches that are being worked on', async () => {
    const stop = new AbortController();
    await world.append({ 'at-work': [started(), planned(['leaf-01', 'leaf-02'])] });
    const begin = await world.appendAt((fence) => ({ 'at-work': [intent(['leaf-02'], { fence })] }));
    expect(begin.tip).toBeDefined();

    const ran = await watch('at-work', [() => undefined, () => stop.abort(new Error('SIGINT'))], [], {
      isTerminal: true,
      signal: stop.signal,
    });

    const [screen = ''] = screensOf(ran.said);
    expect(screen).toContain('switches  [                    ]  0 of 2');
    expect(screen).toContain('\nams1/leaf-02  at work  Being worked on.\n');
    expect(screen).not.toContain('ams1/leaf-01');
  });
});
