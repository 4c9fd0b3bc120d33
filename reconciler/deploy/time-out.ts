import type { RunEvent } from '../../ledger/events.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { hasEnded } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { RunTimedOutError } from '../errors.ts';
import { isInterrupted } from './ask-and-apply.ts';
import type { Advance, DeployWork } from './deploy-work.ts';
import { tellEnd } from './finish-run.ts';
import { childEnded, moved, runEnded } from './run-events.ts';

/**
 * Ends a run whose time is over, and its batches with it. Only where no switch is in the middle of anything: those are
 * brought to their end first.
 */
export async function timeOut(deps: ReconcilerDeps, work: DeployWork, run: Run, signal: AbortSignal): Promise<Advance> {
  const after = await deps.ledger.append(async (view) => {
    const now = await view.run(run.name);
    const family = now ? [now, ...(await openChildren(view, now))] : [];
    if (!now || hasEnded(now.status) || family.some(isInterrupted)) return undefined;
    const at = deps.clock.now();
    return {
      title: `${run.name}: its time is over`,
      events: new Map(
        family.map((one) => {
          const events = timedOutEvents(at, one);
          const told =
            one === now ? family.slice(1).map((child) => childEnded(at, child, timedOutEvents(at, child))) : [];
          return [one.name, [...told, ...events]];
        }),
      ),
    };
  }, signal);
  const ended = await after.run(run.name);
  if (ended?.status !== 'TIMED_OUT') return { kind: 'waiting', run: run.name, why: 'its time is over' };
  await tellEnd(deps, work, after, ended, signal);
  return { kind: 'ended', run: run.name, status: ended.status };
}

/** Batches of a run that have not ended. */
export async function openChildren(view: LedgerView, { children }: Run): Promise<readonly Run[]> {
  const found = await Promise.all(children.map(({ run }) => view.run(run)));
  return found.filter((child) => child !== undefined && child.endedAt === undefined) as readonly Run[];
}

function timedOutEvents(at: number, run: Run): readonly RunEvent[] {
  const why = 'its time is over';
  return [
    ...run.stages.flatMap(({ name, state }) => {
      if (state === 'NOT_STARTED') return [moved(at, name, 'UNREACHABLE', why)];
      return state === 'COMPLETE' || state === 'FAILED' || state === 'UNREACHABLE'
        ? []
        : [moved(at, name, 'FAILED', why)];
    }),
    ...run.devices
      .filter(({ outcome }) => !outcome)
      .map(({ site, device }): RunEvent => {
        const error = new RunTimedOutError({ device, run: run.name }).toJSON();
        return { kind: 'device-ended', at, site, device, stage: '', outcome: { kind: 'untouched', error } };
      }),
    runEnded(at, { ...run, status: 'TIMED_OUT' }, why),
  ];
}
