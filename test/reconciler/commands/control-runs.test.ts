import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CommandWorld, createCommandWorld } from './command-world.ts';

let world: CommandWorld;
let number: number;
let run: string;

/** A merged pull request whose run waits for its approval. */
async function begin(): Promise<void> {
  world = await createCommandWorld();
  await world.reconcile();
  number = await world.open(world.stories.ntpOnOneLeaf);
  await world.plan(number);
  const commit = await world.merge(number);
  await world.reconcile();
  run = `configurationdeploy-pr-${number}-${commit.slice(0, 12)}`;
}

const leaf01 = () => JSON.stringify(world.world.switches.get('leaf01')?.applied());
const APPLIED = '192.168.200.140';

describe('/pointsman pause, resume and retry', () => {
  beforeAll(begin);
  afterAll(() => world.close());

  it('need maintain permission where no file says otherwise', async () => {
    const comment = await world.say(number, 'bea', '/pointsman pause');

    await world.hear();

    expect(world.reply(number, comment)).toContain(
      'it needs maintain permission on the repository, this person has write',
    );
    expect((await world.reconcile()).out).not.toContain('paused');
  });

  it('know a run by the end of its name, and say what there is when they do not', async () => {
    const wrong = await world.say(number, 'dora', '/pointsman pause ffffffff');
    const right = await world.say(number, 'dora', `/pointsman resume ${run.slice(-6)}`);

    await world.hear();

    expect(world.reply(number, wrong)).toMatch(/^\*\*Refused:\*\*[\s\S]*No run is called/);
    expect(world.reply(number, wrong)).toContain(run);
    expect(world.reactions(right)).toEqual(['eyes', '+1']);
  });

  it('refuse to try again what has not failed, and say how it stands', async () => {
    const comment = await world.say(number, 'dora', `/pointsman retry ${run} apply_configuration`);

    await world.hear();

    expect(world.reply(number, comment)).toContain('is `NOT_STARTED`, and only what is FAILED is tried again');
    expect(world.reply(number, comment)).toContain('It stands so:');
  });

  it('are done in the order they were written, also in one pass, and hold the run and let it go on', async () => {
    await world.say(number, 'dora', '/pointsman pause');
    await world.say(number, 'dora', '/pointsman resume');
    const last = await world.say(number, 'dora', '/pointsman pause waiting for the building');
    await world.approve(number);

    expect((await world.hear()).map(({ kind }) => kind)).toEqual(['done', 'done', 'done']);
    expect(world.reply(number, last)).toContain(`It goes on after \`/pointsman resume ${run}\`.`);
    const held = await world.reconcile();
    expect(held.code).toBe(3);
    expect(held.out).toContain('paused by dora: waiting for the building');
    expect(world.comment(number)).toContain('paused by `dora`**: waiting for the building.');
    expect(leaf01()).not.toContain(APPLIED);

    await world.say(number, 'dora', `/pointsman resume ${run}`);
    expect(await world.hear()).toMatchObject([{ kind: 'done' }]);
    expect((await world.reconcile()).code).toBe(0);
    expect(leaf01()).toContain(APPLIED);
  });

  it('say of a run that has ended how it did', async () => {
    const comment = await world.say(number, 'dora', `/pointsman terminate ${run}`);

    await world.hear();

    expect(world.reply(number, comment)).toContain('it has ended already, COMPLETED (1 applied)');
  });
});

describe('/pointsman terminate', () => {
  beforeEach(begin);
  afterEach(() => world.close());

  it('ends a run that waits, also a paused one, says how every switch is left, and nothing is ever written', async () => {
    await world.say(number, 'dora', '/pointsman pause');
    const comment = await world.say(number, 'dora', `/pointsman terminate ${run} wrong server`);
    await world.hear();
    await world.approve(number);

    expect((await world.reconcile()).code).toBe(0);
    expect(leaf01()).not.toContain(APPLIED);
    const reply = world.reply(number, comment) ?? '';
    expect(reply).toMatch(/^\*\*Done:\*\*/);
    expect(reply).toContain('- untouched: `leaf01`');
    expect(reply).toContain('No switch was touched.');
    expect(reply).toContain('What was merged is still on the branch.');
    const [plan] = world.world.github.comments(number).filter(({ body }) => body.startsWith('<!-- pointsman:plan'));
    expect(plan?.body).toContain('Terminated: 1 untouched, of 1 device');
    const page = await world.ledgerFile(
      `runs/${new Date(world.clock.now()).toISOString().slice(0, 7).replace('-', '/')}/${run}/README.md`,
    );
    expect(page).toContain('**TERMINATED**');
    expect(page).toContain('terminated by dora: wrong server');
    expect(page).toContain('RECONCILER_RUN_TERMINATED');
  });

  it.each(['pause', 'terminate'])('and pause come in time while a pass is about to begin: %s', async (verb) => {
    await world.approve(number);
    // The switches have been asked, the reviews are being read; the next thing would be the intent.
    const passing = await holdAt(({ method, path }) => method === 'GET' && /\/pulls\/\d+\/reviews/.test(path));
    await world.say(number, 'dora', `/pointsman ${verb} ${run}`);

    const reports = await world.hear();
    passing.release();
    const { out } = await passing.ended;

    expect(reports).toMatchObject([{ kind: 'done' }]);
    expect(out).toContain(verb === 'pause' ? 'PAUSED' : 'TERMINATED');
    expect(leaf01()).not.toContain(APPLIED);
  });
});

/** A pass that stands still when it asks the forge for something. */
async function holdAt(
  matches: (request: { readonly method: string; readonly path: string; readonly mutating: boolean }) => boolean,
): Promise<{ readonly release: () => void; readonly ended: Promise<{ readonly out: string }> }> {
  const standing = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const stop = world.world.github.onRequest(async (request) => {
    if (request.phase !== 'received' || !matches(request)) return;
    stop();
    standing.resolve();
    await held.promise;
  });
  const ended = world.reconcile();
  await Promise.race([standing.promise, ended]);
  return { release: held.resolve, ended };
}
