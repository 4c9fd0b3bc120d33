import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { git, pointsman, type Ran, repositoryOf, root } from './run.ts';

interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: { readonly file: string; readonly line: number };
  readonly commit: { readonly commit: string; readonly author: string; readonly summary: string };
}

let fleet: string;
beforeAll(() => {
  fleet = repositoryOf(join(root, 'examples', 'demo-fabric'));
});
const explain = (...args: readonly string[]): Promise<Ran> => pointsman(['explain', ...args], { cwd: fleet });
const leavesOf = ({ out }: Ran): readonly Leaf[] => JSON.parse(out);

describe('pointsman explain', () => {
  it('says of everything on a switch which file, line and commit put it there', async () => {
    const ran = await explain('leaf01', '--json');

    const leaves = leavesOf(ran);
    expect(ran).toMatchObject({ code: 0, said: '' });
    expect(leaves.length).toBeGreaterThan(100);
    for (const { origin, commit } of leaves) {
      expect(origin.file).toMatch(/^desired-state\//);
      expect(commit).toMatchObject({ author: 'Ann', summary: 'Describe the fleet' });
    }
  });

  it('tells people the same of one path, and of all below it', async () => {
    const ran = await explain('leaf01', 'system.hostname');

    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(
      /^system\.hostname = "leaf01"\n {4}desired-state\/\S+:\d+, [0-9a-f]{12} Ann \d{4}-\d\d-\d\d "Describe the fleet"\n$/,
    );
    expect((await explain('leaf01', 'system')).out).toContain(ran.out);
  });

  it('writes every path in the form it takes', async () => {
    const all = leavesOf(await explain('leaf01', 'interface.lo', '--json'));
    const dotted = all.filter(({ path }) => path.some((key) => key.includes('.')));
    const lines = (await explain('leaf01', 'interface.lo')).out.split('\n').filter((line) => !line.startsWith('    '));

    const [example] = dotted;
    const index = all.findIndex(({ path }) => path === example?.path);
    const written = lines[index]?.split(' = ')[0] ?? '';
    const again = await explain('leaf01', written, '--json');

    expect(written).toMatch(/\[[^\]]*\.[^\]]*\]/);
    expect(leavesOf(again)).toEqual([example]);
  });

  it('answers for the commit it is asked about', async () => {
    const site = join(fleet, 'desired-state', 'sites', 'ams1.yaml');
    const before = git(fleet, 'show', 'HEAD:desired-state/sites/ams1.yaml');
    writeFileSync(site, before.replace('192.168.200.53', '192.168.200.99'));
    git(fleet, '-c', 'user.name=Bob', '-c', 'user.email=bob@example.net', 'commit', '-qam', 'Move the DNS server');

    const now = await explain('leaf01', 'service.dns', '--json');
    const then = await explain('leaf01', 'service.dns', '--json', '--commit', 'HEAD^');

    expect(now.out).toContain('192.168.200.99');
    expect(then.out).toContain('192.168.200.53');
    expect(then.out).not.toContain('192.168.200.99');
  });

  it('refuses a device the fleet does not have, and names those it has', async () => {
    const ran = await explain('leaf99');

    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.said).toContain('the fleet has no device leaf99');
    expect(ran.said).toContain('leaf01, leaf02');
  });

  it('refuses a path that holds nothing', async () => {
    const ran = await explain('leaf01', 'interface.swp999');

    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.said).toContain('leaf01 has nothing at interface.swp999');
  });

  it('of a fleet that is not valid tells every problem and ends with 1', async () => {
    const invalid = repositoryOf(join(import.meta.dirname, 'fixtures', 'twenty-mistakes'));

    const ran = await pointsman(['explain', 'leaf01', '--fleet', invalid]);

    expect(ran.code).toBe(1);
    expect(ran.out).toContain('approvals.yaml:3:16: ');
  });
});
