import { isDeepStrictEqual } from 'node:util';
import type { LastChange } from '../../drivers/driver.ts';
import type { DeviceDrift, DriftedLeaf, WentBack } from '../../ledger/ledger.ts';
import { digestOfChanges } from '../../plans/make-plan.ts';
import type { Change } from '../../schemas/change.ts';

/** A switch may differ in everything; what people read has an end. */
const MOST_CHANGES = 200;

export interface SeenDrift {
  /** What would mend it. */
  readonly changes: readonly Change[];
  /** Where a Rollback made it run something else than the branch says; then `changes` are from that. */
  readonly wentBack?: WentBack;
  readonly lastChange: LastChange | undefined;
  /** Accounts that are ours: what they applied last is not what drifted. */
  readonly own: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the ledger keeps of a switch that drifts, from when it is first seen to differ in exactly this way. */
export function makeDrift(
  about: Pick<DeviceDrift, 'site' | 'device' | 'run' | 'commit'>,
  { changes, wentBack, lastChange, own, at }: SeenDrift,
): DeviceDrift {
  const by = changes.length > 0 && lastChange && !own.includes(lastChange.by) ? lastChange : undefined;
  return {
    ...about,
    since: at,
    seenAt: at,
    digest: digestOfChanges(changes),
    ...kept(changes),
    ...(wentBack ? { wentBack } : {}),
    ...(by ? { by: by.by, ...(by.at === undefined ? {} : { changedAt: by.at }) } : {}),
  };
}

/** @param changes What would make it run what the branch says. */
export function makeWentBack(
  { to, run, ledger }: Pick<WentBack, 'to' | 'run' | 'ledger'>,
  changes: readonly Change[],
): WentBack {
  return { to, run, ...(ledger === undefined ? {} : { ledger }), ...kept(changes) };
}

function kept(changes: readonly Change[]): Pick<DeviceDrift, 'changes' | 'more'> {
  return { changes: changes.slice(0, MOST_CHANGES).map(leafOf), more: Math.max(0, changes.length - MOST_CHANGES) };
}

/** It differs as it did: then nothing is written. Whoever applied something else since is not whom it is from. */
export function isKnown(known: DeviceDrift | undefined, changes: readonly Change[], wentBack?: WentBack): boolean {
  return known?.digest === digestOfChanges(changes) && isDeepStrictEqual(known.wentBack, wentBack);
}

function leafOf(change: Change): DriftedLeaf {
  const { path } = change;
  if (change.kind === 'unset') return { path, running: change.from };
  return { path, intended: change.to, ...(change.from === undefined ? {} : { running: change.from }) };
}
