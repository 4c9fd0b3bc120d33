import { afterAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import type { LedgerStep } from '../../ledger/ledger.ts';
import { anError, COMMIT, DIGEST, ended, intent, moved, RUN, STAGES, started, T0 } from './build.ts';
import { createWorld, REF, signal } from './world.ts';

const events = (list: readonly RunEvent[], run = RUN): LedgerStep => ({
  title: 'events',
  events: new Map([[run, list]]),
});
const DIFF = 'perform_configuration_diff';
const wrote = (file: string): RunEvent => ({ at: T0, kind: 'artifact-written', stage: DIFF, file });
const withResults = (files: Readonly<Record<string, string>>, list: readonly RunEvent[], run = RUN): LedgerStep => ({
  ...events(list),
  artifacts: new Map([[run, new Map(Object.entries(files))]]),
});
const published = (digest: string, planJson = '{}'): LedgerStep => ({
  title: 'published',
  publication: { pullRequest: 7, publication: { digest, head: COMMIT, publishedAt: T0 }, planJson, planMarkdown: '' },
});

/** One for all the steps that must not change it. */
const startedWorld = (async () => {
  const world = createWorld(afterAll);
  const ledger = await world.ledger();
  const { tip } = await ledger.append(async () => ({ ...events([started()]), started: { commit: COMMIT } }), signal);
  return { world, ledger, tip };
})();

describe('append()', () => {
  it('writes one commit a step, on the one it was decided from, by whom and when it is told', async () => {
    const world = createWorld();
    const ledger = await world.ledger();
    const first = await ledger.append(async () => events([started()]), signal);

    const second = await ledger.append(
      async () => ({ ...events([moved(STAGES[0], 'IN_PROGRESS')]), title: 'two\n\nlines' }),
      signal,
    );

    expect(world.git('log', '--format=%H %P', REF)).toBe(`${second.tip} ${first.tip}\n${first.tip}`);
    expect(world.git('log', '-1', '--format=%s|%an|%ae|%at', REF)).toBe(
      `two lines|Pointsman|pointsman@example.net|${T0 / 1000}`,
    );
  });

  it('adds lines to a run and leaves those before as they are', async () => {
    const world = createWorld();
    const ledger = await world.ledger();
    const path = `runs/2026/11/${RUN}/events.jsonl`;
    await ledger.append(async () => events([started()]), signal);
    const before = world.show(path);

    await ledger.append(async () => events([moved(STAGES[0], 'IN_PROGRESS'), moved(STAGES[0], 'COMPLETE')]), signal);

    expect(world.show(path).startsWith(before)).toBe(true);
    expect(world.show(path).split('\n')).toHaveLength(4);
  });

  it('lists what was published for a pull request in order, also the same plan again', async () => {
    const ledger = await createWorld().ledger();
    const other = `p1:${'6'.repeat(64)}`;
    for (const digest of [DIGEST, other, DIGEST]) await ledger.append(async () => published(digest), signal);

    const view = await ledger.view(signal);

    expect((await view.publications(7)).map(({ digest }) => digest)).toEqual([DIGEST, other, DIGEST]);
  });

  it.each<{ readonly case: string; readonly step: LedgerStep | undefined }>([
    { case: 'is none', step: undefined },
    { case: 'is empty', step: { title: 'nothing', events: new Map([[RUN, []]]) } },
  ])('writes nothing when the step $case', async ({ step }) => {
    const world = createWorld();
    const ledger = await world.ledger();
    const first = await ledger.append(async () => events([started()]), signal);

    const view = await ledger.append(async () => step, signal);

    expect(view.tip).toBe(first.tip);
    expect(world.tip()).toBe(first.tip);
  });

  it.each<{ readonly case: string; readonly step: LedgerStep; readonly code: string }>([
    { case: 'an illegal move', step: events([moved(STAGES[0], 'COMPLETE')]), code: 'LEDGER_ILLEGAL_MOVE' },
    {
      case: 'an illegal move after legal ones',
      step: events([moved(STAGES[0], 'IN_PROGRESS'), started()]),
      code: 'LEDGER_ILLEGAL_MOVE',
    },
    {
      case: 'a run that was never started',
      step: events([moved(STAGES[0], 'IN_PROGRESS')], 'other'),
      code: 'LEDGER_ILLEGAL_MOVE',
    },
    {
      case: 'an event the next pass could not read',
      step: events([{ ...moved(STAGES[0], 'IN_PROGRESS'), at: Number.NaN }]),
      code: 'LEDGER_UNREADABLE',
    },
    { case: 'an intent decided from another commit', step: events([intent(['leaf-01'])]), code: 'LEDGER_STEP_REFUSED' },
    { case: 'a run named to leave its folder', step: events([started()], '../../x'), code: 'LEDGER_STEP_REFUSED' },
    {
      case: 'a second start of the ledger',
      step: { title: 'x', started: { commit: 'b'.repeat(40) } },
      code: 'LEDGER_STEP_REFUSED',
    },
    {
      case: 'a backup too deep',
      step: { title: 'x', backups: new Map([['backups/ams1/row-2/leaf-01.yaml', '']]) },
      code: 'LEDGER_STEP_REFUSED',
    },
    {
      case: 'a backup elsewhere',
      step: { title: 'x', backups: new Map([['runs/x/y.yaml', '']]) },
      code: 'LEDGER_STEP_REFUSED',
    },
    {
      case: 'a backup without an extension',
      step: { title: 'x', backups: new Map([['backups/ams1/leaf-01', '']]) },
      code: 'LEDGER_STEP_REFUSED',
    },
    {
      case: 'a backup named to leave its folder',
      step: { title: 'x', backups: new Map([['backups/../x.yaml', '']]) },
      code: 'LEDGER_STEP_REFUSED',
    },
    { case: 'a plan without a digest', step: published('latest'), code: 'LEDGER_STEP_REFUSED' },
    { case: 'a plan that is not JSON', step: published(DIGEST, '{'), code: 'LEDGER_STEP_REFUSED' },
    ...['../x.md', 'a/b.md', '.hidden', '', 'README.md', 'readme.MD', 'events.jsonl', 'Events.JSONL', 'a b.md'].map(
      (file) => ({
        case: `a result called ${JSON.stringify(file)}`,
        step: withResults({ [file]: 'x' }, [wrote(file)]),
        code: 'LEDGER_STEP_REFUSED',
      }),
    ),
    {
      case: 'a result no event names',
      step: withResults({ 'diff.md': 'x', 'other.md': 'x' }, [wrote('diff.md')]),
      code: 'LEDGER_STEP_REFUSED',
    },
    {
      case: 'an event that names a result which is not there',
      step: events([wrote('diff.md')]),
      code: 'LEDGER_STEP_REFUSED',
    },
    {
      case: 'a result of a run nothing is said of',
      step: withResults({ 'diff.md': 'x' }, [moved(DIFF, 'IN_PROGRESS')], 'other'),
      code: 'LEDGER_STEP_REFUSED',
    },
    {
      case: 'verdicts of a stage named to hide',
      step: { title: 'x', verdicts: { run: RUN, stage: '.git', json: '{}' } },
      code: 'LEDGER_STEP_REFUSED',
    },
  ])('refuses $case and writes nothing', async ({ step, code }) => {
    const { world, ledger, tip } = await startedWorld;

    const appending = ledger.append(
      async () => ({ backups: new Map([['backups/ams1/leaf-09.yaml', 'x']]), ...step }),
      signal,
    );

    await expect(appending).rejects.toMatchObject({ code });
    expect(world.tip()).toBe(tip);
  });

  it('puts results beside the page of their run, and a link to each on it', async () => {
    const world = createWorld();
    const ledger = await world.ledger();

    const view = await ledger.append(
      async () =>
        withResults({ 'diff.md': '# Diff\n', 'diff.json': '{}' }, [started(), wrote('diff.md'), wrote('diff.json')]),
      signal,
    );

    const folder = `runs/2026/11/${RUN}`;
    expect(await view.file(`${folder}/diff.md`)).toBe('# Diff\n');
    expect((await view.run(RUN))?.artifacts).toEqual(['diff.md', 'diff.json']);
    expect(await view.file(`${folder}/README.md`)).toContain('- [diff.md](../../../../runs/2026/11/');
  });

  it('leads from a batch to its parent and back, also over the end of a month', async () => {
    const ledger = await createWorld().ledger();
    const batch = 'batchdeploy-pr-412-01-a1b2c3d4e5f6';
    const december = Date.UTC(2026, 11, 1);
    const stages = ['execute_batches'];
    await ledger.append(async () => events([started({ workflow: 'MultiDeploy', stages })]), signal);

    const view = await ledger.append(
      async () => ({
        title: 'a batch',
        events: new Map([
          [RUN, [{ at: december, kind: 'child-started', stage: 'execute_batches', run: batch } as const]],
          [batch, [started({ at: december, workflow: 'BatchDeploy', parent: RUN, batch: { number: 1, of: 3 } })]],
        ]),
      }),
      signal,
    );

    expect(await view.file(`runs/2026/11/${RUN}/README.md`)).toContain(`runs/2026/12/${batch}/README.md)`);
    expect(await view.file(`runs/2026/12/${batch}/README.md`)).toContain(`runs/2026/11/${RUN}/README.md)`);
  });

  it('takes an intent that names the commit it was decided from', async () => {
    const ledger = await createWorld().ledger();
    await ledger.append(async () => events([started()]), signal);

    const view = await ledger.append(async ({ tip }) => events([intent(['leaf-01'], { fence: tip ?? '' })]), signal);

    expect((await view.run(RUN))?.lease?.devices).toEqual(['ams1/leaf-01']);
  });

  it('writes no text that redact would take out, in whatever it is hidden', async () => {
    const secret = 'hun"ter\\2\n|';
    const world = createWorld();
    const ledger = await world.ledger({ redact: (text) => text.replaceAll(secret, '«redacted»') });
    const leaky = `before ${secret} after`;

    await ledger.append(
      async () => ({
        title: leaky,
        events: new Map([
          [
            RUN,
            [
              started(),
              ended('leaf-01', { kind: 'unknown', error: anError({ message: leaky, details: { [secret]: [leaky] } }) }),
              moved(STAGES[0], 'IN_PROGRESS', T0, { why: leaky }),
              wrote('diff.md'),
            ],
          ],
        ]),
        publication: {
          pullRequest: 7,
          publication: { digest: DIGEST, head: COMMIT, publishedAt: T0 },
          planJson: JSON.stringify({ plan: leaky }),
          planMarkdown: leaky,
        },
        backups: new Map([['backups/ams1/leaf-01.yaml', leaky]]),
        artifacts: new Map([[RUN, new Map([['diff.md', leaky]])]]),
        devices: [
          {
            site: 'ams1',
            device: 'leaf-01',
            serial: leaky,
            version: '',
            appliedCommit: '',
            appliedAt: T0,
            run: '',
            runningDigest: '',
            opaqueSecrets: {},
          },
        ],
        verdicts: { run: RUN, stage: 'x', json: JSON.stringify([leaky]) },
      }),
      signal,
    );

    const everything = world.git('log', '-p', '--format=%B', REF);
    expect(everything).not.toContain('hun');
    expect(everything.match(/«redacted»/g)?.length).toBeGreaterThanOrEqual(9);
  });

  it('refuses a result with a secret in its name, which would stand in the listing of the branch', async () => {
    const world = createWorld();
    const ledger = await world.ledger({ redact: (text) => text.replaceAll('hunter2', '«redacted»') });

    const appending = ledger.append(
      async () => withResults({ 'hunter2.md': '' }, [started(), wrote('hunter2.md')]),
      signal,
    );

    await expect(appending).rejects.toMatchObject({
      code: 'LEDGER_STEP_REFUSED',
      message: expect.not.stringContaining('hunter2'),
    });
  });

  it('writes equal device states as equal files', async () => {
    const world = createWorld();
    const ledger = await world.ledger();
    const state = {
      site: 'ams1',
      device: 'leaf-01',
      serial: 'a',
      version: 'b',
      appliedCommit: 'c',
      appliedAt: T0,
      run: 'd',
      runningDigest: 'e',
      opaqueSecrets: {},
    };
    await ledger.append(async () => ({ title: 'one', devices: [state] }), signal);
    const before = world.show('devices/ams1/leaf-01.json');

    const reordered = Object.fromEntries(Object.entries(state).toReversed()) as typeof state;
    await ledger.append(async () => ({ title: 'two', devices: [reordered] }), signal);

    expect(world.show('devices/ams1/leaf-01.json')).toBe(before);
    expect(before).toMatch(/^\{\n {2}"appliedAt"/);
  });
});
