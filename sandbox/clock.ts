import type { Clock } from '../schemas/clock.ts';

/** The time of a sandbox. Everything emulated reads and waits on one of these, so that a test or a demo can drive it. */
export interface SandboxClock extends Clock {
  /**
   * Calls `fn` once, `inMilliseconds` of this clock from now.
   *
   * @returns Cancels it; harmless once it has run.
   */
  setTimer(inMilliseconds: number, fn: () => void): () => void;
}

export interface ManualClock extends SandboxClock {
  /**
   * Moves the clock, running every timer that falls due at its own moment, in order; timers they set are run too when they
   * fall within. What a promise continues with after a `sleep` runs later, as always.
   */
  advance(milliseconds: number): void;
  /** Milliseconds until the next timer; absent when none is set. */
  untilNextTimer(): number | undefined;
}

/** Time stands still until told to move. `startsAt`: milliseconds since the Unix epoch. */
export function createManualClock(startsAt: number = Date.UTC(2026, 10, 20, 9, 0, 0)): ManualClock {
  let now = startsAt;
  let order = 0;
  const timers = new Map<number, { readonly at: number; readonly fn: () => void }>();

  function next(): readonly [number, { readonly at: number; readonly fn: () => void }] | undefined {
    let soonest: readonly [number, { readonly at: number; readonly fn: () => void }] | undefined;
    for (const entry of timers) if (!soonest || entry[1].at < soonest[1].at) soonest = entry;
    return soonest;
  }

  function setTimer(inMilliseconds: number, fn: () => void): () => void {
    const id = order++;
    timers.set(id, { at: now + Math.max(0, inMilliseconds), fn });
    return () => void timers.delete(id);
  }

  return {
    now: () => now,
    setTimer,
    sleep: (milliseconds, signal) => sleepOn(setTimer, milliseconds, signal),
    advance(milliseconds) {
      const until = now + milliseconds;
      for (let due = next(); due && due[1].at <= until; due = next()) {
        timers.delete(due[0]);
        now = due[1].at;
        due[1].fn();
      }
      now = until;
    },
    untilNextTimer() {
      const soonest = next();
      return soonest && soonest[1].at - now;
    },
  };
}

/** The machine's time, `speed` times as fast: at 60 a minute passes each second. */
export function createRealClock(options: { readonly speed?: number; readonly startsAt?: number } = {}): SandboxClock {
  const speed = options.speed ?? 1;
  const startsAt = options.startsAt ?? Date.now();
  // The monotonic clock: a machine that sets its time while a sandbox runs must not fire or stall timers.
  const origin = performance.now();

  const now = (): number => Math.round(startsAt + (performance.now() - origin) * speed);

  function setTimer(inMilliseconds: number, fn: () => void): () => void {
    const due = now() + inMilliseconds;
    // The machine's timers may fire a little early, which a fast clock makes a second or two.
    const arm = (): NodeJS.Timeout => setTimeout(check, Math.max(0, Math.ceil((due - now()) / speed)));
    const check = (): void => {
      if (now() >= due) fn();
      else timer = arm();
    };
    let timer = arm();
    return () => clearTimeout(timer);
  }

  return { now, setTimer, sleep: (milliseconds, signal) => sleepOn(setTimer, milliseconds, signal) };
}

function sleepOn(setTimer: SandboxClock['setTimer'], milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = setTimer(milliseconds, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
