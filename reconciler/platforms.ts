import type { Platforms } from '../desired-state/fleet.ts';
import { driverFor } from '../drivers/registry.ts';

/** What reading a fleet has to know of each platform. */
export const platforms: Platforms = { cumulus: driverFor('cumulus'), nvos: driverFor('nvos'), frr: driverFor('frr') };
