import { StoppedError } from './errors.ts';
import type { ExitCode, Io } from './io.ts';
import { renderError } from './render-error.ts';
import { requireGit } from './require-git.ts';

/** Runs one command. Never throws: what it throws is said, and ends in 1. */
export async function runCommand(io: Io, command: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    await requireGit(io);
    return await command();
  } catch (error) {
    io.say(renderError(stoppedOr(error, io.signal)));
    return 1;
  }
}

function stoppedOr(error: unknown, signal: AbortSignal): unknown {
  if (!signal.aborted || error !== signal.reason) return error;
  const by = signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
  return new StoppedError({ by }, { cause: error });
}
