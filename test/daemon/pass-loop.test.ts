import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPassLoop, type EndedPass, type PassLoop } from '../../daemon/pass-loop.ts';
import type { PassReport } from '../../reconciler/pass.ts';
import { createManualClock, type ManualClock } from '../../sandbox/clock.ts';
import { createLogBook, nothingDue, OutageError } from './build.ts';

interface Begun {
  readonly at: number;
  readonly signal: AbortSignal;
  readonly finish: (report: PassReport) => void;
  readonly fail: (error: unknown) => void;
}

let clock: ManualClock;
let loop: PassLoop;
let begun: Begun[];
let ended: EndedPass[];
let log: ReturnType<typeof createLogBook>;

beforeEach(() => {
  clock = createManualClock(0);
  log = createLogBook();
  begun = [];
  ended = [];
  loop = createPassLoop({
    pass: (signal) =>
      new Promise((finish, fail) => {
        begun.push({ at: clock.now(), signal, finish, fail });
      }),
    clock,
    log,
    random: () => 0,
    debounceMilliseconds: 1_000,
    onBegin() {},
    onEnd: (pass) => ended.push(pass),
  });
});
afterEach(() => {
  for (const { finish } of begun) finish(nothingDue);
});

/** Lets everything go on that does not wait for the clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
}

async function advance(milliseconds: number): Promise<void> {
  await settle();
  clock.advance(milliseconds);
  await settle();
}

const last = (): Begun => begun.at(-1) ?? expect.fail('no pass has begun');

describe('passes', () => {
  it('begin at once for the start and for the schedule', async () => {
    loop.wake('start');
    await advance(0);

    expect(begun.map(({ at }) => at)).toEqual([0]);
  });

  it('begin when a run that waits for a time goes on, whether anybody asks or not', async () => {
    loop.wake('start');
    await advance(0);
    const waiting = { kind: 'waiting', run: 'r', why: 'its window opens', until: 90_000 } as const;
    last().finish({ ...nothingDue, runs: [waiting, { ...waiting, run: 's', until: 60_000 }] });
    await advance(59_999);
    const before = begun.length;
    await advance(1);

    expect(before).toBe(1);
    expect(begun.map(({ at }) => at)).toEqual([0, 60_000]);
  });

  it('wait a second for the rest of a burst of webhooks, and no longer however long it goes on', async () => {
    for (let sent = 0; sent < 30; sent++) {
      loop.wake('webhook');
      await advance(100);
    }

    expect(begun.map(({ at }) => at)).toEqual([1_000]);
  });

  it('do not overlap; a thousand webhooks during one are one more', async () => {
    loop.wake('start');
    await advance(5_000);
    for (let sent = 0; sent < 1_000; sent++) loop.wake('webhook');
    await advance(60_000);
    expect(loop.state()).toMatchObject({ running: true, queued: true });

    last().finish(nothingDue);
    await advance(60_000);
    expect(begun).toHaveLength(2);
    last().finish(nothingDue);
    await advance(3_600_000);

    expect(begun).toHaveLength(2);
    expect(loop.state()).toEqual({ running: false, queued: false, failuresInARow: 0 });
  });

  it('that fail are tried again ever more slowly, and webhooks wait for that', async () => {
    loop.wake('start');
    await advance(0);
    last().fail(new OutageError());
    await settle();
    loop.wake('webhook');
    await advance(2_499);
    expect(begun).toHaveLength(1);

    await advance(1);
    last().fail(new OutageError());
    await advance(4_999);
    expect(begun).toHaveLength(2);
    await advance(1);

    expect(begun.map(({ at }) => at)).toEqual([0, 2_500, 7_500]);
    expect(loop.state()).toMatchObject({
      failuresInARow: 2,
      lastFailure: { kind: 'failed', error: { code: 'TEST_OUTAGE' } },
    });
  });

  it('that succeed again make good', async () => {
    loop.wake('start');
    await advance(0);
    last().fail(new OutageError());
    await advance(2_500);
    last().finish(nothingDue);
    await settle();

    expect(loop.state()).toEqual({ running: false, queued: false, failuresInARow: 0 });
    loop.wake('schedule');
    await advance(0);
    expect(begun.at(-1)?.at).toBe(2_500);
  });

  it('that end by a bug are told with what was thrown, and the next one comes all the same', async () => {
    const thrown = new TypeError('x is not a function');
    loop.wake('start');
    await advance(0);
    last().fail(thrown);
    await advance(2_500);

    expect(begun).toHaveLength(2);
    expect(ended[0]?.verdict).toEqual({ kind: 'bug', thrown });
    expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { err: thrown } }]);
  });

  it('that left something do not keep webhooks waiting', async () => {
    const error = new OutageError().toJSON();
    const partly: PassReport = {
      ...nothingDue,
      pullRequests: [{ kind: 'skipped', number: 1, why: 'a draft' }],
      failures: [{ about: 'x', error }],
    };
    loop.wake('start');
    await advance(0);
    last().finish(partly);
    await settle();
    loop.wake('schedule');
    await advance(0);

    expect(begun).toHaveLength(2);
    expect(loop.state().failuresInARow).toBe(0);
  });
});

describe('stopping', () => {
  it('with no pass under way is done at once, and no other begins', async () => {
    loop.wake('webhook');

    await expect(loop.stop(60_000)).resolves.toBe('idle');
    loop.wake('schedule');
    await advance(3_600_000);

    expect(begun).toEqual([]);
  });

  it('lets the pass under way finish within its grace, and begins none of those that were wanted', async () => {
    loop.wake('start');
    await advance(0);
    loop.wake('webhook');
    const stopped = loop.stop(60_000);
    await advance(59_999);
    last().finish(nothingDue);

    await expect(stopped).resolves.toBe('finished');
    expect(last().signal.aborted).toBe(false);
    await advance(3_600_000);
    expect(begun).toHaveLength(1);
  });

  it('aborts a pass that takes longer, and does not take that for a failure', async () => {
    loop.wake('start');
    await advance(0);
    const { signal, fail } = last();
    signal.addEventListener('abort', () => fail(signal.reason));
    const stopped = loop.stop(60_000);
    await advance(60_000);

    await expect(stopped).resolves.toBe('aborted');
    expect(ended).toEqual([]);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('leaves one behind that does not hear', async () => {
    loop.wake('start');
    await advance(0);
    const stopped = loop.stop(0);
    await advance(0);
    await advance(10_000);

    await expect(stopped).resolves.toBe('left');
  });
});
