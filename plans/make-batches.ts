import { compareNaturally } from './natural-order.ts';
import type { Batch, ChangingDevice, DiffGroup, Rollout } from './plan.ts';

/** Labels that keep switches apart where the rollout names none. */
export const APART_BY_DEFAULT: readonly string[] = ['failure_domain', 'mlag_pair'];

/**
 * Divides the switches of a plan into batches: the canaries of every diff group first, then group after group, the most
 * careful first, each batch filled before the next is begun.
 *
 * Switches that back each other up (by their configuration, or by an equal value of a label that keeps apart) never are in
 * one batch, so a batch may be smaller than it might be, and there may be more of them.
 *
 * @returns In the order they are done. Every switch is in exactly one; none for no switch.
 */
export function makeBatches(
  devices: readonly ChangingDevice[],
  groups: readonly DiffGroup[],
  rollout: Rollout,
): readonly Batch[] {
  const byName = new Map(devices.map((device) => [device.device, device]));
  const most = mostOfBatch(devices.length, rollout);
  const keysOf = keysWith(rollout.apart ?? APART_BY_DEFAULT);
  const grouped = groups.map((group) => group.devices.flatMap((name) => byName.get(name) ?? []));
  const canaries =
    rollout.canaryPercentage === undefined ? [] : chooseCanaries(grouped, rollout.canaryPercentage, keysOf);
  const chosen = new Set(canaries.map(({ device }) => device));
  const rest = grouped.flat().filter(({ device }) => !chosen.has(device));
  const lists = [
    ...fill(canaries, most, keysOf).map((list) => ({ list, canary: true })),
    ...fill(rest, most, keysOf).map((list) => ({ list, canary: false })),
  ];
  return lists.map(({ list, canary }, index) => ({
    number: index + 1,
    ...(canary ? { canary: true } : {}),
    ...(asksForApproval(
      rollout.gate,
      index,
      lists.findIndex((one) => !one.canary),
    )
      ? { gate: true }
      : {}),
    devices: list.map(({ device }) => device).sort(compareNaturally),
  }));
}

function mostOfBatch(changing: number, { batchSize, batchPercentage }: Rollout): number {
  const bySize = batchSize ?? Number.POSITIVE_INFINITY;
  const byPercentage = batchPercentage === undefined ? Number.POSITIVE_INFINITY : share(changing, batchPercentage);
  return Math.min(bySize, byPercentage);
}

/** At least one, and no more than the percentage: 10 % of 25 are 2. */
function share(count: number, percentage: number): number {
  return Math.max(1, Math.floor((count * percentage) / 100));
}

/** `first`: the first batch that is none of canaries, so that what they showed has been seen; where all are, the first. */
function asksForApproval(gate: Rollout['gate'], index: number, firstAfterCanaries: number): boolean {
  if (gate === undefined) return false;
  return gate === 'each' || index === Math.max(0, firstAfterCanaries);
}

type KeysOf = (device: ChangingDevice) => readonly string[];

function keysWith(apart: readonly string[]): KeysOf {
  return ({ site, labels, backsUp = [] }) => [
    ...apart.flatMap((label) => (labels[label] === undefined ? [] : [JSON.stringify([site, label, labels[label]])])),
    ...backsUp.map((key) => JSON.stringify([site, key])),
  ];
}

/** Of every group its share, preferring switches that may be done together, so that canaries are one batch where they can. */
function chooseCanaries(
  grouped: readonly (readonly ChangingDevice[])[],
  percentage: number,
  keysOf: KeysOf,
): readonly ChangingDevice[] {
  const taken = new Set<string>();
  return grouped.flatMap((group) => {
    const wanted = share(group.length, percentage);
    const free: ChangingDevice[] = [];
    const others: ChangingDevice[] = [];
    for (const device of group) {
      const keys = keysOf(device);
      const isFree = free.length < wanted && !keys.some((key) => taken.has(key));
      if (isFree) for (const key of keys) taken.add(key);
      (isFree ? free : others).push(device);
    }
    return [...free, ...others].slice(0, wanted);
  });
}

/** Each switch goes into the first batch that has room and nobody it backs up. */
function fill(
  devices: readonly ChangingDevice[],
  most: number,
  keysOf: KeysOf,
): readonly (readonly ChangingDevice[])[] {
  const batches: { readonly list: ChangingDevice[]; readonly keys: Set<string> }[] = [];
  let firstWithRoom = 0;
  for (const device of devices) {
    const keys = keysOf(device);
    while ((batches[firstWithRoom]?.list.length ?? 0) >= most) firstWithRoom++;
    const fits = batches
      .slice(firstWithRoom)
      .find(({ list, keys: taken }) => list.length < most && !keys.some((key) => taken.has(key)));
    const batch = fits ?? { list: [], keys: new Set<string>() };
    if (!fits) batches.push(batch);
    batch.list.push(device);
    for (const key of keys) batch.keys.add(key);
  }
  return batches.map(({ list }) => list);
}
