import { loadFleet } from '../../desired-state/load-fleet.ts';
import { renderDevice } from '../../desired-state/render-device.ts';
import { openRepository } from '../../git/open-repository.ts';
import { FleetInvalidError } from '../../reconciler/errors.ts';
import { platforms } from '../../reconciler/platforms.ts';
import type { Tree } from '../../schemas/json.ts';
import { resolveSecrets } from '../../workflows/resolve-secrets.ts';

/**
 * What every switch of a fleet is meant to run at a commit, with its secrets: how a sandbox's switches are switched on.
 *
 * @throws {FleetInvalidError}
 */
export async function intendedAt(
  gitDir: string,
  commit: string,
  secrets: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, Tree>> {
  const repository = await openRepository(gitDir);
  const loaded = await loadFleet({ repository, revision: commit }, { platforms });
  if (loaded.kind === 'invalid') throw new FleetInvalidError({ revision: commit, problems: loaded.problems });
  const store = { read: async (name: string) => secrets.get(name) ?? '' };
  const trees = new Map<string, Tree>();
  for (const device of loaded.fleet.devices.values()) {
    const rendered = renderDevice(loaded.fleet, device, platforms);
    if (rendered.kind === 'invalid') throw new FleetInvalidError({ revision: commit, problems: rendered.problems });
    trees.set(device.name, await resolveSecrets(rendered.configuration, store));
  }
  return trees;
}
