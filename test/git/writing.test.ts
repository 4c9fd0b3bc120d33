import * as fs from 'node:fs';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import isomorphic from 'isomorphic-git';
import { describe, expect, it } from 'vitest';
import { blobId } from '../../git/blob-id.ts';
import { openRepository } from '../../git/open-repository.ts';
import { ann, bareFolder, bareRepository, commit, environment, failureOf, git, workTree } from './temp-repos.ts';

describe('writing a commit', () => {
  it('leaves alone what it does not name, and moves no ref', async () => {
    const folder = workTree({ kept: '1', 'a/changed': '1', 'a/gone': '1', 'b/gone too': '1' });
    const repository = await openRepository(folder, { environment });
    const parent = (await repository.resolve('HEAD')) ?? '';
    const refs = git(folder, 'for-each-ref');

    const id = await repository.writeCommit({
      parent,
      files: new Map([
        ['a/changed', '2'],
        ['c/d/e', 'new'],
      ]),
      deletions: ['a/gone', 'b', 'never there'],
      message: 'm',
      author: ann,
    });

    expect(git(folder, 'ls-tree', '-r', '--name-only', id)).toBe('a/changed\nc/d/e\nkept');
    expect(await repository.readFile(id, 'a/changed')).toBe('2');
    expect(git(folder, 'for-each-ref')).toBe(refs);
    expect(git(folder, 'status', '--porcelain')).toBe('');
    expect(git(folder, 'fsck', '--strict')).not.toContain('error');
  });

  it('turns a file into a folder and back', async () => {
    const repository = await bareRepository();
    const file = await commit(repository, { a: 'file' });

    const folder = await commit(repository, { 'a/b': 'below' }, file);
    const back = await commit(repository, { a: 'file again' }, folder);

    expect((await repository.listFiles(folder)).map(({ path }) => path)).toEqual(['a/b']);
    expect((await repository.listFiles(back)).map(({ path }) => path)).toEqual(['a']);
  });

  it('writes the same bytes for the same commit, and a commit with nothing in it', async () => {
    const [one, other] = [await bareRepository(), await bareRepository()];

    expect(await commit(one, { a: '1' })).toBe(await commit(other, { a: '1' }));
    expect(await one.listFiles(await commit(one, {}))).toEqual([]);
  });

  it('round-trips every path and content it accepts', async () => {
    const repository = await bareRepository();
    const part = fc
      .oneof(
        fc.constantFrom(
          'a b',
          'q"uote',
          'back\\slash',
          '\\n',
          'new\nline',
          '-rf',
          '*',
          ':(glob)x',
          'tab\t',
          "'",
          'ünï',
          '日本',
          '🚂',
          '..x',
          '"',
        ),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
      )
      .filter((text) => !/[/\0]/.test(text) && !/^[ .]*$/.test(text) && !/git/i.test(text));
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    // A fresh first part for each, so that none is both a file and a folder.
    const files = fc.array(fc.tuple(path, fc.uint8Array({ maxLength: 300 })), { minLength: 1, maxLength: 20 });
    const numbered = files.map((pairs) => new Map(pairs.map(([name, bytes], index) => [`${index}/${name}`, bytes])));

    await fc.assert(
      fc.asyncProperty(numbered, async (wanted) => {
        const id = await repository.writeCommit({ files: wanted, message: 'm', author: ann });

        const entries = await repository.listFiles(id);
        const contents = await repository.readBlobs(entries.map(({ blob }) => blob));
        const found = new Map(entries.map(({ path, blob }) => [path, Uint8Array.from(contents.get(blob) ?? [])]));
        expect([...found].sort()).toEqual([...wanted].map(([name, bytes]) => [name, Uint8Array.from(bytes)]).sort());
      }),
      { numRuns: 25 },
    );
  });

  it('is read the same by an implementation that shares nothing with ours', async () => {
    const folder = bareFolder();
    const repository = await openRepository(folder, { environment });
    const parent = await commit(repository, { 'a/b': 'one', c: 'x' });
    const id = await commit(repository, { 'a/b': 'zwei ü', 'new\nline "q"': 'y' }, parent, 'title\n\nbody\n');

    const { commit: read } = await isomorphic.readCommit({ fs, gitdir: folder, oid: id });
    const paths = await isomorphic.listFiles({ fs, gitdir: folder, ref: id });
    const { blob } = await isomorphic.readBlob({ fs, gitdir: folder, oid: id, filepath: 'a/b' });

    expect(read).toMatchObject({
      parent: [parent],
      message: 'title\n\nbody\n',
      author: { name: 'Ann', timestamp: 1_700_000_000 },
    });
    expect(paths).toEqual(['a/b', 'c', 'new\nline "q"']);
    expect(Buffer.from(blob).toString()).toBe('zwei ü');
  });

  it.each([
    ['../out', 'holds ".."'],
    ['a/../b', 'holds ".."'],
    ['./a', 'holds "."'],
    ['/etc/passwd', 'is absolute'],
    ['', 'is empty'],
    ['a//b', 'has an empty part'],
    ['a/', 'has an empty part'],
    ['a\0b', 'holds a NUL'],
    ['\ud800', 'cannot be written in UTF-8'],
    ['.git/config', 'leads into a Git folder'],
    ['a/.GIT/hooks/x', 'leads into a Git folder'],
    ['.git./x', 'leads into a Git folder'],
    ['.git /x', 'leads into a Git folder'],
    ['.g\u200cit/x', 'leads into a Git folder'],
    ['GIT~1/x', 'leads into a Git folder'],
    ['.git::$INDEX_ALLOCATION/x', 'leads into a Git folder'],
  ])('refuses the path %j', async (path, problem) => {
    const repository = await bareRepository();
    const parent = await commit(repository, { a: '1' });
    const refused = { code: 'GIT_PATH_REFUSED', details: { path, problem } };

    expect(await failureOf(commit(repository, { [path]: 'x' }, parent))).toMatchObject(refused);
    const deletion = { parent, files: new Map<string, string>(), deletions: [path], message: 'm', author: ann };
    expect(await failureOf(repository.writeCommit(deletion))).toMatchObject(refused);
  });

  it('takes names that only look like a Git folder', async () => {
    const repository = await bareRepository();

    const id = await commit(repository, { '.github/x': '', '.gitignore': '', 'git/x': '', 'a.git/x': '' });

    expect(await repository.listFiles(id)).toHaveLength(4);
  });

  it('refuses one path as a file and a folder at once', async () => {
    const repository = await bareRepository();

    expect(await failureOf(commit(repository, { 'a/b/c': '1', 'a/b': '2' }))).toMatchObject({
      code: 'GIT_PATH_REFUSED',
      details: { path: 'a/b' },
    });
  });

  it('refuses a NUL in the message and a time that is none', async () => {
    const repository = await bareRepository();
    const files = new Map([['a', '1']]);
    const refused = { code: 'GIT_ARGUMENT_REFUSED' };

    expect(await failureOf(commit(repository, { a: '1' }, undefined, 'a\0b'))).toMatchObject(refused);
    for (const at of [Number.NaN, -1000, Number.POSITIVE_INFINITY]) {
      expect(await failureOf(repository.writeCommit({ files, message: 'm', author: { ...ann, at } }))).toMatchObject(
        refused,
      );
    }
  });

  it('keeps a message from becoming commands', async () => {
    const repository = await bareRepository();
    const message = 'x\n\ndata 3\nabc\nreset refs/heads/evil\nfrom 0000\ndone\n';
    const author = { name: 'A> 1 +0\nreset refs/heads/evil', email: 'e\nfrom x', at: 0 };

    const id = await repository.writeCommit({ files: new Map([['a', 'done\n']]), message, author });

    const info = await repository.commitInfo(id);
    expect(info.message).toBe(message);
    expect(info.author).toEqual({ name: 'A 1 +0reset refs/heads/evil', email: 'efrom x', at: 0 });
    expect(await repository.resolve('refs/heads/evil')).toBeUndefined();
  });

  it('can be done many at once in one repository', async () => {
    const folder = bareFolder();
    const repository = await openRepository(folder, { environment });
    const parent = await commit(repository, { shared: 'x' });

    // More than a hundred objects make a pack of their own; fewer are written loose. Both here.
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, writer) => {
        const count = writer % 2 === 0 ? 3 : 150;
        const files = Object.fromEntries(
          Array.from({ length: count }, (_, file) => [`w${writer}/f${file}`, `${writer}.${file}`]),
        );
        return commit(repository, files, parent, `writer ${writer}`);
      }),
    );

    expect(new Set(ids).size).toBe(12);
    for (const [writer, id] of ids.entries()) {
      const changes = await repository.changedFiles(parent, id);
      expect(changes).toHaveLength(writer % 2 === 0 ? 3 : 150);
      expect(await repository.readFile(id, `w${writer}/f2`)).toBe(`${writer}.2`);
    }
    expect(git(folder, 'fsck', '--strict', '--no-dangling')).toBe('');
    expect(git(folder, 'for-each-ref')).toBe('');
    expect(readdirSync(folder).filter((name) => name.startsWith('fast_import_crash'))).toEqual([]);
  });

  it('runs no hook of the repository', async () => {
    const folder = workTree({ a: '1' });
    writeFileSync(join(folder, '.git/monitor'), '#!/bin/sh\ntouch .git/hook-ran\n', { mode: 0o755 });
    git(folder, 'config', 'core.fsmonitor', '.git/monitor');
    for (const hook of ['reference-transaction', 'post-index-change']) {
      writeFileSync(join(folder, '.git/hooks', hook), '#!/bin/sh\ntouch "$GIT_DIR/hook-ran"\n', { mode: 0o755 });
    }
    const repository = await openRepository(folder, { environment });

    await commit(repository, { b: '1' }, await repository.resolve('HEAD'));
    await repository.writeWorkTree();

    expect(readdirSync(join(folder, '.git'))).not.toContain('hook-ran');
  });
});

describe('the id of a content', () => {
  it('is what git would call it', async () => {
    const folder = workTree({ text: 'Grüße\n', empty: '' });

    expect(await blobId('Grüße\n')).toBe(git(folder, 'rev-parse', 'HEAD:text'));
    expect(await blobId(Buffer.from('Grüße\n'))).toBe(git(folder, 'rev-parse', 'HEAD:text'));
    expect(await blobId(new Uint8Array())).toBe(git(folder, 'rev-parse', 'HEAD:empty'));
  });
});
