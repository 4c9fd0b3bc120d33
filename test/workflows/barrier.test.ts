import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../sandbox/clock.ts';
import { type AtBarrier, type BarrierDeps, createBarrier } from '../../workflows/barrier.ts';
import {
  BARRIER_MARGIN_MS,
  type BarrierDecision,
  decideBarrier,
  renderObstacles,
} from '../../workflows/decide-barrier.ts';
import { letPass, turn } from './turns.ts';

const never = new AbortController().signal;

describe('decideBarrier()', () => {
  const now = 1_000_000;
  const later = now + 300_000;
  const devices = ['leaf01', 'leaf02', 'leaf03'];
  const decide = (
    waiting: Readonly<Record<string, number>>,
    settled: readonly string[] = [],
    failed: Readonly<Record<string, string>> = {},
    at = now,
  ) =>
    decideBarrier(
      {
        devices,
        waiting: new Map(Object.entries(waiting)),
        settled: new Set(settled),
        failed: new Map(Object.entries(failed)),
      },
      at,
    );

  it('waits while somebody is missing and there is time', () => {
    expect(decide({ leaf01: later, leaf02: later })).toEqual({ kind: 'wait' });
  });

  it('finds everybody there, also those with nothing to confirm', () => {
    expect(decide({ leaf01: later, leaf02: later }, ['leaf03'])).toEqual({ kind: 'everybody-is-there' });
  });

  it('gives no answer nobody waits for', () => {
    expect(decide({}, devices)).toEqual({ kind: 'wait' });
    expect(decide({}, ['leaf01'], {}, Number.MAX_SAFE_INTEGER)).toEqual({ kind: 'wait' });
  });

  it('takes back for every one that failed, whoever else is there', () => {
    expect(decide({ leaf01: later, leaf02: later }, [], { leaf03: 'worse' })).toEqual({
      kind: 'take-back',
      obstacles: [{ device: 'leaf03', why: 'worse' }],
    });
  });

  it('takes back when the time of the first is nearly over, and names who was not there', () => {
    const waiting = { leaf01: later, leaf02: later + 60_000 };

    expect(decide(waiting, [], {}, later - BARRIER_MARGIN_MS - 1)).toEqual({ kind: 'wait' });
    expect(decide(waiting, [], {}, later - BARRIER_MARGIN_MS)).toMatchObject({
      kind: 'take-back',
      obstacles: [{ device: 'leaf03' }],
    });
  });

  it('takes back when the last one comes too late for the first', () => {
    const waiting = { leaf01: later, leaf02: later + 60_000, leaf03: later + 60_000 };

    expect(decide(waiting, [], {}, later - BARRIER_MARGIN_MS)).toEqual({ kind: 'everybody-is-there' });
    expect(decide(waiting, [], {}, later - BARRIER_MARGIN_MS + 1)).toMatchObject({ kind: 'take-back' });
  });
});

describe('renderObstacles()', () => {
  it('names each switch once, and counts those beyond five', () => {
    const many = Array.from({ length: 7 }, (_, index) => ({ device: `leaf0${index}`, why: 'not proven' }));

    expect(renderObstacles([{ device: 'leaf01', why: 'leaf01 was worse' }, { why: 'the disk is full' }])).toBe(
      'leaf01 was worse; the disk is full',
    );
    expect(renderObstacles(many)).toMatch(/^leaf00: not proven; .*leaf04: not proven; and 2 more$/);
  });
});

describe('a barrier', () => {
  const clock = (): ManualClock => createManualClock(1_000_000);

  /** One for `devices`, with what was written down and who was told what. */
  function start(time: ManualClock, devices: readonly string[], decide: BarrierDeps['decide'] = async () => undefined) {
    const written: [BarrierDecision, string][] = [];
    const told: Record<string, BarrierDecision | string> = {};
    const barrier = createBarrier(
      {
        clock: time,
        decide(decision, why, signal) {
          written.push([decision, why]);
          return decide(decision, why, signal);
        },
      },
      devices,
    );
    const arrive = (device: string, at: Partial<AtBarrier> = {}, signal: AbortSignal = never): void => {
      const full: AtBarrier = { confirmBy: time.now() + 300_000, lookAgain: async () => undefined, ...at };
      void barrier.proven(device, full, signal).then(
        (decision) => {
          told[device] = decision;
        },
        (error: Error) => {
          told[device] = error.message;
        },
      );
    };
    return { barrier, written, told, arrive };
  }

  it('lets everybody confirm once all are there and that is on record', async () => {
    const time = clock();
    const recorded = Promise.withResolvers<void>();
    const { arrive, told, written } = start(time, ['leaf01', 'leaf02'], () => recorded.promise);

    arrive('leaf01');
    await turn();
    expect(written).toEqual([]);
    arrive('leaf02');
    await turn();
    expect(written).toEqual([['confirm', 'all 2 are live and proven']]);
    expect(told).toEqual({});
    recorded.resolve();
    await turn();

    expect(told).toEqual({ leaf01: 'confirm', leaf02: 'confirm' });
    expect(time.untilNextTimer()).toBeUndefined();
  });

  it('counts a switch with nothing to confirm as there', async () => {
    const { barrier, arrive, told } = start(clock(), ['leaf01', 'leaf02']);

    arrive('leaf01');
    barrier.settled('leaf02');
    await turn();

    expect(told).toEqual({ leaf01: 'confirm' });
  });

  it('tells everybody to take back when one fails, also those who come later, and says who', async () => {
    const time = clock();
    const { barrier, arrive, told, written } = start(time, ['leaf01', 'leaf02', 'leaf03']);

    arrive('leaf01');
    barrier.failed('leaf02', 'leaf02 was worse');
    await turn();
    expect(told).toEqual({ leaf01: 'take-back' });
    arrive('leaf03');
    await turn();

    expect(told).toEqual({ leaf01: 'take-back', leaf03: 'take-back' });
    expect(written).toEqual([['take-back', 'leaf02 was worse']]);
    expect(barrier.obstacles()).toEqual([{ device: 'leaf02', why: 'leaf02 was worse' }]);
    expect(time.untilNextTimer()).toBeUndefined();
  });

  it('tells everybody to take back when the time of the first is nearly over', async () => {
    const time = clock();
    const { arrive, told } = start(time, ['leaf01', 'leaf02', 'leaf03']);

    arrive('leaf01', { confirmBy: time.now() + 60_000 });
    arrive('leaf02');
    time.advance(60_000 - BARRIER_MARGIN_MS - 1);
    await turn();
    expect(told).toEqual({});
    time.advance(1);
    await turn();

    expect(told).toEqual({ leaf01: 'take-back', leaf02: 'take-back' });
  });

  it('looks at everybody again before it writes anything down, and takes back when one is not there any more', async () => {
    const { barrier, arrive, told, written } = start(clock(), ['leaf01', 'leaf02']);

    arrive('leaf01', { lookAgain: async () => 'leaf01 took it back while it waited' });
    arrive('leaf02');
    await turn();

    expect(told).toEqual({ leaf01: 'take-back', leaf02: 'take-back' });
    expect(written.map(([decision]) => decision)).toEqual(['take-back']);
    expect(barrier.obstacles()).toEqual([{ device: 'leaf01', why: 'leaf01 took it back while it waited' }]);
  });

  it('takes back when a second look does not end in time', async () => {
    const time = clock();
    const { arrive, told, written } = start(time, ['leaf01', 'leaf02']);

    arrive('leaf01', { lookAgain: () => new Promise(() => undefined) });
    arrive('leaf02');
    await turn();
    time.advance(295_000);
    await turn();

    expect(told).toEqual({ leaf01: 'take-back', leaf02: 'take-back' });
    expect(written.map(([decision]) => decision)).toEqual(['take-back']);
  });

  it.each([
    {
      what: 'throws',
      decide: async (decision: BarrierDecision) => {
        if (decision === 'confirm') throw new Error('the disk is full');
      },
      why: /could not be written down: the disk is full/,
    },
    {
      what: 'throws whatever it is told',
      decide: async () => {
        throw new Error('no ledger');
      },
      why: /could not be written down: no ledger/,
    },
    {
      what: 'hangs',
      decide: () => new Promise<void>(() => undefined),
      why: /could not be written down: it took too long/,
    },
  ])('takes back when writing it down $what', async ({ decide, why }) => {
    const time = clock();
    const { barrier, arrive, told, written } = start(time, ['leaf01', 'leaf02'], decide);
    const confirmBy = time.now() + 300_000;

    arrive('leaf01');
    arrive('leaf02');
    await letPass(time, confirmBy);

    expect(told).toEqual({ leaf01: 'take-back', leaf02: 'take-back' });
    expect(written.map(([decision]) => decision)).toEqual(['confirm', 'take-back']);
    expect(barrier.obstacles()).toEqual([{ why: expect.stringMatching(why) }]);
  });

  it('tells whoever writes the decision down to stop once it is too late', async () => {
    const time = clock();
    const signals: AbortSignal[] = [];
    const { arrive } = start(time, ['leaf01'], (_decision, _why, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });

    arrive('leaf01');
    await turn();
    time.advance(294_999);
    await turn();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    time.advance(1);
    await turn();

    expect(signals[0]?.aborted).toBe(true);
  });

  it('does not change its mind when somebody fails while the decision is written down', async () => {
    const recorded = Promise.withResolvers<void>();
    const { barrier, arrive, told } = start(clock(), ['leaf01', 'leaf02'], () => recorded.promise);

    arrive('leaf01');
    arrive('leaf02');
    await turn();
    barrier.failed('leaf02', 'its process died');
    recorded.resolve();
    await turn();

    expect(told).toEqual({ leaf01: 'confirm', leaf02: 'confirm' });
    expect(barrier.obstacles()).toEqual([]);
  });

  it('writes nothing down when all are told to stop: that is for the process that takes over', async () => {
    const time = clock();
    const whole = new AbortController();
    const { arrive, told, written } = start(time, ['leaf01', 'leaf02', 'leaf03']);

    arrive('leaf01', {}, whole.signal);
    arrive('leaf02', {}, whole.signal);
    await turn();
    whole.abort(new Error('the pass is over'));
    await letPass(time, time.now() + 400_000);

    expect(told).toEqual({ leaf01: 'the pass is over', leaf02: 'the pass is over' });
    expect(written).toEqual([]);
  });

  it('writes nothing down when all are told to stop during the second look', async () => {
    const whole = new AbortController();
    const { arrive, written } = start(clock(), ['leaf01', 'leaf02']);
    const lookAgain = () =>
      new Promise<never>((_, reject) => whole.signal.addEventListener('abort', () => reject(whole.signal.reason)));

    arrive('leaf01', { lookAgain }, whole.signal);
    arrive('leaf02', { lookAgain }, whole.signal);
    await turn();
    whole.abort(new Error('the pass is over'));
    await turn();

    expect(written).toEqual([]);
  });

  it('does not confirm the others when one of them is told to stop', async () => {
    const time = clock();
    const one = new AbortController();
    const { arrive, told, written } = start(time, ['leaf01', 'leaf02']);

    arrive('leaf01', {}, one.signal);
    await turn();
    one.abort(new Error('its deadline passed'));
    arrive('leaf02');
    await letPass(time, time.now() + 400_000);

    expect(told).toEqual({ leaf01: 'its deadline passed', leaf02: 'take-back' });
    expect(written.map(([decision]) => decision)).toEqual(['take-back']);
  });

  it('does not confirm the others when one of them is told to stop during the second look', async () => {
    const one = new AbortController();
    const looked = Promise.withResolvers<undefined>();
    const { arrive, told } = start(clock(), ['leaf01', 'leaf02']);

    arrive('leaf01', {}, one.signal);
    arrive('leaf02', { lookAgain: () => looked.promise });
    await turn();
    one.abort(new Error('its deadline passed'));
    looked.resolve(undefined);
    await turn();

    expect(told).toEqual({ leaf01: 'its deadline passed', leaf02: 'take-back' });
  });

  it('refuses a switch that is not of its batch', async () => {
    const { barrier } = start(clock(), ['leaf01']);

    expect(() => barrier.failed('leaf09', 'x')).toThrow(RangeError);
    expect(() => barrier.settled('leaf09')).toThrow(RangeError);
    await expect(barrier.proven('leaf09', { confirmBy: 0, lookAgain: async () => undefined }, never)).rejects.toThrow(
      RangeError,
    );
  });
});
