import type { LoopState } from './pass-loop.ts';

/** Passes of which nothing came, in a row, until the service says that it is not ready: one may be GitHub's bad minute. */
const FAILURES_UNTIL_UNREADY = 3;

export type Readiness = { readonly kind: 'ready' } | { readonly kind: 'not-ready'; readonly why: string };

/**
 * Whether the service does its work. Says codes and no messages: who may ask is not known, and messages name switches and
 * addresses; the log has them.
 *
 * @param knowsFleet Some pass has read the settings of the fleet.
 */
export function decideReadiness(loop: LoopState, knowsFleet: boolean, isStopping: boolean): Readiness {
  if (isStopping) return { kind: 'not-ready', why: 'the service is stopping' };
  const { failuresInARow, lastFailure } = loop;
  if (failuresInARow >= FAILURES_UNTIL_UNREADY) {
    const code = lastFailure?.kind === 'failed' ? lastFailure.error.code : 'a bug';
    return { kind: 'not-ready', why: `the last ${failuresInARow} passes failed (${code})` };
  }
  if (!knowsFleet) return { kind: 'not-ready', why: 'no pass has read the settings of the fleet yet' };
  return { kind: 'ready' };
}
