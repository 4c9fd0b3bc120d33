import { LARGEST_DELIVERY_BYTES } from '../forge/webhooks.ts';
import { ledgerBranch, type ReconcilerDeps } from '../reconciler/deps.ts';
import { type PassReport, runPass } from '../reconciler/pass.ts';
import type { Clock } from '../schemas/clock.ts';
import type { Log } from '../schemas/log.ts';
import { createBudgetSum } from './budget-sum.ts';
import { createDeliveries } from './deliveries.ts';
import { type HttpLimits, type HttpServer, type Route, startHttpServer } from './http-server.ts';
import { createMetrics } from './metrics.ts';
import { createPassLoop } from './pass-loop.ts';
import { decideReadiness, type Readiness } from './readiness.ts';
import { createWebhookReceiver } from './receive-webhook.ts';
import { createSchedule, type ScheduleOptions } from './schedule.ts';
import type { WakeReason } from './wake.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
}

export interface DaemonDeps {
  /** Everything one pass needs, with the settings as they are now. Called before each. */
  readonly compose: (signal: AbortSignal) => Promise<ReconcilerDeps>;
  readonly listen: ListenAddress;
  /** Where health and metrics are told instead, and there alone. */
  readonly tellOn?: ListenAddress;
  /** Absent: nobody can wake the service but its schedule. */
  readonly webhooks?: {
    /** The one that is set, and while it is being replaced the old one too. */
    readonly secrets: readonly string[];
    /** Of the GitHub App, when it signs in as one. */
    readonly installation?: number;
  };
  readonly schedule: ScheduleOptions;
  /** What a pass under way is given when the service stops. */
  readonly graceMilliseconds: number;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 up to 1; spreads what would happen at once. `Math.random` unless given. */
  readonly random?: () => number;
  readonly limits?: Partial<HttpLimits>;
  /** How long a webhook waits for others of its burst; a second unless given. */
  readonly debounceMilliseconds?: number;
}

/** Pointsman as a service. */
export interface Daemon {
  /**
   * Listens, follows the schedule, and begins the first pass: what happened while nobody listened is found by looking.
   *
   * @throws {AddressUnavailableError} Nothing was begun.
   */
  start(): Promise<{ readonly listens: ListenAddress; readonly tells: ListenAddress }>;
  /** Takes no more webhooks, gives the pass under way its time, and hangs up. Once. */
  stop(): Promise<void>;
  readiness(): Readiness;
}

const LIMITS: HttpLimits = {
  largestBodyBytes: LARGEST_DELIVERY_BYTES,
  allBodiesBytes: 8 * LARGEST_DELIVERY_BYTES,
  headersWithinMilliseconds: 10_000,
  // GitHub itself gives up after ten.
  requestWithinMilliseconds: 20_000,
  lookEveryMilliseconds: 1_000,
  connections: 256,
};
const DEBOUNCE_MS = 1_000;

/**
 * Webhooks and a schedule say when to look; a pass does the rest. Nothing is kept between passes that matters: killed at any
 * moment and started again, the service ends where an undisturbed one would have.
 *
 * @throws {ScheduleInvalidError} Nothing was begun.
 */
export function createDaemon(deps: DaemonDeps): Daemon {
  const { clock, log, random = Math.random } = deps;
  let stopping = false;
  let fleet: { readonly repository: string; readonly ledgerBranch: string } | undefined;
  let servers: readonly HttpServer[] = [];

  const budget = createBudgetSum();
  const readiness = (): Readiness => decideReadiness(loop.state(), fleet !== undefined, stopping);
  const metrics = createMetrics({
    loop: () => loop.state(),
    budget: budget.sum,
    isReady: () => readiness().kind === 'ready',
    clock,
  });
  const loop = createPassLoop({
    pass,
    clock,
    log,
    random,
    debounceMilliseconds: deps.debounceMilliseconds ?? DEBOUNCE_MS,
    onBegin: metrics.passBegan,
    onEnd: metrics.passEnded,
  });
  const schedule = createSchedule(deps.schedule, { clock, log, random, onDue: () => wake('schedule') });

  async function pass(signal: AbortSignal): Promise<PassReport> {
    const composed = await deps.compose(signal);
    const { settings, forge } = composed;
    budget.add(forge.budget);
    fleet = { repository: settings.forge.repository, ledgerBranch: ledgerBranch(settings) };
    return runPass(composed, signal);
  }

  function wake(reason: WakeReason): void {
    metrics.countWake(reason);
    loop.wake(reason);
  }

  function webhookRoutes({ secrets, installation }: NonNullable<DaemonDeps['webhooks']>): readonly [string, Route][] {
    const receive = createWebhookReceiver({
      secrets,
      ...(installation === undefined ? {} : { installation }),
      fleet: () => fleet,
      deliveries: createDeliveries({ clock }),
      isStopping: () => stopping,
      log,
      onNews: () => wake('webhook'),
      onVerdict: metrics.countWebhook,
    });
    const onRefused = (status: 413 | 503): void => metrics.countWebhook(status === 413 ? 'too-large' : 'overloaded');
    return [['/webhook', { method: 'POST', answer: receive, onRefused }]];
  }

  function tellingRoutes(): readonly [string, Route][] {
    return [
      ['/healthz', { method: 'GET', answer: () => ({ status: 200, text: 'alive' }) }],
      [
        '/readyz',
        {
          method: 'GET',
          answer() {
            const found = readiness();
            return found.kind === 'ready'
              ? { status: 200, text: 'ready' }
              : { status: 503, text: `not ready: ${found.why}` };
          },
        },
      ],
      [
        '/metrics',
        {
          method: 'GET',
          answer: async () => ({ status: 200, text: await metrics.render(), type: metrics.contentType }),
        },
      ],
    ];
  }

  async function listen(address: ListenAddress, routes: readonly [string, Route][]): Promise<HttpServer> {
    const server = await startHttpServer({
      ...address,
      routes: new Map(routes),
      limits: { ...LIMITS, ...deps.limits },
      log,
    });
    servers = [...servers, server];
    return server;
  }

  return {
    async start() {
      const hooks = deps.webhooks ? webhookRoutes(deps.webhooks) : [];
      try {
        const listens = await listen(deps.listen, deps.tellOn ? hooks : [...hooks, ...tellingRoutes()]);
        const tells = deps.tellOn ? await listen(deps.tellOn, tellingRoutes()) : listens;
        schedule.start();
        wake('start');
        log.info({ host: listens.host, port: listens.port, webhooks: deps.webhooks !== undefined }, 'service started');
        return { listens: addressOf(listens), tells: addressOf(tells) };
      } catch (error) {
        await Promise.all(servers.map((server) => server.close()));
        throw error;
      }
    },

    async stop() {
      stopping = true;
      schedule.stop();
      // Still listening meanwhile: whoever delivers is told to come again, and whoever watches sees why.
      const how = await loop.stop(deps.graceMilliseconds);
      await Promise.all(servers.map((server) => server.close()));
      log.info({ pass: how }, 'service stopped');
    },

    readiness,
  };
}

function addressOf({ host, port }: HttpServer): ListenAddress {
  return { host, port };
}
