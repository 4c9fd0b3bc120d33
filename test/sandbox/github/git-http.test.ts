import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { as, git, makeFolder, startWorld } from './harness.ts';

async function startClone(login = 'ana') {
  const github = await startWorld();
  await github.as('ana').push('main', { 'a.txt': '1\n' }, 'begin');
  const folder = await makeFolder();
  await git(folder, ...as(github, login), 'clone', '--quiet', github.remoteUrl, 'fleet');
  const clone = join(folder, 'fleet');
  const commit = async (text: string): Promise<string> => {
    await writeFile(join(clone, 'a.txt'), text);
    await git(clone, 'commit', '--quiet', '--all', '--message', text);
    return (await git(clone, 'rev-parse', 'HEAD')).stdout;
  };
  return { github, clone, commit };
}

describe('the repository over smart HTTP', () => {
  it('is cloned, pushed to and fetched from by the real git', async () => {
    const { github, clone, commit } = await startClone();
    const pushed = await commit('2\n');

    expect(await git(clone, ...as(github, 'ana'), 'push', 'origin', 'main')).toMatchObject({ exitCode: 0 });
    const next = await github.as('bo').push('main', { 'b.txt': 'by bo\n' }, 'bo');
    await git(clone, ...as(github, 'ana'), 'fetch', '--quiet');

    expect((await git(clone, 'rev-parse', 'origin/main', 'origin/main^')).stdout).toBe(`${next}\n${pushed}`);
  });

  it('takes a push of more than git sends in one piece', async () => {
    const { github, clone } = await startClone();
    const noise = Array.from({ length: 60_000 }, (_, index) =>
      ((index * 2_654_435_761) % 4_294_967_296).toString(36),
    ).join('');
    await writeFile(join(clone, 'a.txt'), noise);
    await git(clone, 'commit', '--quiet', '--all', '--message', 'big');

    const args = [...as(github, 'ana'), '-c', 'http.postBuffer=65536', 'push', 'origin', 'main'];

    expect(await git(clone, ...args)).toMatchObject({ exitCode: 0 });
    const pushes = github.requests().filter(({ method, path }) => method === 'POST' && path.endsWith('receive-pack'));
    expect(pushes.map(({ mutating }) => mutating)).toEqual([false, true]);
  });

  it('refuses to lose commits', async () => {
    const { github, clone, commit } = await startClone();
    await github.as('bo').push('main', { 'b.txt': 'by bo\n' }, 'bo');
    await commit('2\n');

    const pushing = git(clone, ...as(github, 'ana'), 'push', '--force', 'origin', 'main');

    expect(await pushing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('non-fast-forward') });
  });

  it.each([
    ['cy', 'The requested URL returned error: 403'],
    ['out', 'not found'],
    [undefined, 'could not read Username'],
  ])('is not pushed to by %s', async (login, said) => {
    const { github, clone, commit } = await startClone();
    await commit('2\n');

    const pushed = await git(clone, ...(login ? as(github, login) : []), 'push', 'origin', 'main');

    expect(pushed).toMatchObject({ exitCode: 128, stderr: expect.stringContaining(said) });
  });

  it('gives the head of a pull request to everybody and lets nobody write it', async () => {
    const { github, clone } = await startClone();
    const head = await github.as('ana').push('change', { 'a.txt': '3\n' }, 'change');
    await github.as('ana').openPullRequest({ title: 'change', head: 'change' });

    await git(clone, ...as(github, 'cy'), 'fetch', '--quiet', 'origin', 'refs/pull/1/head');
    const pushed = await git(clone, ...as(github, 'ana'), 'push', 'origin', 'HEAD:refs/pull/1/head');

    expect((await git(clone, 'rev-parse', 'FETCH_HEAD')).stdout).toBe(head);
    expect(pushed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('hidden ref') });
  });

  it('a push moves the head of a pull request, and is in the activity of its branch', async () => {
    const { github, clone, commit } = await startClone();
    await git(clone, 'checkout', '--quiet', '-b', 'change');
    await commit('2\n');
    await git(clone, ...as(github, 'ana'), 'push', 'origin', 'change');
    await github.as('ana').openPullRequest({ title: 'change', head: 'change' });
    const approved = await github.as('bo').approve(1);
    const second = await commit('3\n');

    await git(clone, ...as(github, 'bo'), 'push', 'origin', 'change');

    const pull = github.pullRequest(1);
    expect(pull.headCommit).toBe(second);
    expect(pull.reviews).toMatchObject([{ id: approved, state: 'APPROVED' }]);
    expect(pull.reviews[0]?.commit).not.toBe(second);
    expect((await git(clone, ...as(github, 'ana'), 'ls-remote', 'origin', 'refs/pull/1/head')).stdout).toContain(
      second,
    );
  });

  it('a push to the base of what a pull request proposes shows it as merged by whoever pushed', async () => {
    const { github, clone } = await startClone();
    const head = await github.as('ana').push('change', { 'a.txt': '3\n' }, 'change');
    await github.as('ana').openPullRequest({ title: 'change', head: 'change' });
    await git(clone, ...as(github, 'bo'), 'pull', '--quiet', 'origin', 'change');

    await git(clone, ...as(github, 'bo'), 'push', 'origin', 'main');

    expect(github.pullRequest(1)).toMatchObject({ state: 'closed', merge: { by: 'bo', commit: head } });
  });

  it('deleting the branch closes the pull request', async () => {
    const { github, clone } = await startClone();
    await github.as('ana').push('change', { 'a.txt': '3\n' }, 'change');
    await github.as('ana').openPullRequest({ title: 'change', head: 'change' });

    await git(clone, ...as(github, 'ana'), 'push', 'origin', ':change');

    const pull = github.pullRequest(1);
    expect(pull.state).toBe('closed');
    expect(pull.merge).toBeUndefined();
  });

  it('can be down, and come back', async () => {
    const { github, clone } = await startClone();
    const lift = github.inject({ kind: 'git' }, { kind: 'status', status: 503 }, Number.POSITIVE_INFINITY);

    const down = await git(clone, ...as(github, 'ana'), 'fetch');
    lift();
    const up = await git(clone, ...as(github, 'ana'), 'fetch');

    expect([down.exitCode, up.exitCode]).toEqual([128, 0]);
  });

  it('can take a push and lose the answer', async () => {
    const { github, clone, commit } = await startClone();
    const pushed = await commit('2\n');
    github.inject({ kind: 'git', mutating: true }, { kind: 'drop-after' });

    const lost = await git(clone, ...as(github, 'ana'), 'push', 'origin', 'main');

    expect(lost.exitCode).not.toBe(0);
    expect((await git(clone, ...as(github, 'ana'), 'ls-remote', 'origin', 'main')).stdout).toContain(pushed);
  });
});
