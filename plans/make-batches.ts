import { compareNaturally } from './natural-order.ts';
import type { Batch, ChangingDevice, DiffGroup, Rollout } from './plan.ts';

/** Labels that keep switches apart where the rollout names none. */
export const APART_BY_DEFAULT: readonly string[] = ['failure_domain', 'mlag_pair'];

/**
 * Divides the switches of a plan into batches: canaries of as many diff groups as possible first, then group after group,
 * the most careful first, each batch filled before the next is begun.
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
  // 9.2 % of 750 are 69, also where the division comes out a little below.
  return Math.max(1, Math.floor((count * percentage) / 100 + 1e-9));
}

/** `first`: the first batch that is none of canaries, so that what they showed has been seen; where all are, the first. */
function asksForApproval(gate: Rollout['gate'], index: number, firstAfterCanaries: number): boolean {
  if (gate === undefined) return false;
  return gate === 'each' || index === Math.max(0, firstAfterCanaries);
}

type KeysOf = (device: ChangingDevice) => readonly string[];

function keysWith(apart: readonly string[]): KeysOf {
  return ({ site, labels, backsUp = [] }) => [
    ...apart.flatMap((label) => (Object.hasOwn(labels, label) ? [JSON.stringify([site, label, labels[label]])] : [])),
    ...backsUp.map((key) => JSON.stringify([site, key])),
  ];
}

/**
 * The share of all switches, one of each group in turn, so that as many ways to change as possible are tried on few
 * switches; of a group those first that may be done together with the canaries there are already.
 */
function chooseCanaries(
  grouped: readonly (readonly ChangingDevice[])[],
  percentage: number,
  keysOf: KeysOf,
): readonly ChangingDevice[] {
  const all = grouped.flat().length;
  const wanted = Math.min(all, share(all, percentage));
  const left = grouped.map((group) => [...group]);
  const taken = new Set<string>();
  const canaries: ChangingDevice[] = [];
  while (canaries.length < wanted) {
    for (const group of left) {
      if (canaries.length === wanted) break;
      const free = group.findIndex((device) => !keysOf(device).some((key) => taken.has(key)));
      const [canary] = group.splice(Math.max(0, free), 1);
      if (!canary) continue;
      canaries.push(canary);
      for (const key of keysOf(canary)) taken.add(key);
    }
  }
  return canaries;
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
