import type { FleetDevice } from '../../desired-state/fleet.ts';
import type { Targets } from '../../schemas/fleet.ts';

/** There is nothing to ask yet of a switch that is only planned, and nothing any more of one that is retired: those have to be named. */
export function isMeant(targets: Targets | undefined): (device: FleetDevice) => boolean {
  return ({ name, value }) =>
    targets?.status !== undefined ||
    (value.status !== 'planned' && value.status !== 'retired') ||
    (targets?.devices ?? []).includes(name);
}
