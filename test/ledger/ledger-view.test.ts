import { afterAll, describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { formatEvents } from '../../ledger/events-codec.ts';
import type { DeviceState, LedgerStep } from '../../ledger/ledger.ts';
import { createRunDirectory } from '../../ledger/run-directory.ts';
import { COMMIT, DIGEST, moved, RUN, STAGES, silent, started, T0 } from './build.ts';
import { createWorld, signal, standingAt } from './world.ts';

const NOVEMBER = `runs/2026/11`;
const device: DeviceState = {
  site: 'ams1',
  device: 'leaf-01',
  serial: 'MT2',
  version: '5.11.1',
  appliedCommit: COMMIT,
  appliedAt: T0,
  run: RUN,
  runningDigest: 'e'.repeat(64),
  opaqueSecrets: { '/system/aaa/user/cumulus/password': { set: '«secret:1»', shown: '«secret:2»' } },
};
const wentBack: DeviceState = { ...device, device: 'leaf-02', rolledBackTo: 'commit 0123456789ab' };
const runs = (events: Readonly<Record<string, readonly RunEvent[]>>): LedgerStep => ({
  title: 'runs',
  events: new Map(Object.entries(events)),
});
const ended: RunEvent = { at: T0 + 60_000, kind: 'run-ended', status: 'COMPLETED' };

async function emptyLedger() {
  const world = createWorld();
  const remote = standingAt(await world.copy(), undefined);
  return { world, remote, ledger: world.ledgerOn(remote) };
}

describe('a view of the ledger', () => {
  it('is empty while the branch does not exist', async () => {
    const view = await (await createWorld().ledger()).view(signal);

    expect(view).not.toHaveProperty('tip');
    expect(await view.runNames()).toEqual([]);
    expect(await view.openRuns()).toEqual([]);
    expect(await view.run(RUN)).toBeUndefined();
    expect(await view.startedAtCommit()).toBeUndefined();
    expect(await view.publications(412)).toEqual([]);
    expect(await view.device('ams1', 'leaf-01')).toBeUndefined();
    expect(await view.file('README.md')).toBeUndefined();
  });

  it('knows of a switch what it was taken back to', async () => {
    const { ledger } = await emptyLedger();

    const view = await ledger.append(async () => ({ title: 'known', devices: [device, wentBack] }), signal);

    expect(await view.device('ams1', 'leaf-02')).toEqual(wentBack);
    expect(await view.device('ams1', 'leaf-01')).not.toHaveProperty('rolledBackTo');
  });

  it('reads what is asked for at once in one go', async () => {
    const { ledger, remote } = await emptyLedger();
    const names = Array.from({ length: 20 }, (_, index) => `leaf-${index}`);
    const devices = names.map((name) => ({ ...device, device: name }));
    await ledger.append(async () => ({ title: 'known', devices }), signal);
    const view = await ledger.view(signal);
    const reading = vi.spyOn(remote, 'readFiles');

    const found = await Promise.all([...names, 'none'].map((name) => view.device('ams1', name)));

    expect(found).toEqual([...devices, undefined]);
    expect(reading).toHaveBeenCalledOnce();
  });

  it('gives back everything a step may add', async () => {
    const { ledger } = await emptyLedger();
    const publication = { digest: DIGEST, head: COMMIT, publishedAt: T0 };

    const view = await ledger.append(
      async () => ({
        title: 'all of it',
        started: { commit: COMMIT },
        events: new Map([[RUN, [started()]]]),
        publication: { pullRequest: 412, publication, planJson: '{"version":1}', planMarkdown: '# Plan\n' },
        backups: new Map([['backups/ams1/leaf-01.yaml', '- set: {}\n']]),
        devices: [device],
        verdicts: { run: RUN, stage: 'perform_configuration_diff', json: '[]' },
      }),
      signal,
    );

    expect(await view.startedAtCommit()).toBe(COMMIT);
    expect(await view.run(RUN)).toMatchObject({ name: RUN, status: 'RUNNING' });
    expect(await view.publications(412)).toEqual([publication]);
    expect(await view.plan(412, DIGEST)).toBe('{"version":1}');
    expect(await view.device('ams1', 'leaf-01')).toEqual(device);
    expect(await view.file(`plans/pr-412/${'5'.repeat(64)}.md`)).toBe('# Plan\n');
    expect(await view.file('backups/ams1/leaf-01.yaml')).toBe('- set: {}\n');
    expect(await view.file(`approvals/${RUN}/perform_configuration_diff.json`)).toBe('[]');
  });

  it('stays at its commit, whatever comes after', async () => {
    const { ledger } = await emptyLedger();
    const before = await ledger.append(async () => runs({ [RUN]: [started()] }), signal);

    const after = await ledger.append(async () => runs({ [RUN]: [moved(STAGES[0], 'IN_PROGRESS'), ended] }), signal);

    expect(await before.run(RUN)).toMatchObject({ status: 'RUNNING' });
    expect((await before.openRuns()).map(({ name }) => name)).toEqual([RUN]);
    expect(await after.run(RUN)).toMatchObject({ status: 'COMPLETED' });
    expect(await after.openRuns()).toEqual([]);
  });

  it('shows another process the same', async () => {
    const world = createWorld();
    await (await world.ledger()).append(async () => runs({ [RUN]: [started()] }), signal);

    const view = await (await world.ledger()).view(signal);

    expect(view.tip).toBe(world.tip());
    expect(await view.openRuns()).toMatchObject([{ name: RUN }]);
  });

  it('names runs newest month first, and knows those it saw come from those it found', async () => {
    const { world, remote, ledger } = await emptyLedger();
    const december = started({ at: Date.UTC(2026, 11, 1) });
    const old = started({ at: Date.UTC(2025, 3, 1) });
    await ledger.append(async () => runs({ b: [started()], a: [started()], old: [old] }), signal);

    const view = await ledger.append(async () => runs({ newest: [december], a: [ended] }), signal);
    const found = await world.ledgerOn(remote).view(signal);

    expect(await view.runNames()).toEqual(['newest', 'a', 'b', 'old']);
    expect(await found.runNames()).toEqual(['newest', 'a', 'b', 'old']);
  });

  it('finds open runs among ended ones, few or many', async () => {
    const { ledger } = await emptyLedger();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const all = await ledger.append(
      async () => runs(Object.fromEntries(names.map((name) => [name, [started()]]))),
      signal,
    );

    const few = await ledger.append(async () => runs({ a: [ended], c: [ended], e: [ended], f: [ended] }), signal);

    expect((await all.openRuns()).map(({ name }) => name)).toEqual(names);
    expect((await few.openRuns()).map(({ name }) => name)).toEqual(['b', 'd']);
  });

  it('needs no index made anew while only we write', async () => {
    const { world, remote } = await emptyLedger();
    const warned: string[] = [];
    const ledger = world.ledgerOn(remote, {
      log: { ...silent, warn: (_fields, message) => warned.push(message) },
    });

    await ledger.append(async () => runs({ a: [started()], b: [started()] }), signal);
    await ledger.append(async () => runs({ a: [ended], c: [started()] }), signal);
    const view = await ledger.append(async () => runs({ c: [ended] }), signal);

    expect((await view.openRuns()).map(({ name }) => name)).toEqual(['b']);
    expect(warned).toEqual([]);
  });
});

describe('a view of a ledger somebody edited', () => {
  const index = `runs/index.json`;
  const twoRuns = (async () => {
    const world = createWorld(afterAll);
    const repository = await world.copy();
    const ledger = world.ledgerOn(standingAt(repository, undefined));
    const { tip } = await ledger.append(async () => runs({ [RUN]: [started()], done: [started(), ended] }), signal);
    return { world, repository, tip };
  })();

  /** What no process of ours does. */
  async function edited(files: Readonly<Record<string, string>>, deletions: readonly string[] = []) {
    const { world, repository, tip } = await twoRuns;
    const commit = await repository.writeCommit({
      ...(tip && { parent: tip }),
      files: new Map(Object.entries(files)),
      deletions,
      message: 'by hand\n',
      author: { name: 'Mallory', email: 'mallory@example.net', at: T0 },
    });
    return { ledger: world.ledgerOn(standingAt(repository, commit)), commit };
  }

  it.each<{
    readonly case: string;
    readonly files: Readonly<Record<string, string>>;
    readonly deletions: readonly string[];
  }>([
    { case: 'is gone', files: {}, deletions: [index] },
    { case: 'is not ours', files: { [index]: 'nothing' }, deletions: [] },
    {
      case: 'forgot the open run',
      files: { [index]: '{"version":1,"runs":1,"open":[],"recent":[],"scheduled":[]}' },
      deletions: [],
    },
    { case: 'names a run that is not there', files: {}, deletions: [`${NOVEMBER}/done/events.jsonl`] },
    {
      case: 'does not know a run that is',
      files: { [`${NOVEMBER}/other/events.jsonl`]: formatEvents([started(), ended]) },
      deletions: [],
    },
  ])('finds the open runs although the index $case', async ({ files, deletions }) => {
    const { ledger } = await edited(files, deletions);

    const view = await ledger.view(signal);
    const mended = await ledger.append(async () => runs({ new: [started()] }), signal);

    expect((await view.openRuns()).map(({ name }) => name)).toEqual([RUN]);
    expect((await mended.openRuns()).map(({ name }) => name)).toEqual([RUN, 'new']);
  });

  it('believes the runs and not the index, when as many are there but not the same', async () => {
    const { ledger } = await edited({ [`${NOVEMBER}/other/events.jsonl`]: formatEvents([started()]) }, [
      `${NOVEMBER}/done/events.jsonl`,
    ]);

    const view = await ledger.view(signal);

    expect((await view.openRuns()).map(({ name }) => name).toSorted()).toEqual([RUN, 'other']);
  });

  it('believes the events and not the index about whether a run has ended', async () => {
    const { ledger } = await edited({ [`${NOVEMBER}/${RUN}/events.jsonl`]: formatEvents([started(), ended]) });

    const view = await ledger.view(signal);

    expect(await view.openRuns()).toEqual([]);
  });

  it('forgets a run that is gone since the last look', async () => {
    const { repository, tip } = await twoRuns;
    const { commit } = await edited({}, [`${NOVEMBER}/done/events.jsonl`]);
    const runFoldersAt = createRunDirectory(repository);

    const before = await runFoldersAt(tip ?? '');
    const after = await runFoldersAt(commit);

    expect([[...before.keys()], [...after.keys()]]).toEqual([[RUN, 'done'], [RUN]]);
  });

  it.each([
    { case: 'a line that cannot be read', text: `${formatEvents([started()])}{"at":\n`, line: 2 },
    { case: 'a line that is cut off', text: `${formatEvents([started()])}{"at":`, line: 2 },
    { case: 'events that cannot follow each other', text: formatEvents([started(), ended, started()]), line: 3 },
    { case: 'no event at all', text: '', line: undefined },
  ])('refuses $case, wherever the run is asked for', async ({ text, line }) => {
    const file = `${NOVEMBER}/${RUN}/events.jsonl`;
    const { ledger, commit } = await edited({ [file]: text });
    const view = await ledger.view(signal);

    const refusal = { code: 'LEDGER_UNREADABLE', details: { file, ...(line && { line }) } };

    await expect(view.run(RUN)).rejects.toMatchObject(refusal);
    await expect(view.openRuns()).rejects.toMatchObject(refusal);
    await expect(ledger.append(async () => runs({ [RUN]: [ended] }), signal)).rejects.toMatchObject(refusal);
    expect((await ledger.view(signal)).tip).toBe(commit);
  });

  it('says no to open runs rather than leave out one it cannot read while it makes the index anew', async () => {
    const { ledger } = await edited({ [`${NOVEMBER}/done/events.jsonl`]: '?\n' }, [index]);

    const view = await ledger.view(signal);

    await expect(view.openRuns()).rejects.toMatchObject({ code: 'LEDGER_UNREADABLE' });
  });

  it.each([
    { file: 'ledger.json', text: '{"version":2,"startedAtCommit":"x"}' },
    { file: 'plans/pr-412/published.jsonl', text: '{"digest":"x"}\n' },
    { file: 'devices/ams1/leaf-01.json', text: '{}' },
  ])('refuses a $file it cannot read', async ({ file, text }) => {
    const { ledger } = await edited({ [file]: text });
    const view = await ledger.view(signal);
    const asked = {
      'ledger.json': () => view.startedAtCommit(),
      'plans/pr-412/published.jsonl': () => view.publications(412),
    };

    const asking = (asked[file as keyof typeof asked] ?? (() => view.device('ams1', 'leaf-01')))();

    await expect(asking).rejects.toMatchObject({ code: 'LEDGER_UNREADABLE', details: { file } });
  });
});

describe('newestRuns()', () => {
  it('gives runs by when they started, over the ends of months, and reads no month it is not asked for', async () => {
    const { ledger, remote } = await emptyLedger();
    const at = (month: number, day: number) => [started({ at: Date.UTC(2026, month, day) })];
    await ledger.append(
      async () => runs({ a: at(10, 3), b: at(10, 9), c: at(10, 5), d: at(9, 30), e: at(9, 1), f: at(8, 8) }),
      signal,
    );
    const view = await ledger.view(signal);
    const reading = vi.spyOn(remote, 'readBlobs');

    const names: string[] = [];
    const readAfter: number[] = [];
    for await (const { name } of view.newestRuns()) {
      names.push(name);
      readAfter.push(reading.mock.calls.length);
      if (names.length === 4) break;
    }

    expect(names).toEqual(['b', 'c', 'a', 'd']);
    expect(readAfter).toEqual([1, 1, 1, 2]);
  });

  it('gives none while there is no ledger', async () => {
    const { ledger } = await emptyLedger();
    const view = await ledger.view(signal);

    for await (const run of view.newestRuns()) expect.unreachable(run.name);
  });
});

describe('events()', () => {
  it('gives what happened in a run, and nothing of one that is not there', async () => {
    const { ledger } = await emptyLedger();
    const view = await ledger.append(async () => runs({ [RUN]: [started(), ended] }), signal);

    expect(await view.events(RUN)).toEqual([started(), ended]);
    expect(await view.events('other')).toEqual([]);
  });
});
