import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import type { LedgerStep, LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { keepLease, LEASE_MS } from '../../reconciler/deploy/lease-keeper.ts';
import type { ReconcilerDeps } from '../../reconciler/deps.ts';
import type { Clock } from '../../schemas/clock.ts';
import { PointsmanError } from '../../schemas/errors.ts';
import { fold, intent, ownerA, ownerB, RUN, silent, started, T0 } from '../ledger/build.ts';

class Unreachable extends PointsmanError {
  readonly code = 'GIT_UNREACHABLE';
  readonly disposition = 'retry-later';
  readonly next = 'Wait.';
  readonly details = {};
}

/** A keeper whose time passes as fast as it sleeps, and what it sees on the ledger when. */
function keeping(at: (now: number) => readonly RunEvent[] | 'unreachable', untilMs: number) {
  const own = [started(), intent(['leaf-01'], { owner: ownerA, deadline: T0 + LEASE_MS })];
  const over = new AbortController();
  let now = T0;
  const extended: number[] = [];
  const looked: number[] = [];
  const clock: Clock = {
    now: () => now,
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      now += milliseconds;
      if (now - T0 >= untilMs) over.abort(new Error('the test is over'));
      signal.throwIfAborted();
    },
  };
  const view = (): LedgerView => {
    const more = at(now - T0);
    if (more === 'unreachable') throw new Unreachable('no answer');
    return { run: async () => fold([...own, ...more]) } as Partial<LedgerView> as LedgerView;
  };
  const deps = {
    clock,
    owner: ownerA,
    log: silent,
    ledger: {
      async view() {
        looked.push(now - T0);
        return view();
      },
      async append(decide: (view: LedgerView) => Promise<LedgerStep | undefined>) {
        await decide(view());
        extended.push(now - T0);
        return view();
      },
    },
  } as Partial<ReconcilerDeps> as ReconcilerDeps;
  const keeper = keepLease(deps, RUN, T0 + LEASE_MS, over.signal);
  const ended = new Promise((resolve) => over.signal.addEventListener('abort', resolve));
  return { keeper, ended, extended, looked };
}

const wanted: RunEvent = { at: T0, kind: 'end-wanted', by: 'dora', why: 'wrong VLAN' };
const taken: RunEvent = intent(['leaf-01'], { owner: ownerB, deadline: T0 + 2 * LEASE_MS });

describe('whoever keeps a lease', () => {
  it('looks at the ledger every ten seconds, and extends the lease half way', async () => {
    const { ended, extended, looked } = keeping(() => [], LEASE_MS);
    await ended;

    expect(looked.slice(0, 3)).toEqual([10_000, 20_000, 30_000]);
    expect(extended).toEqual([LEASE_MS / 2]);
  });

  it('stops work at the first look that finds the run is to end, and goes on keeping the lease', async () => {
    const { keeper, ended, extended } = keeping((now) => (now > 35_000 ? [wanted] : []), 2 * LEASE_MS);
    const stopped = new Promise((resolve) => keeper.signal.addEventListener('abort', resolve));
    await stopped;
    const by: Run['endWanted'] = keeper.endWanted();
    const mayLook = !keeper.looking.aborted;
    await ended;

    expect(by).toEqual({ by: 'dora', at: T0, why: 'wrong VLAN' });
    expect(mayLook).toBe(true);
    expect(extended.length).toBeGreaterThan(1);
  });

  it('goes on when a look fails', async () => {
    const { keeper, ended, extended } = keeping((now) => (now === 20_000 ? 'unreachable' : []), LEASE_MS);
    const lost = new Promise((resolve) => keeper.looking.addEventListener('abort', resolve));
    await Promise.race([ended, lost]);

    expect(extended).toEqual([LEASE_MS / 2]);
  });

  it('stops everything when another has taken the lease over', async () => {
    const { keeper } = keeping((now) => (now > 15_000 ? [taken] : []), LEASE_MS);
    await new Promise((resolve) => keeper.looking.addEventListener('abort', resolve));

    expect(keeper.looking.reason).toMatchObject({ code: 'RECONCILER_LEASE_LOST' });
    expect(keeper.endWanted()).toBeUndefined();
  });
});
