import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJourney, git as gitIn, type Journey, nextSecond } from '../support/journey.ts';

let journey: Journey;
beforeEach(async () => {
  journey = await createJourney();
  await journey.reconcile();
});
afterEach(() => journey.close());

const LEAF01 = 'desired-state/devices/ams1/leaf01.yaml';
const HIDDEN_CLOCK = '192.168.200.222';
const github = () => journey.world.github;
const leaf01 = () => JSON.stringify(journey.world.switches.get('leaf01')?.applied());

/** What their commits are signed with, as GitHub knows it. */
async function addressOf(login: string): Promise<string> {
  const commit = await github().as(login).push(`of-${login}`, { 'mine.md': 'mine\n' }, 'Mine');
  return (await gitIn(journey.gitDir, ['log', '-1', '--format=%ae', commit])).out.trim();
}

/** Merges a branch on a machine of one's own, puts something else in, and pushes that: GitHub shows it as merged. */
async function mergeByHand(by: string, branch: string, files: Readonly<Record<string, string>>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-by-hand-'));
  const email = await addressOf(by);
  const login = Buffer.from(`x-access-token:${github().tokenFor(by)}`).toString('base64');
  const git = (...args: readonly string[]) =>
    promisify(execFile)(
      'git',
      [
        '-c',
        `http.extraHeader=Authorization: Basic ${login}`,
        '-c',
        `user.name=${by}`,
        '-c',
        `user.email=${email}`,
        ...args,
      ],
      { cwd: folder },
    );
  try {
    await git('clone', '-q', github().remoteUrl, '.');
    await git('merge', '-q', '--no-ff', '--no-commit', `origin/${branch}`);
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
    await git('add', '.');
    await git('commit', '-q', '-m', `Merge branch '${branch}'`);
    await git('push', '-q', 'origin', 'HEAD:main');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('nobody approves alone what they put in', () => {
  it('while they merged somebody else’s pull request by hand', async () => {
    const { ntpOnOneLeaf } = journey.stories;
    const number = await journey.open(ntpOnOneLeaf, 'ada');
    await journey.plan(number);
    const text = String(ntpOnOneLeaf.files.get(LEAF01)).replace('192.168.200.140', HIDDEN_CLOCK);
    await mergeByHand('bea', ntpOnOneLeaf.branch, { [LEAF01]: text });
    await journey.reconcile();
    await journey.approve(journey.gate(), 'bea');

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(leaf01()).not.toContain(HIDDEN_CLOCK);
    expect(journey.comment(journey.gate())).toMatch(/`bea` approves: does not count.*commit of it/);
  });

  it('and somebody else may still approve that', async () => {
    const { ntpOnOneLeaf } = journey.stories;
    await journey.open(ntpOnOneLeaf, 'ada');
    const text = String(ntpOnOneLeaf.files.get(LEAF01)).replace('192.168.200.140', HIDDEN_CLOCK);
    await mergeByHand('bea', ntpOnOneLeaf.branch, { [LEAF01]: text });
    await journey.reconcile();
    await journey.approve(journey.gate(), 'carl');

    const passed = await journey.reconcile();

    expect(passed.code).toBe(0);
    expect(leaf01()).toContain(HIDDEN_CLOCK);
  });

  it.each([
    { how: 'by having a workflow write and propose it', branch: 'made-by-a-workflow' },
    { how: 'by having a workflow propose it from a branch that is called like a gate', branch: 'pointsman/gate/x' },
  ])('$how', async ({ branch }) => {
    const { title, files } = journey.stories.ntpOnOneLeaf;
    const number = await journey.open({ title, branch, files }, 'github-actions[bot]');
    await journey.reconcile();
    await journey.approve(number, 'bea');
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(leaf01()).not.toContain('192.168.200.140');
    expect(journey.comment(number)).toMatch(/`bea` approves: does not count.*`github-actions\[bot\]`/);
  });

  it('by writing it in the name of somebody else, for that one to propose', async () => {
    const { title, branch, files } = journey.stories.ntpOnOneLeaf;
    await github().as('bea').push(branch, Object.fromEntries(files), title);
    const number = await github().as('ada').openPullRequest({ title, head: branch });
    await journey.plan(number);
    await journey.approve(number, 'bea');
    await github().as('ada').forcePush(branch, Object.fromEntries(files), title);
    await journey.plan(number);
    await journey.approve(number, 'bea');
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(leaf01()).not.toContain('192.168.200.140');
  });
});

describe('a verdict on one pull request', () => {
  it('says nothing about another with the very same commit', async () => {
    const { ntpOnOneLeaf } = journey.stories;
    const number = await journey.open(ntpOnOneLeaf);
    await github().as('carl').push('develop', { 'notes.md': 'a branch\n' }, 'Start a branch');
    const other = await github()
      .as('carl')
      .openPullRequest({ title: 'The same', head: ntpOnOneLeaf.branch, base: 'develop' });
    await journey.plan(number);
    await journey.approve(other, 'bea');
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(leaf01()).not.toContain('192.168.200.140');
  });

  it('and where it goes to another base, it does not make the head ready', async () => {
    const { ntpOnOneLeaf } = journey.stories;
    await github().as('carl').push('develop', { 'notes.md': 'a branch\n' }, 'Start a branch');
    const number = await journey.open(ntpOnOneLeaf);
    await github().as('carl').push('same', {}, 'nothing');
    const { headCommit } = github().pullRequest(number);
    const other = await github()
      .as('carl')
      .openPullRequest({ title: 'The same', head: ntpOnOneLeaf.branch, base: 'develop' });
    // It was shown a plan once, as a pull request to the fleet's branch.
    await github().as('ada').close(number);
    await github().as('carl').retarget(other, 'main');
    await journey.reconcile();
    await github().as('carl').retarget(other, 'develop');
    await github().as('ada').reopen(number);
    await nextSecond(journey.clock);

    await journey.reconcile();

    const ready = github()
      .checks(headCommit)
      .runs.findLast(({ name }) => name === 'pointsman / ready');
    expect(ready?.conclusion).toBe('action_required');
  });
});
