import { createDaemon, type DaemonDeps, type ListenAddress } from '../../daemon/create-daemon.ts';
import { createRedactor } from '../../plans/secrets.ts';
import type { ReconcilerDeps } from '../../reconciler/deps.ts';
import { composeReconciler, type ReachOptions } from '../compose.ts';
import { type Connection, connect, logLevelOf } from '../connect.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { createLogger } from '../logger.ts';
import { parseDuration } from '../parse-duration.ts';
import { requireRunners } from '../require-runners.ts';
import { readSignIn } from '../sign-in.ts';

/** As they come from the command line. */
export interface ServeOptions extends ReachOptions {
  readonly host: string;
  readonly port: string;
  /** Health and metrics on a port of their own. */
  readonly metricsPort?: string;
  readonly metricsHost?: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly jitter: string;
  readonly grace: string;
  readonly webhooks: boolean;
}

/** Shorter secrets can be guessed from one recorded delivery. */
const SHORTEST_SECRET = 16;

/** `pointsman serve`: passes, until somebody asks the process to end. 0: it was asked to; 1: it could not begin. */
export async function serveCommand(given: Io, options: ServeOptions): Promise<ExitCode> {
  // Nobody waits for its answer, so what it does is worth a line, unless somebody said how much to tell.
  const io = { ...given, environment: { POINTSMAN_LOG: 'info', ...given.environment } };
  const secrets = options.webhooks ? webhookSecretsOf(io) : [];
  const log = createLogger(
    logLevelOf(io),
    createRedactor(() => secrets),
    io.say,
  );
  const listen = addressOf(options.host, options.port, '--port');
  const tellOn =
    options.metricsPort === undefined
      ? undefined
      : addressOf(options.metricsHost ?? options.host, options.metricsPort, '--metrics-port');
  const jitterMilliseconds = parseDuration(options.jitter, '--jitter');
  const graceMilliseconds = parseDuration(options.grace, '--grace');
  const connection = await connect(io, options);
  const daemon = createDaemon({
    compose: (signal) => composeAnew({ ...io, signal }, options, connection),
    listen,
    ...(tellOn ? { tellOn } : {}),
    ...(options.webhooks ? { webhooks: webhooksOf(io, secrets) } : {}),
    schedule: { expression: options.schedule, timeZone: options.timeZone, jitterMilliseconds },
    graceMilliseconds,
    clock: io.clock,
    log,
  });

  const { listens, tells } = await daemon.start();
  if (options.webhooks) io.out(`Webhooks are taken on ${urlOf(listens)}/webhook\n`);
  io.out(`Health and metrics are told on ${urlOf(tells)} (/healthz, /readyz, /metrics)\n`);
  await aborted(io.signal);
  await daemon.stop();
  return 0;
}

/** For one pass: everything but who we are and what was answered before. */
async function composeAnew(io: Io, options: ServeOptions, connection: Connection): Promise<ReconcilerDeps> {
  const repository = await connection.reopen();
  const deps = await composeReconciler(io, options, undefined, { ...connection, repository });
  await requireRunners(deps, options.site, io.signal);
  return deps;
}

function webhookSecretsOf({ environment }: Io): readonly string[] {
  const current = environment['POINTSMAN_WEBHOOK_SECRET'];
  const previous = environment['POINTSMAN_WEBHOOK_SECRET_PREVIOUS'];
  if (!current) {
    throw new UsageError({
      problem: 'POINTSMAN_WEBHOOK_SECRET is not set',
      next: 'Set it to the secret of the webhook at GitHub. Or give --no-webhooks: then only the schedule wakes the service.',
    });
  }
  const secrets = previous ? [current, previous] : [current];
  if (secrets.some(({ length }) => length < SHORTEST_SECRET)) {
    throw new UsageError({
      problem: `the secret of the webhook has fewer than ${SHORTEST_SECRET} characters`,
      next: 'Make one with `openssl rand -hex 32`, and set it at GitHub and here.',
    });
  }
  return secrets;
}

function webhooksOf(io: Io, secrets: readonly string[]): NonNullable<DaemonDeps['webhooks']> {
  const signIn = readSignIn(io);
  const installation = signIn.kind === 'app' ? signIn.installationId : undefined;
  return installation === undefined ? { secrets } : { secrets, installation };
}

function addressOf(host: string, text: string, option: string): ListenAddress {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return { host, port };
  throw new UsageError({ problem: `${option} is ${JSON.stringify(text)}`, next: 'Give a port from 0 to 65535.' });
}

function urlOf({ host, port }: ListenAddress): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
