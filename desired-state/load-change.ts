import type { FileChange, Repository, TreeEntry } from '../git/repository.ts';
import { canonicalJson } from '../schemas/canonical.ts';
import type { Problem } from '../schemas/problem.ts';
import { findRepeated, identityOf } from './check-fleet.ts';
import { deviceAccess } from './device-access.ts';
import { FleetRevisionUnknownError } from './errors.ts';
import type { Fleet, FleetDevice, Platforms } from './fleet.ts';
import { createFleetCache, type FleetCache } from './fleet-cache.ts';
import {
  APPROVALS,
  AUTOMATION,
  concernsFleet,
  DEVICES,
  type FleetLayout,
  layOut,
  PERMISSIONS,
  REQUESTS,
  SETTINGS,
} from './fleet-layout.ts';
import { type BuiltFleet, buildFleet, renderAll, verdictOn } from './load-fleet.ts';
import { type FleetFiles, readDevices, readFleet } from './read-fleet.ts';
import { inputFiles, type RenderVerdict, renderVerdicts } from './render-device.ts';

export interface ChangeRequest {
  readonly repository: Repository;
  /** Commits or trees, or what Git resolves to them. */
  readonly before: string;
  readonly after: string;
  readonly platforms: Platforms;
  /** Kept by the caller from one look to the next. */
  readonly cache?: FleetCache;
}

export type LoadedChange =
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  | {
      readonly kind: 'valid';
      /** The fleet as it was, as far as the change concerns it. Absent when that is not valid. */
      readonly before?: Fleet;
      /** The fleet as it becomes: all of it, or the part the change concerns. */
      readonly after: Fleet;
      /** Devices of `after` that are new, or are to hold or be reached by something else; by name. */
      readonly changed: readonly FleetDevice[];
      /** Names of devices that are no longer in the fleet, sorted. */
      readonly removed: readonly string[];
      /** Devices the change leaves as they are. */
      readonly elsewhere: number;
    };

/**
 * What a change to the fleet repo means for its devices. Costs what was changed: when only device files differ, nothing
 * but these, and what they are rendered from, is read. What was not touched is taken as it was checked when it came in.
 *
 * @throws {FleetRevisionUnknownError} There is no such revision.
 */
export async function loadChange(request: ChangeRequest): Promise<LoadedChange> {
  const { repository, platforms, cache = createFleetCache() } = request;
  const [before, after] = await Promise.all([resolve(repository, request.before), resolve(repository, request.after)]);
  const [changes, entries] = await Promise.all([repository.changedFiles(before, after), repository.listFiles(after)]);
  const touched = changes.filter(({ path }) => concernsFleet(path));
  const layout = layOut(entries);
  const oldLayout = layOut(await listBefore(repository, before, entries, touched));
  const goneOrThere = devicesTouched(oldLayout, touched);
  const readOld = (names: Iterable<string>): Promise<FleetFiles> =>
    readFleet({ repository, revision: before }, oldLayout, cache, new Set([...names, ...goneOrThere]));

  const part = touched.every(({ path }) => staysWithDevice(path)) ? devicesTouched(layout, touched) : undefined;
  const files = await readFleet({ repository, revision: after }, layout, cache, part);
  const oldPart = part && (await readOld(part));
  const clashes = oldPart ? await findClashes({ repository, cache }, files, oldPart) : [];
  const built = buildFleet(files, platforms, cache);
  const candidates = concerned(built.renderable, touched);
  const { verdicts, problems } = renderAll(built.renderable, candidates, platforms);
  const loaded = verdictOn(built, [...clashes, ...problems]);
  if (loaded.kind === 'invalid') return loaded;

  const { fleet } = loaded;
  const oldFiles = oldPart ?? (await readOld(candidates.map(({ name }) => name)));
  const { fleet: old } = buildFleet(oldFiles, platforms, cache);
  const changed = old ? changedDevices(old, fleet, candidates, verdicts, platforms) : candidates;
  return {
    kind: 'valid',
    ...(old ? { before: old } : {}),
    after: fleet,
    changed,
    removed: [...goneOrThere].filter((name) => !layout.devices.some((device) => device.name === name)).sort(),
    elsewhere: fleet.deviceCount - changed.length,
  };
}

async function resolve(repository: Repository, revision: string): Promise<string> {
  const id = await repository.resolve(revision);
  if (id === undefined) throw new FleetRevisionUnknownError({ revision });
  return id;
}

/** Listing a whole tree costs as much as this many look-ups of one file. */
const MOST_LOOKUPS = 8;

/** The files of the old tree. After a small change most of them are known from the new one. */
async function listBefore(
  repository: Repository,
  before: string,
  entries: readonly TreeEntry[],
  touched: readonly FileChange[],
): Promise<readonly TreeEntry[]> {
  const gone = touched.filter(({ kind }) => kind !== 'added');
  if (gone.length > MOST_LOOKUPS) return repository.listFiles(before);
  const old = await Promise.all(gone.map(({ path }) => repository.listFiles(before, path)));
  const paths = new Set(touched.map(({ path }) => path));
  return [...entries.filter(({ path }) => !paths.has(path)), ...old.flat()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const NO_DEVICES: ReadonlySet<string> = new Set([APPROVALS, PERMISSIONS, AUTOMATION]);

/** Files that have a say in one device only, or in none: the rest of the fleet need not be read for them. */
function staysWithDevice(path: string): boolean {
  return path.startsWith(`${DEVICES}/`) || path.startsWith(REQUESTS) || NO_DEVICES.has(path);
}

function devicesTouched(layout: FleetLayout, touched: readonly FileChange[]): ReadonlySet<string> {
  const paths = new Set(touched.map(({ path }) => path.replace(/\.startup\.yaml$/, '.yaml')));
  return new Set(layout.devices.filter(({ entry }) => paths.has(entry.path)).map(({ name }) => name));
}

/** Devices one of whose inputs was touched; only for these can anything differ. By name. */
function concerned(fleet: BuiltFleet['renderable'], touched: readonly FileChange[]): readonly FleetDevice[] {
  const paths = new Set(touched.map(({ path }) => path));
  return [...fleet.devices.values()]
    .filter((device) => paths.has(SETTINGS) || inputFiles(fleet, device).some((file) => paths.has(file)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function changedDevices(
  before: Fleet,
  after: Fleet,
  candidates: readonly FleetDevice[],
  verdicts: readonly RenderVerdict[],
  platforms: Platforms,
): readonly FleetDevice[] {
  const were = candidates.flatMap(({ name }) => before.devices.get(name) ?? []);
  const oldVerdicts = renderVerdicts(before, were, platforms);
  const oldDigests = new Map(were.map(({ name }, index) => [name, digestOf(oldVerdicts[index])]));
  return candidates.filter((device, index) => {
    const old = before.devices.get(device.name);
    // What could not be rendered before has no digest, which is no device's now.
    if (!old || oldDigests.get(device.name) !== digestOf(verdicts[index])) return true;
    return canonicalJson(reach(before, old)) !== canonicalJson(reach(after, device));
  });
}

function digestOf(verdict: RenderVerdict | undefined): string | undefined {
  return verdict?.kind === 'rendered' ? verdict.digest : undefined;
}

/** Who the switch is and where. With which credentials it is spoken to changes nothing on it. */
function reach(fleet: Fleet, device: FleetDevice): object {
  const { platform, host, port, serial, tls, hostKeys = [] } = deviceAccess(fleet, device);
  return { platform, host, port, serial, tls, hostKeys };
}

/** More words than this cost more to look for than reading every device file does. */
const MOST_WORDS = 12;

/**
 * Devices that were not read and share an address, a serial number or a MAC with one that was. Only what a device did
 * not have before is looked for: what it had was unique already.
 */
async function findClashes(
  { repository, cache }: { readonly repository: Repository; readonly cache: FleetCache },
  files: FleetFiles,
  oldFiles: FleetFiles,
): Promise<readonly Problem[]> {
  const old = new Map(oldFiles.devices.map((device) => [device.name, device]));
  const words = new Set(files.devices.flatMap((device) => newWords(device, old.get(device.name))));
  if (words.size === 0) return [];
  const { layout, revision } = files;
  const hits =
    words.size > MOST_WORDS
      ? layout.devices.map(({ entry }) => entry.path)
      : (await Promise.all([...words].map((word) => repository.findText(revision, word, DEVICES)))).flat();
  const read = new Set(files.devices.map(({ entry }) => entry.path));
  const others = await readDevices(repository, layout, cache, new Set(hits.filter((path) => !read.has(path))));
  const together = [...files.devices, ...others].sort((a, b) => (a.entry.path < b.entry.path ? -1 : 1));
  // Those among the ones that were read are found with them.
  const known = new Set(findRepeated(files.devices).map((problem) => JSON.stringify(problem)));
  return findRepeated(together).filter((problem) => !known.has(JSON.stringify(problem)));
}

function newWords(now: FleetFiles['devices'][number], then?: FleetFiles['devices'][number]): readonly string[] {
  return (['address', 'serial', 'mac'] as const).flatMap((field) => {
    const word = identityOf(now, field);
    if (word === undefined || (then && identityOf(then, field) === word)) return [];
    // Of an address the host alone: a port may be written or left out.
    return field === 'address' ? (word.split(' ', 1)[0] ?? word) : word;
  });
}
