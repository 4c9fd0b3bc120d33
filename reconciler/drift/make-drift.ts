import type { LastChange } from '../../drivers/driver.ts';
import type { DeviceDrift } from '../../ledger/ledger.ts';
import { digestOfChanges } from '../../plans/make-plan.ts';
import type { Change } from '../../schemas/change.ts';

/** A switch may differ in everything; what people read has an end. */
const MOST_CHANGES = 200;

export interface SeenDrift {
  /** What would mend it. */
  readonly changes: readonly Change[];
  readonly lastChange: LastChange | undefined;
  /** Accounts that are ours: what they applied last is not what drifted. */
  readonly own: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the ledger keeps of a switch that drifts, from when it is first seen to differ in exactly this way. */
export function makeDrift(
  about: Pick<DeviceDrift, 'site' | 'device' | 'run' | 'commit'>,
  { changes, lastChange, own, at }: SeenDrift,
): DeviceDrift {
  const by = lastChange && !own.includes(lastChange.by) ? lastChange : undefined;
  return {
    ...about,
    since: at,
    seenAt: at,
    digest: digestOfChanges(changes),
    changes: changes.slice(0, MOST_CHANGES).map(leafOf),
    more: Math.max(0, changes.length - MOST_CHANGES),
    ...(by ? { by: by.by, ...(by.at === undefined ? {} : { changedAt: by.at }) } : {}),
  };
}

/** It differs as it did: then nothing is written. Whoever applied something else since is not whom it is from. */
export function isKnown(known: DeviceDrift | undefined, changes: readonly Change[]): boolean {
  return known?.digest === digestOfChanges(changes);
}

function leafOf(change: Change): DeviceDrift['changes'][number] {
  const { path } = change;
  if (change.kind === 'unset') return { path, running: change.from };
  return { path, intended: change.to, ...(change.from === undefined ? {} : { running: change.from }) };
}
