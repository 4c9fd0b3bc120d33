import type { PassReport } from '../reconciler/pass.ts';
import type { Clock } from '../schemas/clock.ts';
import type { Log } from '../schemas/log.ts';
import { judgePass, type PassResult, type PassVerdict, retryAt } from './judge-pass.ts';
import { asleep, beginPass, dueIn, endPass, type WakeReason, type WakeState, wakeUp } from './wake.ts';

export interface PassLoopDeps {
  /** One pass, everything it needs made anew. Stops where it is when the signal is aborted. */
  readonly pass: (signal: AbortSignal) => Promise<PassReport>;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** How long a webhook waits for others of its burst. */
  readonly debounceMilliseconds: number;
  onBegin(): void;
  onEnd(ended: EndedPass): void;
}

export interface EndedPass {
  readonly verdict: PassVerdict;
  /** Absent when it threw. */
  readonly report?: PassReport;
  readonly milliseconds: number;
  readonly endedAt: number;
}

/** How the loop is, for those who ask from outside. */
export interface LoopState {
  readonly running: boolean;
  readonly queued: boolean;
  /** Passes in a row of which nothing came. */
  readonly failuresInARow: number;
  /** Of the last of them. */
  readonly lastFailure?: Extract<PassVerdict, { kind: 'failed' | 'bug' }>;
}

export interface PassLoop {
  wake(reason: WakeReason): void;
  state(): LoopState;
  /**
   * Begins no further pass, and gives the one under way its time.
   *
   * @param graceMilliseconds After that it is aborted: it stops where it is, which is where a killed one would have stopped.
   * @returns `idle`: there was none; `finished`, or `aborted`; `left`: it did not even hear the abort.
   */
  stop(graceMilliseconds: number): Promise<'idle' | 'finished' | 'aborted' | 'left'>;
}

/** What an aborted pass may take to let go: it answers to the signal at its next await. */
const LET_GO_MS = 10_000;

/** One pass after another, each when it is due by {@link dueIn}. Begins with nothing wanted. */
export function createPassLoop(deps: PassLoopDeps): PassLoop {
  const { clock, log, random } = deps;
  const abort = new AbortController();
  let state: WakeState = asleep;
  let stopped = false;
  let failuresInARow = 0;
  let incompleteInARow = 0;
  let lastFailure: LoopState['lastFailure'];
  let current: Promise<void> | undefined;
  let alarm = new AbortController();

  /** Sleeps until a pass is due and begins it. Called whenever what is wanted has changed. */
  function arm(): void {
    alarm.abort(); // Nobody waits for the time it was set to any more.
    const wait = stopped ? undefined : dueIn(state, clock.now());
    if (wait === undefined) return;
    const mine = new AbortController();
    alarm = mine;
    clock.sleep(wait, mine.signal).then(begin, () => undefined);
  }

  function begin(): void {
    const now = clock.now();
    if (stopped || state.running) return;
    if (dueIn(state, now) !== 0) {
      arm(); // A clock that was set back meanwhile: wait again.
      return;
    }
    const reasons = state.wanted?.reasons ?? [];
    state = beginPass(state);
    log.info({ reasons }, 'pass begun');
    deps.onBegin();
    current = attempt().then((result) => end(result, now));
  }

  async function attempt(): Promise<PassResult> {
    try {
      return { kind: 'returned', report: await deps.pass(abort.signal) };
    } catch (error) {
      return { kind: 'threw', error };
    }
  }

  function end(result: PassResult, begunAt: number): void {
    const now = clock.now();
    current = undefined;
    // What an aborted pass throws is the stop itself, and says nothing about the service.
    if (abort.signal.aborted) return;
    const verdict = judgePass(result);
    const whole = verdict.kind === 'failed' || verdict.kind === 'bug';
    incompleteInARow = verdict.kind === 'done' ? 0 : incompleteInARow + 1;
    failuresInARow = whole ? failuresInARow + 1 : 0;
    lastFailure = whole ? verdict : undefined;
    tell(verdict, now - begunAt);

    const again = retryAt(verdict, incompleteInARow, now, random);
    state = endPass(state, whole ? again : undefined);
    if (again !== undefined) state = wakeUp(state, 'retry', again);
    const goesOnAt = result.kind === 'returned' ? firstToGoOn(result.report) : undefined;
    if (goesOnAt !== undefined) state = wakeUp(state, 'due', Math.max(now, goesOnAt));
    deps.onEnd({
      verdict,
      milliseconds: now - begunAt,
      endedAt: now,
      ...(result.kind === 'returned' ? { report: result.report } : {}),
    });
    arm();
  }

  function tell(verdict: PassVerdict, milliseconds: number): void {
    switch (verdict.kind) {
      case 'done':
        log.info({ milliseconds }, 'pass ended');
        return;
      case 'partial':
        log.warn({ milliseconds, code: verdict.error.code }, 'pass ended, something was left for the next one');
        return;
      case 'failed':
        log.error({ milliseconds, failuresInARow, error: verdict.error }, 'pass failed');
        return;
      case 'bug':
        log.error({ milliseconds, failuresInARow, err: verdict.thrown }, 'pass ended by a bug');
        return;
      default:
        verdict satisfies never;
    }
  }

  return {
    wake(reason) {
      state = wakeUp(state, reason, clock.now() + (reason === 'webhook' ? deps.debounceMilliseconds : 0));
      arm();
    },

    state: () => ({
      running: state.running,
      queued: state.wanted !== undefined,
      failuresInARow,
      ...(lastFailure ? { lastFailure } : {}),
    }),

    async stop(graceMilliseconds) {
      stopped = true;
      arm();
      const under = current;
      if (!under) return 'idle';
      log.info({ graceMilliseconds }, 'stopping, the pass under way is given its time');
      if (await endsWithin(under, graceMilliseconds, clock)) return 'finished';
      abort.abort(new Error('the service was stopped'));
      return (await endsWithin(under, LET_GO_MS, clock)) ? 'aborted' : 'left';
    },
  };
}

/** When the first of the runs that wait for a time goes on, milliseconds since the epoch. */
function firstToGoOn({ runs }: PassReport): number | undefined {
  const times = runs.flatMap((run) => (run.kind === 'waiting' ? (run.until ?? []) : []));
  return times.length === 0 ? undefined : Math.min(...times);
}

async function endsWithin(what: Promise<void>, milliseconds: number, clock: Clock): Promise<boolean> {
  const enough = new AbortController();
  const timeIsUp = clock.sleep(milliseconds, enough.signal).then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([what.then(() => true), timeIsUp]);
  } finally {
    enough.abort();
  }
}
