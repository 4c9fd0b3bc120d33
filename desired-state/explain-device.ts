import { isBranch, type Leaf, type Tree, type TreePath } from '../schemas/json.ts';
import type { Problem } from '../schemas/problem.ts';
import type { Fleet, FleetDevice, LeafExplanation, Platforms } from './fleet.ts';
import { renderDevice } from './render-device.ts';

export type ExplainedDevice =
  /** In tree order; empty when nothing stands at the path. */
  | { readonly kind: 'explained'; readonly leaves: readonly LeafExplanation[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** Every leaf a device is meant to hold at or below `path` (the root unless given), and where it was written. */
export function explainDevice(
  fleet: Fleet,
  device: FleetDevice,
  platforms: Platforms,
  path: TreePath = [],
): ExplainedDevice {
  const rendered = renderDevice(fleet, device, platforms);
  if (rendered.kind === 'invalid') return rendered;
  const { configuration } = rendered;
  const leaves: LeafExplanation[] = [];
  const visit = (node: Leaf | Tree, here: TreePath): void => {
    if (isBranch(node)) for (const [key, child] of Object.entries(node)) visit(child, [...here, key]);
    // Not a branch, so a leaf; the compiler cannot tell an empty map from a full one.
    else leaves.push({ path: here, value: node as Leaf, origin: configuration.originOf(here) });
  };
  const start = path.reduce<Leaf | Tree | undefined>(
    (node, key) => (isBranch(node) && Object.hasOwn(node, key) ? node[key] : undefined),
    configuration.tree,
  );
  if (start !== undefined && (path.length > 0 || isBranch(start))) visit(start, path);
  return { kind: 'explained', leaves };
}
