import { describe, expect, it } from 'vitest';
import { git, rest, startWorld } from './harness.ts';

/** `one` and `two` are proposed, each with a file of its own. */
async function startWithTwo(options: Parameters<typeof startWorld>[0] = {}) {
  const github = await startWorld(options);
  const base = await github.as('ana').push('main', { 'a.txt': '1\n' }, 'begin');
  const numbers: number[] = [];
  for (const name of ['one', 'two']) {
    await github.as('ana').push(name, { [`${name}.txt`]: '1\n' }, name);
    numbers.push(await github.as('ana').openPullRequest({ title: name, head: name }));
  }
  const [one = 0, two = 0] = numbers;
  const ask = async (...args: readonly string[]) =>
    (await git(github.gitDir, '--git-dir', github.gitDir, ...args)).stdout;
  const branches = async () =>
    (await ask('for-each-ref', '--format=%(refname)', 'refs/heads/gh-readonly-queue')).split('\n');
  return { github, base, one, two, ask, branches };
}

describe('the merge queue', () => {
  it('makes a branch for each, standing on the one before it', async () => {
    const { github, base, one, two, ask } = await startWithTwo();

    const first = await github.enqueue(one);
    const second = await github.enqueue(two);

    expect(first.branch).toBe(`gh-readonly-queue/main/pr-${one}-${base}`);
    expect(second.branch).toBe(`gh-readonly-queue/main/pr-${two}-${first.head}`);
    expect(await ask('ls-tree', '--name-only', second.branch)).toBe('a.txt\none.txt\ntwo.txt');
    expect(await ask('rev-parse', 'main')).toBe(base);
  });

  it.each(['merge', 'squash', 'rebase'] as const)(
    'puts on the base exactly what was tested, by %s',
    async (queueMethod) => {
      const { github, base, one, two, ask, branches } = await startWithTwo({ queueMethod });
      const first = await github.enqueue(one);
      const second = await github.enqueue(two);

      await github.finishQueue();

      expect(await ask('rev-parse', 'main')).toBe(second.head);
      expect(await branches()).toEqual(['']);
      const { body } = await rest(github, 'cy', `GET /repos/acme/fleet/pulls/${one}`);
      expect(body).toMatchObject({
        merged: true,
        merge_commit_sha: first.head,
        merged_by: { login: 'github-merge-queue[bot]' },
      });
      const activity = await rest(github, 'cy', 'GET /repos/acme/fleet/activity?ref=main');
      expect(activity.body[0]).toMatchObject({ activity_type: 'merge_queue_merge', before: base, after: second.head });
    },
  );

  it('takes one out, and makes those behind it anew', async () => {
    const { github, base, one, two, ask, branches } = await startWithTwo();
    await github.enqueue(one);
    await github.enqueue(two);

    await github.dequeue(one);

    const [entry] = github.queue();
    expect(entry).toMatchObject({ pull: two, onto: base });
    expect(await branches()).toEqual([`refs/heads/${entry?.branch}`]);
    expect(await ask('ls-tree', '--name-only', entry?.branch ?? '')).toBe('a.txt\ntwo.txt');
  });

  it('makes all anew when somebody pushed past it', async () => {
    const { github, one, ask } = await startWithTwo();
    const stale = await github.enqueue(one);
    await github.as('bo').push('main', { 'b.txt': '1\n' }, 'past the queue');

    await github.finishQueue();

    expect(await ask('rev-parse', 'main')).not.toBe(stale.head);
    expect(await ask('ls-tree', '--name-only', 'main')).toBe('a.txt\nb.txt\none.txt');
  });

  it('takes nobody twice, no draft, nothing that conflicts, and nobody’s who may not write', async () => {
    const { github, one, two } = await startWithTwo();
    await github.as('ana').push('two', { 'one.txt': 'other\n' }, 'in the way');
    await github.enqueue(one);
    const refusal = (status: number) => ({ details: { status } });

    await expect(github.enqueue(one)).rejects.toMatchObject(refusal(422));
    await expect(github.enqueue(two)).rejects.toMatchObject(refusal(422));
    await expect(github.enqueue(two, 'cy')).rejects.toMatchObject(refusal(403));
    await github.as('ana').convertToDraft(two);
    await expect(github.enqueue(two)).rejects.toMatchObject(refusal(422));
    expect(github.queue()).toHaveLength(1);
  });
});
