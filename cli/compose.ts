import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { driverFor } from '../drivers/registry.ts';
import { createGithubForge } from '../forge/create-github-forge.ts';
import { readGithubAddress } from '../forge/github-address.ts';
import { createGithubMemory, type GithubMemory } from '../forge/github-memory.ts';
import { createTokenSource, type SignIn } from '../forge/sign-in.ts';
import { fixedToken, type TokenSource } from '../forge/token-source.ts';
import { openRemote } from '../git/open-remote.ts';
import type { RemoteRepository } from '../git/repository.ts';
import { createLedger } from '../ledger/create-ledger.ts';
import type { Owner } from '../ledger/events.ts';
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
import { readSignIn } from './sign-in.ts';

/** The only place where real things are made and handed to each other. No logic but "which". */

export interface RemoteOptions {
  readonly remote?: string;
  readonly cache?: string;
}

/** Whose switches are spoken to: of the named sites, or of all that name no runner of their own. */
export interface ReachOptions extends RemoteOptions {
  readonly site?: readonly string[];
}

const DEFAULT_POLL_MS = 1_000;
export const AUTHOR = { name: 'Pointsman', email: 'pointsman@users.noreply.github.com' } as const;

/**
 * Everything for a pass over the remote fleet repo.
 *
 * @param connection Of an earlier pass; settings are read anew all the same.
 */
export async function composeReconciler(
  io: Io,
  options: ReachOptions,
  onProgress?: (line: string) => void,
  connection?: Connection,
): Promise<ReconcilerDeps> {
  const { owner, repository, tokens, memory, forgeAt } = connection ?? (await connect(io, options));
  const settings = await settingsOfRemote(repository, io.signal);
  const secrets = createSecretStore(settings.secrets.sources, io.environment);
  const redact = createRedactor(() => [...tokens.known(), ...secrets.known()]);
  const log = createLogger(logLevelOf(io), redact, io.say);
  const forge = createGithubForge({ ...forgeAt(settings.forge), token: tokens, memory, log, clock: io.clock });
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
    owner,
    reach: options.site === undefined ? { kind: 'without-runner' } : { kind: 'sites', sites: options.site },
    settings,
    redact,
    ...(onProgress ? { onProgress } : {}),
  };
}

/** The ledger alone, to read it: neither a secret of the fleet nor a switch is needed for that. */
export async function composeLedger(
  io: Io,
  options: RemoteOptions,
): Promise<Pick<ReconcilerDeps, 'ledger' | 'settings' | 'log' | 'redact'>> {
  const { repository, tokens } = await connect(io, options);
  const settings = await settingsOfRemote(repository, io.signal);
  // What stands on the ledger holds no secret; what we sign in with is ours to keep back.
  const redact = createRedactor(() => tokens.known());
  const log = createLogger(logLevelOf(io), redact, io.say);
  const branch = ledgerBranch(settings);
  return {
    ledger: createLedger({ repository, branch, author: AUTHOR, log, clock: io.clock, redact }),
    settings,
    log,
    redact,
  };
}

/** The fleet repo alone, for who needs no more of it than its commits. */
export async function composeRemote(io: Io, options: RemoteOptions): Promise<RemoteRepository> {
  return (await connect(io, options)).repository;
}

/** What is made once, however many passes there are: who we are, our copy of the fleet repo, what was answered before. */
export interface Connection {
  /** Who we are on leases, in every pass of this process. */
  readonly owner: Owner;
  readonly repository: RemoteRepository;
  /** The same copy, tidied up: what many small commits leave behind is packed only when it is opened. */
  reopen(): Promise<RemoteRepository>;
  readonly tokens: TokenSource;
  readonly memory: GithubMemory;
  /**
   * Where the forge is, by the settings and by the address of the fleet repo.
   *
   * @throws {UsageError} The settings name another repository, or another server, than the one the fleet repo is at.
   */
  forgeAt(settings: Settings['forge']): { readonly repository: string; readonly api?: string };
}

/** Contacts nobody. */
export async function connect(io: Io, options: RemoteOptions): Promise<Connection> {
  const url = remoteUrl(io, options.remote);
  const signIn = readSignIn(io);
  const tokens = tokensFor(io, url, signIn);
  const folder =
    options.cache ?? join(cacheHome(io), 'pointsman', createHash('sha256').update(url).digest('hex').slice(0, 16));
  const token = (signal: AbortSignal) => tokens.token('git', signal);
  const open = () => openRemote({ url, token }, folder, { environment: definedIn(io.environment) });
  const address = readGithubAddress(url);

  return {
    owner: describeOwner(),
    repository: await open(),
    reopen: open,
    tokens,
    memory: createGithubMemory(io.clock),
    forgeAt({ repository: named, api = address?.api }) {
      // Where the fleet repo is says for whom the token is; what stands in a file of it must not send it elsewhere.
      const isElsewhere = !same(named, address?.repository) || !same(api, address?.api);
      if ((signIn.kind === 'app' || address) && isElsewhere) {
        throw new UsageError({
          problem: `pointsman.yaml names ${named}${api ? ` at ${api}` : ''} as its forge, and the fleet repo is ${url}`,
          next: 'Make forge.repository and forge.api in pointsman.yaml fit: what we sign in with is for the fleet repo alone.',
        });
      }
      return { repository: named, ...(api === undefined ? {} : { api }) };
    },
  };
}

function tokensFor(io: Io, url: string, signIn: SignIn): TokenSource {
  if (signIn.kind === 'token') return fixedToken(signIn.token);
  const address = readGithubAddress(url);
  if (!address) {
    throw new UsageError({
      problem: `an App cannot sign in to ${url}`,
      next: 'Give --remote https://github.com/<owner>/<name>.git, or that of your GitHub Enterprise Server.',
    });
  }
  const redact = createRedactor(() => tokens.known());
  const log = createLogger(logLevelOf(io), redact, io.say);
  const tokens = createTokenSource({ signIn, ...address, log, clock: io.clock });
  return tokens;
}

function same(a: string | undefined, b: string | undefined): boolean {
  return a?.replace(/\/+$/, '').toLowerCase() === b?.replace(/\/+$/, '').toLowerCase();
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

function cacheHome({ environment }: Io): string {
  return environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? homedir(), '.cache');
}

/** What the branch a clone would be on says; where pointsman.yaml there names another branch, what that one says. */
export async function settingsOfRemote(repository: RemoteRepository, signal: AbortSignal): Promise<Settings> {
  const ref = (await repository.defaultBranch(signal)) ?? 'refs/heads/main';
  const tip = (await repository.fetch([ref], signal)).get(ref);
  if (!tip) throw new BranchMissingError({ ref });
  const branch = ref.replace(/^refs\/heads\//, '');
  const settings = { branch, ...(await readSettings(repository, tip)) };
  const named = fleetRef(settings);
  if (named === ref) return settings;
  const at = (await repository.fetch([named], signal)).get(named);
  if (!at) throw new BranchMissingError({ ref: named });
  return { branch, ...(await readSettings(repository, at)) };
}

function definedIn(environment: Io['environment']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
