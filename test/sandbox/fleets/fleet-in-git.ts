import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IntendedConfiguration } from '../../../desired-state/fleet.ts';
import { createFleetCache } from '../../../desired-state/fleet-cache.ts';
import { type LoadedChange, loadChange } from '../../../desired-state/load-change.ts';
import { type LoadedFleet, loadFleet } from '../../../desired-state/load-fleet.ts';
import { renderDevice } from '../../../desired-state/render-device.ts';
import { driverFor } from '../../../drivers/registry.ts';
import { openRepository } from '../../../git/open-repository.ts';
import type { FleetFiles } from '../../../sandbox/fleets/fleet-files.ts';
import { isTree, type Leaf, type Tree } from '../../../schemas/json.ts';

const platforms = { cumulus: driverFor('cumulus'), nvos: driverFor('nvos'), frr: driverFor('frr') };

/** A bare repository in a temporary folder, and the product's own reading of the fleets committed to it. */
export async function createFleetInGit() {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  execFileSync('git', ['init', '--quiet', '--bare', folder]);
  const repository = await openRepository(folder);
  const cache = createFleetCache();
  const author = { name: 'Ada', email: 'ada@example.net', at: Date.UTC(2026, 10, 20) };
  const commit = (files: FleetFiles) => repository.writeCommit({ files, message: 'Fleet', author });

  return {
    async load(files: FleetFiles): Promise<LoadedFleet> {
      return loadFleet({ repository, revision: await commit(files) }, { platforms, render: true, cache });
    },
    async change(before: FleetFiles, after: FleetFiles): Promise<LoadedChange> {
      const [from, to] = [await commit(before), await commit(after)];
      return loadChange({ repository, before: from, after: to, platforms, cache });
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** What every device of a valid fleet is to hold, by name. */
export function renderAll(loaded: LoadedFleet): ReadonlyMap<string, IntendedConfiguration> {
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems, undefined, 2));
  const { fleet } = loaded;
  return new Map(
    [...fleet.devices].map(([name, device]) => {
      const rendered = renderDevice(fleet, device, platforms);
      if (rendered.kind === 'invalid') throw new Error(JSON.stringify(rendered.problems, undefined, 2));
      return [name, rendered.configuration];
    }),
  );
}

/** The tree with every `secret:<name>`, leaf or key, replaced by its value. */
export function withSecrets(tree: Tree, secrets: ReadonlyMap<string, string>): Tree {
  const resolve = (text: string): string => {
    const name = /^secret:(.*)$/.exec(text)?.[1];
    if (name === undefined) return text;
    const value = secrets.get(name);
    if (value === undefined) throw new Error(`no value for ${text}`);
    return value;
  };
  const below = (node: Leaf | Tree): Leaf | Tree => {
    if (isTree(node)) return withSecrets(node, secrets);
    return typeof node === 'string' ? resolve(node) : node;
  };
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [resolve(key), below(value)]));
}
