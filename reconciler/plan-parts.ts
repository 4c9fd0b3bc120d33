import type { DevicePlan, Plan, PlanSource } from '../plans/plan.ts';
import type { PlanSubject } from '../workflows/plan-configuration.ts';
import type { ReconcilerDeps } from './deps.ts';
import type { LoadedCommit } from './load-commit.ts';
import { EVERYWHERE, isInReach, isWaitingForRunner, waitsForRunner } from './shards.ts';

/** A plan is made again after this long even when nothing in Git moved: switches may have. */
const FRESH_MS = 4 * 3_600_000;

/** Who asks which switch for a plan. */
export interface PlanParts {
  /** To be asked from here. */
  readonly mine: readonly PlanSubject[];
  /** Asked by the runners of other sites, as the plan that is shown has them, or still to be asked there. */
  readonly others: readonly DevicePlan[];
  /** What is asked from here was asked not long ago. */
  readonly isFresh: boolean;
  /** When who read: `readBy` only where several runners do. */
  readonly read: Pick<PlanSource, 'readFrom' | 'readBy'>;
}

/**
 * Divides a plan among the runners that make it. Each asks what it reaches and takes the rest from the plan that is shown, so
 * that the last of them completes it.
 *
 * @param shown The plan that is on show for the very same merge result, if any.
 */
export function partsFor(
  { reach, clock }: Pick<ReconcilerDeps, 'reach' | 'clock'>,
  { subjects, shardOf }: LoadedCommit,
  shown: Plan | undefined,
): PlanParts {
  const isMine = ({ site }: PlanSubject): boolean => isInReach(reach, shardOf(site));
  const mine = subjects.filter(isMine);
  const elsewhere = subjects.filter((subject) => !isMine(subject));
  const asShown = new Map(shown?.devices.map((device) => [device.device, device]));
  const others = elsewhere.map((subject) => asShown.get(subject.device) ?? waitsForRunner(subject));

  const shards = [...new Set(subjects.map(({ site }) => shardOf(site)))];
  const isDivided = shards.some((shard) => shard !== EVERYWHERE);
  const now = clock.now();
  const readAt = (shard: string): number => (isDivided ? shown?.source.readBy?.[shard] : shown?.source.readTo) ?? 0;
  const myShards = shards.filter((shard) => isInReach(reach, shard));
  const isFresh =
    shown !== undefined &&
    myShards.every((shard) => now - readAt(shard) < FRESH_MS) &&
    mine.every(({ device }) => {
      const found = asShown.get(device);
      return found !== undefined && !isWaitingForRunner(found);
    });
  if (!isDivided) return { mine, others, isFresh, read: {} };

  const readBy = { ...shown?.source.readBy, ...Object.fromEntries(myShards.map((shard) => [shard, now])) };
  const readFrom = Math.min(...Object.values(readBy));
  return { mine, others, isFresh, read: { readBy, ...(Number.isFinite(readFrom) ? { readFrom } : {}) } };
}
