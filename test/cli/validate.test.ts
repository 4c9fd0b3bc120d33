import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../schemas/problem.ts';
import { createJourney, type Journey } from '../support/journey.ts';
import { git, pointsman, repositoryOf, root, runChild, scratchFolder } from './run.ts';

/** Every mistake of fixtures/twenty-mistakes, in file order: line and column where the file as a whole is not meant. */
const PLANTED = [
  'approvals.yaml:3:16 SCHEMAS_VALUE',
  'desired-state/devices/ams1/leaf02.yaml:4:1 SCHEMAS_UNKNOWN_FIELD',
  'desired-state/devices/ams1/leaf03.yaml:8:3 SCHEMAS_YAML_DUPLICATE_KEY',
  'desired-state/devices/ams1/leaf04.yaml:2:7 DESIRED_STATE_ROLE_UNKNOWN',
  'desired-state/devices/ams1/leaf04.yaml:5:6 SCHEMAS_VALUE',
  'desired-state/devices/ams1/leaf05.yaml:3:10 DESIRED_STATE_NOT_UNIQUE',
  'desired-state/devices/ams1/leaf06.yaml:5:6 DESIRED_STATE_NOT_UNIQUE',
  'desired-state/devices/ams1/leaf07.yaml:3:8 DESIRED_STATE_IMAGE_UNKNOWN',
  'desired-state/devices/ams1/leaf08.yaml DESIRED_STATE_SYMLINK',
  'desired-state/devices/ams2/leaf07.yaml DESIRED_STATE_NAME_TAKEN',
  'desired-state/devices/lon9/leaf10.yaml DESIRED_STATE_SITE_UNKNOWN',
  'desired-state/images.yaml:1:1 SCHEMAS_MISSING_FIELD',
  'desired-state/roles/border.yaml:2:16 SCHEMAS_YAML_SYNTAX',
  'desired-state/roles/spine.yaml:5:5 DESIRED_STATE_RANGE',
  'desired-state/sites/ams1.yaml:7:11 DESIRED_STATE_SECRET_IN_PLAIN_TEXT',
  'desired-state/sites/ams2.yaml:1:12 SCHEMAS_YAML_TAG',
  'desired-state/sites/ams3.yaml:7:7 SCHEMAS_YAML_TOO_LARGE',
  // The template engine knows lines, no columns.
  'desired-state/templates/base.yaml.j2:3 DESIRED_STATE_TEMPLATE',
  'desired-state/templates/bgp.yaml.j2:2:12 DESIRED_STATE_TEMPLATE_UNKNOWN',
  'desired-state/templates/vlans.yaml.j2:4 DESIRED_STATE_TEMPLATE',
] as const;

const placeOf = ({ file, line, column }: Problem): string =>
  [file, line, column].filter((part) => part !== undefined).join(':');

describe('pointsman validate', () => {
  let fleet: string;
  beforeAll(() => {
    fleet = repositoryOf(join(import.meta.dirname, 'fixtures', 'twenty-mistakes'));
  });

  it('tells the twenty mistakes of a fleet and no other, in file order, each at its line and column', async () => {
    const ran = await pointsman(['validate', '--fleet', fleet, '--json']);

    const { valid, problems } = JSON.parse(ran.out) as { valid: boolean; problems: readonly Problem[] };
    expect(ran).toMatchObject({ code: 1, said: '' });
    expect(valid).toBe(false);
    expect(problems.map((problem) => `${placeOf(problem)} ${problem.code}`)).toEqual(PLANTED);
  });

  it('tells people the same: place, line with a caret, what was meant, how many', async () => {
    const ran = await pointsman(['validate', '--fleet', fleet]);

    const blocks = ran.out.trimEnd().split('\n\n');
    expect(ran).toMatchObject({ code: 1, said: '' });
    expect(blocks.slice(0, -1).map((block) => /^(\S+?): /.exec(block)?.[1])).toEqual(
      PLANTED.map((line) => line.split(' ')[0]),
    );
    expect(blocks[1]).toBe(
      [
        'desired-state/devices/ams1/leaf02.yaml:4:1: unknown field "serail"',
        '  4 | serail: MT0002',
        '    | ^',
        '  did you mean "serial"?',
      ].join('\n'),
    );
    expect(blocks.at(-1)).toBe('20 problems. Nothing was contacted.');
  });

  it('does not quote the password that stands in the fleet in plain text', async () => {
    const ran = await pointsman(['validate', '--fleet', fleet, '--json']);

    expect(ran.out).toContain('«not shown»');
    expect(ran.out).not.toContain('correct-horse-battery');
  });

  it('judges a commit like the work tree it was made from, and whatever the work tree has become since', async () => {
    const changed = repositoryOf(join(import.meta.dirname, 'fixtures', 'twenty-mistakes'));
    const before = await pointsman(['validate', '--fleet', changed]);
    rmSync(join(changed, 'approvals.yaml'));

    const ofCommit = await pointsman(['validate', 'HEAD', '--fleet', changed]);
    const ofWorkTree = await pointsman(['validate', '--fleet', changed]);

    expect(ofCommit.out).toBe(before.out);
    expect(ofWorkTree.out).toContain('19 problems');
  });

  it('accepts a valid fleet from a folder inside it, and leaves index and work tree as they are', async () => {
    const valid = repositoryOf(join(root, 'examples', 'demo-fabric'));
    writeFileSync(join(valid, 'notes.txt'), 'not added\n');

    const ran = await pointsman(['validate'], { cwd: join(valid, 'desired-state') });
    const json = await pointsman(['validate', '--json'], { cwd: valid });

    expect(ran).toEqual({ code: 0, out: 'Valid: 6 devices, 1 site, 3 roles.\n', said: '' });
    expect(JSON.parse(json.out)).toEqual({ valid: true, devices: 6, sites: 1, roles: 3 });
    expect(git(valid, 'status', '--porcelain')).toBe('?? notes.txt\n');
  });

  it('judges the targets of requests that are new, and says how many switches they are about', async () => {
    const valid = repositoryOf(join(root, 'examples', 'demo-fabric'));
    const ask = (name: string, targets: string) => {
      mkdirSync(join(valid, 'requests'), { recursive: true });
      const text = `workflow: ConfigurationBackup\nreason: before the move\ntargets: { devices: [${targets}] }\n`;
      writeFileSync(join(valid, 'requests', `${name}.yaml`), text);
    };
    const validate = (...args: readonly string[]) => pointsman(['validate', ...args], { cwd: valid });
    ask('backup', 'leaf*, spine01');
    const good = await validate();
    const json = await validate('--json');
    ask('slip', 'leaf01, leef02');
    const bad = await validate();

    expect(good).toMatchObject({ code: 0 });
    expect(good.out).toBe('Valid: 6 devices, 1 site, 3 roles.\nrequests/backup.yaml is about 5 devices.\n');
    expect(JSON.parse(json.out)).toMatchObject({ requests: [{ file: 'requests/backup.yaml', devices: 5 }] });
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(/^requests\/slip\.yaml:3:30: there is no device leef02\n[\s\S]*did you mean "leaf02"\?/);
  });

  it('judges the targets of requests a commit brings, and leaves those that are older alone', async () => {
    const valid = repositoryOf(join(root, 'examples', 'demo-fabric'));
    const commit = () => {
      git(valid, 'add', '--all');
      git(valid, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.net', 'commit', '--quiet', '-m', 'x');
    };
    mkdirSync(join(valid, 'requests'));
    const text = 'workflow: DriftCheck\nreason: why\ntargets: { devices: [gone01] }\n';
    writeFileSync(join(valid, 'requests', 'old.yaml'), text);
    commit();
    writeFileSync(join(valid, 'notes.txt'), 'a later commit\n');
    commit();

    const brought = await pointsman(['validate', 'HEAD^'], { cwd: valid });
    const later = await pointsman(['validate', 'HEAD'], { cwd: valid });
    const workTree = await pointsman(['validate'], { cwd: valid });

    expect([brought.code, later.code, workTree.code]).toEqual([1, 0, 0]);
    expect(brought.out).toContain('there is no device gone01');
    expect(later.out).toBe('Valid: 6 devices, 1 site, 3 roles.\n');
  });

  it('as a process ends with 1, with what was asked for on one stream and nothing on the other', async () => {
    const environment = { PATH: process.env['PATH'] ?? '' };

    const ended = await runChild(process.execPath, [join(root, 'bin', 'pointsman.mjs'), 'validate'], {
      cwd: fleet,
      environment,
    });

    expect(ended).toMatchObject({ how: 1, said: '' });
    expect(ended.out).toMatch(/^approvals\.yaml:3:16: [\s\S]*\n20 problems\. Nothing was contacted\.\n$/);
  });
});

describe('pointsman validate --ref', () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await createJourney();
  });
  afterAll(() => journey.close());

  const validate = (...args: readonly string[]) => {
    const remote = ['--remote', journey.world.github.remoteUrl, '--cache', scratchFolder()];
    const environment = { ...journey.world.environment, PATH: process.env['PATH'] };
    return pointsman(['validate', ...args, ...remote], { environment });
  };

  it('checks what merging a pull request would give, without a clone and without a switch', async () => {
    const file = 'desired-state/roles/leaf.yaml';
    const text = `${journey.world.files.get(file) ?? ''}rolle: leaf\n`;
    const number = await journey.open({ title: 'A slip', branch: 'slip', files: new Map([[file, text]]) });
    const asked = [...journey.world.switches.values()].flatMap(({ requests }) => requests()).length;

    const bad = await validate('--ref', `refs/pull/${number}/merge`);
    const good = await validate('--ref', 'refs/heads/main');

    expect(bad.code).toBe(1);
    expect(bad.out).toContain(`${file}:${text.split('\n').length - 1}:1: unknown field "rolle"`);
    expect(good).toMatchObject({ code: 0, said: '' });
    expect([...journey.world.switches.values()].flatMap(({ requests }) => requests()).length).toBe(asked);
  });

  it.each([
    [['--ref', 'refs/pull/999/merge'], 'the fleet repo has no refs/pull/999/merge'],
    [['--ref', 'main'], '--ref is "main"'],
    [['HEAD', '--ref', 'refs/heads/main'], 'both a commit and --ref were given'],
  ])('refuses %j', async (args, said) => {
    const ran = await validate(...args);

    expect(ran.code).toBe(1);
    expect(ran.said).toContain(`error CLI_USAGE: ${said}`);
  });
});
