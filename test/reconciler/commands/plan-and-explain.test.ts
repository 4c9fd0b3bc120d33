import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandWorld, createCommandWorld } from './command-world.ts';

const LEAF01 = 'desired-state/devices/ams1/leaf01.yaml';
const LEAF02 = 'desired-state/devices/ams1/leaf02.yaml';
let world: CommandWorld;
let number: number;
beforeAll(async () => {
  world = await createCommandWorld();
  await world.reconcile();
  number = await world.open(world.stories.ntpOnOneLeaf);
});
afterAll(() => world.close());

const head = (of: number) => world.world.github.pullRequest(of).headCommit;
const planComment = (of: number) =>
  world.world.github.comments(of).find(({ body }) => body.startsWith('<!-- pointsman:plan'))?.body ?? '';

describe('/pointsman explain', () => {
  it('asks for a plan where there is none yet', async () => {
    const comment = await world.say(number, 'ada', '/pointsman explain leaf01');

    await world.hear();

    expect(world.reply(number, comment)).toMatch(
      /There is no plan of this head yet\.\n\nWrite first `\/pointsman plan`/,
    );
  });

  it('says what changes on a device, where that is written and who wrote it last', async () => {
    await world.plan(number);
    const comment = await world.say(number, 'ada', '/pointsman explain leaf01');

    await world.hear();

    const reply = world.reply(number, comment) ?? '';
    expect(reply).toContain('+ set service ntp mgmt server 192.168.200.140');
    expect(reply).toMatch(
      /`desired-state\/templates\/system\.yaml\.j2:\d+`: commit `[0-9a-f]{12}` of .* by `Dora Example`/,
    );
    expect(reply).toContain(`This pull request changes \`${LEAF01}\`.`);
  });

  it('tells what a pull request wrote itself, and what an earlier one brought', async () => {
    const text = world.world.files.get(LEAF02) ?? '';
    const described = (what: string) => ({
      [LEAF02]: `${text}configuration:\n  interface:\n    swp1:\n      description: ${what}\n    swp2:\n      description: old\n`,
    });
    await world.world.github.as('ada').push('first', described('old'), 'Describe two ports');
    const first = await world.world.github.as('ada').openPullRequest({ title: 'First', head: 'first' });
    await world.merge(first);
    const second = await world.open({
      title: 'Second',
      branch: 'second',
      files: new Map(Object.entries(described('new'))),
    });
    await world.plan(second);
    const comment = await world.say(second, 'ada', '/pointsman explain leaf02');

    await world.hear();

    const reply = world.reply(second, comment) ?? '';
    expect(reply).toMatch(
      /leaf02\.yaml:\d+`, written by this pull request: commit .* Second\n\n```diff\n\+ set interface swp1 description new/,
    );
    expect(reply).toMatch(new RegExp(`leaf02\\.yaml:\\d+\`, brought by \`#${first}\`: commit .* Describe two ports`));
  });

  it('names the devices of the plan for one that is not in it', async () => {
    const comment = await world.say(number, 'ada', '/pointsman explain leaf001');

    await world.hear();

    const reply = world.reply(number, comment) ?? '';
    expect(reply).toMatch(/^\*\*Refused:\*\*/);
    expect(reply).toMatch(/It concerns leaf01\. Or did you mean/);
  });
});

describe('/pointsman plan', () => {
  it('plans again, and the plan’s own comment is the answer', async () => {
    const comment = await world.say(number, 'ada', `/pointsman plan ${head(number).slice(0, 12)}`);

    await world.hear();

    expect(world.planned.at(-1)).toEqual({ number });
    expect(world.reactions(comment)).toEqual(['eyes', '+1']);
    expect(world.reply(number, comment)).toBeUndefined();
  });

  it('is refused for a commit that is not the head any more, with the one that is', async () => {
    const old = head(number);
    await world.world.github.as('ada').push(world.stories.ntpOnOneLeaf.branch, { 'notes.md': 'x' }, 'More');
    const planned = world.planned.length;
    const comment = await world.say(number, 'ada', `/pointsman plan ${old}`);

    await world.hear();

    expect(world.reply(number, comment)).toContain(`/pointsman plan ${head(number)}`);
    expect(world.planned).toHaveLength(planned);
  });

  it('is refused on a pull request to another branch, and on a closed one', async () => {
    const { github } = world.world;
    await github.as('ada').push('elsewhere', {}, 'Another base');
    await github.as('ada').push('other', { 'x.md': 'x' }, 'Elsewhere');
    const other = await github.as('ada').openPullRequest({ title: 'Elsewhere', head: 'other', base: 'elsewhere' });
    const toOther = await world.say(other, 'ada', '/pointsman plan');
    await world.hear();
    await github.as('ada').close(other);
    const closed = await world.say(other, 'ada', '/pointsman plan');
    await world.hear();

    expect(world.reply(other, toOther)).toContain('It goes to elsewhere');
    expect(world.reply(other, closed)).toContain('This pull request is closed.');
  });

  it('says that a fleet with problems was not planned', async () => {
    const broken = await world.open(world.stories.brokenYaml);
    const comment = await world.say(broken, 'ada', '/pointsman plan');

    await world.hear();

    expect(world.reactions(comment)).toEqual(['eyes', 'confused']);
    expect(world.reply(broken, comment)).toMatch(/The fleet at this head has 1 problem, so no switch was asked/);
  });
});

describe('/pointsman plan, of a fork', () => {
  let forked: number;
  beforeAll(async () => {
    const { github } = world.world;
    await github.fork('eve');
    const text = String(world.stories.ntpOnOneLeaf.files.get(LEAF01));
    await github.as('eve').pushToFork('improve', { [LEAF01]: text.replace('.140', '.141') }, 'From outside');
    forked = await github.as('eve').openPullRequest({ title: 'From outside', head: 'eve:improve' });
  });
  const asked = () => world.world.switches.get('leaf01')?.requests().length;

  it.each([
    { who: 'eve', text: () => `/pointsman plan ${head(forked)}`, why: /needs maintain permission.*has read/ },
    { who: 'ada', text: () => `/pointsman plan ${head(forked)}`, why: /needs maintain permission.*has write/ },
    { who: 'dora', text: () => '/pointsman plan', why: /comes from a fork[\s\S]*plan.*[0-9a-f]{40}/ },
    { who: 'dora', text: () => `/pointsman plan ${'0'.repeat(40)}`, why: /The head of this pull request is not/ },
  ])('is refused to $who without the right or the right commit, and no switch is asked', async ({ who, text, why }) => {
    const before = [asked(), world.planned.length];
    const comment = await world.say(forked, who, text());

    await world.hear();

    expect(world.reply(forked, comment)).toMatch(why);
    expect([asked(), world.planned.length]).toEqual(before);
  });

  it('is done for a maintainer who names its head, and for nothing that is pushed afterwards', async () => {
    const before = asked() ?? 0;
    const comment = await world.say(forked, 'dora', `/pointsman plan ${head(forked)}`);

    await world.hear();

    expect(world.planned.at(-1)).toEqual({ number: forked, forkHead: head(forked) });
    expect(world.reactions(comment)).toEqual(['eyes', '+1']);
    expect(asked()).toBeGreaterThan(before);
    expect(planComment(forked)).toContain('192.168.200.141');

    const [then, looked] = [head(forked), asked()];
    await world.world.github.as('eve').pushToFork('improve', { 'x.md': 'x' }, 'And one more thing');
    const again = await world.say(forked, 'dora', `/pointsman plan ${then}`);
    await world.hear();
    expect(world.reply(forked, again)).toContain(`it is ${head(forked)}`.replace(head(forked), `\`${head(forked)}\``));
    expect(asked()).toBe(looked);
  });
});

describe('/pointsman help', () => {
  const lines = (of: number, comment: number) =>
    (world.reply(of, comment) ?? '').split('\n').filter((line) => line.startsWith('- '));

  it('lists what this person may do here now, and nothing else', async () => {
    const byAda = await world.say(number, 'ada', '/pointsman help');
    const byDora = await world.say(number, 'dora', '/pointsman help');

    await world.hear();

    expect(lines(number, byAda).map((line) => line.split('`')[1])).toEqual(['/pointsman plan', '/pointsman help']);
    expect(lines(number, byDora)).toEqual(lines(number, byAda));
  });

  it('says to a maintainer how the head of a fork is planned', async () => {
    const forked = world.world.github.pullRequests().find(({ author }) => author === 'eve')?.number ?? 0;
    const byAda = await world.say(forked, 'ada', '/pointsman help');
    const byDora = await world.say(forked, 'dora', '/pointsman help');

    await world.hear();

    expect(lines(forked, byAda).join()).not.toContain('/pointsman plan');
    expect(lines(forked, byDora).join()).toContain(`/pointsman plan ${head(forked)}`);
  });

  it('lists the runs that may be held, by their names', async () => {
    await world.plan(number);
    const commit = await world.merge(number);
    await world.reconcile();
    const run = `configurationdeploy-pr-${number}-${commit.slice(0, 12)}`;
    const byAda = await world.say(number, 'ada', '/pointsman help');
    const byDora = await world.say(number, 'dora', '/pointsman help');

    await world.hear();

    expect(lines(number, byDora).join()).toContain(`/pointsman pause ${run}`);
    expect(lines(number, byDora).join()).toContain(`/pointsman terminate ${run}`);
    expect(lines(number, byAda).join()).not.toContain(run);
  });
});
