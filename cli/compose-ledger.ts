import type { RemoteRepository } from '../git/repository.ts';
import { createLedger } from '../ledger/create-ledger.ts';
import { createRedactor } from '../plans/secrets.ts';
import { ledgerBranch, type ReconcilerDeps } from '../reconciler/deps.ts';
import { AUTHOR, connect, logLevelOf, type RemoteOptions, settingsOfRemote } from './connect.ts';
import type { Io } from './io.ts';
import { createLogger } from './logger.ts';

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
