import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionHost, Annotation } from '../../cli/action/action-host.ts';
import { runAction } from '../../cli/action/run-action.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
const temp = mkdtempSync(join(tmpdir(), 'pointsman-action-'));
beforeAll(async () => {
  journey = await createJourney();
});
afterAll(async () => {
  await journey.close();
  rmSync(temp, { recursive: true, force: true });
});

interface Told {
  readonly code: 0 | 1;
  readonly annotations: readonly Annotation[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly pinged: readonly string[];
}

/** A step in this process, at the pace of the journey's clock. */
async function act(
  inputs: Readonly<Record<string, string>>,
  { ping, of = journey }: { readonly ping?: () => void; readonly of?: Journey } = {},
): Promise<Told> {
  const annotations: Annotation[] = [];
  const outputs: Record<string, string> = {};
  const pinged: string[] = [];
  let summary = '';
  const host: ActionHost = {
    environment: {
      ...of.world.environment,
      PATH: process.env['PATH'],
      RUNNER_TEMP: mkdtempSync(join(temp, 'job-')),
      GITHUB_SERVER_URL: new URL(of.world.github.remoteUrl).origin,
      GITHUB_REPOSITORY: 'acme/fleet',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_WORKFLOW_REF: 'acme/fleet/.github/workflows/pointsman.yml@refs/heads/main',
    },
    cwd: temp,
    clock: of.clock,
    signal: new AbortController().signal,
    input: (name) => ({ 'github-token': of.world.github.tokenFor('pointsman[bot]'), ...inputs })[name] ?? '',
    mask() {},
    print() {},
    annotate: (annotation) => annotations.push(annotation),
    output(name, value) {
      outputs[name] = value;
    },
    async summarise(markdown) {
      summary += markdown;
    },
    async ping(url) {
      ping?.();
      pinged.push(url);
    },
  };
  return { code: await runAction(host), annotations, outputs, summary, pinged };
}

const HEARTBEAT = 'https://heartbeat.example.net/u-u-i-d';

describe('a step', () => {
  it('does not fail for a plan with changes, nor for one that is blocked, and warns of what is in the way', async () => {
    const number = await journey.open(journey.stories.addVlan);
    const leaf02 = journey.world.switches.get('leaf02');
    leaf02?.faults.unplugged(true);

    const told = await act({ command: 'plan', 'pull-request': String(number) });

    leaf02?.faults.unplugged(false);
    expect(told.code).toBe(0);
    expect(told.outputs).toMatchObject({ 'exit-code': '3', changing: '3', blocked: '1' });
    expect(told.annotations).toMatchObject([{ level: 'warning', title: 'leaf02 is blocked' }]);
    expect(told.summary).toContain('| Blocked | Why | What to do |');
  });

  it('fails where something could not be done, and says what', async () => {
    journey.world.github.inject({ method: 'GET', path: /\/pulls\?/ }, { kind: 'status', status: 403 });

    const told = await act({ command: 'reconcile', 'heartbeat-url': HEARTBEAT });

    expect(told.code).toBe(1);
    expect(told.outputs).toMatchObject({ 'exit-code': '1', failures: '1' });
    expect(told.annotations).toMatchObject([{ level: 'error', title: 'the open pull requests: not done' }]);
    expect(told.pinged).toEqual([]);
  });

  it('tells somebody outside that a pass ended well, and does not fail when nobody listens', async () => {
    const well = await act({ command: 'reconcile', 'heartbeat-url': HEARTBEAT });
    const unheard = await act(
      { command: 'reconcile', 'heartbeat-url': HEARTBEAT },
      {
        ping() {
          throw new Error(`cannot reach ${HEARTBEAT}`);
        },
      },
    );

    expect(well).toMatchObject({ code: 0, annotations: [], pinged: [HEARTBEAT] });
    expect(unheard).toMatchObject({
      code: 0,
      annotations: [{ level: 'warning', title: 'The heartbeat was not delivered' }],
    });
    expect(JSON.stringify(unheard)).not.toContain('u-u-i-d');
  });

  it('warns when the schedule stopped firing, and opens one alarm that its next run closes', async () => {
    const look = () => act({ command: 'reconcile', 'schedule-within': '90m' });
    const alarms = () => journey.world.github.issues().map(({ title, state }) => [title, state]);

    const never = await look();
    const still = await look();
    expect([never.code, still.code]).toEqual([0, 0]);
    expect(never.annotations).toMatchObject([{ level: 'warning', title: 'The schedule does not fire' }]);
    expect(alarms()).toEqual([['Pointsman: the schedule does not fire', 'open']]);

    await journey.world.github.scheduledRun('pointsman.yml');
    const again = await look();
    expect(again.annotations).toEqual([]);
    expect(alarms()).toEqual([['Pointsman: the schedule does not fire', 'closed']]);
  });

  it('shows ten annotations, as many as GitHub does, the last of which counts the rest', async () => {
    const lines = Array.from({ length: 15 }, (_, index) => `unknown-${index}: 1\n`).join('');
    const file = 'desired-state/roles/leaf.yaml';
    const number = await journey.open({ title: 'Many slips', branch: 'many', files: new Map([[file, lines]]) });

    const told = await act({ command: 'validate', 'pull-request': String(number) });

    expect(told.code).toBe(1);
    expect(told.annotations).toHaveLength(10);
    expect(told.annotations.at(-1)?.title).toBe(`${Number(told.outputs['problems']) - 9} more`);
    expect(told.summary).toContain('unknown-14');
  });

  it('gives the matrix of the sites that have a runner, and how many there are', async () => {
    const told = await act({ command: 'matrix' });

    expect(told).toMatchObject({ code: 0, outputs: { matrix: '{"include":[]}', sites: '0' } });
  });
});

describe('steps of a site with a runner of its own', () => {
  it('are asked for by the matrix, ask its switches, and make the plan whole', async () => {
    const file = 'desired-state/sites/ams1.yaml';
    const of = await createJourney({
      files: (files) => new Map([...files, [file, `${files.get(file) ?? ''}runner: [self-hosted, ams1]\n`]]),
    });
    try {
      const number = await of.open(of.stories.ntpOnOneLeaf);
      const plan = { command: 'plan', 'pull-request': String(number) };

      const here = await act(plan, { of });
      const matrix = await act({ command: 'matrix' }, { of });
      const there = await act({ ...plan, site: 'ams1' }, { of });

      expect(here).toMatchObject({ code: 0, annotations: [], outputs: { changing: '0', blocked: '0' } });
      expect(here.summary).toContain('1 device left to the runner of their site.');
      expect(matrix).toMatchObject({ code: 0, outputs: { sites: '1' } });
      expect(JSON.parse(matrix.outputs['matrix'] ?? '')).toEqual({
        include: [{ site: 'ams1', runner: ['self-hosted', 'ams1'] }],
      });
      expect(there).toMatchObject({ code: 0, outputs: { 'exit-code': '2', changing: '1', blocked: '0' } });
      expect(of.comment(number)).toContain(there.outputs['digest']);
    } finally {
      await of.close();
    }
  });

  it('fail for a site that the fleet does not have', async () => {
    const told = await act({ command: 'reconcile', site: 'nowhere' });

    expect(told.code).toBe(1);
    expect(told.annotations[0]?.message).toContain('the fleet has no site nowhere');
  });
});
