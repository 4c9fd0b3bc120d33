import type { Run } from '../../ledger/run.ts';
import { PointsmanError } from '../../schemas/errors.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { LeaseLostError } from '../errors.ts';

/** How long a lease runs. Another machine's process may take over after this long without a sign of life from us. */
export const LEASE_MS = 10 * 60_000;
/** How often the ledger is looked at meanwhile: somebody may have said there that the run is to end. */
const LOOK_EVERY_MS = 10_000;
/** A look that takes longer is given up; the next one comes. */
const LOOK_LIMIT_MS = 30_000;

export interface LeaseKeeper {
  /** Aborted when the lease is not ours any more, or the run is to end: nothing may be sent to a switch after that. */
  readonly signal: AbortSignal;
  /** Aborted only when the lease is not ours any more: until then switches may be looked at. */
  readonly looking: AbortSignal;
  /** Who said that the run is to end, once that was seen. */
  endWanted(): Run['endWanted'];
  stop(): Promise<void>;
}

/**
 * Says on the ledger, well before the lease ends, that we are still alive. When that cannot be said in time, work stops:
 * somebody else may be allowed to go on. It stops as well when somebody wants the run to end.
 *
 * @param deadline Of the lease as it was written, milliseconds since the epoch.
 */
export function keepLease(deps: ReconcilerDeps, run: string, deadline: number, signal: AbortSignal): LeaseKeeper {
  const lost = new AbortController();
  const ending = new AbortController();
  const stopped = new AbortController();
  const both = AbortSignal.any([signal, stopped.signal]);
  let wanted: Run['endWanted'];

  const heed = (found: Run | undefined): void => {
    if (!isOurs(deps, found)) throw new LeaseLostError({ run, why: 'another process took it over' });
    wanted ??= found?.endWanted;
    if (wanted) ending.abort(new DOMException(`${wanted.by} wants ${run} ended`, 'AbortError'));
  };

  const keeping = (async () => {
    let until = deadline;
    while (!both.aborted) {
      const half = Math.max(0, until - deps.clock.now() - LEASE_MS / 2);
      await deps.clock.sleep(wanted ? half : Math.min(half, LOOK_EVERY_MS), both);
      if (half <= LOOK_EVERY_MS) until = await extend(deps, run, until, heed, both);
      else if (!wanted) await look(deps, run, heed, signal);
    }
  })().catch((error: unknown) => {
    if (both.aborted) return;
    lost.abort(
      error instanceof LeaseLostError ? error : new LeaseLostError({ run, why: String(error) }, { cause: error }),
    );
  });

  return {
    signal: AbortSignal.any([signal, lost.signal, ending.signal]),
    looking: AbortSignal.any([signal, lost.signal]),
    endWanted: () => wanted,
    async stop() {
      stopped.abort();
      await keeping;
    },
  };
}

/** @returns The new deadline. */
async function extend(
  deps: ReconcilerDeps,
  run: string,
  until: number,
  heed: (found: Run | undefined) => void,
  signal: AbortSignal,
): Promise<number> {
  const deadline = deps.clock.now() + LEASE_MS;
  // The old lease bounds the try: a push that hangs must not let us work on past it.
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, until - deps.clock.now()))]);
  await deps.ledger.append(async (view) => {
    heed(await view.run(run));
    const event = { kind: 'lease-extended', at: deps.clock.now(), owner: deps.owner, deadline } as const;
    return { title: `${run}: still working`, events: new Map([[run, [event]]]) };
  }, inTime);
  return deadline;
}

/** Whether we may go on at all is decided by {@link extend}: a look that fails is no reason to stop. */
async function look(
  deps: ReconcilerDeps,
  run: string,
  heed: (found: Run | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  let found: Run | undefined;
  try {
    found = await (await deps.ledger.view(AbortSignal.any([signal, AbortSignal.timeout(LOOK_LIMIT_MS)]))).run(run);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PointsmanError) && !(error instanceof DOMException)) throw error;
    deps.log.debug({ run, err: error }, 'the ledger could not be looked at');
    return;
  }
  heed(found);
}

export function isOurs(deps: Pick<ReconcilerDeps, 'owner'>, run: Run | undefined): boolean {
  return run?.lease?.owner.id === deps.owner.id;
}
