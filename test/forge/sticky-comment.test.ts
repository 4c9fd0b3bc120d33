import { describe, expect, it } from 'vitest';
import { APP, startHarness } from './harness.ts';

const MARKER = '<!-- pointsman:plan -->';
const body = (text: string): string => `${MARKER}\n${text}`;
const CREATE = 'POST /repos/acme/fleet/issues/1/comments';
const EDIT = 'PATCH /repos/acme/fleet/issues/comments/*';

describe('writeStickyComment()', () => {
  it('creates the comment once and edits it from then on', async () => {
    const { github, forgeFor, pull, signal, writes } = await startHarness();

    const first = await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);
    const second = await forgeFor().writeStickyComment(pull, MARKER, body('two'), signal);

    expect(second).toMatchObject({ id: first.id, body: body('two') });
    expect(github.comments(pull)).toMatchObject([{ id: first.id, author: APP, body: body('two') }]);
    expect(writes()).toEqual([CREATE, EDIT]);
  });

  it('sends nothing when the body is already this one, and keeps the time it was written', async () => {
    const { clock, forgeFor, pull, signal, writes } = await startHarness();
    const first = await forgeFor().writeStickyComment(pull, MARKER, body('same'), signal);
    await clock.sleep(60_000, signal);

    const second = await forgeFor().writeStickyComment(pull, MARKER, body('same'), signal);

    expect(second).toEqual(first);
    expect(writes()).toEqual([CREATE]);
  });

  it('says when it was last written by the clock of GitHub', async () => {
    const { clock, forgeFor, pull, signal } = await startHarness();
    const first = await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);
    await clock.sleep(90_000, signal);

    const second = await forgeFor().writeStickyComment(pull, MARKER, body('two'), signal);

    expect(second.updatedAt - first.updatedAt).toBe(90_000);
  });

  it.each(['ana', 'github-actions[bot]'])('leaves a look-alike of %s alone', async (login) => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as(login).comment(pull, body('approved by everybody'));

    const written = await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);

    expect(github.comments(pull)).toMatchObject([
      { author: login, body: body('approved by everybody') },
      { id: written.id, author: APP, body: body('one') },
    ]);
  });

  it('writes it again when somebody edited it', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const first = await forgeFor().writeStickyComment(pull, MARKER, body('waiting for bo'), signal);
    await github.as('ana').editComment(first.id, body('approved by everybody'));

    await forgeFor().writeStickyComment(pull, MARKER, body('waiting for bo'), signal);

    expect(github.comments(pull)).toMatchObject([{ id: first.id, author: APP, body: body('waiting for bo') }]);
  });

  it('creates another when somebody made ours unrecognizable', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const first = await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);
    await github.as('ana').editComment(first.id, 'approved by everybody');

    const second = await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);

    expect(second.id).not.toBe(first.id);
    expect(github.comments(pull)).toMatchObject([{ id: first.id }, { id: second.id, body: body('one') }]);
  });

  it('creates another when ours was deleted', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const first = await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);
    await github.as('bo').deleteComment(first.id);

    const second = await forgeFor().writeStickyComment(pull, MARKER, body('two'), signal);

    expect(github.comments(pull)).toMatchObject([{ id: second.id, body: body('two') }]);
  });

  it('creates another when ours is deleted between looking and editing', async () => {
    const { github, forgeFor, pull, signal, writes } = await startHarness();
    const first = await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);
    github.onRequest(async ({ phase, method }) => {
      if (phase === 'received' && method === 'PATCH') await github.as('bo').deleteComment(first.id);
    });

    const second = await forgeFor().writeStickyComment(pull, MARKER, body('two'), signal);

    expect(github.comments(pull)).toMatchObject([{ id: second.id, body: body('two') }]);
    expect(writes()).toEqual([CREATE, EDIT, CREATE]);
  });

  it('finds what it posted when only the answer was lost, and posts once', async () => {
    const { github, forgeFor, pull, signal, writes } = await startHarness();
    github.inject({ method: 'POST', path: '/comments' }, { kind: 'drop-after' });

    const written = await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);

    expect(github.comments(pull)).toMatchObject([{ id: written.id, body: body('one') }]);
    expect(writes()).toEqual([CREATE]);
  });

  it('does not post again when a post failed and nothing is there; the next write does', async () => {
    const { github, forgeFor, pull, signal, writes } = await startHarness();
    github.inject({ method: 'POST', path: '/comments' }, { kind: 'status', status: 502 });

    const writing = forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);

    await expect(writing).rejects.toMatchObject({
      code: 'FORGE_UNAVAILABLE',
      disposition: 'retry-later',
      details: { status: 502, mayHaveActed: true },
    });
    expect(writes()).toEqual([CREATE]);
    await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);
    expect(github.comments(pull)).toHaveLength(1);
  });

  it('repeats an edit, which changes nothing when done twice', async () => {
    const { github, forgeFor, pull, signal, writes } = await startHarness();
    await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);
    github.inject({ method: 'PATCH' }, { kind: 'drop-after' });

    await forgeFor().writeStickyComment(pull, MARKER, body('two'), signal);

    expect(github.comments(pull)).toMatchObject([{ body: body('two') }]);
    expect(writes()).toEqual([CREATE, EDIT, EDIT]);
  });

  it('finds ours behind three pages of talk', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    for (let i = 0; i < 120; i++) await github.as('ana').comment(pull, `${i}`);
    const first = await forgeFor().writeStickyComment(pull, MARKER, body('one'), signal);
    for (let i = 0; i < 120; i++) await github.as('ana').comment(pull, `${i}`);

    const second = await forgeFor().writeStickyComment(pull, MARKER, body('two'), signal);

    expect(second.id).toBe(first.id);
  });

  it.each([
    ['too long', body('x'.repeat(65_536 - MARKER.length))],
    ['without the marker', 'one'],
    ['with the marker in the second line only', `hello\n${MARKER}`],
    ['not Unicode', body('\ud800')],
  ])('sends nothing for a body that is %s', async (_, unfit) => {
    const { github, forgeFor, pull, signal } = await startHarness();

    const writing = forgeFor().writeStickyComment(pull, MARKER, unfit, signal);

    await expect(writing).rejects.toMatchObject({ code: 'FORGE_REQUEST_INVALID' });
    expect(github.requests()).toEqual([]);
  });
});

describe('stickyComment()', () => {
  it('finds nothing where we have not spoken, and asks for nothing but the comments', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as('ana').comment(pull, `as the bot says:\n${MARKER}`);

    expect(await forgeFor().stickyComment(pull, MARKER, signal)).toBeUndefined();
    expect(github.requests()).toHaveLength(1);
  });

  it('takes the oldest of several', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const oldest = await github.as(APP).comment(pull, body('one'));
    await github.as(APP).comment(pull, body('two'));

    expect(await forgeFor().stickyComment(pull, MARKER, signal)).toMatchObject({ id: oldest });
  });

  it('knows who we are with the token of a person as well', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as(APP).comment(pull, body('one'));
    const own = await github.as('bo').comment(pull, body('two'));

    expect(await forgeFor('bo').stickyComment(pull, MARKER, signal)).toMatchObject({ id: own });
  });

  it('fails rather than guess who we are', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as(APP).comment(pull, body('one'));
    github.inject({ path: '/graphql' }, { kind: 'status', status: 403, message: 'Forbidden' });

    await expect(forgeFor().stickyComment(pull, MARKER, signal)).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });
});
