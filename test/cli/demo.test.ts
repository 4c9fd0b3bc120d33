import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ChildOptions, type Ended, git, root, runChild, scratchFolder } from './run.ts';

/** A real `pointsman demo` whose temporary files all land in a folder of its own. */
function demo(temporary: string, args: readonly string[], signalWhen?: ChildOptions['signalWhen']): Promise<Ended> {
  return runChild(process.execPath, [join(root, 'cli', 'main.ts'), 'demo', ...args], {
    environment: { PATH: process.env['PATH'] ?? '', HOME: temporary, TMPDIR: temporary },
    ...(signalWhen ? { signalWhen } : {}),
  });
}

describe('pointsman demo', () => {
  let temporary: string;
  let world: string;
  let ended: Ended;
  beforeAll(async () => {
    temporary = scratchFolder();
    world = join(scratchFolder(), 'world');
    ended = await demo(temporary, ['--fast', '--world', world]);
  });

  it('plays the whole journey, and leaves nothing but the world it was told to leave', () => {
    expect(ended).toMatchObject({ how: 0, said: '' });
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(world).sort()).toEqual(['fleet.git', 'pull-requests', 'switches']);
  });

  it('tells it in its order: comment, refused self-approval, merge, diff, a change that is blocked, the ledger', () => {
    const places = [
      'ada opens a pull request',
      '$ pointsman plan --pr 1',
      'exit code 2',
      '4 devices change, waiting for 1 approval',
      '▾ Group A',
      'ada tries to approve her own pull request: 422',
      '$ pointsman reconcile',
      'confirmed and saved',
      'leaf01 before and after:',
      'Applied: 4 applied',
      'exit code 3: blocked',
      '$ git log pointsman/ledger',
      'intend to change 4 switches',
      '$ pointsman runs',
    ].map((part) => ended.out.indexOf(part));
    expect(places).not.toContain(-1);
    expect(ended.out).not.toMatch(/<!--|<sub>|<details>/);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('leaves the fleet repo with its ledger, the comments, and what every switch runs', () => {
    const bare = join(world, 'fleet.git');
    expect(git(bare, 'branch', '--format=%(refname:short)').split('\n')).toEqual(
      expect.arrayContaining(['main', 'pointsman/ledger']),
    );
    expect(git(bare, 'ls-tree', '-r', '--name-only', 'pointsman/ledger')).toContain('backups/ams1/leaf01.yaml');
    expect(readFileSync(join(world, 'pull-requests', '1', 'comment.md'), 'utf8')).toContain('Applied: 4 applied');
    expect(readFileSync(join(world, 'pull-requests', '2', 'comment.md'), 'utf8')).toContain('Blocked');

    const switches = ['leaf01', 'leaf02', 'leaf03', 'leaf04', 'spine01', 'spine02'];
    expect(readdirSync(join(world, 'switches')).sort()).toEqual(switches.map((name) => `${name}.yaml`));
    for (const name of switches) {
      const running = readFileSync(join(world, 'switches', `${name}.yaml`), 'utf8');
      expect(JSON.stringify(parse(running))).toContain(`"hostname":"${name}"`);
      expect(running.includes('vlan120')).toBe(name.startsWith('leaf'));
    }
  });

  it('refuses a folder that is not empty, and leaves it as it is', async () => {
    const mine = scratchFolder();
    writeFileSync(join(mine, 'notes.txt'), 'mine\n');

    const refused = await demo(scratchFolder(), ['--fast', '--world', mine]);

    expect(refused).toMatchObject({ how: 1, out: '' });
    expect(refused.said).toContain(`${mine} is not empty`);
    expect(readdirSync(mine)).toEqual(['notes.txt']);
  });

  it('stopped in the middle, says so and leaves nothing behind', async () => {
    const folder = scratchFolder();

    const stopped = await demo(folder, ['--fast'], (out) => (out.includes('2. ada opens') ? 'SIGINT' : undefined));

    expect(stopped.how).toBe(1);
    expect(stopped.said).toContain('error CLI_STOPPED: stopped by SIGINT');
    expect(readdirSync(folder)).toEqual([]);
  });
});
