import { describe, expect, it } from 'vitest';
import { createDeliveries } from '../../daemon/deliveries.ts';
import { createManualClock } from '../../sandbox/clock.ts';

const HOUR_MS = 3_600_000;

describe('deliveries that were taken', () => {
  it('are known again by their id, and by their signature under another id', () => {
    const deliveries = createDeliveries({ clock: createManualClock() });

    expect(deliveries.note({ id: 'a', signature: 's1' })).toBe(true);
    expect(deliveries.note({ id: 'a', signature: 's1' })).toBe(false);
    expect(deliveries.note({ id: 'a', signature: 's2' })).toBe(false);
    expect(deliveries.note({ id: 'b', signature: 's1' })).toBe(false);
    expect(deliveries.note({ id: 'c', signature: 's3' })).toBe(true);
  });

  it('are forgotten when their time is over', () => {
    const clock = createManualClock();
    const deliveries = createDeliveries({ clock, keepMilliseconds: HOUR_MS });
    deliveries.note({ id: 'a', signature: 's1' });

    clock.advance(HOUR_MS - 1);
    const before = deliveries.note({ id: 'a', signature: 's1' });
    clock.advance(1);
    const after = deliveries.note({ id: 'a', signature: 's1' });

    expect([before, after]).toEqual([false, true]);
  });

  it('are never more than may be remembered: the oldest go first', () => {
    const deliveries = createDeliveries({ clock: createManualClock(), most: 3 });
    for (const id of ['a', 'b', 'c', 'd']) deliveries.note({ id, signature: `of ${id}` });

    expect(deliveries.size()).toBe(3);
    expect(deliveries.note({ id: 'd', signature: 'of d' })).toBe(false);
    expect(deliveries.note({ id: 'a', signature: 'of a' })).toBe(true);
  });
});
