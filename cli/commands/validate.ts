import { loadFleet } from '../../desired-state/load-fleet.ts';
import { platforms } from '../../reconciler/platforms.ts';
import { renderProblems } from '../../schemas/render-problems.ts';
import type { ExitCode, Io } from '../io.ts';
import { type FleetOptions, openFleet, revisionOf } from '../open-fleet.ts';

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
        : `Valid: ${counts.devices} devices, ${counts.sites} sites, ${counts.roles} roles.\n`,
    );
    return 0;
  }
  const { problems } = loaded;
  if (options.json) io.out(`${JSON.stringify({ valid: false, problems }, undefined, 2)}\n`);
  else
    io.out(
      `${renderProblems(problems)}\n\n${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}. Nothing was contacted.\n`,
    );
  return 1;
}
