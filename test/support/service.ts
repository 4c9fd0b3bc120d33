import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ServeOptions, serveCommand } from '../../cli/commands/serve.ts';
import type { ExitCode, Io } from '../../cli/io.ts';
import type { Journey } from './journey.ts';
import { exampleOf, post, SECRET, sign } from './signed-delivery.ts';

/** `pointsman serve`, in this process or in one of its own. */
export interface Service {
  readonly url: string;
  /** A delivery of GitHub's about the fleet. @returns The status it was answered with. */
  notify(event: string, change?: object): Promise<number>;
  /** `/readyz` */
  readiness(): Promise<{ readonly status: number; readonly text: string }>;
  /** One series of `/metrics`, with its labels as they are printed; 0 when it is not there. */
  number(series: string): Promise<number>;
}

const MAIN = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

/** Never by itself: a pass in these tests was asked for by a webhook, or by the start. */
const NEVER = '0 0 29 2 *';

const OPTIONS: ServeOptions = {
  host: '127.0.0.1',
  port: '0',
  schedule: NEVER,
  timeZone: 'UTC',
  jitter: '0s',
  grace: '60s',
  webhooks: true,
};

/** By the clock of the journey. `stop` is the signal a person sends. */
export async function serveHere(
  journey: Journey,
  options: Partial<ServeOptions> = {},
  environment: Io['environment'] = {},
): Promise<Service & { stop(): Promise<ExitCode>; said(): string }> {
  const folder = dirname(journey.gitDir);
  const stop = new AbortController();
  let said = '';
  let out = '';
  const io: Io = {
    environment: {
      ...journey.world.environment,
      PATH: process.env['PATH'],
      HOME: folder,
      POINTSMAN_WEBHOOK_SECRET: SECRET,
      ...environment,
    },
    cwd: folder,
    out: (text) => {
      out += text;
    },
    say: (text) => {
      said += text;
    },
    isTerminal: false,
    color: false,
    clock: journey.clock,
    signal: stop.signal,
  };
  const remote = { remote: journey.world.github.remoteUrl, cache: join(folder, 'cache-of-the-service') };
  const ended = serveCommand(io, { ...OPTIONS, ...remote, ...options });
  await Promise.race([until(() => out.includes('told on')), ended]);
  return {
    ...serviceAt(urlIn(out)),
    async stop() {
      stop.abort();
      return ended;
    },
    said: () => said,
  };
}

/** A service as a process, with what it printed so far. */
interface ServiceProcess {
  readonly process: ChildProcess;
  /** The exit code, or the name of the signal. */
  readonly ended: Promise<number | string>;
  out(): string;
  said(): string;
}

/** By the machine's clock. */
function spawnServe(journey: Journey, args: readonly string[]): ServiceProcess {
  const folder = dirname(journey.gitDir);
  const remote = ['--remote', journey.world.github.remoteUrl, '--cache', mkdtempSync(join(folder, 'cache-'))];
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--schedule', NEVER, ...remote, ...args], {
    cwd: folder,
    env: {
      ...journey.world.environment,
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      POINTSMAN_WEBHOOK_SECRET: SECRET,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  return { process: child, ended, out: () => out, said: () => said };
}

/** {@link spawnServe}, once it listens. */
export async function spawnService(
  journey: Journey,
  args: readonly string[] = [],
): Promise<Service & { readonly child: ServiceProcess }> {
  const child = spawnServe(journey, args);
  await until(() => child.out().includes('told on') || child.process.exitCode !== null);
  return { ...serviceAt(urlIn(child.out() || child.said())), child };
}

function serviceAt(url: string): Service {
  return {
    url,
    notify: async (event, change) =>
      (await post(`${url}/webhook`, sign(event, exampleOf(event, 'acme/fleet', change)))).status,
    async readiness() {
      const response = await fetch(`${url}/readyz`);
      return { status: response.status, text: (await response.text()).trim() };
    },
    async number(series) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${series} `));
      return line === undefined ? 0 : Number(line.slice(series.length + 1));
    },
  };
}

function urlIn(out: string): string {
  const url = /told on (\S+)/.exec(out)?.[1];
  if (url === undefined) throw new Error(`the service did not begin: ${out}`);
  return url;
}

/** Looks until it holds; a test that waits in vain ends by its own time limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
