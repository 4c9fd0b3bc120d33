import { sha256OfJson } from '../schemas/canonical.ts';
import type { Change } from '../schemas/change.ts';
import type { Identity } from '../schemas/device.ts';
import type { Json } from '../schemas/json.ts';
import { groupDevices } from './group-devices.ts';
import { makeBatches } from './make-batches.ts';
import { compareNaturally, comparePaths } from './natural-order.ts';
import type { Batch, ChangingDevice, DevicePlan, Plan, PlannedRequest, Rollout } from './plan.ts';
import { canonicalLeaf } from './same-leaf.ts';

/** What a device's digest is made of: what must still hold for this switch when it is applied. */
export interface DigestedDevice {
  readonly device: string;
  readonly site: string;
  readonly platform: string;
  readonly identity: Identity;
  /** Masked, in any order. */
  readonly changes: readonly Change[];
}

/**
 * Hash of a device's changes and of everything that makes them mean what they mean: which switch (serial and pin), its
 * platform and its version. Hostname and model are not in it: they are what the switch calls itself.
 *
 * @returns 64 lower-case hex digits.
 */
export function digestOfDevice({ device, site, platform, identity, changes }: DigestedDevice): string {
  const { serial, pin, version } = identity;
  return sha256OfJson({
    encoding: 'pointsman-device-1',
    device,
    site,
    platform,
    serial,
    pin,
    version,
    changes: encodeChanges(changes),
  });
}

/** Hash of the changes alone, 64 lower-case hex digits. */
export function digestOfChanges(changes: readonly Change[]): string {
  return sha256OfJson({ encoding: 'pointsman-changes-1', changes: encodeChanges(changes) });
}

/** A switch that would change, with its digests. Its changes are brought into digest order. */
export function makeChangingDevice(input: Omit<ChangingDevice, 'kind' | 'digest' | 'changesDigest'>): ChangingDevice {
  const planned = input.changes.toSorted((a, b) => comparePaths(a.change.path, b.change.path));
  const changes = planned.map(({ change }) => change);
  return {
    ...input,
    kind: 'changing',
    changes: planned,
    digest: digestOfDevice({ ...input, changes }),
    changesDigest: digestOfChanges(changes),
  };
}

/**
 * The plan of one pull request or request.
 *
 * Its digest is what people say yes to: every switch that would change, with its identity and its changes, and the
 * workflow, stages and rollout that would change it. Commits, base tokens and everything shown only to be read are not in
 * it: a plan made again that would do exactly the same keeps its approval.
 *
 * @param input Devices in any order.
 */
export function makePlan(
  input: Omit<Plan, 'version' | 'digest' | 'groups' | 'batches'> & { readonly inBatches?: true },
): Plan {
  const devices = input.devices.toSorted(bySiteAndName);
  const changing = devices.filter((device) => device.kind === 'changing');
  const { inBatches, ...rest } = input;
  const { workflow, stages, rollout, request } = rest;
  const groups = groupDevices(changing);
  const batches = inBatches ? makeBatches(changing, groups, rollout) : undefined;
  const digest = sha256OfJson({
    encoding: 'pointsman-plan-1',
    workflow,
    stages,
    rollout: encodeRollout(rollout),
    ...(batches ? { batches: batches.map(encodeBatch) } : {}),
    ...(request ? { request: encodeRequest(request) } : {}),
    // Each digest names its device, so their list says all that is said of devices.
    devices: changing.map((device) => device.digest),
  });
  return { ...rest, version: 1, digest: `p1:${digest}`, devices, groups, ...(batches ? { batches } : {}) };
}

/** What is not set is not encoded: a plan that does without keeps the digest it always had. */
function encodeRollout(rollout: Rollout): Json {
  return Object.fromEntries(
    Object.entries(rollout)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, Array.isArray(value) ? value.toSorted() : value]),
  );
}

function encodeBatch({ number, canary = false, gate = false, devices }: Batch): Json {
  return { number, canary, gate, devices: [...devices] };
}

/** What would be done and when; not why. */
function encodeRequest({ reason: _why, ...request }: PlannedRequest): Json {
  return { ...request };
}

function bySiteAndName(a: DevicePlan, b: DevicePlan): number {
  return compareNaturally(a.site, b.site) || compareNaturally(a.device, b.device);
}

function encodeChanges(changes: readonly Change[]): readonly Json[] {
  return changes.toSorted((a, b) => comparePaths(a.path, b.path)).map(encodeChange);
}

function encodeChange(change: Change): Json {
  if (change.kind === 'unset') return ['unset', [...change.path], canonicalLeaf(change.from)];
  const { path, to, from } = change;
  return ['set', [...path], canonicalLeaf(to), ...(from === undefined ? [] : [canonicalLeaf(from)])];
}
