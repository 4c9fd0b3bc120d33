import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Io } from '../../cli/io.ts';
import type { Plan } from '../../plans/plan.ts';
import { planFromJson } from '../../plans/plan-json.ts';
import { createJourney, type Journey } from '../support/journey.ts';
import { git, pointsman, type Ran, root, runChild, scratchFolder } from './run.ts';

let journey: Journey;
/** A clone of the fleet repo, as an engineer has it. */
let clone: string;
let pullRequest: number;
let published: Ran;

beforeAll(async () => {
  journey = await createJourney();
  pullRequest = await journey.open(journey.stories.addVlan);
  published = await plan('--pr', String(pullRequest), '--json', ...remote());
  clone = join(scratchFolder(), 'fleet');
  git('.', 'clone', '--quiet', journey.gitDir, clone);
});
afterAll(() => journey.close());

const remote = (): readonly string[] => ['--remote', journey.world.github.remoteUrl, '--cache', scratchFolder()];
const world = (): Partial<Io> => ({
  cwd: clone,
  clock: journey.clock,
  environment: { ...journey.world.environment, PATH: process.env['PATH'] },
});
const plan = (...args: readonly string[]): Promise<Ran> => pointsman(['plan', ...args], world());
const digestIn = (text: string): string | undefined => /^Digest (\S+)$/m.exec(text)?.[1];
const BRANCH = 'origin/vlan-120-analytics';
const ROLE = 'desired-state/roles/leaf.yaml';

describe('pointsman plan', () => {
  it('of two commits shows the changes, ends with 2, and has the digest the pull request has', async () => {
    const text = await plan('origin/main', BRANCH);
    const json = await plan('origin/main', BRANCH, '--json');

    const [ours, theirs] = [planFromJson(json.out), planFromJson(published.out)];
    expect([published.code, text.code, json.code]).toEqual([2, 2, 2]);
    expect(ours.digest).toBe(theirs.digest);
    expect(digestIn(text.out)).toBe(theirs.digest);
    expect(journey.comment(pullRequest)).toContain(theirs.digest);
    expect(devicesIn(ours)).toEqual(['leaf01', 'leaf02', 'leaf03', 'leaf04']);
    expect(text.said + json.said).toBe('');
  });

  it('has the same digest in another process, whatever the order of its environment', async () => {
    const entries = Object.entries({ ...journey.world.environment, PATH: process.env['PATH'] ?? '' });
    const run = (variables: typeof entries) =>
      runChild(process.execPath, [join(root, 'cli', 'main.ts'), 'plan', 'origin/main', BRANCH, '--json'], {
        cwd: clone,
        environment: Object.fromEntries(variables),
      });

    const ended = [
      await run(entries),
      await run([...entries.toReversed(), ['TZ', 'Asia/Tokyo'], ['LC_ALL', 'tr_TR.UTF-8']]),
    ];

    const { digest } = planFromJson(published.out);
    expect(ended.map(({ how, said }) => [how, said])).toEqual([
      [2, ''],
      [2, ''],
    ]);
    expect(ended.map(({ out }) => planFromJson(out).digest)).toEqual([digest, digest]);
  });

  it('of the work tree is the plan of the commit it would become, and leaves work tree and index as they are', async () => {
    const file = join(clone, ROLE);
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, git(clone, 'show', `${BRANCH}:${ROLE}`));
    writeFileSync(join(clone, 'notes.txt'), 'not added\n');
    git(clone, 'status'); // Brings the index's own memory of the files up to date, as people do.
    const look = () => [
      git(clone, 'status', '--porcelain'),
      readFileSync(join(clone, '.git', 'index')).toString('hex'),
    ];
    const seen = look();

    const ran = await plan('--json');

    expect(ran.code).toBe(2);
    expect(planFromJson(ran.out).digest).toBe(planFromJson(published.out).digest);
    expect(look()).toEqual(seen);
    writeFileSync(file, before);
  });

  it('of a work tree that says nothing new asks no switch and ends with 0', async () => {
    const asked = requests();

    const ran = await plan();

    expect(ran.code).toBe(0);
    expect(ran.out).not.toContain('Digest');
    expect(requests()).toBe(asked);
  });

  it('ends with 3 when a switch cannot be changed, and still shows the others', async () => {
    const leaf02 = journey.world.switches.get('leaf02');
    leaf02?.faults.unplugged(true);

    const ran = await plan('origin/main', BRANCH, '--json');

    leaf02?.faults.unplugged(false);
    const { devices } = planFromJson(ran.out);
    expect(ran.code).toBe(3);
    expect(devices.filter(({ kind }) => kind === 'blocked').map(({ device }) => device)).toEqual(['leaf02']);
    expect(devices.filter(({ kind }) => kind === 'changing')).toHaveLength(3);
  });

  it('ends with 1 when the fleet is not valid, with every problem, and contacts nothing', async () => {
    const asked = requests();
    const file = join(clone, ROLE);
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, `${before}rolle: leaf\nimag: x\n`);

    const text = await plan();
    const json = await plan('--json');

    writeFileSync(file, before);
    expect([text.code, json.code]).toEqual([1, 1]);
    expect(text.out).toContain('2 problems. Nothing was contacted.\n');
    expect(JSON.parse(json.out)).toMatchObject({
      valid: false,
      problems: [{ code: 'SCHEMAS_UNKNOWN_FIELD' }, { code: 'SCHEMAS_UNKNOWN_FIELD' }],
    });
    expect(requests()).toBe(asked);
  });

  it('refuses a pull request that is not open', async () => {
    const closed = await journey.open({ ...journey.stories.ntpOnOneLeaf, branch: 'soon-closed' });
    await journey.world.github.as('ada').close(closed);

    const ran = await plan('--pr', String(closed), ...remote());

    expect(ran.code).toBe(1);
    expect(ran.said).toContain(`#${closed} is closed`);
  });

  it('says how many switches were asked on a terminal, and nothing of it stays', async () => {
    const ran = await pointsman(['plan', 'origin/main', BRANCH], { ...world(), isTerminal: true });

    expect(ran.said).toContain('4 of 4 switches asked');
    expect(ran.said.endsWith('\r\u001b[2K')).toBe(true);
    expect(ran.said).not.toContain('\n');
    expect(ran.out).toContain('Digest ');
  });

  it('takes its progress away before it says what went wrong', async () => {
    const number = await journey.open({ ...journey.stories.ntpOnOneLeaf, branch: 'no-comment' });
    journey.world.github.inject({ method: 'POST', path: /comments/ }, { kind: 'status', status: 403 });

    const ran = await pointsman(['plan', '--pr', String(number), ...remote()], { ...world(), isTerminal: true });

    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.said).toContain('1 of 1 switches asked');
    expect(ran.said.split('\r\u001b[2K').at(-1)).toMatch(/^error FORGE_\w+: /);
  });

  it('goes on when nobody reads what it says any more', async () => {
    const child = spawn(process.execPath, [join(root, 'cli', 'main.ts'), 'plan', 'origin/main', BRANCH], {
      cwd: clone,
      env: { ...journey.world.environment, PATH: process.env['PATH'], POINTSMAN_LOG: 'debug' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    child.stderr.destroy();
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
    });

    const [code] = await once(child, 'close');

    expect(code).toBe(2);
    expect(digestIn(out)).toBe(planFromJson(published.out).digest);
  });

  it('is coloured only where colours are wanted', async () => {
    const plain = await plan('origin/main', BRANCH);
    const colored = await pointsman(['plan', 'origin/main', BRANCH], { ...world(), color: true });

    expect(plain.out).not.toContain('\u001b');
    expect(colored.out).toContain('\u001b[32m+');
    expect(stripVTControlCharacters(colored.out)).toBe(plain.out);
  });
});

function requests(): number {
  return [...journey.world.switches.values()].reduce((sum, one) => sum + one.requests().length, 0);
}

function devicesIn({ devices }: Plan): readonly string[] {
  return devices.filter(({ kind }) => kind === 'changing').map(({ device }) => device);
}
