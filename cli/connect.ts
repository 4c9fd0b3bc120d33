import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readGithubAddress } from '../forge/github-address.ts';
import { createGithubMemory, type GithubMemory } from '../forge/github-memory.ts';
import type { SignIn } from '../forge/sign-in.ts';
import { fixedToken, type TokenSource } from '../forge/token-source.ts';
import { openRemote } from '../git/open-remote.ts';
import type { RemoteRepository } from '../git/repository.ts';
import type { Owner } from '../ledger/events.ts';
import { createRedactor } from '../plans/secrets.ts';
import { fleetRef } from '../reconciler/deps.ts';
import { BranchMissingError } from '../reconciler/errors.ts';
import { describeOwner } from '../reconciler/owner.ts';
import { readSettings } from '../reconciler/read-settings.ts';
import type { Settings } from '../schemas/fleet.ts';
import { UsageError } from './errors.ts';
import type { Io } from './io.ts';
import { createLogger, LOG_LEVELS, type LogLevel } from './logger.ts';
import { remoteUrl } from './remote-url.ts';
import { readSignIn } from './sign-in.ts';

export interface RemoteOptions {
  readonly remote?: string;
  readonly cache?: string;
}

export const AUTHOR = { name: 'Pointsman', email: 'pointsman@users.noreply.github.com' } as const;

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
  const tokens = await tokensFor(io, url, signIn);
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

async function tokensFor(io: Io, url: string, signIn: SignIn): Promise<TokenSource> {
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
  // Who has a token and asks the ledger alone should not wait for GitHub's client to be loaded.
  const { createTokenSource } = await import('../forge/sign-in.ts');
  const tokens: TokenSource = createTokenSource({ signIn, ...address, log, clock: io.clock });
  return tokens;
}

function same(a: string | undefined, b: string | undefined): boolean {
  return a?.replace(/\/+$/, '').toLowerCase() === b?.replace(/\/+$/, '').toLowerCase();
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
