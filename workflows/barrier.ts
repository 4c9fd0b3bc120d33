import type { Clock } from '../schemas/clock.ts';
import {
  BARRIER_MARGIN_MS,
  type BarrierDecision,
  type BatchStanding,
  decideBarrier,
  type Obstacle,
  renderObstacles,
} from './decide-barrier.ts';

/** A switch that is live, proven, and waits for the others of its batch. */
export interface AtBarrier {
  /** Until when this switch can still be confirmed, milliseconds since the epoch. */
  readonly confirmBy: number;
  /** Asked once everybody is there: a switch may have gone back while it waited. @returns Why it cannot be confirmed. */
  readonly lookAgain: (signal: AbortSignal) => Promise<string | undefined>;
}

/** All switches of a batch are proven before any is confirmed. In-process: one object for one batch. */
export interface Barrier {
  /**
   * Called by each switch once it is live and proven. Resolves when everybody is there, or somebody failed, or the earliest
   * confirm deadline nears.
   *
   * @throws The signal's reason, when aborted. Then nobody can be confirmed by this process any more; the others are told
   *   to take back when their time nears, unless another process takes over.
   */
  proven(device: string, at: AtBarrier, signal: AbortSignal): Promise<BarrierDecision>;
  /** Nothing waits for a yes on this switch: it runs what is intended, for good. It counts as there. */
  settled(device: string): void;
  /**
   * This switch will not be proven (it failed, was untouched, reverted, unknown). Everybody else is told to take back.
   * Without effect once it is decided.
   */
  failed(device: string, why: string): void;
  /** Why the batch is not confirmed; empty as long as it may still be. */
  obstacles(): readonly Obstacle[];
}

export interface BarrierDeps {
  readonly clock: Clock;
  /**
   * Writes the decision where the next process finds it. `confirm` is waited for before anybody confirms; when it throws, or
   * takes too long, all take back, and that is written too. So it is called twice at most, and has to hold on to what stands
   * already: it throws rather than replace one decision by another. For `take-back` nothing rests on what it throws.
   *
   * @param signal Aborted when the time is over; what has not been written by then must not be.
   */
  readonly decide: (decision: BarrierDecision, why: string, signal: AbortSignal) => Promise<void>;
}

/** Of the earliest `confirmBy`, kept for the switches when the decision is on record: connecting, and saying yes. */
const CONFIRM_MS = 5_000;
/** How long the others wait for it to be written down that they take back. */
const RECORD_TAKE_BACK_MS = 10_000;

/** @param devices All of the batch. Each has to say how it came out, one way or another. */
export function createBarrier({ clock, decide }: BarrierDeps, devices: readonly string[]): Barrier {
  const waiting = new Map<string, AtBarrier>();
  const settled = new Set<string>();
  const failed = new Map<string, string>();
  const decided = Promise.withResolvers<BarrierDecision>();
  const over = new AbortController();
  let begun = false;
  let obstacles: readonly Obstacle[] = [];

  function standing(): BatchStanding {
    const confirmBy = new Map([...waiting].map(([device, at]) => [device, at.confirmBy]));
    return { devices, waiting: confirmBy, settled, failed };
  }

  /** Decides at most once; what happens afterwards changes nothing. */
  function consider(): void {
    if (begun) return;
    const verdict = decideBarrier(standing(), clock.now());
    if (verdict.kind === 'wait') return;
    begun = true;
    over.abort();
    if (verdict.kind === 'take-back') obstacles = verdict.obstacles;
    void conclude().then(decided.resolve);
  }

  async function conclude(): Promise<BarrierDecision> {
    if (obstacles.length === 0) obstacles = await tryToConfirm();
    if (obstacles.length === 0) return 'confirm';
    // All were told to stop, and what they wait for is left to the process that takes over.
    if (failed.size === 0 && waiting.size === 0) return 'take-back';
    const limit = Math.min(clock.now() + RECORD_TAKE_BACK_MS, earliest());
    // Whoever finds no decision starts a barrier of its own, so nothing is lost with this one.
    await endedBy(limit, (signal) => decide('take-back', renderObstacles(obstacles), signal)).catch(() => undefined);
    return 'take-back';
  }

  /** Until when all that wait can be confirmed; for ever when none does. */
  function earliest(): number {
    return Math.min(...[...waiting.values()].map(({ confirmBy }) => confirmBy));
  }

  /** @returns What is in the way; empty when it stands on record that all may be confirmed. */
  async function tryToConfirm(): Promise<readonly Obstacle[]> {
    const present = [...waiting];
    const limit = earliest() - CONFIRM_MS;
    const looks = present.map(async ([device, { lookAgain }]): Promise<readonly Obstacle[]> => {
      try {
        const why = await endedBy(limit, lookAgain);
        return why === undefined ? [] : [{ device, why }];
      } catch (error) {
        return [{ device, why: `it could not be looked at again: ${wordsOf(error)}` }];
      }
    });
    const found = (await Promise.all(looks)).flat();
    if (found.length > 0) return found;
    const lost = present.filter(([device]) => !waiting.has(device));
    if (lost.length > 0) return lost.map(([device]) => ({ device, why: 'its process was told to stop' }));
    try {
      await endedBy(limit, (signal) => decide('confirm', `all ${devices.length} are live and proven`, signal));
      return [];
    } catch (error) {
      return [{ why: `that all may be confirmed could not be written down: ${wordsOf(error)}` }];
    }
  }

  async function endedBy<T>(limit: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const late = async (): Promise<never> => {
      await clock.sleep(Math.max(0, limit - clock.now()), stop.signal);
      throw new Error('it took too long');
    };
    try {
      return await Promise.race([work(stop.signal), late()]);
    } finally {
      stop.abort();
    }
  }

  return {
    async proven(device, at, signal) {
      refuseStranger(devices, device);
      signal.throwIfAborted();
      waiting.set(device, at);
      consider();
      const ended = AbortSignal.any([signal, over.signal]);
      const timeIsUp = clock.sleep(Math.max(0, at.confirmBy - BARRIER_MARGIN_MS - clock.now()), ended);
      timeIsUp.then(consider, () => undefined);
      const gone = Promise.withResolvers<never>();
      const leave = (): void => {
        waiting.delete(device);
        gone.reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      try {
        return await Promise.race([decided.promise, gone.promise]);
      } finally {
        signal.removeEventListener('abort', leave);
      }
    },
    settled(device) {
      refuseStranger(devices, device);
      settled.add(device);
      consider();
    },
    failed(device, why) {
      refuseStranger(devices, device);
      failed.set(device, why);
      consider();
    },
    obstacles: () => obstacles,
  };
}

/** A device that nobody counts could be confirmed, or hold up all others, unnoticed. */
function refuseStranger(devices: readonly string[], device: string): void {
  if (!devices.includes(device)) throw new RangeError(`${device} is not of the batch ${devices.join(', ')}`);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
