import { describe, expect, it } from 'vitest';
import { as, git, makeFolder, rest, startWorld } from './harness.ts';

/** cy may only read, and proposes `idea` from a fork. */
async function startForked(options: { readonly private?: boolean } = {}) {
  const github = await startWorld();
  await github.as('ana').push('main', { 'a.txt': '1\n' }, 'begin');
  const name = await github.fork('cy', options);
  const head = await github.as('cy').pushToFork('idea', { 'a.txt': '2\n' }, 'idea');
  const number = await github.as('cy').openPullRequest({ title: 'Idea', head: 'cy:idea' });
  return { github, name, head, number, pull: `/repos/acme/fleet/pulls/${number}` };
}

describe('a pull request from a fork', () => {
  it('says whose repository its head is in', async () => {
    const { github, head, pull } = await startForked();

    const { body } = await rest(github, 'bo', `GET ${pull}`);

    expect(body.head).toMatchObject({
      label: 'cy:idea',
      ref: 'idea',
      sha: head,
      user: { login: 'cy' },
      repo: { full_name: 'cy/fleet', fork: true },
    });
    expect(body.base.repo).toMatchObject({ full_name: 'acme/fleet', fork: false });
  });

  it('has its head fetched from the base repository, where it is no branch', async () => {
    const { github, head, number } = await startForked();
    const folder = await makeFolder();

    const listed = await git(folder, ...as(github, 'cy'), 'ls-remote', github.remoteUrl);

    const refs = listed.stdout.split('\n').map((line) => line.split('\t'));
    expect(refs).toContainEqual([head, `refs/pull/${number}/head`]);
    expect(refs.map(([, ref]) => ref)).not.toContain('refs/heads/idea');
  });

  it('follows what is pushed to the fork, and not a branch of the same name here', async () => {
    const { github, head: first, number } = await startForked();
    await github.as('ana').push('idea', { 'b.txt': '1\n' }, 'here');
    const before = github.pullRequest(number).headCommit;

    const head = await github.as('cy').pushToFork('idea', { 'a.txt': '3\n' }, 'better');

    expect(before).toBe(first);
    expect(github.pullRequest(number)).toMatchObject({ headCommit: head, headRepository: 'cy/fleet' });
  });

  it('does not stand in the way of one from a branch of that name here', async () => {
    const { github } = await startForked();
    await github.as('ana').push('idea', { 'b.txt': '1\n' }, 'here');

    await github.as('ana').openPullRequest({ title: 'Ours', head: 'idea' });

    const { body } = await rest(github, 'bo', 'GET /repos/acme/fleet/pulls?head=acme:idea');
    expect(body).toMatchObject([{ title: 'Ours' }]);
  });

  it('is merged by who may write, as any other', async () => {
    const { github, number, head } = await startForked();

    const tip = await github.as('bo').merge(number);

    const { stdout } = await git(github.gitDir, '--git-dir', github.gitDir, 'log', '-1', '--format=%P|%s', tip);
    expect(stdout).toMatch(new RegExp(` ${head}\\|Merge pull request #${number} from cy/idea$`));
  });

  it('stays without a head repository when the fork is deleted', async () => {
    const { github, head, pull } = await startForked();

    await github.deleteFork('cy');

    expect((await rest(github, 'bo', `GET ${pull}`)).body.head).toMatchObject({ repo: null, sha: head });
    expect((await rest(github, 'bo', 'GET /repos/cy/fleet/activity')).status).toBe(404);
  });
});

describe('a fork', () => {
  it('has activities of its own, and shows nothing else', async () => {
    const { github, head } = await startForked();

    const { body } = await rest(github, 'pointsman[bot]', 'GET /repos/cy/fleet/activity?ref=refs/heads/idea');

    expect(body).toMatchObject([{ activity_type: 'branch_creation', after: head, actor: { login: 'cy' } }]);
    expect((await rest(github, 'bo', 'GET /repos/acme/fleet/activity?ref=refs/heads/idea')).body).toEqual([]);
    expect((await rest(github, 'bo', 'GET /repos/cy/fleet/pulls')).status).toBe(404);
  });

  it('that is private is seen by its owner only', async () => {
    const { github } = await startForked({ private: true });

    expect((await rest(github, 'pointsman[bot]', 'GET /repos/cy/fleet/activity')).status).toBe(404);
    expect((await rest(github, 'cy', 'GET /repos/cy/fleet/activity')).status).toBe(200);
  });

  it('is not for those who may not read the repository', async () => {
    const github = await startWorld();

    await expect(github.fork('out')).rejects.toMatchObject({ details: { status: 404 } });
    await expect(github.as('cy').pushToFork('b', {}, 'm')).rejects.toMatchObject({ details: { status: 404 } });
  });
});
