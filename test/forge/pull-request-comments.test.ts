import { describe, expect, it } from 'vitest';
import { APP, startHarness } from './harness.ts';

describe('commentsSince()', () => {
  it('gives what was said on pull requests since then, oldest first', async () => {
    const { github, forgeFor, pull, clock, signal } = await startHarness();
    await github.as('ana').comment(pull, 'long ago');
    await clock.sleep(60_000, signal);
    const since = clock.now();
    const id = await github.as('cy').comment(pull, '/pointsman plan');
    await clock.sleep(60_000, signal);
    await github.as(APP).comment(pull, 'planned');

    const comments = await forgeFor().commentsSince(since, signal);

    expect(comments).toMatchObject([
      {
        id,
        pullRequest: pull,
        author: 'cy',
        authorIsBot: false,
        body: '/pointsman plan',
        createdAt: since,
        edited: false,
      },
      { author: APP, authorIsBot: true, body: 'planned', createdAt: since + 60_000 },
    ]);
    expect(comments[0]?.url).toMatch(/\/acme\/fleet\/pull\/1#issuecomment-/);
  });

  it('gives an old one that was edited since, and says that it was', async () => {
    const { github, forgeFor, pull, clock, signal } = await startHarness();
    const id = await github.as('cy').comment(pull, 'nice');
    await clock.sleep(60_000, signal);
    const since = clock.now();
    await github.as('bo').editComment(id, '/pointsman resume');

    expect(await forgeFor().commentsSince(since, signal)).toMatchObject([
      { id, author: 'cy', body: '/pointsman resume', edited: true },
    ]);
  });

  it('leaves out what was said on issues', async () => {
    const { github, forgeFor, signal } = await startHarness();
    const marker = '<!-- alarm -->';
    await forgeFor().raiseAlarm(marker, { title: 'Alarm', body: marker }, signal);
    await github.as('cy').comment(github.issues()[0]?.number ?? 0, 'oh');

    expect(await forgeFor().commentsSince(0, signal)).toEqual([]);
  });

  it('misses nothing of the second it is asked from', async () => {
    const { github, forgeFor, pull, clock, signal } = await startHarness();
    await clock.sleep(100, signal);
    await github.as('cy').comment(pull, 'early in the second');
    await clock.sleep(400, signal);

    expect(await forgeFor().commentsSince(clock.now(), signal)).toHaveLength(1);
  });

  it('turns all pages, and fails when one does not arrive', async () => {
    const { github, forgeFor, pull, signal } = await startHarness({ largestPage: 2 });
    for (let i = 0; i < 5; i++) await github.as('cy').comment(pull, `${i}`);

    const bodies = (await forgeFor().commentsSince(0, signal)).map(({ body }) => body);
    github.inject({ path: '&page=3' }, { kind: 'status', status: 404 });

    expect(bodies).toEqual(['0', '1', '2', '3', '4']);
    await expect(forgeFor().commentsSince(0, signal)).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });

  it('fails on an address that is of neither', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as('cy').comment(pull, 'hi');
    const answer = await fetch(`${github.apiUrl}/repos/acme/fleet/issues/comments`, {
      headers: { authorization: `Bearer ${github.tokenFor('cy')}` },
    });
    const [comment] = (await answer.json()) as readonly object[];
    const text = JSON.stringify([{ ...comment, html_url: 'https://example.com/discussions/1#c' }]);
    github.inject({ path: '/comments' }, { kind: 'text', status: 200, contentType: 'application/json', text });

    await expect(forgeFor().commentsSince(0, signal)).rejects.toMatchObject({ code: 'FORGE_ANSWER_UNREADABLE' });
  });
});

describe('wasEdited()', () => {
  it('is seen also within the second a comment was written in', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const left = await github.as('cy').comment(pull, 'as it was');
    const edited = await github.as('cy').comment(pull, 'nice');
    await github.as('bo').editComment(edited, '/pointsman resume');

    const seen = (await forgeFor().commentsSince(0, signal)).map((comment) => comment.edited);
    const known = [await forgeFor().wasEdited(left, signal), await forgeFor().wasEdited(edited, signal)];

    expect(seen).toEqual([false, false]);
    expect(known).toEqual([false, true]);
  });

  it('counts for one that is gone', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const id = await github.as('cy').comment(pull, '/pointsman plan');
    await github.as('cy').deleteComment(id);

    expect(await forgeFor().wasEdited(id, signal)).toBe(true);
  });

  it.each([{ data: { node: null } }, { data: { node: { id: 'another' } } }, { data: null }])(
    'counts when GitHub does not know: %j',
    async (body) => {
      const { github, forgeFor, pull, signal } = await startHarness();
      const id = await github.as('cy').comment(pull, '/pointsman plan');
      const text = JSON.stringify(body);
      github.inject({ path: '/graphql' }, { kind: 'text', status: 200, contentType: 'application/json', text });

      expect(await forgeFor().wasEdited(id, signal)).toBe(true);
    },
  );

  it('fails when it cannot be asked', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const id = await github.as('cy').comment(pull, '/pointsman plan');
    github.inject({ path: '/graphql' }, { kind: 'status', status: 403, message: 'Forbidden' });

    await expect(forgeFor().wasEdited(id, signal)).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });
});

describe('react()', () => {
  it('twice is the same as once, and repeats what was lost', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const id = await github.as('cy').comment(pull, '/pointsman plan');
    github.inject({ method: 'POST', path: '/reactions' }, { kind: 'drop-after' });

    await forgeFor().react(id, 'eyes', signal);
    await forgeFor().react(id, 'eyes', signal);
    await forgeFor().react(id, '+1', signal);

    expect(github.reactions(id).map(({ author, content }) => [author, content])).toEqual([
      [APP, 'eyes'],
      [APP, '+1'],
    ]);
  });

  it('is content when the comment is gone', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const id = await github.as('cy').comment(pull, '/pointsman plan');
    await github.as('cy').deleteComment(id);

    await forgeFor().react(id, 'eyes', signal);

    expect(github.reactions(id)).toEqual([]);
  });

  it('fails when it may not', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const id = await github.as('cy').comment(pull, '/pointsman plan');
    github.inject({ path: '/reactions' }, { kind: 'status', status: 403, message: 'Resource not accessible' });

    await expect(forgeFor().react(id, 'eyes', signal)).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });
});
