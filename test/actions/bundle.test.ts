import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleAction } from '../../scripts/bundle-action.ts';
import { createJourney, type Journey } from '../support/journey.ts';
import { metadata, runStep, type StepEnded, type StepOptions } from './step.ts';
import { root } from './workflow-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'pointsman-bundle-'));
/** As a release has it: beside action.yml, and no package installed anywhere above. */
const entry = join(folder, metadata.runs.main);
let journey: Journey;

beforeAll(async () => {
  await bundleAction(root, join(folder, 'dist'));
  journey = await createJourney({
    speed: 1,
    switches: (spec) => ({ ...spec, stepMilliseconds: 10 }),
    pace: { confirmWithinSeconds: 30, pollMilliseconds: 20 },
  });
}, 300_000);
afterAll(async () => {
  await journey.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The fleet's secrets as the one secret of GitHub that the workflows hand on. */
const secrets = (): string =>
  Object.entries(journey.world.environment)
    .filter(([name]) => name.startsWith('POINTSMAN_SECRET_'))
    .map(([name, value]) => `${name.replace('POINTSMAN_SECRET_', '').toLowerCase()}=${value}`)
    .join('\n');

const step = (inputs: StepOptions['inputs'], more: Partial<StepOptions> = {}): Promise<StepEnded> =>
  runStep(entry, {
    inputs: { secrets: secrets(), ...inputs },
    server: new URL(journey.world.github.remoteUrl).origin,
    token: journey.world.github.tokenFor('pointsman[bot]'),
    ...more,
  });

describe('the bundle', () => {
  it('has the same bytes when it is built again', async () => {
    await bundleAction(root, join(folder, 'again'));

    const files = readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name).slice(join(folder, 'dist').length));
    const differing = files.filter(
      (file) => !readFileSync(join(folder, 'dist', file)).equals(readFileSync(join(folder, 'again', file))),
    );
    expect(files).toHaveLength(6);
    expect(differing).toEqual([]);
  });

  it('names no place on the machine it was built on, and brings no emulator along', () => {
    const text = readFileSync(entry, 'utf8');

    expect(text.includes(root)).toBe(false);
    expect(text).not.toMatch(/region sandbox\//);
  });

  it('takes a change from the pull request to the switches, as steps of jobs', async () => {
    const number = await journey.open(journey.stories.addVlan);

    const planned = await step({ command: 'plan' }, { event: { action: 'opened', pull_request: { number } } });
    expect(planned.said).toBe('');
    expect(planned.how).toBe(0);
    expect(planned.outputs).toMatchObject({ 'exit-code': '2', changing: '4', blocked: '0' });
    expect(planned.outputs['digest']).toMatch(/^p1:[0-9a-f]{64}$/);
    expect(planned.outputs['verdict']).toBe('Plan: 4 devices change');
    expect(journey.comment(number)).toContain(planned.outputs['digest']);
    expect(planned.summary).toContain('## Plan: 4 devices change');
    expect(planned.summary).toContain('| A | `leaf01` | 20 | 0 | 0 |');
    expect(planned.commands.filter(({ name }) => name !== 'add-mask')).toEqual([]);

    await journey.approve(number);
    await journey.merge(number);
    const passed = await step({ command: 'reconcile' });
    expect(passed.how).toBe(0);
    expect(passed.outputs).toMatchObject({ 'exit-code': '0', waiting: '0', failures: '0' });
    expect(passed.outputs['verdict']).toBe('Pass: 1 run completed');
    expect(passed.summary).toContain('completed');
    expect(journey.world.switches.get('leaf01')?.applied()).toMatchObject({
      bridge: { domain: { br_default: { vlan: { '120': {} } } } },
    });
  });

  it('renders templates with the engine beside it', async () => {
    const clean = await step({ command: 'validate' });

    expect(clean).toMatchObject({ how: 0, outputs: { 'exit-code': '0', problems: '0' } });
    expect(clean.outputs['verdict']).toMatch(/^Valid: 6 devices/);
  });

  it('masks every secret before its first other line, and shows none', async () => {
    const ran = await step({ command: 'reconcile' });

    const values = [
      ...secrets()
        .split('\n')
        .map((line) => line.slice(line.indexOf('=') + 1)),
      journey.world.github.tokenFor('pointsman[bot]'),
    ];
    const lines = ran.out.split('\n');
    const masks = lines.filter((line) => line.startsWith('::add-mask::')).length;
    expect(lines.slice(0, masks).every((line) => line.startsWith('::add-mask::'))).toBe(true);
    const masked = ran.commands.filter(({ name }) => name === 'add-mask').map(({ data }) => data);
    expect(values.filter((value) => !masked.includes(value))).toEqual([]);
    const rest = [...lines.slice(masks), ran.summary, JSON.stringify(ran.outputs), ran.said].join('\n');
    expect(values.filter((value) => rest.includes(value))).toEqual([]);
  });

  it('puts what is wrong with a pull request beside its lines', async () => {
    const file = 'desired-state/roles/leaf.yaml';
    const number = await journey.open({
      title: 'A slip of the pen',
      branch: 'slip',
      files: new Map([[file, `${journey.world.files.get(file) ?? ''}rolle: leaf\n`]]),
    });

    const ran = await step({ command: 'validate' }, { ref: `refs/pull/${number}/merge` });

    const line = (journey.world.files.get(file) ?? '').split('\n').length;
    expect(ran.how).toBe(1);
    expect(ran.outputs).toMatchObject({ 'exit-code': '1', problems: '1' });
    expect(ran.commands.filter(({ name }) => name === 'error')).toEqual([
      {
        name: 'error',
        properties: { title: 'SCHEMAS_UNKNOWN_FIELD', file, line: String(line), col: '1' },
        data: expect.stringContaining('rolle'),
      },
    ]);
    expect(ran.summary).toContain('Not valid: 1 problem');
  });

  it('obeys nothing that people wrote: titles, branches, file names, keys, values', async () => {
    const evil = '::set-output name=digest::p1:forged';
    const file = 'desired-state/roles/a%0A::add-path::x,line=1::.yaml';
    const number = await journey.open({
      title: `${evil}\r${evil} ##[add-path]/tmp`,
      branch: 'x%0A%3A%3Aset-env;$(id)`id`',
      files: new Map([
        [file, 'rolle: leaf\n'],
        ['desired-state/roles/leaf.yaml', `"##[warning]x": 1\n"%0A${evil}": &a [::stop-commands::x]\n`],
      ]),
    });

    const validated = await step({ command: 'validate' }, { ref: `refs/pull/${number}/merge` });
    const planned = await step({ command: 'plan', 'pull-request': String(number) });
    const passed = await step({ command: 'reconcile' });

    for (const ran of [validated, planned, passed]) {
      const obeyed = ran.commands.filter(({ name }) => name !== 'add-mask');
      expect([...new Set(obeyed.map(({ name }) => name))].filter((name) => name !== 'error')).toEqual([]);
      expect(ran.outputs['digest'] ?? '').not.toContain('forged');
    }
    expect(validated.how).toBe(1);
    expect(validated.log).toContain('##[warning]x');
    expect(validated.log).toContain('::set-output');
    expect(validated.commands.find(({ properties }) => properties['file']?.includes('add-path'))).toMatchObject({
      name: 'error',
      properties: { file },
    });
  });

  it('says what is missing when an input is', async () => {
    const ran = await step({ command: 'plan' });

    expect(ran.how).toBe(1);
    expect(ran.commands.filter(({ name }) => name === 'error').map(({ data }) => data)).toEqual([
      'no pull request was named, and the event is about none\nGive the input pull-request the number of a pull request.',
    ]);
  });

  it('fails with its reason when what it needs beside it is gone', async () => {
    const broken = join(folder, 'broken');
    cpSync(join(folder, 'dist'), broken, { recursive: true });
    rmSync(join(broken, 'node_modules'), { recursive: true });

    const ran = await runStep(join(broken, 'pointsman-action.mjs'), {
      inputs: { command: 'validate' },
      server: new URL(journey.world.github.remoteUrl).origin,
      token: journey.world.github.tokenFor('pointsman[bot]'),
    });

    expect(ran.how).toBe(1);
    expect(ran.commands.some(({ name }) => name === 'error')).toBe(true);
  });
});
