import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRepository } from '../../git/open-repository.ts';
import { bareRepository, commit, environment, failureOf, git, put, tempFolder, workTree } from './temp-repos.ts';

describe('what changed between two commits', () => {
  it('is added, modified or deleted, and a rename is both', async () => {
    const repository = await bareRepository();
    const long = 'the same content in both places\n'.repeat(20);
    const before = await commit(repository, { 'a/kept': '1', 'a/changed': '1', gone: '1', 'old name': long });
    const after = await repository.writeCommit({
      parent: before,
      files: new Map([
        ['a/changed', '2'],
        ['new\nname', long],
        ['fresh', ''],
      ]),
      deletions: ['gone', 'old name'],
      message: 'x',
      author: { name: 'A', email: 'a', at: 0 },
    });

    const changes = await repository.changedFiles(before, after);

    expect(changes).toEqual([
      { path: 'a/changed', kind: 'modified' },
      { path: 'fresh', kind: 'added' },
      { path: 'gone', kind: 'deleted' },
      { path: 'new\nname', kind: 'added' },
      { path: 'old name', kind: 'deleted' },
    ]);
    expect(await repository.changedFiles(after, after)).toEqual([]);
  });

  it('includes a file that became a symlink', async () => {
    const folder = workTree({ a: 'x', b: 'y' });
    rmSync(join(folder, 'b'));
    symlinkSync('a', join(folder, 'b'));
    const repository = await openRepository(folder, { environment });
    const head = (await repository.resolve('HEAD')) ?? '';

    // Two trees do as well as two commits.
    const changes = await repository.changedFiles(head, await repository.writeWorkTree());

    expect(changes).toEqual([{ path: 'b', kind: 'modified' }]);
  });
});

describe('history', () => {
  it('follows first parents, oldest first, and keeps the newest when there are too many', async () => {
    const folder = workTree({ a: '1' });
    git(folder, 'checkout', '--quiet', '-b', 'side');
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'side');
    git(folder, 'checkout', '--quiet', 'main');
    git(folder, 'merge', '--quiet', '--no-ff', 'side', '-m', 'merged');
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'last');
    const repository = await openRepository(folder, { environment });
    const [first = '', side = '', merged = '', last = ''] = ['main~2', 'side', 'main~1', 'main'].map((revision) =>
      git(folder, 'rev-parse', revision),
    );

    expect(await repository.firstParents(last, { limit: 10 })).toEqual([first, merged, last]);
    expect(await repository.firstParents(last, { limit: 2 })).toEqual([merged, last]);
    expect(await repository.firstParents(last, { from: first, limit: 10 })).toEqual([merged, last]);
    expect(await repository.firstParents(last, { from: side, limit: 10 })).toEqual([merged, last]);
    expect(await repository.firstParents(last, { from: last, limit: 10 })).toEqual([]);
    expect(await failureOf(repository.firstParents(last, { limit: -1 }))).toMatchObject({
      code: 'GIT_ARGUMENT_REFUSED',
    });
  });

  it('finds where two branches parted, or that they never were one', async () => {
    const repository = await bareRepository();
    const base = await commit(repository, { a: '1' });
    const left = await commit(repository, { a: '2' }, base);
    const right = await commit(repository, { b: '1' }, base);
    const stranger = await commit(repository, { z: '1' });

    expect(await repository.mergeBase(left, right)).toBe(base);
    expect(await repository.mergeBase(left, stranger)).toBeUndefined();
  });
});

describe('the last change of a file', () => {
  it('is the newest commit that changed it, also where others came after, and none for a file that never was', async () => {
    const repository = await bareRepository();
    const write = (parent: string, path: string, text: string) =>
      repository.writeCommit({
        parent,
        files: new Map([[path, text]]),
        message: 'x',
        author: { name: 'A', email: 'a', at: 0 },
      });
    const first = await commit(repository, { a: '1', b: '1' });
    const second = await write(first, 'a', '2');
    const third = await write(second, 'b', '2');

    expect(await repository.lastChange(third, 'a')).toBe(second);
    expect(await repository.lastChange(third, 'b')).toBe(third);
    expect(await repository.lastChange(first, 'a')).toBe(first);
    expect(await repository.lastChange(third, 'c')).toBeUndefined();
  });
});

describe('merging trees', () => {
  it('gives the tree git merge would make', async () => {
    const folder = workTree({ 'a.txt': 'one\n', 'b.txt': 'two\n' });
    git(folder, 'checkout', '--quiet', '-b', 'side');
    put(folder, { 'c.txt': 'three\n' });
    git(folder, 'mv', 'b.txt', 'moved.txt');
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', '-m', 'side');
    git(folder, 'checkout', '--quiet', 'main');
    put(folder, { 'b.txt': 'two\nand more\n' });
    git(folder, 'commit', '--quiet', '-am', 'main');
    const repository = await openRepository(folder, { environment });
    const [base = '', head = ''] = [git(folder, 'rev-parse', 'main'), git(folder, 'rev-parse', 'side')];

    const merged = await repository.mergeTrees(base, head);

    git(folder, 'merge', '--quiet', 'side', '-m', 'merged');
    expect(merged).toEqual({ kind: 'merged', tree: git(folder, 'rev-parse', 'HEAD^{tree}') });
  });

  it('names the paths that conflict, and leaves everything as it was', async () => {
    const repository = await bareRepository();
    const base = await commit(repository, { 'we "i" rd\nö': '1\n', calm: '1\n' });
    const left = await commit(repository, { 'we "i" rd\nö': '2\n' }, base);
    const right = await commit(repository, { 'we "i" rd\nö': '3\n' }, base);

    expect(await repository.mergeTrees(left, right)).toEqual({ kind: 'conflict', paths: ['we "i" rd\nö'] });
    expect(await repository.resolve('HEAD')).toBeUndefined();
  });
});

describe('finding text', () => {
  it('looks for the text itself, below one folder', async () => {
    const repository = await bareRepository();
    const id = await commit(repository, {
      'desired-state/a.yaml': 'role: leaf.*\n',
      'desired-state/b\nc.yaml': 'x\n  role: leaf.*\n',
      'desired-state/d.yaml': 'role: leafxx\n',
      'docs/e.md': 'role: leaf.*\n',
    });

    const found = await repository.findText(id, 'role: leaf.*', 'desired-state');

    expect(found).toEqual(['desired-state/a.yaml', 'desired-state/b\nc.yaml']);
    expect(await repository.findText(id, '--help', '')).toEqual([]);
    expect(await repository.findText(id, 'leafxx', '')).toEqual(['desired-state/d.yaml']);
  });

  it('takes a folder for its name, whatever it looks like', async () => {
    const repository = await bareRepository();
    const id = await commit(repository, { 'a/x': 'here', '*/x': 'here', ':(top)/x': 'here' });

    expect(await repository.findText(id, 'here', '*')).toEqual(['*/x']);
    expect(await repository.findText(id, 'here', ':(top)')).toEqual([':(top)/x']);
  });

  it.each(['', 'two\nlines', 'a\0b'])('refuses %j, which is not a piece of one line', async (text) => {
    const repository = await bareRepository();
    const id = await commit(repository, { a: 'two\n' });

    expect(await failureOf(repository.findText(id, text, ''))).toMatchObject({ code: 'GIT_ARGUMENT_REFUSED' });
  });
});

describe('blame', () => {
  it('says who wrote a line last, and nothing about lines and files that are not there', async () => {
    const repository = await bareRepository();
    const first = await commit(repository, { 'a b': 'one\ntwo' }, undefined, 'the first\n\nbody');
    const second = await commit(repository, { 'a b': 'one\nzwei' }, first, 'übersetzt');

    expect(await repository.blame(second, 'a b', 1)).toEqual({
      commit: first,
      author: 'Ann',
      at: 1_700_000_000_000,
      summary: 'the first',
    });
    expect(await repository.blame(second, 'a b', 2)).toMatchObject({ commit: second, summary: 'übersetzt' });
    expect(await repository.blame(second, 'a b', 3)).toBeUndefined();
    const ended = await commit(repository, { 'a b': 'one\ntwo\n' }, second);
    expect(await repository.blame(ended, 'a b', 2)).toMatchObject({ commit: ended });
    expect(await repository.blame(ended, 'a b', 3)).toBeUndefined();
    expect(await repository.blame(second, 'a b', 0)).toBeUndefined();
    expect(await repository.blame(second, 'none', 1)).toBeUndefined();
  });
});

describe('the settings of the user', () => {
  it('do not change what blame says', async () => {
    const folder = workTree({ a: 'one\n' });
    const home = tempFolder();
    put(home, { '.gitconfig': '[blame]\nignoreRevsFile = not-there\n' });
    const repository = await openRepository(folder, { environment: { ...environment, HOME: home } });

    expect(await repository.blame((await repository.resolve('HEAD')) ?? '', 'a', 1)).toMatchObject({
      summary: 'first',
    });
  });
});

describe('the work tree as a tree', () => {
  it('holds what is tracked and untracked, not what is ignored, and leaves index and files alone', async () => {
    const folder = workTree({ '.gitignore': '*.log\n', kept: '1', changed: '1', gone: '1', 'sub/deep': '1' });
    put(folder, { 'tracked.log': '1' });
    git(folder, 'add', '--force', 'tracked.log');
    git(folder, 'commit', '--quiet', '-m', 'more');
    put(folder, { changed: '2', fresh: '1', 'noise.log': '1', staged: '1' });
    git(folder, 'add', 'staged');
    rmSync(join(folder, 'gone'));
    const status = git(folder, 'status', '--porcelain');
    // From below: the whole work tree is meant all the same.
    const repository = await openRepository(join(folder, 'sub'), { environment });

    const tree = await repository.writeWorkTree();

    const paths = ['.gitignore', 'changed', 'fresh', 'kept', 'staged', 'sub/deep', 'tracked.log'];
    expect((await repository.listFiles(tree)).map(({ path }) => path)).toEqual(paths);
    expect(await repository.readFile(tree, 'changed')).toBe('2');
    expect(git(folder, 'status', '--porcelain')).toBe(status);
  });

  it('needs one', async () => {
    const repository = await bareRepository();

    expect(await failureOf(repository.writeWorkTree())).toMatchObject({ code: 'GIT_ARGUMENT_REFUSED' });
  });
});
