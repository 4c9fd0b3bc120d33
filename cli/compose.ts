import { driverFor } from '../drivers/registry.ts';
import { createGithubForge } from '../forge/create-github-forge.ts';
import { createLedger } from '../ledger/create-ledger.ts';
import { createFingerprint, createRedactor } from '../plans/secrets.ts';
import { ledgerBranch, type ReconcilerDeps } from '../reconciler/deps.ts';
import { createSecretStore, type RememberingSecretStore } from '../reconciler/secret-store.ts';
import type { Settings } from '../schemas/fleet.ts';
import type { Log } from '../schemas/log.ts';
import type { SwitchDeps } from '../workflows/open-switch.ts';
import { AUTHOR, type Connection, connect, logLevelOf, type RemoteOptions, settingsOfRemote } from './connect.ts';
import type { Io } from './io.ts';
import { createLogger } from './logger.ts';

/** The only place where real things are made and handed to each other. No logic but "which". */

/** Whose switches are spoken to: of the named sites, or of all that name no runner of their own. */
export interface ReachOptions extends RemoteOptions {
  readonly site?: readonly string[];
}

const DEFAULT_POLL_MS = 1_000;

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
