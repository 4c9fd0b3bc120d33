import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionHost } from '../../cli/action/action-host.ts';
import { runAction } from '../../cli/action/run-action.ts';
import { adoptCommand } from '../../cli/commands/adopt.ts';
import { aliveCommand } from '../../cli/commands/alive.ts';
import { backupCommand } from '../../cli/commands/backup.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { demoPasswordHashes, demoPasswords, demoSecrets } from '../../sandbox/fleets/demo-secrets.ts';
import type { World } from '../../sandbox/world.ts';
import { createJourney, git, type Journey, type Ran } from './journey.ts';
import { serveHere, until } from './service.ts';
import { exampleOf, post, SECRET, sign } from './signed-delivery.ts';

/** Secrets that stand on the switches and nowhere in the fleet: nobody handed them to the product. */
const ON_SWITCHES = {
  tacacs: 'Canary-tacacs-71c0ffee',
  community: 'canary-community-93af',
  hash: '$6$canarysalt$uZ9Tt0ghXYvGh1kQmP2vEw7cL1n5rD8sBq3fJ6yHk4aWx0oNiUeMzCpVbRtSdFgHjKlQwErTyUiOpAsDfGhJk0',
} as const;

const HEARTBEAT = 'https://heartbeat.example.net/canary-u-u-i-d';

const BOT = 'pointsman[bot]';

/** Everything that left the product's memory, and everything it was given that must not. */
export interface Spoken {
  /** By where it stands: `logs`, `comments`… */
  readonly texts: ReadonlyMap<string, string>;
  /** Of the App: whatever GitHub gave for its key. */
  readonly tokens: ReadonlySet<string>;
  readonly privateKey: string;
  /** What adopt found on the switches and wrote into files for their owner. */
  readonly adopted: ReadonlySet<string>;
}

/** Good days and bad ones of every way in, each at its most talkative. */
export async function speakEverywhere(): Promise<Spoken> {
  const texts = new Map<string, string>();
  const keep = (where: string, ...more: readonly string[]): void => {
    texts.set(where, [texts.get(where) ?? '', ...more].join('\n'));
  };
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const privateKey = key.export({ type: 'pkcs1', format: 'pem' }).toString();
  const tokens = new Set<string>();
  const asApp = (world: World) => ({
    GITHUB_TOKEN: undefined,
    POINTSMAN_APP_ID: String(world.github.apps.install(BOT, { privateKey }).appId),
    POINTSMAN_APP_PRIVATE_KEY: privateKey,
  });

  let environment: ReturnType<typeof asApp> | undefined;
  const journey = await createJourney({
    environment(world) {
      environment = asApp(world);
      return environment;
    },
  });
  try {
    journey.world.github.onExchange(({ path, output }) => {
      if (path.endsWith('/access_tokens')) tokens.add((output as { readonly token: string }).token);
    });
    plantOnSwitches(journey.world);
    await liveOnTheCommandLine(journey, keep);
    await liveInAJob(journey, { 'app-id': environment?.POINTSMAN_APP_ID ?? '', 'app-private-key': privateKey }, keep);
    await liveAsAService(journey, environment ?? {}, keep);
    await keepWhatIsWritten(journey, keep);
  } finally {
    await journey.close();
  }
  return { texts, tokens, privateKey, adopted: await adoptEverything(keep) };
}

type Keep = (where: string, ...more: readonly string[]) => void;

function keepRan(keep: Keep, { out, said }: Ran): void {
  keep('output', out);
  keep('logs', said);
}

function plantOnSwitches(world: World): void {
  for (const one of world.switches.values()) {
    one.outOfBand.applyAs('cumulus', {
      system: {
        aaa: {
          tacacs: { server: { 10: { host: '192.168.200.77', secret: ON_SWITCHES.tacacs } } },
          user: { contractor: { 'hashed-password': ON_SWITCHES.hash, role: 'nvue-monitor' } },
        },
        'snmp-server': { 'readonly-community': { [ON_SWITCHES.community]: { access: { any: {} } } } },
      },
    });
  }
}

async function liveOnTheCommandLine(journey: Journey, keep: Keep): Promise<void> {
  const { world } = journey;
  const number = await journey.open(journey.stories.addVlan);
  keepRan(keep, await journey.plan(number));
  await journey.approve(number);
  await journey.approve(number, 'dora');
  world.switches.get('leaf03')?.faults.onRequest(
    {
      kind: 'reply',
      reply: {
        status: 400,
        body: { title: `bad value ${demoPasswords.pointsman} for ${demoSecrets.get('ams1/bgp-password')}` },
      },
    },
    { method: 'PATCH', path: /^\/nvue_v1\/\?rev=/ },
  );
  await journey.merge(number);
  keepRan(keep, await journey.reconcile());
  keepRan(keep, await journey.plan(await journey.open(journey.stories.wrongValue)));
  keepRan(keep, await journey.plan(await journey.open(journey.stories.manyProblems)));

  // GitHub says back what it was told, as servers do in their errors.
  const stop = world.github.onExchange(({ path, output }) => {
    if (!path.endsWith('/access_tokens')) return;
    const { token } = output as { readonly token: string };
    const message = `the token ${token} is of no use here`;
    world.github.inject({ kind: 'rest', method: 'GET' }, { kind: 'status', status: 403, message });
  });
  keepRan(keep, await journey.reconcile());
  stop();

  const remote = { remote: world.github.remoteUrl, cache: `${journey.gitDir}-other`, json: false };
  keepRan(keep, await journey.run((io) => backupCommand(io, ['*'], remote)));
  keepRan(keep, await journey.run((io) => showCommand(io, '', { ...remote, json: true })));
  const late = { ...remote, within: '90m', workflow: 'pointsman.yml' };
  keepRan(keep, await journey.run((io) => aliveCommand(io, late)));
}

/** Steps of a GitHub Actions job, which get their secrets as inputs. */
async function liveInAJob(journey: Journey, signIn: Readonly<Record<string, string>>, keep: Keep): Promise<void> {
  const temp = mkdtempSync(join(tmpdir(), 'pointsman-canaries-'));
  const secrets = [...demoSecrets].map(([name, value]) => `${name}=${value}`).join('\n');
  const given = { ...signIn, secrets, 'heartbeat-url': HEARTBEAT };
  const { github } = journey.world;
  async function step(inputs: Readonly<Record<string, string>>): Promise<void> {
    const host: ActionHost = {
      environment: {
        PATH: process.env['PATH'],
        RUNNER_TEMP: mkdtempSync(join(temp, 'job-')),
        GITHUB_SERVER_URL: new URL(github.remoteUrl).origin,
        GITHUB_REPOSITORY: 'acme/fleet',
        GITHUB_REF: 'refs/heads/main',
        GITHUB_WORKFLOW_REF: 'acme/fleet/.github/workflows/pointsman.yml@refs/heads/main',
        POINTSMAN_LOG: 'debug',
      },
      cwd: temp,
      clock: journey.clock,
      signal: new AbortController().signal,
      input: (name) => ({ ...given, ...inputs })[name] ?? '',
      mask() {},
      print: (text) => keep('logs of a job', text),
      annotate: (annotation) => keep('annotations', JSON.stringify(annotation)),
      output: (name, value) => keep('outputs', `${name}=${value}`),
      async summarise(markdown) {
        keep('job summaries', markdown);
      },
      async ping(url) {
        throw new Error(`connect ECONNREFUSED ${url}`);
      },
    };
    await runAction(host);
  }
  try {
    const [first, second, third] = github.pullRequests().map(({ number }) => String(number));
    await step({ command: 'plan', 'pull-request': second ?? '' });
    await step({ command: 'validate', 'pull-request': third ?? '' });
    await step({ command: 'reconcile', 'schedule-within': '90m' });
    await step({ command: 'plan', 'pull-request': first ?? '', secrets: `${secrets}\n${demoPasswords.noc}` });
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

async function liveAsAService(
  journey: Journey,
  environment: Readonly<Record<string, string | undefined>>,
  keep: Keep,
): Promise<void> {
  const service = await serveHere(journey, {}, { ...environment, POINTSMAN_LOG: 'debug' });
  await until(async () => (await service.readiness()).status === 200);
  const push = exampleOf('push', 'acme/fleet');
  const forged = sign('push', push, { secret: 'somebody else’s secret altogether' });
  for (const delivery of [sign('push', push), forged, sign('push', { ...push, zen: SECRET })]) {
    const { status, text } = await post(`${service.url}/webhook`, delivery);
    keep('answers', `${status} ${text}`);
  }
  for (const path of ['/metrics', '/healthz', '/readyz', '/nowhere', '/webhook']) {
    const answer = await fetch(`${service.url}${path}`);
    keep(path === '/metrics' ? 'metrics' : 'answers', JSON.stringify([...answer.headers]), await answer.text());
  }
  await service.stop();
  keep('logs of the service', service.said());
}

async function keepWhatIsWritten({ world, gitDir }: Journey, keep: Keep): Promise<void> {
  const { github } = world;
  for (const { number, title, headCommit, merge } of github.pullRequests()) {
    keep('comments', title, ...github.comments(number).map(({ body }) => body));
    for (const commit of [headCommit, merge?.commit]) {
      if (commit) keep('checks', JSON.stringify(github.checks(commit)));
    }
  }
  keep('issues', JSON.stringify(github.issues()));
  keep('deployments', JSON.stringify(github.deployments()));
  const ours = ['--', ':!desired-state', ':!pointsman.yaml'];
  keep('ledger', (await git(gitDir, ['log', '-p', '--all', '--format=%an %ae %B', ...ours])).out);
}

/** @returns The secrets adopt found, which stand in files for their owner and must stand nowhere else. */
async function adoptEverything(keep: Keep): Promise<ReadonlySet<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-canaries-'));
  const secretsOut = join(folder, 'secrets');
  const journey = await createJourney();
  try {
    const { github, switches, files } = journey.world;
    plantOnSwitches(journey.world);
    const gone = [...files.keys()].filter((path) => path.startsWith('desired-state/'));
    await github.as('dora').push('main', Object.fromEntries(gone.map((path) => [path, null])), 'Begin');
    const base = (await git(journey.gitDir, ['rev-parse', 'main'])).out.trim();
    const all = [...switches.values()];
    const ran = await journey.run((io) =>
      adoptCommand(
        io,
        all.map(({ name, host, port }) => `ams1/${name}=${host}:${port}`),
        {
          ...{ fleet: '.', json: false, pr: true, overwrite: false, allowDifferences: true, trustOnFirstUse: false },
          acceptPin: all.map(({ pin }) => pin),
          secretsOut,
          remote: github.remoteUrl,
          cache: join(folder, 'cache'),
        },
      ),
    );
    keepRan(keep, ran);
    keep('adopted', ran.out, JSON.stringify(github.pullRequests()));
    keep('adopted', (await git(journey.gitDir, ['log', '-p', '--format=%B', '--all', '--not', base])).out);
    const written = readdirSync(secretsOut, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return new Set(written.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8').trim()));
  } finally {
    await journey.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the product is given of the demo's secrets, and must keep to itself. */
export const GIVEN: readonly { readonly what: string; readonly value: string }[] = [
  ...[...demoSecrets].map(([name, value]) => ({ what: name, value })),
  ...Object.entries(demoPasswords).map(([user, value]) => ({ what: `the password of ${user}`, value })),
  ...Object.entries(demoPasswordHashes).map(([user, value]) => ({ what: `the hash of ${user}`, value })),
  ...Object.entries(ON_SWITCHES).map(([what, value]) => ({ what: `${what} on the switches`, value })),
  { what: 'the secret of the webhook', value: SECRET },
  { what: 'the address of the heartbeat', value: HEARTBEAT },
];
