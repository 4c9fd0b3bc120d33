import { describe, expect, it } from 'vitest';
import { createGithubForge } from '../../forge/create-github-forge.ts';
import { createGithubMemory } from '../../forge/github-memory.ts';
import { createPace } from '../../forge/pace.ts';
import { createManualClock } from '../../sandbox/clock.ts';
import { startHarness } from './harness.ts';

const never = new AbortController().signal;

describe('writes', () => {
  it('are a second apart from the sixth on', async () => {
    const { forgeFor, clock, pull, signal } = await startHarness();
    const forge = forgeFor();
    const before = clock.now();
    const writtenAfter: number[] = [];

    for (let count = 0; count < 8; count++) {
      await forge.writeStickyComment(pull, `<${count}>`, `<${count}>`, signal);
      writtenAfter.push(clock.now() - before);
    }

    expect(writtenAfter).toEqual([0, 0, 0, 0, 0, 1000, 2000, 3000]);
  });

  it('follow each other at once again after a quiet time', async () => {
    const clock = createManualClock(0);
    const pace = createPace(clock);
    const write = () => pace.inTurn('write', never, async () => clock.now());
    await drive(clock, Promise.all(Array.from({ length: 20 }, write)));
    clock.advance(60_000);
    const from = clock.now();

    const written = await drive(clock, Promise.all(Array.from({ length: 6 }, write)));

    expect(written.map((at) => at - from)).toEqual([0, 0, 0, 0, 0, 1000]);
  });

  it('are never more than GitHub bears in a minute', async () => {
    const clock = createManualClock(0);
    const pace = createPace(clock);
    const write = () => pace.inTurn('write', never, async () => clock.now());

    const written = await drive(clock, Promise.all(Array.from({ length: 200 }, write)));

    const busiest = Math.max(...written.map((from) => written.filter((at) => at >= from && at < from + 60_000).length));
    expect(busiest).toBeLessThan(80);
  });

  it('take turns, whoever sends them', async () => {
    const clock = createManualClock(0);
    const pace = createPace(clock);
    let under = 0;
    let most = 0;
    const writing = Array.from({ length: 10 }, () =>
      pace.inTurn('write', never, async () => {
        most = Math.max(most, ++under);
        await new Promise((next) => setImmediate(next));
        under--;
      }),
    );

    await drive(clock, Promise.all(writing));

    expect(most).toBe(1);
  });

  it('do not wait for the time by which a clock was set back', async () => {
    const clock = createManualClock(3_600_000);
    let setBackBy = 0;
    const pace = createPace({ ...clock, now: () => clock.now() - setBackBy });
    const write = () => pace.inTurn('write', never, async () => clock.now());
    await drive(clock, Promise.all(Array.from({ length: 5 }, write)));
    const from = clock.now();
    setBackBy = 3_600_000;

    const written = await drive(clock, Promise.all(Array.from({ length: 3 }, write)));

    expect(written.map((at) => at - from)).toEqual([1000, 2000, 3000]);
  });

  it('do not hold up reads', async () => {
    const clock = createManualClock(0);
    const pace = createPace(clock);
    const writing = Array.from({ length: 6 }, () => pace.inTurn('write', never, async () => clock.now()));

    expect(await pace.inTurn('read', never, async () => clock.now())).toBe(0);
    expect((await drive(clock, Promise.all(writing))).at(-1)).toBe(1000);
  });

  it('that are waited for end with the reason of an abort, and the next one goes on', async () => {
    const clock = createManualClock(0);
    const pace = createPace(clock);
    const stop = new AbortController();
    const reason = new Error('enough');
    await Promise.all(Array.from({ length: 5 }, () => pace.inTurn('write', never, async () => {})));

    const stopped = pace.inTurn('write', stop.signal, async () => 'sent');
    const next = pace.inTurn('write', never, async () => 'sent');
    while (clock.untilNextTimer() === undefined) await new Promise((again) => setImmediate(again));
    stop.abort(reason);

    await expect(stopped).rejects.toBe(reason);
    expect(await drive(clock, next)).toBe('sent');
  });
});

describe('reads', () => {
  it('are eight at once at most', async () => {
    const pace = createPace(createManualClock(0));
    let under = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const reading = Array.from({ length: 30 }, () =>
      pace.inTurn('read', never, async () => {
        most = Math.max(most, ++under);
        await new Promise<void>((end) => ends.push(end));
        under--;
      }),
    );
    const all = Promise.all(reading);
    let done = false;
    void all.then(() => {
      done = true;
    });
    while (!done) {
      ends.shift()?.();
      await new Promise((next) => setImmediate(next));
    }

    expect(most).toBe(8);
  });
});

describe('a limit that one request met', () => {
  it('is kept to by all others', async () => {
    const { github, forgeFor, clock, pull, signal } = await startHarness();
    github.inject({ path: '/reviews' }, { kind: 'secondary-limit', retryAfterSeconds: 30 });
    const forge = forgeFor();
    await forge.pullRequest(pull, signal);
    const before = clock.now();
    const sentAt = new Map<string, number>();
    github.onRequest(({ phase, path }) => {
      if (phase === 'performed') sentAt.set(path.replace(/\?.*/, ''), clock.now() - before);
    });

    await forge.reviews(pull, signal).then(() => forge.commits(pull, signal));

    expect([...sentAt.values()].every((at) => at >= 30_000)).toBe(true);
    expect(sentAt.size).toBe(2);
  });

  it('that lasts long is not tried against by the next pass either', async () => {
    const { github, clock, log, pull, signal } = await startHarness();
    const memory = createGithubMemory(clock);
    const token = github.tokenFor('bo');
    const make = () => createGithubForge({ repository: 'acme/fleet', api: github.apiUrl, token, memory, clock, log });
    github.inject({ path: '/pulls' }, { kind: 'rate-limit', resetsInSeconds: 1800 });
    const limited = { code: 'FORGE_RATE_LIMITED', details: { resetsAt: '2026-11-20T09:30:01.000Z' } };
    await expect(make().pullRequest(pull, signal)).rejects.toMatchObject(limited);

    await expect(make().reviews(pull, signal)).rejects.toMatchObject(limited);
    expect(github.requests()).toHaveLength(1);

    await clock.sleep(1801_000, signal);
    expect(await make().reviews(pull, signal)).toEqual([]);
  });

  it('ends by GitHub’s clock, not by ours', async () => {
    const { github, clock, log, pull, signal } = await startHarness();
    // Ours is ten minutes late, so the reset seems to be that much further away.
    const late = { now: () => clock.now() - 600_000, sleep: clock.sleep };
    const token = github.tokenFor('bo');
    const forge = createGithubForge({ repository: 'acme/fleet', api: github.apiUrl, token, clock: late, log });
    github.inject({ path: '/pulls' }, { kind: 'rate-limit', resetsInSeconds: 30 });

    await forge.pullRequest(pull, signal);

    expect(clock.slept).toEqual([31_000]);
  });

  it('of GraphQL, which is told with 200, is a limit as well', async () => {
    const { github, forgeFor, clock, pull, signal } = await startHarness();
    await github.as('bo').comment(pull, 'marker');
    const text = JSON.stringify({ errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] });
    const headers = { 'x-ratelimit-reset': String(clock.now() / 1000 + 10), date: new Date(clock.now()).toUTCString() };
    const answer = { status: 200, contentType: 'application/json', text, headers };
    github.inject({ path: '/graphql' }, { kind: 'text', ...answer });

    await forgeFor().stickyComment(pull, 'marker', signal);

    expect(clock.slept).toEqual([11_000]);
  });
});

/** Moves the clock to whatever is waited for next until the promise has settled. */
async function drive<T>(clock: ReturnType<typeof createManualClock>, promise: Promise<T>): Promise<T> {
  let settled = false;
  const end = () => {
    settled = true;
  };
  promise.then(end, end);
  while (!settled) {
    await new Promise((next) => setImmediate(next));
    clock.advance(clock.untilNextTimer() ?? 0);
  }
  return promise;
}
