import type { Owner } from './events.ts';
import type { Lease, Run } from './run.ts';

/**
 * Whether its owner may still be working on the devices.
 *
 * @param now Milliseconds since the epoch.
 * @param isDead True only where it is *known* that the owner is gone: a dead owner's lease ends early, never another's.
 */
export function leaseHolds(lease: Lease, now: number, isDead: (owner: Owner) => boolean): boolean {
  return lease.devices.length > 0 && now < lease.deadline && !isDead(lease.owner);
}

/** A device we want to touch and the run of somebody else that may be touching it. */
export interface LeaseConflict {
  /** `site/device` */
  readonly device: string;
  readonly run: string;
  readonly lease: Lease;
}

export interface LeaseQuestion {
  /** Name of the run that asks; its own lease is no conflict. */
  readonly run: string;
  /** `site/device` of what it wants to touch. */
  readonly devices: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly isDead: (owner: Owner) => boolean;
}

/** Leases of *other* runs on the devices of a question, in the order of `openRuns`. Empty: nobody is in the way. */
export function conflictsWith(openRuns: readonly Run[], question: LeaseQuestion): readonly LeaseConflict[] {
  const wanted = new Set(question.devices);
  return openRuns.flatMap(({ name, lease }) => {
    if (name === question.run || !lease || !leaseHolds(lease, question.now, question.isDead)) return [];
    return lease.devices.filter((device) => wanted.has(device)).map((device) => ({ device, run: name, lease }));
  });
}
