import { describe, expect, it } from 'vitest';
import type { LedgerView } from '../../../ledger/ledger.ts';
import type { Run } from '../../../ledger/run.ts';
import { computeExpected, readExpected } from '../../../reconciler/requests/past-runs.ts';
import { configurationDeploy } from '../../../workflows/configuration-deploy.ts';
import { driftCheck } from '../../../workflows/drift-check.ts';
import { multiDeploy } from '../../../workflows/multi-deploy.ts';

const SECOND = 1_000;

/** A run that changed so many switches in so many seconds, after it had waited for an hour. */
function deploy(workflow: string, switches: number, seconds: number, extra: Partial<Run> = {}): Run {
  const at = 3_600 * SECOND;
  return {
    workflow,
    status: 'COMPLETED',
    startedAt: 0,
    endedAt: at + (seconds + 500) * SECOND,
    devices: Array.from({ length: switches }, (_, index) => ({ site: 's', device: `d${index}`, attempts: 1 })),
    stages: [
      {
        name: 'apply_configuration',
        state: 'COMPLETE',
        history: [
          { state: 'NOT_STARTED', at: 0 },
          { state: 'IN_PROGRESS', at },
          { state: 'COMPLETE', at: at + seconds * SECOND },
        ],
      },
    ],
    ...extra,
  } as Run;
}

const reading = (switches: number, seconds: number): Run =>
  deploy('DriftCheck', switches, 0, { endedAt: seconds * SECOND, stages: [] });

describe('computeExpected()', () => {
  it('is the median of seconds a switch, without what was waited for', () => {
    const runs = [
      deploy('ConfigurationDeploy', 4, 40),
      deploy('ConfigurationDeploy', 1, 1_000),
      deploy('ConfigurationDeploy', 2, 24),
    ];

    expect(computeExpected(runs, configurationDeploy)).toEqual({ seconds: 12, from: 3 });
    expect(computeExpected(runs.slice(1), configurationDeploy)).toEqual({ seconds: 506, from: 2 });
  });

  it('takes all of a run that only reads', () => {
    expect(computeExpected([reading(10, 30)], driftCheck)).toEqual({ seconds: 3, from: 1 });
  });

  it('takes batches for what is done in batches', () => {
    const runs = [deploy('MultiDeploy', 9, 9), deploy('BatchDeploy', 5, 50)];

    expect(computeExpected(runs, multiDeploy)).toEqual({ seconds: 10, from: 1 });
  });

  it('takes only switches that were touched, and the last try of a stage', () => {
    const again = deploy('ConfigurationDeploy', 2, 20);
    const [stage] = again.stages;
    const history = [{ state: 'IN_PROGRESS', at: 5 }, { state: 'FAILED', at: 6 }, ...(stage?.history ?? [])];
    const run = {
      ...again,
      stages: [{ ...stage, history }],
      devices: [...again.devices, { site: 's', device: 'in-sync', attempts: 0 }],
    } as Run;

    expect(computeExpected([run], configurationDeploy)).toEqual({ seconds: 10, from: 1 });
  });

  it.each([
    { what: 'that failed', run: deploy('ConfigurationDeploy', 1, 1, { status: 'FAILED' }) },
    { what: 'of another workflow', run: deploy('Rollback', 1, 1) },
    { what: 'of no switch', run: deploy('ConfigurationDeploy', 0, 1) },
    {
      what: 'that touched none',
      run: deploy('ConfigurationDeploy', 1, 1, { devices: [{ site: 's', device: 'd', attempts: 0 } as never] }),
    },
    { what: 'without its stage', run: deploy('ConfigurationDeploy', 1, 1, { stages: [] }) },
  ])('knows nothing by a run $what', ({ run }) => {
    expect(computeExpected([run], configurationDeploy)).toBeUndefined();
  });
});

describe('readExpected()', () => {
  /** A ledger of so many runs, that counts how many were read. */
  function ledger(count: number, run: (index: number) => Run) {
    const seen = { count: 0 };
    const view = {
      async *newestRuns() {
        for (let index = 0; index < count; index++) {
          seen.count += 1;
          yield run(index);
        }
      },
    } as unknown as LedgerView;
    return { view, seen };
  }

  it('stops at twenty that say something', async () => {
    const { view, seen } = ledger(1_000, () => reading(1, 2));

    expect(await readExpected(view, driftCheck)).toEqual({ seconds: 2, from: 20 });
    expect(seen.count).toBe(20);
  });

  it('looks no further back than two hundred runs', async () => {
    const { view, seen } = ledger(1_000, (index) => (index === 150 ? reading(1, 7) : deploy('Rollback', 1, 1)));

    expect(await readExpected(view, driftCheck)).toEqual({ seconds: 7, from: 1 });
    expect(seen.count).toBe(200);
  });

  it('knows nothing without a ledger', async () => {
    expect(await readExpected(undefined, driftCheck)).toBeUndefined();
  });
});
