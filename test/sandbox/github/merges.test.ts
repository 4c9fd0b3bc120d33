import { describe, expect, it } from 'vitest';
import { git, rest, startWorld } from './harness.ts';

/** `change` holds two commits, and `main` has gone on since. */
async function startDiverged() {
  const github = await startWorld();
  await github.as('ana').push('main', { 'a.txt': 'a\n', 'gone.txt': '1\n' }, 'begin');
  await github.as('ana').push('change', { 'b.txt': 'b\n' }, 'add b');
  const head = await github.as('ana').push('change', { 'gone.txt': null }, 'drop gone');
  const number = await github.as('ana').openPullRequest({ title: 'Change', head: 'change' });
  const base = await github.as('bo').push('main', { 'c.txt': 'c\n' }, 'add c');
  const ask = async (...args: readonly string[]) =>
    (await git(github.gitDir, '--git-dir', github.gitDir, ...args)).stdout;
  return { github, head, base, number, ask };
}

describe('merge()', () => {
  it.each(['merge', 'squash', 'rebase'] as const)('by %s leaves both sides’ files on the base', async (method) => {
    const { github, number, ask } = await startDiverged();

    const tip = await github.as('bo').merge(number, { method });

    expect(await ask('rev-parse', 'main')).toBe(tip);
    expect(await ask('ls-tree', '--name-only', 'main')).toBe('a.txt\nb.txt\nc.txt');
  });

  it('by merge makes a commit of both tips', async () => {
    const { github, number, head, base, ask } = await startDiverged();

    const tip = await github.as('bo').merge(number, { method: 'merge' });

    expect(await ask('log', '-1', '--format=%P|%an|%cn|%s', tip)).toBe(
      `${base} ${head}|bo|GitHub|Merge pull request #1 from acme/change`,
    );
  });

  it('by squash makes one commit of the author', async () => {
    const { github, number, base, ask } = await startDiverged();

    const tip = await github.as('bo').merge(number, { method: 'squash' });

    expect(await ask('log', '-1', '--format=%P|%an|%cn|%s', tip)).toBe(`${base}|ana|GitHub|Change (#1)`);
  });

  it('by rebase makes each commit anew, by its author, committed by the merger', async () => {
    const { github, number, base, ask } = await startDiverged();

    await github.as('bo').merge(number, { method: 'rebase' });

    expect(await ask('log', '--format=%an|%cn|%s', `${base}..main`)).toBe('ana|bo|drop gone\nana|bo|add b');
  });

  it.each(['merge', 'squash', 'rebase'] as const)('by %s tells GitHub’s readers of it', async (method) => {
    const { github, number, base } = await startDiverged();

    const tip = await github.as('bo').merge(number, { method });

    const { body } = await rest(github, 'cy', `GET /repos/acme/fleet/pulls/${number}`);
    expect(body).toMatchObject({
      state: 'closed',
      merged: true,
      merged_at: '2026-11-20T09:00:00Z',
      merge_commit_sha: tip,
      merged_by: { login: 'bo' },
      commits: 2,
      changed_files: 2,
      mergeable: null,
    });
    const activity = await rest(github, 'cy', 'GET /repos/acme/fleet/activity?ref=refs/heads/main');
    expect(activity.body[0]).toMatchObject({
      activity_type: 'pr_merge',
      before: base,
      after: tip,
      actor: { login: 'bo' },
    });
    const pulls = await rest(github, 'cy', `GET /repos/acme/fleet/commits/${tip}/pulls`);
    expect(pulls.body.map((pull: { readonly number: number }) => pull.number)).toEqual([number]);
  });

  it.each(['merge', 'squash', 'rebase'] as const)('by %s does not happen when they conflict', async (method) => {
    const { github, number, ask } = await startDiverged();
    const tip = await github.as('bo').push('main', { 'b.txt': 'other\n' }, 'another b');

    await expect(github.as('bo').merge(number, { method })).rejects.toMatchObject({ details: { status: 405 } });

    expect(await ask('rev-parse', 'main')).toBe(tip);
    const { body } = await rest(github, 'cy', `GET /repos/acme/fleet/pulls/${number}`);
    expect(body).toMatchObject({ state: 'open', merged: false, mergeable: false, mergeable_state: 'dirty' });
  });

  it('is not for those who may only read, nor for a draft, nor twice', async () => {
    const { github, number } = await startDiverged();
    await github.as('ana').push('draft', { d: '1\n' }, 'd');
    const draft = await github.as('ana').openPullRequest({ title: 'd', head: 'draft', draft: true });

    await expect(github.as('cy').merge(number)).rejects.toMatchObject({ details: { status: 403 } });
    await expect(github.as('bo').merge(draft)).rejects.toMatchObject({ details: { status: 405 } });
    await github.as('bo').merge(number);
    await expect(github.as('bo').merge(number)).rejects.toMatchObject({ details: { status: 405 } });
  });

  it('over REST is refused when the head is not the one that was looked at', async () => {
    const { github, number, base } = await startDiverged();

    const reply = await rest(github, 'bo', `PUT /repos/acme/fleet/pulls/${number}/merge`, { sha: base });

    expect(reply.status).toBe(409);
  });
});
