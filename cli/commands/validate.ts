import { loadFleet } from '../../desired-state/load-fleet.ts';
import { count } from '../../plans/words.ts';
import { platforms } from '../../reconciler/platforms.ts';
import type { ExitCode, Io } from '../io.ts';
import { type FleetOptions, openFleet, revisionOf } from '../open-fleet.ts';
import { showProblems } from '../show-problems.ts';

/** `pointsman validate`: every problem of the fleet at once. Contacts nothing. 0: valid; 1: problems. */
export async function validateCommand(io: Io, commit: string | undefined, options: FleetOptions): Promise<ExitCode> {
  const repository = await openFleet(io, options);
  const revision = await revisionOf(repository, commit);
  const loaded = await loadFleet({ repository, revision }, { platforms, render: true });
  if (loaded.kind === 'valid') {
    const { devices, sites, roles } = loaded.fleet;
    const counts = { devices: devices.size, sites: sites.size, roles: roles.size };
    io.out(
      options.json
        ? `${JSON.stringify({ valid: true, ...counts })}\n`
        : `Valid: ${count(devices.size, 'device')}, ${count(sites.size, 'site')}, ${count(roles.size, 'role')}.\n`,
    );
    return 0;
  }
  io.out(showProblems(loaded.problems, options));
  return 1;
}
