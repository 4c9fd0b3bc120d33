import { isDeepStrictEqual } from 'node:util';
import { applyEdit, computeEdits, type JsonEdit } from '../schemas/edit-json.ts';
import { editYaml } from '../schemas/edit-yaml.ts';
import type { Tree } from '../schemas/json.ts';
import { renderYamlQuoted } from '../schemas/yaml-text.ts';
import { diffLayer } from './diff-layer.ts';
import { editOwnFiles } from './edit-own-files.ts';
import { type EditedDevice, renderEditedDevice } from './edited-device.ts';
import type { Fleet, FleetDevice, PlatformKnowledge, Platforms } from './fleet.ts';
import { type OwnFiles, readOwnFiles } from './own-files.ts';
import { inputFiles } from './render-device.ts';
import { type RunningDifference, withDifferences } from './running-difference.ts';
import { sameNode } from './same-node.ts';
import { leavesOf, treeOf } from './tree-leaves.ts';
import { leftAfter, type Miss, type WhyLeft } from './why-left.ts';

/** What is to become of one device. */
export interface AdoptTask {
  readonly fleet: Fleet;
  readonly device: FleetDevice;
  readonly platforms: Platforms;
  /** Of the device's own files, the startup.yaml first. */
  readonly texts: ReadonlyMap<string, string>;
  readonly intended: Tree;
}

/** Differences that are adopted together or not at all. */
export interface AdoptUnit {
  readonly differences: readonly RunningDifference[];
  /** Of what the device's own file says, when it is a matter of its `data`. */
  readonly data?: Extract<JsonEdit, { kind: 'set' }>;
}

export interface AdoptedUnits {
  readonly units: readonly AdoptUnit[];
  /** Texts that changed, by path. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Adopts as much as can be: all at once, or else half by half, so that what cannot be is found and left alone.
 *
 * @returns `adopted` is absent when nothing is.
 */
export function adoptUnits(
  task: AdoptTask,
  units: readonly AdoptUnit[],
): { readonly adopted?: AdoptedUnits; readonly missed: ReadonlyMap<RunningDifference, WhyLeft> } {
  const missed = new Map<RunningDifference, WhyLeft>();
  let adopted: AdoptedUnits | undefined;
  const tryOut = (more: readonly AdoptUnit[]): void => {
    if (more.length === 0) return;
    const tried = tryUnits(task, [...(adopted?.units ?? []), ...more]);
    if (tried.kind === 'adopted') adopted = tried;
    else if (more.length === 1) {
      const why = leftAfter(
        tried,
        inputFiles(task.fleet, task.device).some((file) => file.endsWith('.j2')),
      );
      for (const difference of more.flatMap(({ differences }) => differences)) missed.set(difference, why);
    } else {
      const middle = more.length >> 1;
      tryOut(more.slice(0, middle));
      tryOut(more.slice(middle));
    }
  };
  tryOut(units);
  return { ...(adopted ? { adopted } : {}), missed };
}

/** What the device would render to if its files said these values: JSON is YAML too. */
export function renderOwnFiles({ fleet, device, platforms }: AdoptTask, own: OwnFiles): EditedDevice {
  const texts = new Map([...own].map(([path, value]) => [path, renderYamlQuoted(value)]));
  return renderEditedDevice(fleet, device, texts, platforms);
}

/** What was taken out may uncover what lies beneath it, layer by layer. */
const MOST_ROUNDS = 12;

/** Works on values until they render to what is wanted; then on texts, which are what counts, so they are rendered as well. */
function tryUnits(task: AdoptTask, units: readonly AdoptUnit[]): ({ readonly kind: 'adopted' } & AdoptedUnits) | Miss {
  const { fleet, device, platforms, texts } = task;
  const wanted = withDifferences(
    task.intended,
    units.flatMap(({ differences }) => differences),
  );
  const before = readOwnFiles(texts);
  let own = units.reduce((files, { data }) => (data ? withEdit(files, device.file, data) : files), before);
  for (let round = 0; ; round += 1) {
    const rendered = renderOwnFiles(task, own);
    if (rendered.kind === 'invalid') return rendered;
    const missing = diffLayer(rendered.configuration.tree, wanted);
    if (Object.keys(missing).length === 0) break;
    const written = withoutImplied(missing, platforms[device.value.platform]);
    const next = editOwnFiles(own, device, written, wanted);
    if (round === MOST_ROUNDS || isDeepStrictEqual(next, own)) return { kind: 'inexact' };
    own = next;
  }

  const files = new Map<string, string>();
  for (const [path, text] of texts) {
    const edits = computeEdits(before.get(path) ?? null, own.get(path) ?? null);
    const edited = editYaml(text, edits);
    if (edited.kind === 'refused') return { kind: 'refused', file: path };
    if (edits.length > 0) files.set(path, edited.text);
  }
  const rendered = renderEditedDevice(fleet, device, new Map([...texts, ...files]), platforms);
  if (rendered.kind === 'invalid') return rendered;
  return sameNode(rendered.configuration.tree, wanted) ? { kind: 'adopted', units, files } : { kind: 'inexact' };
}

function withEdit(own: OwnFiles, path: string, edit: JsonEdit): OwnFiles {
  return new Map(own).set(path, applyEdit(own.get(path) ?? null, edit));
}

/** Without the leaves a platform adds by itself wherever the others are: nobody writes that `swp1` is a port. */
function withoutImplied(layer: Tree, platform: PlatformKnowledge): Tree {
  const removals = leavesOf(layer).filter(({ value }) => value === null);
  const ends = leavesOf(layer).filter(({ value }) => value !== null);
  const all = platform.normalise(treeOf(ends));
  const needed = ends.reduceRight((left, end) => {
    const rest = left.filter((other) => other !== end);
    return rest.length > 0 && sameNode(platform.normalise(treeOf(rest)), all) ? rest : left;
  }, ends);
  return treeOf([...needed, ...removals]);
}
