import type { Fleet } from '../../desired-state/fleet.ts';
import { selectDevices, selectorOf } from '../../desired-state/select-devices.ts';
import { EVERYWHERE } from '../shards.ts';
import type { DriftPlace } from './findings.ts';

export type PlaceOf = (device: string) => DriftPlace | undefined;

/** Which rule of `automation.yaml` each switch is under, and whose runner reaches it. */
export function createPlaceOf(fleet: Fleet): PlaceOf {
  const rules = (fleet.automation.drift ?? []).map((rule) => ({
    rule,
    devices: new Set(selectDevices(fleet, selectorOf(rule.targets ?? {})).map(({ name }) => name)),
  }));
  return (name) => {
    const device = fleet.devices.get(name);
    if (!device) return undefined;
    const rule = rules.find(({ devices }) => devices.has(name))?.rule;
    const shard = fleet.sites.get(device.site)?.value.runner ? device.site : EVERYWHERE;
    return { shard, ...(rule ? { rule } : {}) };
  };
}
