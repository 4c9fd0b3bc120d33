import { describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import type { DeviceDrift, LedgerStep } from '../../ledger/ledger.ts';
import { COMMIT, moved, RUN, STAGES, started, T0 } from './build.ts';
import { createWorld, signal } from './world.ts';

const [FIRST_STAGE = ''] = STAGES;
const step = (event: RunEvent): LedgerStep => ({ title: 'a step', events: new Map([[RUN, [event]]]) });
const begin = step(started());
const goOn = step(moved(FIRST_STAGE, 'IN_PROGRESS'));

async function twoLedgers() {
  const world = createWorld();
  const repository = await world.copy();
  const reads = vi.fn(repository.readFiles);
  return { ours: world.ledgerOn({ ...repository, readFiles: reads }), theirs: await world.ledger(), reads };
}

describe('what one process reads of the ledger', () => {
  it('is read once while nobody moves it', async () => {
    const { ours, theirs, reads } = await twoLedgers();
    await theirs.append(async () => begin, signal);
    await (await ours.view(signal)).run(RUN);
    reads.mockClear();

    expect(await (await ours.view(signal)).run(RUN)).toMatchObject({ status: 'RUNNING' });
    expect(reads).not.toHaveBeenCalled();
  });

  it('is not read again after a step of its own, which it knows', async () => {
    const { ours, reads } = await twoLedgers();
    const begun = await ours.append(async () => begin, signal);
    await begun.run(RUN);
    await begun.openRuns();
    reads.mockClear();

    const view = await ours.append(async () => goOn, signal);

    const [open] = await view.openRuns();
    expect(open?.stages[0]).toMatchObject({ state: 'IN_PROGRESS' });
    expect(await view.run(RUN)).toEqual(open);
    expect(reads).not.toHaveBeenCalled();
  });

  it('is read again where it is large, so that it does not stay in memory', async () => {
    const { ours, theirs, reads } = await twoLedgers();
    const path = 'backups/ams1/leaf-01.yaml';
    const backup = (length: number): LedgerStep => ({
      title: 'a backup',
      backups: new Map([[path, 'x'.repeat(length)]]),
    });
    await theirs.append(async () => backup(300_000), signal);
    await (await ours.view(signal)).file(path);
    reads.mockClear();

    expect(await (await ours.view(signal)).file(path)).toHaveLength(300_000);
    expect(reads).toHaveBeenCalledTimes(1);
  });

  it('is read again when somebody else moved it', async () => {
    const { ours, theirs } = await twoLedgers();
    await (await ours.append(async () => begin, signal)).run(RUN);
    await theirs.append(async () => goOn, signal);

    const run = await (await ours.view(signal)).run(RUN);

    expect(run?.stages[0]).toMatchObject({ state: 'IN_PROGRESS' });
  });

  it('is what a process finds that knows nothing, after steps of both', async () => {
    const { ours, theirs } = await twoLedgers();
    const drift: DeviceDrift = {
      ...{ site: 'ams1', device: 'leaf-01', since: T0, seenAt: T0, run: RUN, commit: COMMIT, digest: 'd', more: 0 },
      changes: [],
    };
    const paths = ['README.md', 'runs/index.json', 'drift/ams1/leaf-01.json', 'ledger.json'];
    const steps: readonly LedgerStep[] = [
      { title: 'start', started: { commit: COMMIT } },
      begin,
      { title: 'drifts', drift: [drift] },
      goOn,
      { title: 'drifts no more', driftGone: [{ site: 'ams1', device: 'leaf-01' }] },
    ];

    for (const [index, one] of steps.entries()) {
      if (index === 3) await theirs.append(async () => one, signal);
      const view = index === 3 ? await ours.view(signal) : await ours.append(async () => one, signal);
      const fresh = await theirs.view(signal);
      for (const path of paths)
        expect(await view.file(path), `${path} after ${one.title}`).toBe(await fresh.file(path));
      expect(await view.run(RUN)).toEqual(await fresh.run(RUN));
    }
  });
});
