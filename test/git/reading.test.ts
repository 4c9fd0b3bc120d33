import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GitArgumentError, GitBlobUnreadableError, GitObjectMissingError } from '../../git/errors.ts';
import { openRepository } from '../../git/open-repository.ts';
import {
  bareFolder,
  bareRepository,
  commit,
  environment,
  failureOf,
  git,
  put,
  tempFolder,
  workTree,
} from './temp-repos.ts';

const NOWHERE = '0123456789012345678901234567890123456789';

describe('opening a repository', () => {
  it('finds the Git folder from a subfolder of a work tree', async () => {
    const folder = workTree({ 'a/b/c.txt': 'x' });

    const repository = await openRepository(join(folder, 'a/b'), { environment });

    expect(repository.gitDir).toBe(git(folder, 'rev-parse', '--absolute-git-dir'));
  });

  it('opens a linked work tree', async () => {
    const folder = workTree({ file: 'x' });
    const linked = join(tempFolder(), 'linked');
    git(folder, 'worktree', 'add', '--quiet', linked, '-b', 'side');

    const repository = await openRepository(linked, { environment });

    expect(await repository.resolve('HEAD')).toBe(git(folder, 'rev-parse', 'side'));
    expect(await repository.writeWorkTree()).toBe(git(folder, 'rev-parse', 'side^{tree}'));
  });

  it('refuses a folder that is in no repository', async () => {
    const error = await failureOf(openRepository(tempFolder(), { environment }));

    expect(error).toMatchObject({ code: 'GIT_NOT_A_REPOSITORY' });
  });

  it('does not go where GIT_DIR of the caller points', async () => {
    const [here, elsewhere] = [bareFolder(), bareFolder()];

    const repository = await openRepository(here, { environment: { ...environment, GIT_DIR: elsewhere } });

    expect(repository.gitDir).toBe(here);
  });
});

describe('resolving a revision', () => {
  it('understands what rev-parse does', async () => {
    const folder = workTree({ 'a.txt': 'x' });
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'the second one');
    const repository = await openRepository(folder, { environment });

    for (const revision of ['HEAD', 'main', 'refs/heads/main', 'HEAD~1', 'HEAD:a.txt', ':/the second', 'main^{tree}']) {
      expect(await repository.resolve(revision)).toBe(git(folder, 'rev-parse', revision));
    }
  });

  it('says nothing about a ref or an object that is not there', async () => {
    const repository = await bareRepository();

    expect(await repository.resolve('HEAD')).toBeUndefined();
    expect(await repository.resolve('refs/heads/none')).toBeUndefined();
    expect(await repository.resolve(NOWHERE)).toBeUndefined();
  });

  it.each(['--all', '-h', '', 'main\nHEAD'])('refuses %j, which is not a revision', async (revision) => {
    const repository = await bareRepository();

    expect(await failureOf(repository.resolve(revision))).toBeInstanceOf(GitArgumentError);
  });
});

describe('reading a commit', () => {
  it('shows tree, parents, people, times and the whole message', async () => {
    const repository = await bareRepository();
    const first = await commit(repository, { a: '1' });
    const id = await repository.writeCommit({
      parent: first,
      files: new Map([['a', '2']]),
      message: 'Titel mit Ümlaut\n\nbody\n',
      author: { name: 'Zoë <z>', email: 'z@example.net', at: 1_700_000_123_999 },
    });

    const who = { name: 'Zoë z', email: 'z@example.net', at: 1_700_000_123_000 };
    expect(await repository.commitInfo(id)).toEqual({
      id,
      tree: await repository.resolve(`${id}^{tree}`),
      parents: [first],
      author: who,
      committer: who,
      message: 'Titel mit Ümlaut\n\nbody\n',
    });
  });

  it('reads a message in the encoding the commit names', async () => {
    const folder = workTree({});
    git(folder, '-c', 'i18n.commitEncoding=ISO-8859-1', 'commit', '--quiet', '--allow-empty', '-m', 'caf\u00e9');
    const repository = await openRepository(folder, { environment });
    const id = (await repository.resolve('HEAD')) ?? '';
    // git stores the bytes as given and believes the setting.
    expect((await repository.commitInfo(id)).message).toBe(`${Buffer.from('caf\u00e9').toString('latin1')}\n`);
  });

  it('keeps both parents of a merge, and skips a signature', async () => {
    const folder = workTree({ a: '1' });
    git(folder, 'checkout', '--quiet', '-b', 'side');
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'side');
    git(folder, 'checkout', '--quiet', 'main');
    git(folder, 'merge', '--quiet', '--no-ff', 'side', '-m', 'merged');
    const repository = await openRepository(folder, { environment });
    const raw = git(folder, 'cat-file', 'commit', 'HEAD').replace(
      '\n\n',
      '\ngpgsig -----BEGIN\n author no\n -----END\n\n',
    );
    put(folder, { raw: `${raw}\n` });
    const id = git(folder, 'hash-object', '-t', 'commit', '-w', 'raw');

    const info = await repository.commitInfo(id);

    expect(info.parents).toEqual([git(folder, 'rev-parse', 'HEAD^1'), git(folder, 'rev-parse', 'HEAD^2')]);
    expect(info.author.name).toBe('Test');
  });

  it('names the object that is missing', async () => {
    const repository = await bareRepository();
    const here = await commit(repository, { a: '1' });

    const asked = [
      repository.commitInfo(NOWHERE),
      repository.listFiles(NOWHERE),
      repository.readFile(NOWHERE, 'a'),
      repository.readBlobs([NOWHERE]),
      repository.changedFiles(here, NOWHERE),
      repository.firstParents(NOWHERE, { limit: 5 }),
      repository.mergeBase(NOWHERE, here),
      repository.mergeTrees(here, NOWHERE),
      repository.findText(NOWHERE, 'x', ''),
      repository.blame(NOWHERE, 'a', 1),
      commit(repository, { b: '1' }, NOWHERE),
    ].map(failureOf);

    for (const error of await Promise.all(asked)) {
      expect(error).toBeInstanceOf(GitObjectMissingError);
      expect(error).toMatchObject({ details: { object: NOWHERE } });
    }
  });

  it.each(['main', '--help', 'ABCDEF', `${NOWHERE}0`])('takes %s for no object id', async (id) => {
    const repository = await bareRepository();

    expect(await failureOf(repository.commitInfo(id))).toMatchObject({ code: 'GIT_ARGUMENT_REFUSED' });
    expect(await failureOf(repository.readBlobs([id]))).toMatchObject({ code: 'GIT_ARGUMENT_REFUSED' });
  });
});

describe('listing files', () => {
  it('reports symlinks, submodules and executables by their mode', async () => {
    const folder = workTree({ plain: 'x', run: '#!/bin/sh\n' });
    chmodSync(join(folder, 'run'), 0o755);
    symlinkSync('plain', join(folder, 'link'));
    mkdirSync(join(folder, 'module'));
    git(join(folder, 'module'), 'init', '--quiet');
    git(join(folder, 'module'), 'commit', '--quiet', '--allow-empty', '-m', 'x');
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', '-m', 'kinds');
    const repository = await openRepository(folder, { environment });
    const head = (await repository.resolve('HEAD')) ?? '';

    const listed = await repository.listFiles(head);

    expect(listed.map(({ path, mode }) => [path, mode])).toEqual([
      ['link', '120000'],
      ['module', '160000'],
      ['plain', '100644'],
      ['run', '100755'],
    ]);
    expect(await repository.readFile(head, 'run')).toBe('#!/bin/sh\n');
    expect(await repository.readFile(head, 'link')).toBeUndefined();
    expect(await repository.readFile(head, 'module')).toBeUndefined();
  });

  it('reads many files by their paths and says nothing of what is no file', async () => {
    const repository = await bareRepository();
    const all = Object.fromEntries(Array.from({ length: 1_100 }, (_, index) => [`d/${index}.yaml`, `text ${index}`]));
    const id = await commit(repository, { ...all, 'd2/sub/x': 'below', '*': 'star' });

    const found = await repository.readFiles(id, [...Object.keys(all), 'd', 'd2/sub', 'none', '*']);

    expect(found).toEqual(new Map([...Object.entries(all), ['*', 'star']]));
  });

  it('keeps to the folder it was asked for', async () => {
    const repository = await bareRepository();
    const id = await commit(repository, { 'sites/a.yaml': '', 'sites/x/b.yaml': '', 'sites-old/c.yaml': '', '*': '' });

    const paths = async (under?: string) => (await repository.listFiles(id, under)).map(({ path }) => path);

    expect(await paths('sites')).toEqual(['sites/a.yaml', 'sites/x/b.yaml']);
    expect(await paths('sites/')).toEqual(['sites/a.yaml', 'sites/x/b.yaml']);
    expect(await paths('*')).toEqual(['*']);
    expect(await paths('none')).toEqual([]);
    expect(await paths()).toEqual(['*', 'sites-old/c.yaml', 'sites/a.yaml', 'sites/x/b.yaml']);
    expect(await failureOf(repository.listFiles(id, '../sites'))).toMatchObject({ code: 'GIT_PATH_REFUSED' });
  });

  it('refuses a path that is not UTF-8 rather than showing another one', async () => {
    const folder = workTree({ file: 'x' });
    const blob = git(folder, 'rev-parse', 'HEAD:file');
    // printf makes the byte 0xff, which no UTF-8 text holds.
    const tree = execFileSync('sh', ['-c', `printf '100644 blob ${blob}\\tbad\\377name\\0' | git mktree -z`], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
    const repository = await openRepository(folder, { environment });

    expect(await failureOf(repository.listFiles(tree))).toMatchObject({
      code: 'GIT_PATH_REFUSED',
      details: { path: 'bad\ufffdname', problem: 'is not UTF-8' },
    });
  });
});

describe('reading files', () => {
  it('returns bytes as they are, empty ones too', async () => {
    const repository = await bareRepository();
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256);
    const id = await commit(repository, { bytes, empty: '', lines: 'a\n\nb\n' });
    const entries = await repository.listFiles(id);

    const contents = await repository.readBlobs(entries.map(({ blob }) => blob));

    expect(entries.map(({ blob }) => contents.get(blob))).toEqual([
      Buffer.from(bytes),
      Buffer.alloc(0),
      Buffer.from('a\n\nb\n'),
    ]);
  });

  it('asks nobody when nothing is wanted, and once for what is wanted twice', async () => {
    const repository = await bareRepository();
    const id = await commit(repository, { a: 'same', b: 'same' });
    const blobs = (await repository.listFiles(id)).map(({ blob }) => blob);

    expect(await repository.readBlobs([])).toEqual(new Map());
    expect((await repository.readBlobs(blobs)).size).toBe(1);
  });

  it('reads many by path, and leaves out what is no file', async () => {
    const repository = await bareRepository();
    const files = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`d/${n}`, `content ${n % 7}`]));
    const id = await commit(repository, { ...files, '*': 'star', 'e/unasked': 'x' });

    const found = await repository.readFiles(id, [...Object.keys(files), 'e', 'd/none', '*', 'd/0']);

    expect(Object.fromEntries(found)).toEqual({ ...files, '*': 'star' });
    expect(await repository.readFiles(id, [])).toEqual(new Map());
  });

  it('will not take a folder or a commit for a file', async () => {
    const repository = await bareRepository();
    const id = await commit(repository, { 'a/b': 'x' });

    expect(await failureOf(repository.readBlobs([id]))).toMatchObject({ code: 'GIT_BLOB_UNREADABLE' });
    expect(await repository.readFile(id, 'a')).toBeUndefined();
    expect(await repository.readFile(id, 'a/c')).toBeUndefined();
  });

  it('refuses bytes where text is needed, and says which file', async () => {
    const repository = await bareRepository();
    const id = await commit(repository, { 'a/b': Uint8Array.of(0xff, 0xfe) });

    const error = await failureOf(repository.readFile(id, 'a/b'));

    expect(error).toBeInstanceOf(GitBlobUnreadableError);
    expect(error).toMatchObject({ details: { path: 'a/b' } });
  });

  it('shows what the commit holds even when a replacement is set up', async () => {
    const folder = workTree({ file: 'true' });
    put(folder, { other: 'false' });
    const repository = await openRepository(folder, { environment });
    const head = (await repository.resolve('HEAD')) ?? '';
    git(folder, 'replace', git(folder, 'rev-parse', 'HEAD:file'), git(folder, 'hash-object', '-w', 'other'));

    expect(await repository.readFile(head, 'file')).toBe('true');
  });
});
