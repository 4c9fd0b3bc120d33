import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandWorld, createCommandWorld } from './command-world.ts';

const FILE = `rules:
  - name: operations may plan and look
    commands: [plan, help]
    by: { teams: [acme/netops] }
  - name: leads may answer by comment
    commands: [approve, reject]
    by: { teams: [acme/net-leads] }
  - name: strangers may read
    commands: [explain]
    permission: read
`;

let world: CommandWorld;
let number: number;
beforeAll(async () => {
  world = await createCommandWorld({ files: (files) => new Map([...files, ['permissions.yaml', FILE]]) });
  await world.reconcile();
  number = await world.open(world.stories.ntpOnOneLeaf);
  await world.plan(number);
});
afterAll(() => world.close());

async function answerTo(who: string, text: string): Promise<string> {
  const comment = await world.say(number, who, text);
  await world.hear();
  return world.reply(number, comment) ?? world.reactions(comment).join();
}

describe('permissions.yaml', () => {
  it('gives commands to a team, and takes them from everybody else', async () => {
    expect(await answerTo('bea', '/pointsman plan')).toBe('eyes,+1');
    expect(await answerTo('dora', '/pointsman plan')).toContain('it does not name this person');
    expect(await answerTo('eve', '/pointsman explain leaf01')).toMatch(/^\*\*Done/);
  });

  it('says who may answer by a comment, and gives nobody a say that approvals.yaml does not', async () => {
    const digest = /digest=(p1:[0-9a-f]{8})/.exec(world.comment(number))?.[1];

    expect(await answerTo('bea', `/pointsman approve ${digest}`)).toContain('it does not name this person');
    expect(await answerTo('dora', `/pointsman approve ${digest}`)).toContain('the rules do not name this person');
    expect(await answerTo('bea', '/pointsman reject')).toContain('it does not name this person');
  });

  it('of a pull request changes nothing', async () => {
    const wider = FILE.replace('by: { teams: [acme/netops] }', 'permission: read');
    await world.world.github.as('ada').push(world.stories.ntpOnOneLeaf.branch, { 'permissions.yaml': wider }, 'Me too');

    expect(await answerTo('eve', '/pointsman plan')).toMatch(/^\*\*Refused/);
  });

  it('refuses where a team cannot be read, and says so', async () => {
    const lift = world.world.github.inject(
      { path: /\/teams\// },
      { kind: 'status', status: 404 },
      Number.POSITIVE_INFINITY,
    );
    const answer = await answerTo('bea', '/pointsman plan');
    lift();

    expect(answer).toMatch(/^\*\*Refused[\s\S]*members of.*could not be read/);
  });

  it('that is not valid lets nobody do anything, and says where it is wrong', async () => {
    await world.world.github.as('dora').push('main', { 'permissions.yaml': `${FILE}extra: 1\n` }, 'Break it');

    expect(await answerTo('dora', '/pointsman pause')).toMatch(/^\*\*Refused[\s\S]*not valid: unknown field/);
  });
});
