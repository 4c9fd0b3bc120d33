import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandWorld, createCommandWorld } from './command-world.ts';

let world: CommandWorld;
let number: number;
beforeAll(async () => {
  world = await createCommandWorld();
  await world.reconcile();
  number = await world.open(world.stories.ntpOnOneLeaf);
  await world.plan(number);
});
afterAll(() => world.close());

describe('a command in a comment', () => {
  it('is seen, done, answered and remembered, once', async () => {
    const comment = await world.say(number, 'ada', '/pointsman help');

    const reports = await world.hear();

    expect(reports).toMatchObject([{ kind: 'done', comment, by: 'ada', pullRequest: number }]);
    expect(world.reactions(comment)).toEqual(['eyes', '+1']);
    expect(world.reply(number, comment)).toMatch(/^\*\*Done:\*\* `\/pointsman help`, asked by `ada`/);
    expect(await world.records(number)).toMatchObject([
      { comment, by: 'ada', verb: 'help', verdict: 'done', told: true },
    ]);

    const before = world.world.github.requests().filter(({ mutating }) => mutating).length;
    expect(await world.hear()).toEqual([]);
    expect(world.world.github.requests().filter(({ mutating }) => mutating).length).toBe(before);
  });

  it('from a stranger is refused with the reason', async () => {
    const comment = await world.say(number, 'eve', '/pointsman plan');

    const reports = await world.hear();

    expect(reports).toMatchObject([{ kind: 'refused' }]);
    expect(world.reactions(comment)).toEqual(['eyes', 'confused']);
    expect(world.reply(number, comment)).toContain(
      'It needs write permission on the repository, this person has read.',
    );
    expect(world.planned).toEqual([]);
  });

  it('that nobody understands names the nearest one', async () => {
    const comment = await world.say(number, 'ada', '/pointsman exlain leaf01');

    await world.hear();

    const reply = world.reply(number, comment) ?? '';
    expect(reply).toMatch(/^\*\*Refused:\*\*[\s\S]*no command "exlain"\./);
    expect(reply).toContain('Perhaps this was meant: `/pointsman explain <device>`');
  });

  it('that quotes hostile text stays in its place', async () => {
    const comment = await world.say(
      number,
      'ada',
      '/pointsman `@acme/netops` </details> <!-- --> ![x](http://evil) #1',
    );

    await world.hear();

    const [heading = '', ...rest] = (world.reply(number, comment) ?? '').split('\n');
    expect(heading).toContain('``/pointsman `@acme/netops` </details> <!-- --> ![x](http://evil) #1``, asked by `ada`');
    expect(rest.join('\n').replaceAll(/`[^`]*`/g, '')).not.toMatch(/@acme|!\[x\]|<|#1/);
  });

  it('is not heard in a bot’s comment, nor in our own', async () => {
    await world.say(number, 'pointsman[bot]', '/pointsman help');

    expect(await world.hear()).toEqual([]);
  });

  it('counts as it was written: an edited comment is refused', async () => {
    const comment = await world.say(number, 'ada', 'Nice.');
    await world.clock.sleep(1_100, new AbortController().signal);
    await world.world.github.as('dora').editComment(comment, '/pointsman plan');

    await world.hear();

    expect(world.reply(number, comment)).toContain('The comment was edited after it was written');
    expect(world.planned).toEqual([]);
  });

  it('that was done and is edited afterwards is not looked at again', async () => {
    const comment = await world.say(number, 'ada', '/pointsman help');
    await world.hear();
    const replies = world.world.github.comments(number).length;
    await world.world.github.as('ada').editComment(comment, '/pointsman plan');

    expect(await world.hear()).toEqual([]);
    expect(world.world.github.comments(number)).toHaveLength(replies);
  });

  it('that is deleted before anybody looks asks for nothing', async () => {
    const comment = await world.say(number, 'ada', '/pointsman plan');
    await world.world.github.as('ada').deleteComment(comment);

    expect(await world.hear()).toEqual([]);
  });

  it('that is first seen after a day is refused, and after three is not looked at', async () => {
    const later = (hours: number) => ({
      deps: (deps: Parameters<NonNullable<Parameters<CommandWorld['hear']>[0]>['deps'] & object>[0]) => ({
        ...deps,
        clock: { ...deps.clock, now: () => deps.clock.now() + hours * 3_600_000 },
      }),
    });
    const comment = await world.say(number, 'ada', '/pointsman plan');

    expect(await world.hear(later(80))).toEqual([]);
    expect(await world.hear(later(25))).toMatchObject([{ kind: 'refused' }]);

    expect(world.reply(number, comment)).toContain('more than 24 hours');
    expect(world.planned).toEqual([]);
  });

  it('waits for those before it, in the order they were written', async () => {
    const first = await world.say(number, 'ada', '/pointsman help');
    const second = await world.say(number, 'bea', '/pointsman help');

    expect((await world.hear()).map(({ comment }) => comment)).toEqual([first, second]);
  });

  it('is not overtaken when it has to wait for the next pass', async () => {
    const first = await world.say(number, 'ada', '/pointsman plan');
    const second = await world.say(number, 'bea', '/pointsman help');
    const lift = world.world.github.inject(
      { method: 'GET', path: /\/pulls\/\d+\/reviews/ },
      { kind: 'status', status: 503 },
      Number.POSITIVE_INFINITY,
    );

    const reports = await world.hear();
    lift();

    expect(reports).toMatchObject([{ comment: first, kind: 'left', error: { disposition: 'retry-later' } }]);
    expect((await world.hear()).map(({ comment, kind }) => [comment, kind])).toEqual([
      [first, 'done'],
      [second, 'done'],
    ]);
  });
});
