import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remoteUrl } from '../../cli/remote-url.ts';
import { readSettingPath, writeSettingPath } from '../../cli/setting-path.ts';
import { wantsColor } from '../../cli/wants-color.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { pointsman, repositoryOf, scratchFolder } from './run.ts';

const COMMANDS = ['validate', 'plan', 'reconcile', 'runs', 'show', 'explain', 'backup', 'init', 'doctor', 'demo'];

describe('the command line', () => {
  it.each([
    { what: 'an unknown command', args: ['plna'], says: "unknown command 'plna'", next: 'Did you mean plan?' },
    { what: 'an unknown option', args: ['plan', '--jsno'], says: "unknown option '--jsno'", next: 'mean --json?' },
    { what: 'an argument too many', args: ['validate', 'a', 'b'], says: 'too many arguments', next: 'pointsman help' },
    { what: 'an argument too few', args: ['show'], says: "missing required argument 'run'", next: 'pointsman help' },
    { what: 'no command', args: [], says: 'no command was given', next: 'The commands stand above' },
    { what: '--pr that is no number', args: ['plan', '--pr', 'x1'], says: '--pr is "x1"', next: 'the number of' },
    {
      what: '--pr beside commits',
      args: ['plan', 'HEAD', '--pr', '1'],
      says: 'both commits and --pr',
      next: 'or --pr',
    },
    { what: '--limit that is no number', args: ['runs', '--limit', '0'], says: '--limit is "0"', next: 'from 1' },
    { what: 'no token', args: ['runs', '--remote', 'x'], says: 'GITHUB_TOKEN is not set', next: 'POINTSMAN_GITHUB' },
    {
      what: 'a folder that is none',
      args: ['validate', '--fleet', 'nope'],
      says: 'nope is not a folder',
      next: '--fleet',
    },
    {
      what: 'an unreadable path',
      args: ['explain', 'leaf01', 'a..b'],
      says: 'from "..b" on',
      next: 'dots in brackets',
    },
  ])('given $what, says so with what to do next, and ends with 1', async ({ args, says, next }) => {
    const ran = await pointsman(args);

    const [, complaint = '', advice = ''] = /^error CLI_USAGE: (.*)\n {2}next: (.*)\n$/m.exec(ran.said) ?? [];
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.said.match(/^error/gm)).toHaveLength(1);
    expect(complaint).toContain(says);
    expect(advice).toContain(next);
  });

  it('given a folder that is in no repository, says so', async () => {
    const ran = await pointsman(['validate'], { cwd: scratchFolder() });

    expect(ran.code).toBe(1);
    expect(ran.said).toContain('error GIT_NOT_A_REPOSITORY: ');
  });

  it('given a commit the repository does not have, says so', async () => {
    const cwd = repositoryOf(join(import.meta.dirname, 'fixtures', 'twenty-mistakes'));

    const ran = await pointsman(['validate', 'no-such-branch'], { cwd });

    expect(ran.code).toBe(1);
    expect(ran.said).toContain('this repository has no commit no-such-branch');
  });

  it('tells its version and its commands to whoever asks, and ends with 0', async () => {
    const version = await pointsman(['--version']);
    const help = await pointsman(['--help']);

    expect(version).toEqual({ code: 0, out: `${packageJson.version}\n`, said: '' });
    expect(help).toMatchObject({ code: 0, said: '' });
    for (const command of COMMANDS) expect(help.out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  });
});

describe('the git a command finds', () => {
  const withGit = (answer: string): Readonly<Record<string, string>> => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'git'), `#!/bin/sh\necho '${answer}'\n`);
    chmodSync(join(folder, 'git'), 0o755);
    return { PATH: folder };
  };

  it('is missed before anything is begun when there is none', async () => {
    const ran = await pointsman(['validate'], { environment: { PATH: scratchFolder() } });

    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.said).toBe(
      'error CLI_GIT_NEEDED: git was not found on the PATH\n  next: Install git 2.38 or newer, and see that the PATH finds it first.\n',
    );
  });

  it.each(['git version 2.37.7', 'git version 1.99.0', 'something else'])('is refused as %s', async (answer) => {
    const ran = await pointsman(['validate'], { environment: withGit(answer) });

    expect(ran.code).toBe(1);
    expect(ran.said).toContain('error CLI_GIT_NEEDED: git 2.38 or newer is needed, this is ');
    expect(ran.said).toContain(answer.replace('git version ', ''));
  });

  it.each(['git version 2.38.0', 'git version 2.39.5 (Apple Git-154)', 'git version 3.0.0'])(
    'is taken as %s',
    async (answer) => {
      const ran = await pointsman(['validate'], { environment: withGit(answer), cwd: scratchFolder() });

      // This one knows no more than its version.
      expect(ran.said).not.toContain('CLI_GIT_NEEDED');
    },
  );

  it('is not needed to say how Pointsman is used', async () => {
    const ran = await pointsman(['help', 'plan'], { environment: { PATH: scratchFolder() } });

    expect(ran.code).toBe(0);
    expect(ran.out).toContain('Usage: pointsman plan');
  });
});

describe('where the fleet repo is', () => {
  const job = { GITHUB_SERVER_URL: 'https://ghe.example.net', GITHUB_REPOSITORY: 'acme/fleet' };

  it.each([
    { what: '--remote', asked: 'a.git', environment: { ...job, POINTSMAN_REMOTE: 'b.git' }, url: 'a.git' },
    { what: 'POINTSMAN_REMOTE', asked: undefined, environment: { ...job, POINTSMAN_REMOTE: 'b.git' }, url: 'b.git' },
    {
      what: 'the GitHub Actions job',
      asked: undefined,
      environment: job,
      url: 'https://ghe.example.net/acme/fleet.git',
    },
  ])('is said by $what', ({ asked, environment, url }) => {
    expect(remoteUrl({ environment }, asked)).toBe(url);
  });

  it('is asked for by all three names when nothing says it', async () => {
    const ran = await pointsman(['runs'], {
      environment: { GITHUB_TOKEN: 'some-token', GITHUB_REPOSITORY: 'acme/fleet' },
    });

    expect(ran.code).toBe(1);
    for (const name of ['--remote', 'POINTSMAN_REMOTE', 'GITHUB_REPOSITORY']) expect(ran.said).toContain(name);
  });

  it('is told in the help of every command that goes there', async () => {
    for (const command of ['plan', 'reconcile', 'runs', 'show', 'backup']) {
      const { out } = await pointsman([command, '--help']);

      expect(out.replaceAll(/\s+/g, ' ')).toContain('POINTSMAN_REMOTE, or in GitHub Actions the repository of the job');
    }
  });
});

describe('the path of a setting', () => {
  const key = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !/[[\]]/.test(text));

  it('is read as it was written, whatever the keys hold but brackets', () => {
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 6 }), (path) => {
        expect(readSettingPath(writeSettingPath(path))).toEqual(path);
      }),
    );
  });

  it.each([
    { text: 'interface.swp1.link.mtu', path: ['interface', 'swp1', 'link', 'mtu'] },
    {
      text: 'interface.vlan120.ip.address[10.1.120.2/24]',
      path: ['interface', 'vlan120', 'ip', 'address', '10.1.120.2/24'],
    },
    { text: 'vrf[default].router.bgp', path: ['vrf', 'default', 'router', 'bgp'] },
  ])('$text is $path', ({ text, path }) => {
    expect(readSettingPath(text)).toEqual(path);
  });

  it.each(['a..b', '.a', 'a.', 'a[b', 'a]', 'a[]', 'a[b]c'])('%s is refused', (text) => {
    expect(() => readSettingPath(text)).toThrowError(expect.objectContaining({ code: 'CLI_USAGE' }));
  });
});

describe('colours', () => {
  it.each([
    { isTerminal: true, environment: {}, wanted: true },
    { isTerminal: true, environment: { NO_COLOR: '', TERM: 'xterm' }, wanted: true },
    { isTerminal: true, environment: { NO_COLOR: '1' }, wanted: false },
    { isTerminal: true, environment: { TERM: 'dumb' }, wanted: false },
    { isTerminal: false, environment: {}, wanted: false },
  ])('are $wanted when the terminal is $isTerminal and the environment $environment', (row) => {
    expect(wantsColor(row.isTerminal, row.environment)).toBe(row.wanted);
  });
});
