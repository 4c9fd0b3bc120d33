import type { JsonPath } from '../schemas/edit-json.ts';
import type { Tree, TreePath } from '../schemas/json.ts';
import { createYamlDocument, positionOf } from '../schemas/yaml-document.ts';
import { type DataEdits, findDataEdits } from './adopt-data.ts';
import { type AdoptedUnits, type AdoptTask, type AdoptUnit, adoptUnits, renderOwnFiles } from './adopt-units.ts';
import type { Fleet, FleetDevice, IntendedConfiguration, Origin, Platforms } from './fleet.ts';
import { ownLayers, ownPaths, readOwnFiles, whereWritten } from './own-files.ts';
import { renderDevice } from './render-device.ts';
import { nodeAt, type RunningDifference } from './running-difference.ts';
import { createSecretMatcher } from './secret-references.ts';
import { leftToTemplate, leftUnrendered, objectionTo, templateBehind, type WhyLeft } from './why-left.ts';

export type { RunningDifference } from './running-difference.ts';

/** A difference that no edit of the device's own files would make the intent. */
export interface LeftDifference extends WhyLeft {
  readonly path: TreePath;
}

/** Where a difference was written. Without a line: it was taken out there. */
export interface WrittenDifference extends Origin {
  readonly path: TreePath;
}

export type AdoptResult =
  | {
      readonly kind: 'adopted';
      /** Texts of the files that changed, by path. */
      readonly files: ReadonlyMap<string, string>;
      readonly written: readonly WrittenDifference[];
      readonly left: readonly LeftDifference[];
    }
  | { readonly kind: 'nothing'; readonly left: readonly LeftDifference[] };

/**
 * Makes what a switch runs the intent: edits of the files that are this device's own, after which it renders to exactly what
 * runs at the paths of the differences, and to what it did before everywhere else. Nobody else is rendered from these files.
 * What does not come out exactly is left, with the reason.
 *
 * @param texts At least of the device's file and of the startup.yaml beside it, as they are in `fleet`; by path.
 * @throws {TypeError} One of these texts is missing.
 */
export function adoptChanges(
  fleet: Fleet,
  texts: ReadonlyMap<string, string>,
  device: FleetDevice,
  differences: readonly RunningDifference[],
  platforms: Platforms,
): AdoptResult {
  const rendered = renderDevice(fleet, device, platforms);
  if (rendered.kind === 'invalid') {
    const why = leftUnrendered(rendered.problems[0]);
    return { kind: 'nothing', left: differences.map(({ path }) => ({ path, ...why })) };
  }
  const { configuration } = rendered;
  const task = { fleet, device, platforms, texts: ownTexts(fleet, texts, device), intended: configuration.tree };
  const inForm = differences.map((difference) => inTheFormOf(configuration.tree, difference));
  const { units, left: notTried } = sortOut(task, inForm, configuration);
  const { adopted, missed } = adoptUnits(task, units);

  const left = inForm.flatMap((difference) => {
    const why = notTried.get(difference) ?? missed.get(difference);
    return why ? [{ path: difference.path, ...why }] : [];
  });
  if (!adopted) return { kind: 'nothing', left };
  return { kind: 'adopted', files: adopted.files, written: placesOf(task, adopted, inForm), left };
}

function ownTexts(fleet: Fleet, texts: ReadonlyMap<string, string>, device: FleetDevice): ReadonlyMap<string, string> {
  return new Map(
    ownPaths(fleet, device).map((path) => {
      const text = texts.get(path);
      if (text === undefined) throw new TypeError(`${path} was not read before changes were adopted into it`);
      return [path, text];
    }),
  );
}

/** `9000` and `"9000"` mean the same to a switch: a number is written as the one it takes the place of. */
function inTheFormOf(intended: Tree, difference: RunningDifference): RunningDifference {
  const [is, to] = [nodeAt(intended, difference.path), difference.to];
  if (typeof to === 'number' && isNumeric(is)) return { ...difference, to: String(to) };
  return typeof is === 'number' && isNumeric(to) ? { ...difference, to: Number(to) } : difference;
}

function isNumeric(value: unknown): value is string {
  return typeof value === 'string' && String(Number(value)) === value && Number.isSafeInteger(Number(value));
}

interface Sorted {
  readonly units: readonly AdoptUnit[];
  /** What there is no use in trying. */
  readonly left: ReadonlyMap<RunningDifference, WhyLeft>;
}

function sortOut(
  task: AdoptTask,
  differences: readonly RunningDifference[],
  configuration: IntendedConfiguration,
): Sorted {
  const secrets = createSecretMatcher(Object.values(task.platforms).flatMap(({ secretPatterns }) => secretPatterns));
  const left = new Map<RunningDifference, WhyLeft>();
  const templated = new Map<RunningDifference, Origin>();
  for (const difference of differences) {
    const objection = objectionTo(difference, task.intended, secrets);
    const template = objection ? undefined : templateBehind(configuration, difference);
    if (objection) left.set(difference, objection);
    if (template) templated.set(difference, template);
  }
  const sound = differences.filter((difference) => !left.has(difference));
  const byData = templated.size > 0 ? dataEdits(task, sound) : { exact: [], tooWide: [] };
  const covered = new Set(byData.exact.flatMap((unit) => unit.differences));
  for (const [difference, template] of templated) {
    const given = byData.tooWide.find((edit) => edit.differences.includes(difference))?.data.path;
    const data = given && { file: task.device.file, name: given.join('.') };
    if (!covered.has(difference)) left.set(difference, leftToTemplate(task.fleet, template, data));
  }
  const rest = sound.filter((difference) => !covered.has(difference) && !left.has(difference));
  return { units: [...byData.exact, ...rest.map((difference) => ({ differences: [difference] }))], left };
}

function dataEdits(task: AdoptTask, differences: readonly RunningDifference[]): DataEdits {
  const own = readOwnFiles(task.texts);
  const { file } = task.device;
  return findDataEdits(own.get(file) ?? null, task.intended, differences, (value) => {
    const rendered = renderOwnFiles(task, new Map(own).set(file, value));
    return rendered.kind === 'rendered' ? rendered.configuration.tree : undefined;
  });
}

/** Where each difference stands in the files as they are now, or in which it stood; in the order they were told. */
function placesOf(
  { device, texts }: AdoptTask,
  { units, files }: AdoptedUnits,
  differences: readonly RunningDifference[],
): readonly WrittenDifference[] {
  const after = new Map([...texts, ...files]);
  const own = readOwnFiles(after);
  const [layers, layersBefore] = [ownLayers(own, device), ownLayers(readOwnFiles(texts), device)];
  const lineOf = (file: string, at: JsonPath) =>
    positionOf(createYamlDocument(file, after.get(file) ?? '', own.get(file) ?? null), at).line;
  return differences.flatMap((difference): readonly WrittenDifference[] => {
    const unit = units.find((one) => one.differences.includes(difference));
    if (!unit) return [];
    const { path, to } = difference;
    if (unit.data) return [{ path, file: device.file, line: lineOf(device.file, unit.data.path) }];
    // What a platform adds by itself stands with what it adds it to.
    const lengths = to === undefined ? [path.length] : path.map((_, index) => path.length - index);
    for (const length of lengths) {
      const place = whereWritten(layers, path.slice(0, length));
      if (place) return [{ path, file: place.file, line: lineOf(place.file, place.at) }];
    }
    return [{ path, file: whereWritten(layersBefore, path)?.file ?? device.file }];
  });
}
