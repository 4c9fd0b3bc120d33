import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createJourney, type Journey, type JourneyOptions, nextSecond } from '../support/journey.ts';

/**
 * Bad days at GitHub: each ends in a clear line to the person and nothing done that was not approved. The lines are printed
 * together at the end, so that they can be read as a page.
 */

let journey: Journey;
const start = async (options?: JourneyOptions) => {
  journey = await createJourney(options);
};
afterEach(() => journey.close());

const toldLines: { readonly day: string; readonly line: string }[] = [];
afterAll(() => {
  const rows = toldLines.map(({ day, line }) => `- ${day}\n    ${line}`);
  process.stdout.write(`\nWhat people read on bad days:\n${rows.join('\n')}\n`);
});

/** The line of a text somebody reads that says what the day was about. */
function told(day: string, text: string, pattern: RegExp): void {
  const line = text.split('\n').find((one) => pattern.test(one));
  expect(line, `${day}: expected a line like ${pattern} in\n${text}`).toBeDefined();
  toldLines.push({ day, line: line?.trim() ?? '' });
}

const github = () => journey.world.github;
const head = (number: number) => github().pullRequest(number).headCommit;
const ready = (commit: string) =>
  github()
    .checks(commit)
    .runs.findLast(({ name }) => name === 'pointsman / ready');
const appliedTo = (name: string): number =>
  (journey.world.switches.get(name)?.requests() ?? []).filter(
    ({ method, path, body }) =>
      method === 'PATCH' && path.includes('/revision/') && JSON.stringify(body ?? '').includes('"apply"'),
  ).length;
const leaf01 = () => JSON.stringify(journey.world.switches.get('leaf01')?.applied());

const OTHER_CLOCK = '192.168.200.222';
/** What the pull request says after somebody made it say something else. */
const otherFiles = () =>
  Object.fromEntries(
    [...journey.stories.ntpOnOneLeaf.files].map(([path, text]) => [
      path,
      String(text).replace('192.168.200.140', OTHER_CLOCK),
    ]),
  );

async function plannedAndApproved(): Promise<number> {
  const number = await journey.open(journey.stories.ntpOnOneLeaf);
  await journey.plan(number);
  await journey.approve(number);
  return number;
}

describe('a head that moves', () => {
  it('by force between the approval and the merge: what nobody saw is not applied, a gate asks', async () => {
    await start();
    const number = await plannedAndApproved();
    await github().as('ada').forcePush(journey.stories.ntpOnOneLeaf.branch, otherFiles(), 'Something else');
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(appliedTo('leaf01')).toBe(0);
    told('force-push between approval and merge', journey.comment(number), /was not applied/);
  });

  it('by a push after the approval: the approval is of the commit before', async () => {
    await start();
    const number = await plannedAndApproved();
    await github().as('ada').push(journey.stories.ntpOnOneLeaf.branch, { 'notes.md': 'more\n' }, 'Add a note');
    await journey.plan(number);
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(appliedTo('leaf01')).toBe(0);
    told(
      'approval, then a push',
      journey.comment(number),
      /`bea` approves: does not count as an approval, it is of commit/,
    );
  });
});

describe('people', () => {
  it('who have left the team since they approved do not count any more', async () => {
    await start();
    const number = await plannedAndApproved();
    github().setTeam('acme/netops', ['carl']);
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(appliedTo('leaf01')).toBe(0);
    told('review by somebody who left the team', journey.comment(number), /`bea` approves: does not count/);
  });
});

describe('a pull request', () => {
  it('that is pointed at another base changes no switch, and says so', async () => {
    await start();
    await github().as('ada').push('develop', { 'notes.md': 'a branch\n' }, 'Start a branch');
    const number = await plannedAndApproved();
    await github().as('ada').retarget(number, 'develop');

    const looked = await journey.reconcile();
    told('PR retargeted to another base', journey.comment(number), /^## Not planned: it goes to/);
    await journey.merge(number);
    const passed = await journey.reconcile();

    expect([looked.code, passed.code]).toEqual([0, 0]);
    expect(appliedTo('leaf01')).toBe(0);
    expect(ready(head(number))?.conclusion).toBe('neutral');
  });

  it('that is pointed back is planned again', async () => {
    await start();
    await github().as('ada').push('develop', { 'notes.md': 'a branch\n' }, 'Start a branch');
    const number = await plannedAndApproved();
    await github().as('ada').retarget(number, 'develop');
    await journey.reconcile();
    await github().as('ada').retarget(number, 'main');

    await journey.reconcile();

    expect(journey.comment(number)).toContain('## Plan: 1 device changes');
  });

  it('that is closed and reopened keeps what was approved, as long as it is the same', async () => {
    await start();
    const number = await plannedAndApproved();
    await github().as('ada').close(number);
    const closed = await journey.reconcile();
    await github().as('ada').reopen(number);
    await journey.reconcile();
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(closed.out).toBe('Nothing is due.\n');
    expect(passed.code).toBe(0);
    told('PR closed and reopened', journey.comment(number), /^## Applied: 1 applied/);
  });

  it('that changes the line another one changed just before has to be brought up to date first', async () => {
    await start();
    const first = await plannedAndApproved();
    const second = await journey.open({
      title: 'Another clock',
      branch: 'two-clocks',
      files: new Map(Object.entries(otherFiles())),
    });
    await journey.plan(second);
    await journey.approve(second);
    await journey.merge(first);

    await journey.reconcile();

    expect(leaf01()).toContain('192.168.200.140');
    expect(ready(head(second))?.conclusion).toBe('failure');
    told('two PRs that change the same line', journey.comment(second), /conflicts with the base branch/);
  });

  it.each(['merge', 'squash', 'rebase'] as const)(
    'goes through the merge queue (%s) and is applied once',
    async (queueMethod) => {
      await start({ queueMethod });
      const number = await plannedAndApproved();
      const { head: commit } = await github().enqueue(number);
      await journey.reconcile();
      const verdict = ready(commit);
      await github().finishQueue();

      const passed = await journey.reconcile();
      const again = await journey.reconcile();

      expect(verdict?.conclusion).toBe('success');
      expect([passed.code, again.out]).toEqual([0, 'Nothing is due.\n']);
      expect(appliedTo('leaf01')).toBe(1);
      told(`merge queue (${queueMethod})`, verdict?.title ?? '', /approved by bea/);
    },
  );

  it('that nobody approved is not ready in the merge queue', async () => {
    await start();
    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    const { head: commit } = await github().enqueue(number);

    await journey.reconcile();

    expect(ready(commit)?.conclusion).toBe('action_required');
    told('merge queue without an approval', ready(commit)?.title ?? '', /waiting for 1 approval/);
  });

  it('that changes more than 300 files is planned whole', async () => {
    await start();
    const notes = Object.fromEntries(Array.from({ length: 320 }, (_, index) => [`notes/${index}.md`, `${index}\n`]));
    const number = await journey.open({
      ...journey.stories.ntpOnOneLeaf,
      files: new Map([...Object.entries(notes), ...journey.stories.ntpOnOneLeaf.files]),
    });

    const planned = await journey.plan(number);

    expect(planned.code).toBe(2);
    told('300+ changed files', journey.comment(number), /^## Plan: 1 device changes/);
  });

  it('is not applied twice when it was pushed without a pull request: a gate asks', async () => {
    await start();
    await journey.reconcile();
    await github().as('ada').push('main', Object.fromEntries(journey.stories.ntpOnOneLeaf.files), 'Straight to main');

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(appliedTo('leaf01')).toBe(0);
    told(
      'direct push to main without a PR',
      github().pullRequest(journey.gate()).body,
      /pushed without a pull request/,
    );
  });
});

describe('the comment', () => {
  it('is written again where somebody edited it', async () => {
    await start();
    const number = await plannedAndApproved();
    const [comment] = github().comments(number);
    await github()
      .as('dora')
      .editComment(
        comment?.id ?? 0,
        '<!-- pointsman:plan v1 pr=1 -->\n## Plan: nothing changes, approved by everybody',
      );

    await journey.reconcile();

    told('a comment edited by somebody', journey.comment(number), /^## Plan: 1 device changes, approved by bea/);
  });

  it('is written anew where somebody deleted it, and what was approved holds', async () => {
    await start();
    const number = await plannedAndApproved();
    await github()
      .as('dora')
      .deleteComment(github().comments(number)[0]?.id ?? 0);
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(0);
    told('a comment deleted by somebody', journey.comment(number), /^## Applied: 1 applied/);
  });

  it('of somebody who copies ours is nobody’s plan', async () => {
    await start();
    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    const forged = journey.comment(number).replace('waiting for 1 approval', 'approved by bea');
    await github().as('eve').comment(number, forged);
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(appliedTo('leaf01')).toBe(0);
    told('bot comment forged by a user', journey.comment(number), /needs 1 approval from .* has 0/);
  });

  it('of 65,536 characters that is meant as a command is refused in one line', async () => {
    await start();
    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    await github()
      .as('ada')
      .comment(number, `/pointsman ${'plan '.repeat(13_105)}`.slice(0, 65_536));

    const passed = await journey.reconcile();

    const reply = github().comments(number).at(-1)?.body ?? '';
    expect(passed.code).toBe(0);
    expect(reply.length).toBeLessThan(2_000);
    told('a command of 65,536 characters', reply, /^\*\*Refused/);
  });
});

describe('GitHub', () => {
  it('that is down for an hour delays what is due and loses nothing', async () => {
    await start();
    const number = await plannedAndApproved();
    await journey.merge(number);
    const back = github().inject({ path: /^\/repos/ }, { kind: 'status', status: 503 }, Number.POSITIVE_INFINITY);

    const down = await journey.reconcile();
    const stillDown = await journey.reconcile();
    back();
    const passed = await journey.reconcile();

    expect([down.code, stillDown.code, passed.code]).toEqual([1, 1, 0]);
    expect(appliedTo('leaf01')).toBe(1);
    told('API down for an hour', down.out, /FORGE_UNAVAILABLE/);
  });

  it.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])('whose clock is not ours (an hour %s): reviews are compared by its clock alone', async (_, skewMilliseconds) => {
    await start({ skewMilliseconds });
    const number = await plannedAndApproved();
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(0);
    expect(appliedTo('leaf01')).toBe(1);
    told(`clock skew of an hour (${_})`, journey.comment(number), /^## Applied: 1 applied/);
  });
});

describe('a fork', () => {
  const forked = async (): Promise<number> => {
    await start();
    await github().fork('eve');
    const { branch, title, files } = journey.stories.ntpOnOneLeaf;
    await github().as('eve').pushToFork(branch, Object.fromEntries(files), title);
    return github()
      .as('eve')
      .openPullRequest({ title, head: `eve:${branch}` });
  };
  const asked = () => journey.world.switches.get('leaf01')?.requests().length;

  it('is checked and not planned against switches', async () => {
    const number = await forked();

    await journey.reconcile();

    expect(asked()).toBe(0);
    expect(ready(head(number))?.conclusion).toBe('action_required');
    told('a PR from a fork', journey.comment(number), /^No switch was contacted/);
  });

  it('is not planned because its author says so', async () => {
    const number = await forked();
    await journey.reconcile();
    await github()
      .as('eve')
      .comment(number, `/pointsman plan ${head(number)}`);

    await journey.reconcile();

    expect(asked()).toBe(0);
    told('a fork planned by its author', github().comments(number).at(-1)?.body ?? '', /maintain/);
  });

  it('is planned once a maintainer names its head, and that head only', async () => {
    const number = await forked();
    await journey.reconcile();
    await github()
      .as('dora')
      .comment(number, `/pointsman plan ${head(number)}`);
    await journey.reconcile();
    const planned = journey.comment(number);
    const before = asked();
    await github().as('eve').pushToFork(journey.stories.ntpOnOneLeaf.branch, otherFiles(), 'Something else');
    await nextSecond(journey.clock);

    await journey.reconcile();

    expect(planned).toContain('## Plan: 1 device changes');
    expect(asked()).toBe(before);
    told('a fork that pushed after it was planned', journey.comment(number), /^## Not planned: it comes from a fork/);
  });
});
