import type { Ledger } from '../../ledger/ledger.ts';
import { PointsmanError } from '../../schemas/errors.ts';
import { composeLedger } from '../compose-ledger.ts';
import type { RemoteOptions } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';
import { parseDuration } from '../parse-duration.ts';
import { findRun } from '../runs/find-run.ts';
import { isWaitingForPerson, type Look, lookAtRun } from '../runs/look-at-run.ts';
import { type Face, jsonFace, lineFace, liveFace } from '../runs/watch-faces.ts';

/**
 * `pointsman watch`: a run until it ends. 0: COMPLETED; 1: ended otherwise, or given up while it goes on by itself; 3: given up
 * while it waits for a person.
 */
export async function watchCommand(
  io: Io,
  asked: string,
  { json, every, ...remote }: RemoteOptions & { readonly json: boolean; readonly every: string },
): Promise<ExitCode> {
  const milliseconds = parseDuration(every, '--every');
  const { ledger, redact } = await composeLedger(io, remote);
  const out = (text: string) => io.out(redact(text));
  const say = (text: string) => io.say(redact(text));
  const shown: Io = { ...io, out, say };
  const { name } = await findRun(await ledger.view(io.signal), asked);
  const face = json ? jsonFace(shown) : io.isTerminal ? liveFace(shown, every) : lineFace(shown);
  return watch(shown, ledger, { name, milliseconds, face });
}

async function watch(
  io: Io,
  ledger: Ledger,
  { name, milliseconds, face }: { readonly name: string; readonly milliseconds: number; readonly face: Face },
): Promise<ExitCode> {
  const before = new Map<string, number>();
  let last: Look | undefined;
  try {
    for (;;) {
      const look = await lookAgain(io, ledger, { name, before, face });
      if (look) {
        last = look;
        face.show(look);
        if (look.run.endedAt !== undefined) {
          face.end(look);
          return look.run.status === 'COMPLETED' ? 0 : 1;
        }
      }
      await io.clock.sleep(milliseconds, io.signal);
    }
  } catch (error) {
    face.stop();
    if (!io.signal.aborted || !last) throw error;
    return givenUp(io, last);
  }
}

/** @returns `undefined` when the ledger could not be reached, which may pass; whatever else is wrong is thrown. */
async function lookAgain(
  io: Io,
  ledger: Ledger,
  { name, before, face }: { readonly name: string; readonly before: Map<string, number>; readonly face: Face },
): Promise<Look | undefined> {
  try {
    const view = await ledger.view(io.signal);
    return await lookAtRun(view, await findRun(view, name), before);
  } catch (error) {
    if (!(error instanceof PointsmanError) || error.disposition !== 'retry-later') throw error;
    face.miss(error);
    return undefined;
  }
}

/** Nothing was done by watching, so nothing has to be said about switches. */
function givenUp(io: Io, look: Look): ExitCode {
  const waits = isWaitingForPerson(look);
  const rest = waits ? 'It waits for a person.' : 'It goes on by itself.';
  io.say(`Stopped watching ${look.run.name}. ${rest}\n`);
  return waits ? 3 : 1;
}
