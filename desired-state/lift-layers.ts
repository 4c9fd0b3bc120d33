import type { Leaf, Tree } from '../schemas/json.ts';
import { isTree } from '../schemas/json.ts';
import { chooseShared, type DeviceToLift, type FixedLayers, type SharedLayers, type Sharing } from './choose-shared.ts';
import { diffLayer } from './diff-layer.ts';
import { foldRanges } from './fold-ranges.ts';
import { mergeTrees } from './merge-trees.ts';

export type { DeviceToLift, FixedLayers } from './choose-shared.ts';

/** Layers as they are written, alike siblings under range keys. Empty ones are left out. By name. */
export interface LiftedLayers {
  /** Of roles and sites that were not fixed. */
  readonly roles: ReadonlyMap<string, Tree>;
  readonly sites: ReadonlyMap<string, Tree>;
  readonly devices: ReadonlyMap<string, Tree>;
}

/**
 * Configurations taken apart into what roles, sites and single devices say, with little text.
 *
 * Exactly the inverse of how a fleet is rendered: role, site and device layer of each device, laid over each other in that
 * order with ranges written out, are its `tree` again.
 *
 * @param devices Their trees without `null`.
 */
export function liftLayers(devices: readonly DeviceToLift[], fixed: FixedLayers): LiftedLayers {
  const ways = (['equal', 'mostly'] satisfies Sharing[]).map((sharing) =>
    layersFor(devices, fixed, chooseShared(devices, fixed, sharing)),
  );
  // What all have reads easier than what most have, so it takes fewer lines to be the other way.
  const [equal, mostly] = ways as [LiftedLayers, LiftedLayers];
  return linesIn(mostly) < linesIn(equal) ? mostly : equal;
}

function layersFor(devices: readonly DeviceToLift[], fixed: FixedLayers, shared: SharedLayers): LiftedLayers {
  const own = devices.map(({ name, role, site, tree }) => {
    const below = [
      ...(fixed.roles.get(role) ?? [shared.roles.get(role) ?? {}]),
      ...(fixed.sites.get(site) ?? [shared.sites.get(site) ?? {}]),
    ];
    return [name, diffLayer(below.reduce(mergeTrees, {}), tree)] as const;
  });
  return { roles: written(shared.roles), sites: written(shared.sites), devices: written(own) };
}

function written(layers: Iterable<readonly [string, Tree]>): ReadonlyMap<string, Tree> {
  return new Map(
    [...layers]
      .filter(([, tree]) => Object.keys(tree).length > 0)
      .map(([name, tree]) => [name, foldRanges(tree)] as const),
  );
}

function linesIn({ roles, sites, devices }: LiftedLayers): number {
  return [...roles.values(), ...sites.values(), ...devices.values()].reduce((sum, tree) => sum + linesOf(tree), 0);
}

function linesOf(node: Leaf | Tree): number {
  return isTree(node)
    ? Object.values(node).reduce<number>((sum, child) => sum + 1 + linesOf(child as Leaf | Tree), 0)
    : 0;
}
