import { visible } from '../../plans/safe-text.ts';
import type { Answer } from '../../reconciler/commands/answer.ts';
import { doByHand, type HandVerb } from '../../reconciler/commands/by-hand.ts';
import { composeReconciler } from '../compose.ts';
import type { RemoteOptions } from '../connect.ts';
import { NoPersonError, UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { parseDuration } from '../parse-duration.ts';

export interface ControlOptions extends RemoteOptions {
  readonly reason?: string;
  /** `1m`: of `terminate`. */
  readonly wait?: string;
  readonly json: boolean;
}

/**
 * `pointsman approve`, `reject`, `retry`, `terminate`, `pause`, `resume`: the controls of a run, as the person the token belongs
 * to. 0: done; 1: refused, or an error; 3: recorded, and switches are still being changed.
 */
export async function controlCommand(
  io: Io,
  verb: HandVerb,
  run: string,
  stage: string | undefined,
  { reason, wait, json, ...remote }: ControlOptions,
): Promise<ExitCode> {
  if (reason !== undefined) refuseHidden(reason);
  const waitMilliseconds = parseDuration(wait ?? '0s', '--wait');
  const deps = await composeReconciler(io, remote);
  const by = await deps.forge.viewer(io.signal);
  if (by === undefined) throw new NoPersonError({ verb });
  const order = {
    verb,
    run,
    by,
    waitMilliseconds,
    ...(stage === undefined ? {} : { stage }),
    ...(reason === undefined ? {} : { reason }),
  };
  const answer = await doByHand(deps, order, io.signal);
  io.out(deps.redact(json ? `${JSON.stringify({ ...answer, by }, undefined, 2)}\n` : render(answer)));
  return answer.verdict === 'refused' ? 1 : answer.pending ? 3 : 0;
}

const LONGEST_REASON = 500;

function refuseHidden(reason: string): void {
  if (reason.trim() !== '' && reason.length <= LONGEST_REASON && visible(reason) === reason) return;
  throw new UsageError({
    problem: `--reason is empty, longer than ${LONGEST_REASON} characters, or holds what does not show`,
    next: 'Give one line of text.',
  });
}

function render({ verdict, why, lines = [], next, copy }: Answer): string {
  const then = [next, copy].filter((part) => part !== undefined).join(' ');
  return `${[`${verdict}: ${visible(why)}.`, ...lines, ...(then === '' ? [] : [visible(then)])].join('\n')}\n`;
}
