import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldRun } from '../../../ledger/fold-run.ts';
import { runsAt } from '../../support/crash-world.ts';
import { type CommandWorld, createCommandWorld } from './command-world.ts';

const SLOW = 180_000;

let world: CommandWorld;
let number: number;

async function begin(): Promise<void> {
  world = await createCommandWorld();
  await world.reconcile();
  number = await world.open(world.stories.ntpOnOneLeaf);
  await world.plan(number);
}

async function answerTo(who: string, text: string, page = number): Promise<string> {
  const comment = await world.say(page, who, text);
  await world.hear();
  return world.reply(page, comment) ?? '';
}

const digestOn = (page: number) => /digest=(p1:[0-9a-f]{64})/.exec(world.comment(page))?.[1] ?? '';
const leaf01 = () => JSON.stringify(world.world.switches.get('leaf01')?.applied());
const writes = () =>
  [...world.world.switches.values()].flatMap((one) => one.requests().filter(({ method }) => method !== 'GET')).length;
const APPLIED = '192.168.200.140';
const fileBelow = async (folder: string, commit: string, file: string) =>
  world.ledgerFile(`${folder}/configurationdeploy-pr-${number}-${commit.slice(0, 12)}/${file}`);

describe('/pointsman approve', { timeout: SLOW }, () => {
  let commit: string;
  beforeAll(begin);
  afterAll(() => world.close());

  it('stands on the page of the plan, to be copied', async () => {
    expect(world.comment(number)).toContain(`\`/pointsman approve ${digestOn(number).slice(0, 11)}\``);
  });

  it('does not count from the author, with the reason', async () => {
    const answer = await answerTo('ada', `/pointsman approve ${digestOn(number)}`);

    expect(answer).toMatch(/^\*\*Refused:\*\*[\s\S]*does not count: given by the author of the pull request/);
  });

  it('does not count from somebody the rules do not name, nor from a stranger', async () => {
    expect(await answerTo('dora', `/pointsman approve ${digestOn(number)}`)).toContain(
      'the rules do not name this person',
    );
    expect(await answerTo('eve', `/pointsman approve ${digestOn(number)}`)).toContain('It needs write permission');
  });

  it('is void for another plan than the one on show, and says which that is', async () => {
    const answer = await answerTo('bea', '/pointsman approve p1:00000000');

    expect(answer).toContain('is not the plan that is on show here, so this approval is void');
    expect(answer).toContain(`\`/pointsman approve ${digestOn(number).slice(0, 11)}\``);
    expect(await world.records(number)).not.toContainEqual(
      expect.objectContaining({ verb: 'approve', verdict: 'done' }),
    );
  });

  it('counts like a review from somebody the rules name, and is on record with the whole digest', async () => {
    const answer = await answerTo('bea', `/pointsman approve ${digestOn(number).slice(0, 11)}`);
    await world.reconcile();

    expect(answer).toMatch(/^\*\*Done:\*\*[\s\S]*approved by bea/);
    expect(world.comment(number)).toContain('- `bea` approves in a comment: counts for network operations');
    expect((await world.records(number)).at(-1)).toMatchObject({
      by: 'bea',
      verb: 'approve',
      args: [digestOn(number)],
      saidAt: expect.any(Number),
    });
  });

  it('is taken back by whoever gave it, in a review or in a comment, and given again', async () => {
    const why = await answerTo('bea', '/pointsman reject wrong server');
    await world.reconcile();
    const rejected = world.comment(number);
    await answerTo('bea', `/pointsman approve ${digestOn(number)}`);
    await world.reconcile();

    expect(why).toContain('nothing is changed until whoever rejected it approves it');
    expect(rejected).toContain('rejected by bea');
    expect(rejected).toContain('- `bea` rejects it in a comment: wrong server');
    expect(world.comment(number)).toContain('approved by bea');
  });

  it('lets the merged change go on, and the record says how it was given', async () => {
    commit = await world.merge(number);
    const passed = await world.reconcile();

    expect(passed.code).toBe(0);
    expect(leaf01()).toContain(APPLIED);
    const stored = JSON.parse((await fileBelow('approvals', commit, 'perform_configuration_diff.json')) ?? '');
    expect(stored).toMatchObject({ kind: 'granted', approval: { by: ['bea'] } });
    expect(stored.verdicts.at(-1)).toMatchObject({ review: { said: 'comment', reviewer: 'bea' } });
  });

  it('is refused where nothing waits for it any more', async () => {
    expect(await answerTo('carl', `/pointsman approve ${digestOn(number)}`)).toContain('has ended already, COMPLETED');
  });

  it('names another plan as soon as the switch would change otherwise', async () => {
    const next = await world.open({ ...world.stories.bgpAsnChange });
    await world.plan(next);
    const before = digestOn(next);
    await answerTo('bea', `/pointsman approve ${before}`, next);
    world.world.switches
      .get('leaf03')
      ?.outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': 'touched by hand' } } });
    await world.plan(next);

    expect(digestOn(next)).not.toBe(before);
    expect(world.comment(next)).toContain(
      `does not count as an approval, it names the plan \`${before.slice(0, 11)}\``,
    );
  });
});

describe('/pointsman reject', { timeout: SLOW }, () => {
  let commit: string;
  let other: number;
  beforeAll(async () => {
    await begin();
    other = await world.open(world.stories.bgpAsnChange);
    commit = await world.merge(number);
    await world.reconcile();
  });
  afterAll(() => world.close());

  it('does not count from somebody the rules do not name, who may end the run instead', async () => {
    const answer = await answerTo('dora', '/pointsman reject I do not like it');

    expect(answer).toMatch(/^\*\*Refused:\*\*[\s\S]*do not name this person/);
    expect(answer).toContain(`/pointsman terminate configurationdeploy-pr-${number}-${commit.slice(0, 12)}`);
  });

  it('is refused on the page of another pull request', async () => {
    const answer = await answerTo('bea', `/pointsman reject ${commit.slice(0, 12)} wrong server`, other);

    expect(answer).toContain(`it is asked on \`#${number}\``);
  });

  it('ends a run that waits, marks what comes after as out of reach, and touches no switch', async () => {
    const before = writes();
    await world.say(number, 'bea', `/pointsman reject ${commit.slice(0, 12)} wrong server`);

    const passed = await world.reconcile();

    const name = `configurationdeploy-pr-${number}-${commit.slice(0, 12)}`;
    const run = foldRun(name, (await runsAt(world.gitDir)).get(name) ?? []);
    expect(passed.out).toContain(`${name}: rejected`);
    expect(run).toMatchObject({
      status: 'REJECTED',
      why: 'rejected by bea',
      stages: [
        { state: 'COMPLETE' },
        { state: 'COMPLETE', rejecters: [{ by: 'bea' }] },
        { state: 'UNREACHABLE' },
        { state: 'UNREACHABLE' },
      ],
    });
    expect(writes()).toBe(before);
    expect(leaf01()).not.toContain(APPLIED);
    const stored = JSON.parse((await fileBelow('approvals', commit, 'perform_configuration_diff.json')) ?? '');
    expect(stored.verdicts.at(-1)).toMatchObject({ review: { said: 'comment', reason: 'wrong server' } });
  });

  it('does not bring a run back that has ended, and neither does an approval', async () => {
    expect(await answerTo('bea', `/pointsman approve ${digestOn(number)}`)).toContain('has ended already, REJECTED');
    expect((await world.reconcile()).out).not.toContain(`configurationdeploy-pr-${number}`);
  });
});

describe('a verdict by a comment on a page of ours', { timeout: SLOW }, () => {
  let gate: number;
  beforeAll(async () => {
    world = await createCommandWorld();
    await world.reconcile();
    const { files, title } = world.stories.ntpOnOneLeaf;
    await world.world.github.as('ada').push('main', Object.fromEntries(files), title);
    await world.reconcile();
    gate = world.gate();
  });
  afterAll(() => world.close());

  it('does not count from whoever had a hand in what it asks for', async () => {
    expect(await answerTo('ada', `/pointsman approve ${digestOn(gate)}`, gate)).toContain(
      'given by somebody who wrote, committed or pushed a commit of it',
    );
  });

  it('releases the run, and says what waits on help', async () => {
    const help = await answerTo('bea', '/pointsman help', gate);
    await answerTo('bea', `/pointsman approve ${digestOn(gate)}`, gate);

    expect(help).toContain(`- \`/pointsman approve ${digestOn(gate).slice(0, 11)}\``);
    expect((await world.reconcile()).code).toBe(0);
    expect(leaf01()).toContain(APPLIED);
    expect(await answerTo('carl', '/pointsman reject', gate)).toContain('This pull request is closed');
  });
});

describe('commands that are heard by two processes at once', { timeout: SLOW }, () => {
  beforeAll(async () => {
    await begin();
    await world.merge(number);
    await world.reconcile();
  });
  afterAll(() => world.close());

  it('are done once, and answered once', async () => {
    const pause = await world.say(number, 'dora', '/pointsman pause');
    const approve = await world.say(number, 'bea', `/pointsman approve ${digestOn(number)}`);

    await Promise.all([world.hear({ own: 'a' }), world.hear({ own: 'b' })]);

    const events = [...(await runsAt(world.gitDir)).values()].flat();
    expect(events.filter(({ kind }) => kind === 'run-paused')).toHaveLength(1);
    expect(world.reply(number, pause)).toMatch(/^\*\*Done/);
    expect(world.reply(number, approve)).toMatch(/^\*\*Done/);
    const told = (await world.records(number)).filter(({ told }) => told === true);
    expect(told.map(({ comment }) => comment).toSorted()).toEqual([pause, approve].toSorted());
  });
});
