import type { Driver } from './driver.ts';
import { PlatformUnknownError } from './errors.ts';
import { frr } from './frr/driver.ts';
import { createNvueDriver } from './nvue/driver.ts';
import { cumulus, nvos } from './nvue/facts.ts';

/** Every platform we can drive. Adding one: a folder, a line here and below, a fixture in `test/drivers/`. */
export const drivers: Readonly<Record<string, Driver>> = {
  cumulus: createNvueDriver(cumulus),
  nvos: createNvueDriver(nvos),
  frr,
};

/** Where switches of a platform listen unless the fleet repo says otherwise. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = { cumulus: 8765, nvos: 443, frr: 22 };

/** @throws {PlatformUnknownError} */
export function driverFor(platform: string): Driver {
  return registered(drivers, platform);
}

/** @throws {PlatformUnknownError} */
export function defaultPortFor(platform: string): number {
  return registered(DEFAULT_PORTS, platform);
}

function registered<Value>(table: Readonly<Record<string, Value>>, platform: string): Value {
  const found = Object.hasOwn(table, platform) ? table[platform] : undefined;
  if (found === undefined) throw new PlatformUnknownError({ platform, known: Object.keys(table) });
  return found;
}
