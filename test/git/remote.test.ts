import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { blobId } from '../../git/blob-id.ts';
import { GitNotFastForwardError, GitObjectMissingError, GitRemoteError } from '../../git/errors.ts';
import { openRemote } from '../../git/open-remote.ts';
import { openRepository } from '../../git/open-repository.ts';
import {
  bareFolder,
  commit,
  environment,
  failureOf,
  git,
  never,
  put,
  remoteCopy,
  tempFolder,
  workTree,
} from './temp-repos.ts';

const MAIN = 'refs/heads/main';

function packs(folder: string): readonly string[] {
  return readdirSync(join(folder, 'objects/pack')).filter((name) => name.endsWith('.pack'));
}

describe('opening a remote', () => {
  it('makes a bare copy that knows the address, and finds it again', async () => {
    const url = pathToFileURL(bareFolder()).href;
    const folder = join(tempFolder(), 'deep/down/copy.git');

    await openRemote({ url }, folder, { environment });
    const again = await openRemote({ url }, folder, { environment });

    expect(again.gitDir).toBe(folder);
    expect(git(folder, 'remote', 'get-url', 'origin')).toBe(url);
    expect(git(folder, 'rev-parse', '--is-bare-repository')).toBe('true');
    expect(readdirSync(join(folder, '..'))).toEqual(['copy.git']);
  });

  it('follows when the address changes', async () => {
    const folder = join(tempFolder(), 'copy.git');
    const [before, after] = [bareFolder(), workTree({ a: '1' })];

    await openRemote({ url: before }, folder, { environment });
    const moved = await openRemote({ url: after }, folder, { environment });

    expect(await moved.fetch([MAIN], never)).toEqual(new Map([[MAIN, git(after, 'rev-parse', 'main')]]));
  });

  it('can be done many at once in one folder', async () => {
    const url = workTree({ a: '1' });
    const folder = join(tempFolder(), 'copy.git');

    const opened = await Promise.all(Array.from({ length: 8 }, () => openRemote({ url }, folder, { environment })));
    const tips = await Promise.all(opened.map((remote) => remote.fetch([MAIN], never)));

    expect(new Set(tips.map((found) => found.get(MAIN)))).toEqual(new Set([git(url, 'rev-parse', 'main')]));
    expect(readdirSync(join(folder, '..'))).toEqual(['copy.git']);
  });

  it('packs what thousands of small commits have left behind', async () => {
    const url = bareFolder();
    const folder = join(tempFolder(), 'copy.git');
    const remote = await openRemote({ url }, folder, { environment });
    await remote.push(MAIN, await commit(remote, { a: '1' }), undefined, never);
    // git guesses how many loose objects there are from how many begin with 17.
    const texts = Array.from({ length: 12_000 }, (_, n) => `${n}`);
    const ids = await Promise.all(texts.map((text) => blobId(text)));
    const seventeens = texts.filter((_, n) => ids[n]?.startsWith('17')).slice(0, 30);
    await commit(remote, Object.fromEntries(seventeens.map((text) => [text, text])));
    expect(packs(folder)).toEqual([]);

    const again = await openRemote({ url }, folder, { environment });

    expect(packs(folder)).toHaveLength(1);
    expect((await again.fetch([MAIN], never)).get(MAIN)).toBe(git(url, 'rev-parse', 'main'));
  });

  it('does not mind that it cannot be tidied', async () => {
    const url = workTree({ a: '1' });
    const folder = join(tempFolder(), 'copy.git');
    await openRemote({ url }, folder, { environment });
    put(
      folder,
      Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`objects/17/${`${n}`.padStart(38, '0')}`, ''])),
    );

    const remote = await openRemote({ url }, folder, { environment });

    expect((await remote.fetch([MAIN], never)).get(MAIN)).toBe(git(url, 'rev-parse', 'main'));
  });

  it('refuses a folder that holds something else', async () => {
    const folder = tempFolder();
    put(folder, { 'precious.txt': 'x' });

    const refused = { code: 'GIT_NOT_A_REPOSITORY' };
    expect(await failureOf(openRemote({ url: bareFolder() }, folder, { environment }))).toMatchObject(refused);
    const tree = join(workTree({ a: '1' }), '.git');
    expect(await failureOf(openRemote({ url: bareFolder() }, tree, { environment }))).toMatchObject(refused);
    expect(readFileSync(join(folder, 'precious.txt'), 'utf8')).toBe('x');
  });
});

describe('fetching', () => {
  it('brings the refs that are there under their own names, and leaves out the others', async () => {
    const url = workTree({ a: '1' });
    git(url, 'update-ref', 'refs/pull/7/head', 'HEAD');
    git(url, 'update-ref', 'refs/other/refs/heads/none', 'HEAD');
    git(url, 'tag', 'v1');
    const head = git(url, 'rev-parse', 'HEAD');
    const remote = await remoteCopy(url);

    const tips = await remote.fetch([MAIN, 'refs/pull/7/head', 'refs/heads/none'], never);

    expect(tips).toEqual(
      new Map([
        [MAIN, head],
        ['refs/pull/7/head', head],
      ]),
    );
    expect(await remote.resolve('refs/pull/7/head')).toBe(head);
    expect(await remote.readFile(head, 'a')).toBe('1');
    expect(await remote.resolve('refs/tags/v1')).toBeUndefined();
  });

  it('follows a branch that was rewritten, and one that is gone', async () => {
    const url = workTree({ a: '1' });
    git(url, 'branch', 'side');
    const remote = await remoteCopy(url);
    await remote.fetch([MAIN, 'refs/heads/side'], never);
    put(url, { a: '2' });
    git(url, 'commit', '--quiet', '--amend', '-am', 'rewritten');
    git(url, 'branch', '-D', 'side');

    const tips = await remote.fetch([MAIN, 'refs/heads/side'], never);

    expect(tips).toEqual(new Map([[MAIN, git(url, 'rev-parse', 'main')]]));
    expect(await remote.resolve('refs/heads/side')).toBeUndefined();
  });

  it('makes room when a branch became a folder of branches', async () => {
    const url = workTree({ a: '1' });
    git(url, 'branch', 'x');
    const remote = await remoteCopy(url);
    await remote.fetch(['refs/heads/x'], never);
    git(url, 'branch', '-D', 'x');
    git(url, 'branch', 'x/y');

    expect((await remote.fetch(['refs/heads/x/y'], never)).get('refs/heads/x/y')).toBe(git(url, 'rev-parse', 'main'));
  });

  it('reports what the remote says now, not what another process left in the folder', async () => {
    const url = workTree({ a: '1' });
    const remote = await remoteCopy(url);
    await remote.fetch([MAIN], never);
    const stray = await commit(remote, { stray: '1' });
    git(remote.gitDir, 'update-ref', MAIN, stray);

    expect((await remote.fetch([MAIN], never)).get(MAIN)).toBe(git(url, 'rev-parse', 'main'));
    expect(await remote.resolve(MAIN)).toBe(git(url, 'rev-parse', 'main'));
  });

  it('gets what is missing even when the commit itself is here already', async () => {
    const url = workTree({ a: 'content' });
    const remote = await remoteCopy(url);
    // As a fetch that was killed half way leaves it: the commit without its tree.
    put(remote.gitDir, { raw: `${git(url, 'cat-file', 'commit', 'main')}\n` });
    const tip = git(remote.gitDir, 'hash-object', '-t', 'commit', '-w', '--literally', join(remote.gitDir, 'raw'));
    expect(tip).toBe(git(url, 'rev-parse', 'main'));

    await remote.fetch([MAIN], never);

    expect(await remote.readFile(tip, 'a')).toBe('content');
  });

  it('asks nobody when nothing is wanted, and refuses what is not a full ref name', async () => {
    const remote = await remoteCopy('/nonexistent/repo.git');

    expect(await remote.fetch([], never)).toEqual(new Map());
    for (const ref of [
      'main',
      '--all',
      'refs/heads/*',
      'refs/heads/a..b',
      'refs/heads/x.lock',
      'refs/heads/a b',
      'refs/heads/',
      '+refs/heads/a:refs/heads/b',
    ]) {
      expect(await failureOf(remote.fetch([ref], never))).toMatchObject({ code: 'GIT_ARGUMENT_REFUSED' });
    }
  });

  it('does not run a command that a rewritten address names', async () => {
    const home = tempFolder();
    const url = bareFolder();
    const settings = [
      '[protocol "ext"]',
      'allow = always',
      `[url "ext::touch ${home}/ran "]`,
      `insteadOf = file://${url}`,
    ];
    writeFileSync(join(home, '.gitconfig'), settings.join('\n'));
    const remote = await openRemote({ url }, join(tempFolder(), 'copy.git'), {
      environment: { ...environment, HOME: home },
    });

    const error = await failureOf(remote.fetch([MAIN], never));

    expect(error).toMatchObject({ code: 'GIT_REMOTE_FAILED', details: { problem: 'refused' } });
    expect(readdirSync(home)).toEqual(['.gitconfig']);
  });

  it('refuses objects made to break out of the repository', async () => {
    const url = workTree({ a: '1' });
    put(url, { entry: `100644 blob ${git(url, 'rev-parse', 'HEAD:a')}\t.git\n` });
    const tree = execFileSync('git', ['mktree'], {
      cwd: url,
      input: readFileSync(join(url, 'entry')),
      encoding: 'utf8',
    });
    git(url, 'update-ref', MAIN, git(url, 'commit-tree', tree.trim(), '-m', 'evil'));
    const remote = await remoteCopy(url);

    const error = await failureOf(remote.fetch([MAIN], never));

    expect(error).toMatchObject({ disposition: 'needs-human', details: { operation: 'fetch', problem: 'rejected' } });
    expect(await remote.resolve(MAIN)).toBeUndefined();
  });

  it('says that a repository is not there', async () => {
    const remote = await remoteCopy('/nonexistent/repo.git');

    const error = await failureOf(remote.fetch([MAIN], never));

    expect(error).toBeInstanceOf(GitRemoteError);
    expect(error).toMatchObject({ disposition: 'needs-human', details: { operation: 'look', problem: 'not-found' } });
  });

  it('reads the history of a shallow clone as far as it goes', async () => {
    const url = workTree({ a: '1' });
    git(url, 'commit', '--quiet', '--allow-empty', '-m', 'second');
    const folder = join(tempFolder(), 'shallow');
    git(url, 'clone', '--quiet', '--depth', '1', pathToFileURL(url).href, folder);
    const repository = await openRepository(folder, { environment });
    const [head = '', first = ''] = [git(url, 'rev-parse', 'HEAD'), git(url, 'rev-parse', 'HEAD~1')];

    expect(await repository.firstParents(head, { limit: 9 })).toEqual([head]);
    expect(await failureOf(repository.mergeBase(first, head))).toBeInstanceOf(GitObjectMissingError);
  });
});

describe('pushing', () => {
  it('creates a branch, then moves it on', async () => {
    const url = bareFolder();
    const remote = await remoteCopy(url);
    const first = await commit(remote, { a: '1' });
    const second = await commit(remote, { a: '2' }, first);

    expect(await remote.push(MAIN, first, undefined, never)).toEqual({ kind: 'pushed' });
    expect(await remote.push(MAIN, second, first, never)).toEqual({ kind: 'pushed' });

    expect(git(url, 'rev-list', 'main').split('\n')).toEqual([second, first]);
    expect(await remote.resolve(MAIN)).toBe(second);
  });

  it('does nothing when the branch is somewhere else than expected', async () => {
    const url = bareFolder();
    const [ours, theirs] = [await remoteCopy(url), await remoteCopy(url)];
    const base = await commit(ours, { a: '1' });
    await ours.push(MAIN, base, undefined, never);
    await theirs.fetch([MAIN], never);
    const their = await commit(theirs, { a: '2' }, base);
    const our = await commit(ours, { a: '3' }, base);
    await theirs.push(MAIN, their, base, never);

    expect(await ours.push(MAIN, our, base, never)).toEqual({ kind: 'moved' });
    expect(await ours.push(MAIN, our, undefined, never)).toEqual({ kind: 'moved' });
    expect(await ours.push('refs/heads/gone', our, base, never)).toEqual({ kind: 'moved' });

    expect(git(url, 'rev-parse', 'main')).toBe(their);
    expect(git(url, 'for-each-ref', '--format=%(refname)')).toBe(MAIN);
  });

  it('lets one win when two push the very same commit', async () => {
    const url = bareFolder();
    const [one, other] = [await remoteCopy(url), await remoteCopy(url)];
    const base = await commit(one, { a: '1' });
    await one.push(MAIN, base, undefined, never);
    await other.fetch([MAIN], never);
    const same = await commit(one, { a: '2' }, base);
    expect(await commit(other, { a: '2' }, base)).toBe(same);

    expect(await one.push(MAIN, same, base, never)).toEqual({ kind: 'pushed' });
    expect(await other.push(MAIN, same, base, never)).toEqual({ kind: 'moved' });
    expect(await other.push(MAIN, same, same, never)).toEqual({ kind: 'pushed' });
  });

  it('never rewinds a branch, even when it is where it was expected', async () => {
    const url = bareFolder();
    const remote = await remoteCopy(url);
    const first = await commit(remote, { a: '1' });
    const stranger = await commit(remote, { z: '1' });
    await remote.push(MAIN, first, undefined, never);

    const error = await failureOf(remote.push(MAIN, stranger, first, never));

    expect(error).toBeInstanceOf(GitNotFastForwardError);
    expect(git(url, 'rev-parse', 'main')).toBe(first);
  });

  it('cannot tell without the commit it builds on', async () => {
    const remote = await remoteCopy(bareFolder());
    const id = await commit(remote, { a: '1' });

    expect(await failureOf(remote.push(MAIN, id, 'f'.repeat(40), never))).toBeInstanceOf(GitObjectMissingError);
  });

  it('reports a rule of the remote as such, with what it said', async () => {
    const url = bareFolder();
    writeFileSync(join(url, 'hooks/pre-receive'), '#!/bin/sh\necho "branch is frozen" >&2\nexit 1\n', { mode: 0o755 });
    const remote = await remoteCopy(url);
    const id = await commit(remote, { a: '1' });

    const error = await failureOf(remote.push(MAIN, id, undefined, never));

    expect(error).toMatchObject({
      code: 'GIT_REMOTE_FAILED',
      disposition: 'needs-human',
      details: { problem: 'rejected' },
    });
    expect(error.message).toContain('branch is frozen');
  });

  it('counts a branch locked by somebody else as moved', async () => {
    const url = bareFolder();
    const remote = await remoteCopy(url);
    const id = await commit(remote, { a: '1' });
    put(url, { 'refs/heads/main.lock': '' });

    expect(await remote.push(MAIN, id, undefined, never)).toEqual({ kind: 'moved' });
  });

  it('does not count as moved what no retry can cure: a branch in the way of its name', async () => {
    const url = bareFolder();
    const remote = await remoteCopy(url);
    const id = await commit(remote, { a: '1' });
    await remote.push('refs/heads/a', id, undefined, never);

    const error = await failureOf(remote.push('refs/heads/a/b', id, undefined, never));

    expect(error).toMatchObject({ code: 'GIT_REMOTE_FAILED', disposition: 'needs-human' });
  });

  it('does not run our own hooks', async () => {
    const remote = await remoteCopy(bareFolder());
    mkdirSync(join(remote.gitDir, 'hooks'));
    writeFileSync(join(remote.gitDir, 'hooks/pre-push'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    writeFileSync(join(remote.gitDir, 'hooks/reference-transaction'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const id = await commit(remote, { a: '1' });

    expect(await remote.push(MAIN, id, undefined, never)).toEqual({ kind: 'pushed' });
    expect(await remote.resolve(MAIN)).toBe(id);
  });
});

describe('many pushers on one branch', () => {
  it('end in one line of history that holds everybody’s commit', async () => {
    const url = bareFolder();
    const start = await remoteCopy(url);
    const root = await commit(start, { 'README.md': 'x' });
    await start.push(MAIN, root, undefined, never);
    const copies = await Promise.all(Array.from({ length: 20 }, () => remoteCopy(url)));
    let lost = 0;

    await Promise.all(
      copies.map(async (copy, pusher) => {
        for (;;) {
          const tip = (await copy.fetch([MAIN], never)).get(MAIN) ?? '';
          const id = await commit(copy, { [`pushers/${pusher}`]: `${pusher}` }, tip, `pusher ${pusher}`);
          if ((await copy.push(MAIN, id, tip, never)).kind === 'pushed') return;
          lost += 1;
        }
      }),
    );

    expect(git(url, 'rev-list', '--count', 'main')).toBe('21');
    expect(git(url, 'rev-list', '--min-parents=2', 'main')).toBe('');
    const pushers = git(url, 'log', '--format=%s', '--max-count=20', 'main').split('\n');
    expect(pushers.sort()).toEqual(copies.map((_, pusher) => `pusher ${pusher}`).sort());
    expect(git(url, 'ls-tree', '--name-only', 'main', 'pushers/').split('\n')).toHaveLength(20);
    expect(lost).toBeGreaterThan(0);
  });
});
