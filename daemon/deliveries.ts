import type { Clock } from '../schemas/clock.ts';

/** Deliveries that were taken already. In memory: what is forgotten at a restart costs a look too many, never a wrong one. */
export interface Deliveries {
  /** Notes a delivery. @returns False when it was noted before. */
  note(delivery: { readonly id: string; readonly signature: string }): boolean;
  size(): number;
}

export interface DeliveriesDeps {
  readonly clock: Clock;
  /** How many are remembered; 10,000 unless given. The oldest go first. */
  readonly most?: number;
  /** For how long; three days unless given: GitHub offers deliveries of that long ago for sending again. */
  readonly keepMilliseconds?: number;
}

const MOST = 10_000;
// Source: docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
const KEEP_MS = 3 * 24 * 3_600_000;

/**
 * A delivery is known by its id and by its signature. The id is what GitHub repeats when it sends something again; but the
 * signature is over the body alone, so somebody who replays a recorded delivery may give it any id.
 */
export function createDeliveries({ clock, most = MOST, keepMilliseconds = KEEP_MS }: DeliveriesDeps): Deliveries {
  const ids = createRecent(most, keepMilliseconds);
  const signatures = createRecent(most, keepMilliseconds);
  return {
    note({ id, signature }) {
      const now = clock.now();
      const newId = ids.add(id, now);
      const newSignature = signatures.add(signature, now);
      return newId && newSignature;
    },
    size: () => ids.size(),
  };
}

/** Names in the order they came; a map keeps that order by itself. */
function createRecent(most: number, keepMilliseconds: number) {
  const since = new Map<string, number>();

  function forget(now: number): void {
    for (const [name, at] of since) {
      if (now - at < keepMilliseconds && since.size <= most) return;
      since.delete(name);
    }
  }

  return {
    add(name: string, now: number): boolean {
      forget(now);
      if (since.has(name)) return false;
      since.set(name, now);
      forget(now);
      return true;
    },
    size: () => since.size,
  };
}
