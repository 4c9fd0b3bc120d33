import type { FleetFacts } from '../doctor/observations.ts';
import type { ObserveDeps } from '../doctor/observe.ts';
import { readFleetFacts } from '../doctor/observe-fleet.ts';
import { askSwitches } from '../doctor/observe-switches.ts';
import { createGithubForge } from '../forge/create-github-forge.ts';
import type { Forge } from '../forge/forge.ts';
import { readGithubAddress } from '../forge/github-address.ts';
import { createGithubInspector } from '../forge/inspect-repository.ts';
import { fixedToken } from '../forge/token-source.ts';
import { createRedactor } from '../plans/secrets.ts';
import { ledgerBranch } from '../reconciler/deps.ts';
import { BranchMissingError, FleetInvalidError } from '../reconciler/errors.ts';
import { platforms } from '../reconciler/platforms.ts';
import { createSecretStore } from '../reconciler/secret-store.ts';
import type { Settings } from '../schemas/fleet.ts';
import { composeSwitches } from './compose.ts';
import { type Connection, connect, logLevelOf, type RemoteOptions, settingsOfRemote } from './connect.ts';
import { UsageError } from './errors.ts';
import type { Io } from './io.ts';
import { createLogger } from './logger.ts';
import { remoteUrl } from './remote-url.ts';
import { readSignIn } from './sign-in.ts';

export interface DoctorDeps {
  readonly observe: ObserveDeps;
  readonly forge: Forge;
  readonly redact: (text: string) => string;
}

export interface ExamineOptions extends RemoteOptions {
  /** Switches are asked too. */
  readonly switches: boolean;
}

/** Of somebody who may administer the repository; only read with, and never what is judged as our token. */
const ADMIN_TOKEN = 'POINTSMAN_ADMIN_TOKEN';

/** Everything to examine the remote fleet repo, also one whose settings cannot be read. */
export async function composeDoctor(
  io: Io,
  options: ExamineOptions,
  onAsked?: (done: number, of: number) => void,
): Promise<DoctorDeps> {
  const connection = await connect(io, options);
  const read = await settingsOrProblems(io, options, connection);
  const { settings } = read;
  const secrets = createSecretStore(settings.secrets?.sources ?? [], io.environment);
  const adminToken = io.environment[ADMIN_TOKEN] || undefined;
  const { repository, tokens, memory } = connection;
  const redact = createRedactor(() => [
    ...tokens.known(),
    ...(adminToken === undefined ? [] : [adminToken]),
    ...secrets.known(),
  ]);
  const log = createLogger(logLevelOf(io), redact, io.say);
  const at = { ...connection.forgeAt(settings.forge), log, clock: io.clock };
  const forge = createGithubForge({ ...at, token: tokens, memory });
  const inspector = createGithubInspector({ ...at, signIn: readSignIn(io), tokens, memory });
  const lent =
    adminToken === undefined
      ? inspector
      : createGithubInspector({
          ...at,
          signIn: { kind: 'token', token: adminToken },
          tokens: fixedToken(adminToken),
        });

  return {
    redact,
    forge,
    observe: {
      inspector,
      settings: lent,
      forge,
      repository,
      clock: io.clock,
      fleetBranch: settings.branch ?? 'main',
      ledgerBranch: ledgerBranch(settings),
      ...(read.kind === 'absent'
        ? {}
        : {
            readFleet: async (commit): Promise<FleetFacts> =>
              readFleetFacts({ repository, forge, secrets, platforms }, commit, io.signal),
          }),
      ...(options.switches && read.kind === 'read'
        ? {
            askSwitches: async (commit) => {
              const switches = await composeSwitches(io, read.settings, secrets, log);
              return askSwitches(
                { repository, platforms, switches, ...(onAsked ? { onAsked } : {}) },
                commit,
                io.signal,
              );
            },
          }
        : {}),
    },
  };
}

/** What is asked of the settings here; also where there are none yet. */
type SomeSettings = Pick<Settings, 'forge'> & Partial<Settings>;

type ReadSettings =
  | { readonly kind: 'read'; readonly settings: Settings }
  | { readonly kind: 'invalid' | 'absent'; readonly settings: SomeSettings };

/** A fleet that is not valid, or not there, is no reason to leave its repository unexamined. */
async function settingsOrProblems(
  io: Io,
  { remote }: RemoteOptions,
  { repository }: Connection,
): Promise<ReadSettings> {
  try {
    return { kind: 'read', settings: await settingsOfRemote(repository, io.signal) };
  } catch (error) {
    if (!(error instanceof FleetInvalidError || error instanceof BranchMissingError)) throw error;
    const url = remoteUrl(io, remote);
    const address = readGithubAddress(url);
    if (!address) {
      throw new UsageError(
        {
          problem: `pointsman.yaml cannot be read, and ${url} does not say which repository it is`,
          next: 'Give --remote https://github.com/<owner>/<name>.git, or correct pointsman.yaml (pointsman validate).',
        },
        { cause: error },
      );
    }
    const branch = (await repository.defaultBranch(io.signal))?.replace('refs/heads/', '') ?? 'main';
    const absent =
      error instanceof BranchMissingError ||
      error.details.problems.some(({ code }) => code === 'RECONCILER_SETTINGS_MISSING');
    return {
      kind: absent ? 'absent' : 'invalid',
      settings: { forge: { kind: 'github', repository: address.repository, api: address.api }, branch },
    };
  }
}
