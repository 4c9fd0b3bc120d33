import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { driverFor } from '../drivers/registry.ts';
import { createGithubForge } from '../forge/create-github-forge.ts';
import { openRemote } from '../git/open-remote.ts';
import type { RemoteRepository } from '../git/repository.ts';
import { createLedger } from '../ledger/create-ledger.ts';
import { createFingerprint, createRedactor } from '../plans/secrets.ts';
import { fleetRef, ledgerBranch, type ReconcilerDeps } from '../reconciler/deps.ts';
import { BranchMissingError } from '../reconciler/errors.ts';
import { describeOwner } from '../reconciler/owner.ts';
import { readSettings } from '../reconciler/read-settings.ts';
import { createSecretStore, type RememberingSecretStore } from '../reconciler/secret-store.ts';
import type { Settings } from '../schemas/fleet.ts';
import type { Log } from '../schemas/log.ts';
import type { SwitchDeps } from '../workflows/open-switch.ts';
import { UsageError } from './errors.ts';
import type { Io } from './io.ts';
import { createLogger, LOG_LEVELS, type LogLevel } from './logger.ts';
import { remoteUrl } from './remote-url.ts';

/** The only place where real things are made and handed to each other. No logic but "which". */

export interface RemoteOptions {
  readonly remote?: string;
  readonly cache?: string;
}

const DEFAULT_POLL_MS = 1_000;
const AUTHOR = { name: 'Pointsman', email: 'pointsman@users.noreply.github.com' } as const;

/** Everything for a pass over the remote fleet repo. */
export async function composeReconciler(
  io: Io,
  options: RemoteOptions,
  onProgress?: (line: string) => void,
): Promise<ReconcilerDeps> {
  const token = tokenOf(io);
  const repository = await openFleetRemote(io, options, token);
  const settings = await settingsOfRemote(repository, io.signal);
  const secrets = createSecretStore(settings.secrets.sources, io.environment);
  const redact = createRedactor(() => [token, ...secrets.known()]);
  const log = createLogger(logLevelOf(io), redact, io.say);
  const forge = createGithubForge({
    repository: settings.forge.repository,
    token,
    log,
    clock: io.clock,
    ...(settings.forge.api === undefined ? {} : { api: settings.forge.api }),
  });
  return {
    repository,
    forge,
    ledger: createLedger({
      repository,
      branch: ledgerBranch(settings),
      author: AUTHOR,
      log,
      clock: io.clock,
      redact,
    }),
    switches: {
      ...(await composeSwitches(io, settings, secrets, log)),
      ...(onProgress ? { onStep: (device: string, step: string) => onProgress(`${device}: ${step}`) } : {}),
    },
    clock: io.clock,
    log,
    author: AUTHOR,
    owner: describeOwner(),
    settings,
    redact,
    ...(onProgress ? { onProgress } : {}),
  };
}

/** The fleet repo alone, for who needs no more of it than its commits. */
export async function composeRemote(io: Io, options: RemoteOptions): Promise<RemoteRepository> {
  return openFleetRemote(io, options, tokenOf(io));
}

function tokenOf({ environment }: Io): string {
  const token = environment['POINTSMAN_GITHUB_TOKEN'] ?? environment['GITHUB_TOKEN'];
  if (token) return token;
  throw new UsageError({
    problem: 'GITHUB_TOKEN is not set',
    next: 'Set GITHUB_TOKEN (or POINTSMAN_GITHUB_TOKEN) and run it again.',
  });
}

/** Everything to speak to switches. */
export async function composeSwitches(
  io: Pick<Io, 'clock'>,
  settings: Settings,
  secrets: RememberingSecretStore,
  log: Log,
): Promise<SwitchDeps> {
  return {
    driverFor,
    secrets,
    clock: io.clock,
    log,
    fingerprint: createFingerprint(await secrets.read(settings.secrets.fingerprint_key.secret)),
    pollMilliseconds: settings.rollout?.poll_milliseconds ?? DEFAULT_POLL_MS,
  };
}

export function logLevelOf({ environment }: Io): LogLevel {
  const asked = environment['POINTSMAN_LOG'] ?? 'warn';
  const level = LOG_LEVELS.find((known) => known === asked);
  if (!level) {
    throw new UsageError({ problem: `POINTSMAN_LOG is "${asked}"`, next: `Use one of ${LOG_LEVELS.join(', ')}.` });
  }
  return level;
}

async function openFleetRemote(io: Io, { remote, cache }: RemoteOptions, token: string): Promise<RemoteRepository> {
  const url = remoteUrl(io, remote);
  const folder = cache ?? join(cacheHome(io), 'pointsman', createHash('sha256').update(url).digest('hex').slice(0, 16));
  return openRemote({ url, token }, folder, { environment: definedIn(io.environment) });
}

function cacheHome({ environment }: Io): string {
  return environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? homedir(), '.cache');
}

/** Before anything is known of the fleet, its branch is the remote's default one: `main` unless pointsman.yaml there says otherwise. */
async function settingsOfRemote(repository: RemoteRepository, signal: AbortSignal): Promise<Settings> {
  const ref = 'refs/heads/main';
  const tip = (await repository.fetch([ref], signal)).get(ref);
  if (!tip) throw new BranchMissingError({ ref });
  const settings = await readSettings(repository, tip);
  const named = fleetRef(settings);
  if (named === ref) return settings;
  const at = (await repository.fetch([named], signal)).get(named);
  if (!at) throw new BranchMissingError({ ref: named });
  return readSettings(repository, at);
}

function definedIn(environment: Io['environment']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
