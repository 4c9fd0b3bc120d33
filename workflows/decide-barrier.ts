/** What a batch that is confirmed together or not at all is told. */
export type BarrierDecision = 'confirm' | 'take-back';

/** Why a batch is not confirmed. */
export interface Obstacle {
  /** The switch it is about; absent when it is about none. */
  readonly device?: string;
  /** One sentence, or a few words that follow the name of the switch. */
  readonly why: string;
}

/** How far the switches of one batch have come. */
export interface BatchStanding {
  readonly devices: readonly string[];
  /** Live and proven: until when each can still be confirmed, milliseconds since the epoch. */
  readonly waiting: ReadonlyMap<string, number>;
  /** They run what is intended, for good: nothing is left to confirm. */
  readonly settled: ReadonlySet<string>;
  /** Why, by device. */
  readonly failed: ReadonlyMap<string, string>;
}

export type BarrierVerdict =
  | { readonly kind: 'wait' }
  | { readonly kind: 'everybody-is-there' }
  /** `obstacles` is never empty. */
  | { readonly kind: 'take-back'; readonly obstacles: readonly Obstacle[] };

/**
 * What has to be left of the shortest confirm window when everybody is there: all are looked at again, the decision is
 * written down, and then each still has to be told.
 */
export const BARRIER_MARGIN_MS = 15_000;

/** Whether a batch may be confirmed, from what is known at one moment. One failure outweighs everything else. */
export function decideBarrier({ devices, waiting, settled, failed }: BatchStanding, now: number): BarrierVerdict {
  if (failed.size > 0) {
    return { kind: 'take-back', obstacles: [...failed].map(([device, why]) => ({ device, why })) };
  }
  // Nobody waits for an answer, so none is given.
  if (waiting.size === 0) return { kind: 'wait' };
  const decideBy = Math.min(...waiting.values()) - BARRIER_MARGIN_MS;
  const missing = devices.filter((device) => !waiting.has(device) && !settled.has(device));
  if (missing.length === 0 && now <= decideBy) return { kind: 'everybody-is-there' };
  if (missing.length > 0 && now < decideBy) return { kind: 'wait' };
  return {
    kind: 'take-back',
    obstacles:
      missing.length > 0
        ? missing.map((device) => ({ device, why: 'it was not proven before the time of the others ended' }))
        : [{ why: 'the last switch was proven when the time of the first had ended' }],
  };
}

/** At most five, in one line. */
export function renderObstacles(obstacles: readonly Obstacle[]): string {
  const named = obstacles.slice(0, 5).map(({ device, why }) => {
    // Errors of ours name the switch themselves.
    return device === undefined || why.startsWith(`${device} `) ? why : `${device}: ${why}`;
  });
  return [...named, ...(obstacles.length > 5 ? [`and ${obstacles.length - 5} more`] : [])].join('; ');
}
