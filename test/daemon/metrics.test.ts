import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createBudgetSum } from '../../daemon/budget-sum.ts';
import { createMetrics, type Metrics } from '../../daemon/metrics.ts';
import type { EndedPass } from '../../daemon/pass-loop.ts';
import { decideReadiness } from '../../daemon/readiness.ts';
import type { RequestBudget } from '../../forge/forge.ts';
import { createManualClock } from '../../sandbox/clock.ts';
import { documentOf, nothingDue } from './build.ts';

const START = Date.UTC(2026, 10, 21, 9, 0, 0);
const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'serve.md'), 'utf8');

let metrics: Metrics;
let budget: RequestBudget;
beforeEach(() => {
  budget = { sent: 0, unchanged: 0 };
  metrics = createMetrics({
    loop: () => ({ running: true, queued: false, failuresInARow: 2 }),
    budget: () => budget,
    isReady: () => true,
    clock: createManualClock(START),
  });
});

/** By name and labels, as printed. A line that is not of the format fails. */
async function read(): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, series, value] = /^([a-z_]+(?:\{(?:[a-z]+="[^"]*",?)+\})?) (\S+)$/.exec(line) ?? [];
      if (series === undefined || Number.isNaN(Number(value))) throw new Error(`not a sample: ${line}`);
      return [series, Number(value)];
    }),
  );
}

const passOf = (given: Partial<EndedPass> = {}): EndedPass => ({
  verdict: { kind: 'done' },
  report: nothingDue,
  milliseconds: 1_500,
  endedAt: START + 1_500,
  ...given,
});

describe('the metrics', () => {
  it('count webhooks by event and verdict, and know no event of one that was not verified', async () => {
    metrics.countWebhook('accepted', 'push');
    metrics.countWebhook('accepted', 'push');
    metrics.countWebhook('forged');

    const found = await read();

    expect([...found].filter(([series]) => series.startsWith('pointsman_webhooks'))).toEqual([
      ['pointsman_webhooks_total{event="push",verdict="accepted"}', 2],
      ['pointsman_webhooks_total{event="unverified",verdict="forged"}', 1],
    ]);
  });

  it('tell how passes went, how long they took, and when', async () => {
    metrics.passBegan();
    metrics.passEnded(passOf());
    metrics.passEnded(
      passOf({
        verdict: { kind: 'failed', again: true, error: documentOf() },
        milliseconds: 400,
        endedAt: START + 9_000,
      }),
    );
    const found = await read();

    expect(found.get('pointsman_passes_total{outcome="done"}')).toBe(1);
    expect(found.get('pointsman_passes_total{outcome="failed"}')).toBe(1);
    expect(found.get('pointsman_pass_duration_seconds_bucket{le="0.5"}')).toBe(1);
    expect(found.get('pointsman_pass_duration_seconds_bucket{le="2.5"}')).toBe(2);
    expect(found.get('pointsman_pass_last_begin_timestamp_seconds')).toBe(START / 1_000);
    expect(found.get('pointsman_pass_last_end_timestamp_seconds{outcome="done"}')).toBe(START / 1_000 + 1.5);
    expect([found.get('pointsman_pass_running'), found.get('pointsman_passes_failed_in_a_row')]).toEqual([1, 2]);
  });

  it('show the runs and pull requests of the last pass, not of those before', async () => {
    const skipped = { kind: 'skipped', number: 1, why: 'a draft' } as const;
    metrics.passEnded(
      passOf({
        report: {
          ...nothingDue,
          runs: [
            { kind: 'waiting', run: 'configurationdeploy-pr-1-aaaaaaaaaaaa', why: 'leaf01 is busy' },
            { kind: 'ended', run: 'configurationdeploy-pr-2-bbbbbbbbbbbb', status: 'FAILED' },
            { kind: 'ended', run: 'configurationdeploy-pr-4-cccccccccccc', status: 'TERMINATED' },
          ],
          pullRequests: [skipped, { ...skipped, number: 2 }],
          failures: [{ about: 'pull request #3', error: documentOf() }],
        },
      }),
    );
    const during = await read();
    metrics.passEnded(passOf());
    const after = await read();

    const shown = [
      'pointsman_runs{state="waiting"}',
      'pointsman_runs{state="failed"}',
      'pointsman_runs{state="terminated"}',
      'pointsman_open_pull_requests{state="skipped"}',
      'pointsman_pass_left_undone',
      'pointsman_runs_ended_total{status="failed"}',
    ];
    expect(shown.map((series) => during.get(series))).toEqual([1, 1, 1, 2, 1, 1]);
    expect(shown.map((series) => after.get(series))).toEqual([0, 0, undefined, 0, 0, 1]);
    expect(await metrics.render()).not.toMatch(/leaf01|configurationdeploy|#3/);
  });

  it('leave out what GitHub has not said yet', async () => {
    const before = await read();
    budget = { sent: 12, unchanged: 5, remaining: 4_321, limit: 5_000 };
    const after = await read();

    expect(before.has('pointsman_github_rate_limit_remaining')).toBe(false);
    expect(after.get('pointsman_github_rate_limit_remaining')).toBe(4_321);
    expect(after.get('pointsman_github_rate_limit')).toBe(5_000);
    expect([after.get('pointsman_github_requests_total'), after.get('pointsman_github_unchanged_total')]).toEqual([
      12, 5,
    ]);
  });

  it('are all told in docs/serve.md', async () => {
    const names = [...(await metrics.render()).matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name ?? '');

    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('requests of several passes', () => {
  it('are counted together, and what GitHub said of its limit stands until it says otherwise', () => {
    const sum = createBudgetSum();
    sum.add(() => ({ sent: 10, unchanged: 4, remaining: 90, limit: 100, resetsAt: START }));
    sum.add(() => ({ sent: 3, unchanged: 1 }));

    expect(sum.sum()).toEqual({ sent: 13, unchanged: 5, remaining: 90, limit: 100, resetsAt: START });
  });
});

describe('readiness', () => {
  const fine = { running: false, queued: false, failuresInARow: 0 };
  const failed = { kind: 'failed', again: true, error: documentOf() } as const;

  it('is there once a pass has read the settings, and outlives two passes of which nothing came', () => {
    expect(decideReadiness(fine, true, false)).toEqual({ kind: 'ready' });
    expect(decideReadiness({ ...fine, failuresInARow: 2, lastFailure: failed }, true, false)).toEqual({
      kind: 'ready',
    });
  });

  it.each([
    [
      'a third one',
      { ...fine, failuresInARow: 3, lastFailure: failed },
      true,
      false,
      'the last 3 passes failed (TEST_OUTAGE)',
    ],
    [
      'bugs',
      { ...fine, failuresInARow: 4, lastFailure: { kind: 'bug', thrown: 'leaf01' } as const },
      true,
      false,
      'the last 4 passes failed (a bug)',
    ],
    ['not knowing the fleet', fine, false, false, 'no pass has read the settings of the fleet yet'],
    ['stopping', fine, true, true, 'the service is stopping'],
  ])('ends with %s, and says why without a message', (_, loop, knowsFleet, isStopping, why) => {
    expect(decideReadiness(loop, knowsFleet, isStopping)).toEqual({ kind: 'not-ready', why });
  });
});
