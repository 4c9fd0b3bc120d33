import { problemAt } from '../schemas/excerpt.ts';
import type { Startup } from '../schemas/fleet.ts';
import { isTree, type Json } from '../schemas/json.ts';
import type { Problem } from '../schemas/problem.ts';
import { positionOf, type YamlDocument } from '../schemas/yaml-document.ts';
import { compileLayer, type Layer, readStartup } from './layer.ts';
import type { SecretMatcher } from './secret-references.ts';

/** The layers a role, site or device has of its own, lowest first, and what is wrong with them. */
export interface ObjectLayers {
  readonly layers: readonly Layer[];
  readonly problems: readonly Problem[];
}

/** The part of a role, site or device file this is about. */
export interface Configured {
  readonly configuration?: Record<string, unknown> | Record<string, unknown>[];
}

/**
 * @param own The object's file.
 * @param startup The startup.yaml beside it.
 */
export function objectLayers(
  own: { readonly document: YamlDocument; readonly value: Configured },
  startup: { readonly document: YamlDocument; readonly value: Startup } | undefined,
  secrets: SecretMatcher,
): ObjectLayers {
  const parts = [
    ...(startup ? [layersOf(startup.document, [], startup.document.value, secrets)] : []),
    ...(own.value.configuration === undefined
      ? []
      : // The schema has seen it; what YAML holds is JSON.
        [layersOf(own.document, ['configuration'], own.value.configuration as Json, secrets)]),
  ];
  return { layers: parts.flatMap(({ layers }) => layers), problems: parts.flatMap(({ problems }) => problems) };
}

/**
 * The layers in one node of a file: a tree, or a list of header, set and unset.
 *
 * @param base Path of the node in its document.
 */
export function layersOf(
  document: YamlDocument,
  base: readonly (string | number)[],
  value: Json,
  secrets: SecretMatcher,
): ObjectLayers {
  const layers: Layer[] = [];
  const problems: Problem[] = [];
  const refuse = (path: readonly (string | number)[], what: Pick<Problem, 'code' | 'message' | 'hint'>) =>
    problems.push(problemAt(document.file, document.text, positionOf(document, path), what));

  const blocks = Array.isArray(value) ? readStartup(value) : isTree(value) ? [{ at: [], tree: value }] : undefined;
  if (blocks === undefined || 'notABlock' in blocks) {
    const message = 'expected a tree, or a list of header, set and unset';
    refuse(blocks === undefined ? base : [...base, blocks.notABlock], { code: 'DESIRED_STATE_CONFIGURATION', message });
    return { layers, problems };
  }
  for (const { at, tree } of blocks) {
    const compiled = compileLayer(tree, secrets);
    if (compiled.kind === 'refused') {
      for (const { path, ...what } of compiled.faults) refuse([...base, ...at, ...path], what);
      continue;
    }
    layers.push({
      tree: compiled.tree,
      source: compiled.source,
      originOf: (path) => ({ file: document.file, line: positionOf(document, [...base, ...at, ...path]).line }),
    });
  }
  return { layers, problems };
}
