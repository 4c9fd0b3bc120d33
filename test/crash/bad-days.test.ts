import { beforeAll, describe, expect, it } from 'vitest';
import type { Fault, RequestMatch } from '../../sandbox/github/faults.ts';
import type { Boundary } from '../support/crash-effects.ts';
import { lastWords, passUntilDone, type Reference, runReference } from '../support/crash-matrix.ts';
import { problemsOf } from '../support/crash-race.ts';
import { DEPLOY } from '../support/crash-scenes.ts';
import { createCrashWorld } from '../support/crash-world.ts';

const SLOW = 240_000;

interface BadDay {
  readonly what: string;
  readonly match: RequestMatch;
  readonly fault: Fault;
  /** What the pass says of it, when it fails. */
  readonly code: string;
}

const GIT: RequestMatch = { kind: 'git', user: 'pointsman[bot]' };
const REST: RequestMatch = { kind: 'rest', user: 'pointsman[bot]' };
const BAD_DAYS: readonly BadDay[] = [
  { what: 'the Git server is down', match: GIT, fault: { kind: 'status', status: 503 }, code: 'GIT_REMOTE' },
  {
    what: 'pushes to the ledger are refused',
    match: { ...GIT, mutating: true },
    fault: { kind: 'status', status: 403 },
    code: 'GIT_REMOTE',
  },
  {
    what: 'GitHub answers 502',
    match: REST,
    fault: { kind: 'text', status: 502, contentType: 'text/html', text: '<html>Bad gateway</html>' },
    code: 'FORGE_UNAVAILABLE',
  },
  {
    what: 'GitHub’s rate limit is used up',
    match: REST,
    fault: { kind: 'rate-limit', resetsInSeconds: 3600 },
    code: 'FORGE_RATE_LIMITED',
  },
];

/** The pass that meets it, what it had done by then, and the end after it is over. */
async function live(reference: Reference, { match, fault }: BadDay, from?: Boundary) {
  const world = await createCrashWorld();
  try {
    let lift: () => void = () => undefined;
    const begin = () => {
      lift = world.journey.world.github.inject(match, fault, Number.POSITIVE_INFINITY);
    };
    if (from) world.at(from, begin);
    else begin();
    const met = await world.pass();
    const touched = DEPLOY.changed.filter((name) => world.effects.some(({ target }) => target === name));
    lift();
    const { last } = await passUntilDone(world);
    return { how: met.how, words: lastWords(met), touched, last, problems: await problemsOf(reference, world) };
  } finally {
    await world.close();
  }
}

describe.concurrent('a deploy', () => {
  let reference: Reference;
  beforeAll(async () => {
    reference = await runReference();
  }, SLOW);

  it.each(BAD_DAYS)(
    'touches no switch when $what, says so, and is done once that is over',
    async (day) => {
      const { how, words, touched, last, problems } = await live(reference, day);

      expect({ how, touched, last, problems }).toEqual({ how: 1, touched: [], last: '0', problems: [] });
      expect(words).toContain(day.code);
    },
    SLOW,
  );

  it.each(BAD_DAYS)(
    'in the middle of which $what changes each switch once, says so, and is recorded once that is over',
    async (day) => {
      const intended: Boundary = { target: 'git', nth: 1, phase: 'performed' };

      const { how, words, touched, last, problems } = await live(reference, day, intended);

      expect({ how, touched, last, problems }).toEqual({ how: 1, touched: DEPLOY.changed, last: '0', problems: [] });
      expect(words).toContain(day.code);
    },
    SLOW,
  );

  it.each([
    { what: 'every push to the ledger', match: { ...GIT, mutating: true }, times: Number.POSITIVE_INFINITY },
    { what: 'the first comment and the check', match: { ...REST, mutating: true }, times: 1 },
  ])(
    'records everything once when the answer to $what is lost',
    async ({ match, times }) => {
      const world = await createCrashWorld();
      const { github } = world.journey.world;
      for (const path of [/\/issues\/comments\//, /\/check-runs/, /\.git\//]) {
        github.inject({ ...match, path }, { kind: 'drop-after' }, times);
      }

      const { how } = await world.pass();

      expect(how).toBe(0);
      expect(await problemsOf(reference, world)).toEqual([]);
      await world.close();
    },
    SLOW,
  );
});
