import type { Run } from '../../ledger/run.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { LeaseLostError } from '../errors.ts';

/** How long a lease runs. Another machine's process may take over after this long without a sign of life from us. */
export const LEASE_MS = 10 * 60_000;

export interface LeaseKeeper {
  /** Aborted when the lease is not ours any more: nothing may be sent to a switch after that. */
  readonly signal: AbortSignal;
  stop(): Promise<void>;
}

/**
 * Says on the ledger, well before the lease ends, that we are still alive. When that cannot be said in time, work stops:
 * somebody else may be allowed to go on.
 *
 * @param deadline Of the lease as it was written, milliseconds since the epoch.
 */
export function keepLease(deps: ReconcilerDeps, run: string, deadline: number, signal: AbortSignal): LeaseKeeper {
  const lost = new AbortController();
  const stopped = new AbortController();
  const both = AbortSignal.any([signal, stopped.signal]);

  const keeping = (async () => {
    let until = deadline;
    while (!both.aborted) {
      const half = Math.max(0, until - deps.clock.now() - LEASE_MS / 2);
      await deps.clock.sleep(half, both);
      until = await extend(deps, run, until, both);
    }
  })().catch((error: unknown) => {
    if (both.aborted) return;
    lost.abort(
      error instanceof LeaseLostError ? error : new LeaseLostError({ run, why: String(error) }, { cause: error }),
    );
  });

  return {
    signal: AbortSignal.any([signal, lost.signal]),
    async stop() {
      stopped.abort();
      await keeping;
    },
  };
}

/** @returns The new deadline. */
async function extend(deps: ReconcilerDeps, run: string, until: number, signal: AbortSignal): Promise<number> {
  const deadline = deps.clock.now() + LEASE_MS;
  // The old lease bounds the try: a push that hangs must not let us work on past it.
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, until - deps.clock.now()))]);
  await deps.ledger.append(async (view) => {
    const found = await view.run(run);
    if (!isOurs(deps, found)) throw new LeaseLostError({ run, why: 'another process took it over' });
    const event = { kind: 'lease-extended', at: deps.clock.now(), owner: deps.owner, deadline } as const;
    return { title: `${run}: still working`, events: new Map([[run, [event]]]) };
  }, inTime);
  return deadline;
}

export function isOurs(deps: Pick<ReconcilerDeps, 'owner'>, run: Run | undefined): boolean {
  return run?.lease?.owner.id === deps.owner.id;
}
