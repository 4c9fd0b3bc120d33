import { createHash } from 'node:crypto';
import type { Fleet } from '../../desired-state/fleet.ts';
import { createFleetCache } from '../../desired-state/fleet-cache.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { Repository } from '../../git/repository.ts';
import { renderProblems } from '../../schemas/render-problems.ts';
import { type Files, platforms } from './fleet-repo.ts';

/** Engines for templates take longest to make. */
const cache = createFleetCache();

/** The fleet these files are, without Git: for properties that look at thousands. Throws with all problems when they are none. */
export async function fleetInMemory(files: Files): Promise<Fleet> {
  const entries = Object.entries(files)
    .map(([path, text]) => ({ path, text, mode: '100644', blob: createHash('sha1').update(text).digest('hex') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const contents = new Map(entries.map(({ blob, text }) => [blob, Buffer.from(text)]));
  const repository: Pick<Repository, 'resolve' | 'listFiles' | 'readBlobs'> = {
    resolve: async (revision) => revision,
    listFiles: async () => entries,
    readBlobs: async (blobs) => new Map(blobs.map((blob) => [blob, contents.get(blob) ?? Buffer.alloc(0)])),
  };
  const loaded = await loadFleet({ repository: repository as Repository, revision: 'memory' }, { platforms, cache });
  if (loaded.kind === 'invalid') throw new Error(renderProblems(loaded.problems));
  return loaded.fleet;
}
