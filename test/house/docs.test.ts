import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedBlocks, putBlock } from '../../scripts/docs/generated-blocks.ts';
import { PROBLEM_CODES } from '../../scripts/docs/problem-codes.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Everything that is part of the project: in Git, or about to be. */
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString('utf8')
  .split('\0')
  .filter((file) => statSync(join(root, file), { throwIfNoEntry: false })?.isFile());
const pages = files.filter((file) => file.endsWith('.md') && !file.includes('/golden/'));
const sources = files.filter((file) => /^(?!test\/|scripts\/|bench\/).*\.ts$/.test(file));
const rooms = [...new Set(files.filter((file) => file.endsWith('.ts') && file.includes('/')).map(topOf))];

function topOf(file: string): string {
  return file.split('/')[0] ?? '';
}

/** Without what stands in code, where a link is only text. */
function proseOf(page: string): string {
  return page.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

describe('the pages', () => {
  it('link only to files and headings that are there', () => {
    const broken = pages.flatMap((page) =>
      [...proseOf(read(page)).matchAll(/\]\(<?([^)\s>]+)>?\)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target))
        .map((target) => `${page} -> ${target}`),
    );

    expect(broken).toEqual([]);
  });

  it('name only source files that are there', () => {
    const missing = pages.flatMap((page) =>
      [...read(page).matchAll(/`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|mjs))`/g)]
        .map((match) => (match[1] ?? '').replace(/^(?:\.\.\/)+/, ''))
        .filter((name) => !files.some((file) => file === name || file.endsWith(`/${name}`)))
        .map((name) => `${page}: ${name}`),
    );

    expect(missing).toEqual([]);
  });

  it('are there for every room', () => {
    expect(rooms.filter((room) => !existsSync(join(root, room, 'README.md')))).toEqual([]);
  });

  it('hold what the sources say now (npm run docs writes it)', () => {
    const stale = generatedBlocks(root).filter((block) => {
      const page = read(block.file);
      return putBlock(page, block) !== page;
    });

    expect(stale.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  const page = read('docs/errors.md');

  it('lists every error the sources declare', () => {
    const declared = sources.flatMap((file) =>
      [...read(file).matchAll(/readonly code = '([A-Z0-9_]+)'/g)].map((match) => match[1] ?? ''),
    );

    expect(declared.length).toBeGreaterThan(50);
    expect(declared.filter((code) => !page.includes(`| \`${code}\``))).toEqual([]);
  });

  it('lists exactly the problems the sources can find in a fleet', () => {
    const errors = new Set(
      sources.flatMap((file) => [...read(file).matchAll(/readonly code = '(\w+)'/g)].map((m) => m[1])),
    );
    const found = sources.flatMap((file) =>
      [...read(file).matchAll(/'((?:SCHEMAS|DESIRED_STATE|RECONCILER)_[A-Z0-9_]+)'/g)].map((match) => match[1] ?? ''),
    );

    const problems = [...new Set(found.filter((code) => !errors.has(code)))].sort();

    expect(Object.keys(PROBLEM_CODES).sort()).toEqual(problems);
  });
});

describe('docs/plans.md', () => {
  const page = read('docs/plans.md');

  it('lists every hazard of a replace', () => {
    const literal = [
      ...(read('drivers/nvue/hazards.ts') + read('drivers/frr/hazards.ts')).matchAll(/name(?::| =) '([a-z-]+)'/g),
    ].map((match) => match[1] ?? '');
    const factory = [...read('drivers/nvue/facts.ts').matchAll(/factoryUser: '(\w+)'/g)].map(
      (match) => `${match[1]}-user-removed`,
    );

    expect(literal.length).toBeGreaterThan(6);
    expect([...literal, ...factory].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('lists every reason for a mark', () => {
    const reasons = [
      ...(read('drivers/nvue/marks.ts') + read('drivers/frr/marks.ts')).matchAll(/reason: '([^']+)'/g),
    ].map((match) => match[1] ?? '');

    expect(reasons.length).toBeGreaterThan(10);
    expect(reasons.filter((reason) => !page.includes(reason))).toEqual([]);
  });
});

describe('the command line', () => {
  const main = sources
    .filter((file) => /^cli\/[\w-]+\.ts$/.test(file))
    .map(read)
    .join('\n');
  const commands = [...main.matchAll(/\.command\('(\w+)'\)/g)].map((match) => match[1] ?? '');
  const options = [...main.matchAll(/\.option\(\s*'(--[a-z-]+)/g)].map((match) => match[1] ?? '');

  it('is what the pages say: no page names a command that is not there', () => {
    const unknown = pages.flatMap((page) =>
      [...read(page).matchAll(/(?:`|\$ |^)pointsman (?:-- )?([a-z]+)/gm)]
        .map((match) => match[1] ?? '')
        .filter((name) => !commands.includes(name))
        .map((name) => `${page}: pointsman ${name}`),
    );

    expect(unknown).toEqual([]);
  });

  it('is told completely in docs/commands.md', () => {
    const page = read('docs/commands.md');

    expect(commands.filter((name) => !page.includes(`\`pointsman ${name}`))).toEqual([]);
    expect(options.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
    expect([...page.matchAll(/`(--[a-z-]+)/g)].filter((match) => !options.includes(match[1] ?? ''))).toEqual([]);
  });

  it('is reached by npm scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run ([a-z-]+)/g)].map((match) => [page, match[1] ?? ''] as const),
    );
    const run = Object.values(scripts).flatMap((script) => script.match(/[\w/-]+\.(?:ts|mjs)/g) ?? []);

    expect(named.filter(([, name]) => !(name in scripts)).map(String)).toEqual([]);
    expect(run.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe('no file of the project', () => {
  it('names a place on somebody’s machine', () => {
    // Put together, so that this file is not one of them.
    const places = [
      ['', 'work', 'main'],
      ['', 'home', ''],
      ['', 'Users', ''],
      ['', 'root', ''],
    ].map((parts) => parts.join('/'));
    // Accounts that are on routers, not on the machine of whoever wrote this.
    const withoutAccounts = (text: string) => text.replaceAll(/\/home\/(?:pointsman|watcher)\b/g, '');
    const telling = files
      .filter((file) => !file.endsWith('.lock') && statSync(join(root, file)).size < 1_000_000)
      .filter((file) => places.some((place) => withoutAccounts(read(file)).includes(place)));

    expect(telling).toEqual([]);
  });
});

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : relative(root, join(root, dirname(page), path));
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || !file.endsWith('.md') || anchorsOf(read(file)).includes(anchor);
}

/** As GitHub makes them of headings: lower case, no punctuation, dashes for spaces. */
function anchorsOf(page: string): readonly string[] {
  return [...page.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, '').matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
