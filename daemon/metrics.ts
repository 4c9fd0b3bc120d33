import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestBudget } from '../forge/forge.ts';
import type { Clock } from '../schemas/clock.ts';
import type { EndedPass, LoopState } from './pass-loop.ts';
import type { WebhookVerdict } from './receive-webhook.ts';
import type { WakeReason } from './wake.ts';

/** What is read when somebody looks, and not told as it happens. */
export interface MetricsSources {
  readonly loop: () => LoopState;
  readonly budget: () => RequestBudget;
  readonly isReady: () => boolean;
  readonly clock: Clock;
}

export interface Metrics {
  countWebhook(verdict: WebhookVerdict, event?: string): void;
  countWake(reason: WakeReason): void;
  passBegan(): void;
  passEnded(ended: EndedPass): void;
  /** Prometheus' text format. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** A pass over nothing takes a second, a deploy to many switches half an hour. */
const PASS_SECONDS = [0.5, 1, 2.5, 5, 10, 30, 60, 180, 600, 1_800, 3_600];

/**
 * Numbers for Prometheus, in a registry of their own. Labels come from short closed lists, so that neither the size of the fleet
 * nor what strangers send makes new series; no name of a switch, person, branch or pull request is among them.
 */
export function createMetrics({ loop, budget, isReady, clock }: MetricsSources): Metrics {
  const registry = new Registry();
  const registers = [registry];

  const webhooks = new Counter({
    name: 'pointsman_webhooks_total',
    help: 'Webhook deliveries, by event and by what became of them. The event of one that is not verified is not known.',
    labelNames: ['event', 'verdict'],
    registers,
  });
  const wakes = new Counter({
    name: 'pointsman_wakeups_total',
    help: 'What asked for a pass. Several that ask together get one.',
    labelNames: ['reason'],
    registers,
  });
  const passes = new Counter({
    name: 'pointsman_passes_total',
    help: 'Passes by outcome: done; partial: something was left for the next; failed: nothing came of it; bug.',
    labelNames: ['outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'pointsman_pass_duration_seconds',
    help: 'How long passes took.',
    buckets: PASS_SECONDS,
    registers,
  });
  const begunAt = new Gauge({
    name: 'pointsman_pass_last_begin_timestamp_seconds',
    help: 'When the last pass began.',
    registers,
  });
  const endedAt = new Gauge({
    name: 'pointsman_pass_last_end_timestamp_seconds',
    help: 'When the last pass of each outcome ended.',
    labelNames: ['outcome'],
    registers,
  });
  const runs = new Gauge({
    name: 'pointsman_runs',
    help: 'Runs the last pass looked at, by how it left them: waiting, or one of the ways to end.',
    labelNames: ['state'],
    registers,
  });
  const ended = new Counter({
    name: 'pointsman_runs_ended_total',
    help: 'Runs that ended, by how.',
    labelNames: ['status'],
    registers,
  });
  const pullRequests = new Gauge({
    name: 'pointsman_open_pull_requests',
    help: 'Open pull requests the last pass looked at, by what came of it.',
    labelNames: ['state'],
    registers,
  });
  const left = new Gauge({
    name: 'pointsman_pass_left_undone',
    help: 'Things the last pass could not do: runs, pull requests, or looking at all.',
    registers,
  });
  readGauge('pointsman_pass_running', 'Whether a pass is under way.', () => Number(loop().running));
  readGauge('pointsman_pass_queued', 'Whether another one is wanted after it.', () => Number(loop().queued));
  readGauge('pointsman_passes_failed_in_a_row', 'Passes in a row of which nothing came.', () => loop().failuresInARow);
  readGauge('pointsman_ready', 'Whether /readyz says so.', () => Number(isReady()));
  readCounter('pointsman_github_requests_total', 'Requests sent to GitHub since the start.', () => budget().sent);
  readCounter(
    'pointsman_github_unchanged_total',
    'Those answered "as before"; they cost nothing.',
    () => budget().unchanged,
  );
  readGauge('pointsman_github_rate_limit', 'Requests GitHub allows in an hour.', () => budget().limit);
  readGauge('pointsman_github_rate_limit_remaining', 'Those left of it.', () => budget().remaining);
  readGauge('process_resident_memory_bytes', 'Memory the process has resident.', () => process.memoryUsage.rss());
  readCounter('process_cpu_seconds_total', 'Processor time used.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000_000;
  });
  readGauge('process_start_time_seconds', 'When the process started.', () => clock.now() / 1_000 - process.uptime());

  /** @param read `undefined` leaves the number out: not known is not nothing. */
  function readGauge(name: string, help: string, read: () => number | undefined): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  }

  /** @param read What has been counted elsewhere. */
  function readCounter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  function tellReport({ report }: EndedPass): void {
    if (!report) return;
    runs.reset();
    pullRequests.reset();
    for (const state of ['waiting', 'completed', 'failed', 'rejected']) runs.set({ state }, 0);
    for (const state of ['planned', 'current', 'invalid', 'skipped']) pullRequests.set({ state }, 0);
    for (const run of report.runs) {
      runs.inc({ state: run.kind === 'waiting' ? 'waiting' : run.status.toLowerCase() });
      if (run.kind === 'ended') ended.inc({ status: run.status.toLowerCase() });
    }
    for (const { kind } of report.pullRequests) pullRequests.inc({ state: kind });
    left.set(report.failures.length);
  }

  return {
    countWebhook: (verdict, event) => webhooks.inc({ event: event ?? 'unverified', verdict }),
    countWake: (reason) => wakes.inc({ reason }),
    passBegan: () => begunAt.set(clock.now() / 1_000),
    passEnded(pass) {
      const outcome = pass.verdict.kind;
      passes.inc({ outcome });
      seconds.observe(pass.milliseconds / 1_000);
      endedAt.set({ outcome }, pass.endedAt / 1_000);
      tellReport(pass);
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
