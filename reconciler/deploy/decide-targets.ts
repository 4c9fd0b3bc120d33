import type { DeviceOutcome } from '../../ledger/events.ts';
import type { ChangingDevice, DevicePlan, Plan, Rollout } from '../../plans/plan.ts';
import { canonicalJson } from '../../schemas/canonical.ts';
import { NotInPlanError } from '../errors.ts';
import { isWaitingForRunner } from '../shards.ts';

/** What a run does with each switch, given the plan people saw and what the switches say now. */
export type Targets =
  /** Every switch that is written to would change exactly as the approved plan says. */
  | {
      readonly kind: 'as-planned';
      readonly change: readonly ChangingDevice[];
      /** Switches that already have their end, with it. */
      readonly settled: readonly { readonly site: string; readonly device: string; readonly outcome: DeviceOutcome }[];
    }
  /** Something is not as in the plan people saw: its approval says nothing about this. */
  | { readonly kind: 'moved'; readonly why: string };

/**
 * Compares the published plan with what would happen now.
 *
 * A switch that cannot be asked, now or when the plan was made, holds up itself and no other. A switch that would change
 * *differently* voids the approval as a whole, because the reviewer said yes to all of it.
 */
export function decideTargets(published: Plan, now: Plan, rollout: Rollout): Targets {
  if (canonicalJson(published.rollout) !== canonicalJson(rollout)) {
    return { kind: 'moved', why: 'the rollout settings changed' };
  }
  if (published.workflow !== now.workflow || published.stages.join() !== now.stages.join()) {
    return { kind: 'moved', why: 'the workflow or its stages changed' };
  }

  const approved = new Map(published.devices.filter(isChanging).map((device) => [device.device, device]));
  const blockedThen = new Set(
    published.devices
      // A switch nobody had asked yet is no switch that could not be asked: what it would change was simply not shown.
      .filter((device) => device.kind === 'blocked' && !isWaitingForRunner(device))
      .map(({ device }) => device),
  );
  const found = new Map(now.devices.map((device) => [device.device, device]));
  const missing = [...approved.keys()].filter((device) => !found.has(device));
  if (missing.length > 0) return { kind: 'moved', why: `${missing.join(', ')} is not in the fleet any more` };

  const moved = now.devices
    .filter(isChanging)
    .filter(({ device, digest }) => !blockedThen.has(device) && approved.get(device)?.digest !== digest);
  if (moved.length > 0) {
    const names = moved.map(({ device }) => device);
    return { kind: 'moved', why: `${list(names)} would change otherwise than the plan says` };
  }

  const change: ChangingDevice[] = [];
  const settled: { site: string; device: string; outcome: DeviceOutcome }[] = [];
  for (const device of now.devices) {
    const planned = approved.get(device.device);
    const { site } = device;
    if (device.kind === 'unchanged') settled.push({ site, device: device.device, outcome: { kind: 'in-sync' } });
    else if (device.kind === 'blocked') {
      settled.push({ site, device: device.device, outcome: { kind: 'untouched', error: device.error } });
    } else if (planned) change.push(planned);
    else {
      const error = new NotInPlanError({ device: device.device }).toJSON();
      settled.push({ site, device: device.device, outcome: { kind: 'untouched', error } });
    }
  }
  return { kind: 'as-planned', change, settled };
}

function isChanging(device: DevicePlan): device is ChangingDevice {
  return device.kind === 'changing';
}

function list(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}
