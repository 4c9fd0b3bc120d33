import type { Repository, TreeEntry } from '../git/repository.ts';
import type { Kind } from '../schemas/kinds.ts';
import type { KnownFile } from '../schemas/parse-cache.ts';
import type { Problem } from '../schemas/problem.ts';
import type { FleetFile, SalvagedFile, ValidatedFile } from '../schemas/validate-file.ts';
import { FleetRevisionUnknownError } from './errors.ts';
import type { FleetCache } from './fleet-cache.ts';
import { type FleetLayout, layOut, type PlacedDevice, TEMPLATES } from './fleet-layout.ts';
import { templateReferences } from './template-scan.ts';

/** Files of a fleet that keep to their schemas, and every problem found on the way to them. */
export interface FleetFiles {
  readonly revision: string;
  readonly layout: FleetLayout;
  readonly settings?: FleetFile<'settings'>;
  readonly approvals?: FleetFile<'approvals'>;
  readonly automation?: FleetFile<'automation'>;
  readonly images?: FleetFile<'images'>;
  /** By name. All of them, whatever devices are asked for. */
  readonly requests: ReadonlyMap<string, FleetFile<'request'>>;
  readonly sites: ReadonlyMap<string, FleetFile<'site'>>;
  readonly roles: ReadonlyMap<string, FleetFile<'role'>>;
  /** In path order. */
  readonly devices: readonly (PlacedDevice & { readonly file: FleetFile<'device'> })[];
  /** By the path of the object they belong to. */
  readonly startups: ReadonlyMap<string, FleetFile<'startup'>>;
  /** Sources by name. */
  readonly templates: ReadonlyMap<string, string>;
  /** Files that break their schema, as far as they can be judged. */
  readonly salvaged: SalvagedFiles;
  readonly problems: readonly Problem[];
}

interface SalvagedFiles {
  readonly devices: readonly (PlacedDevice & { readonly file: SalvagedFile<'device'> })[];
  readonly sites: readonly SalvagedFile<'site'>[];
  readonly roles: readonly SalvagedFile<'role'>[];
  /** With every name in it, whatever is wrong with what stands under them. */
  readonly images?: SalvagedFile<'images'>;
}

export interface FleetAt {
  readonly repository: Repository;
  /** Whatever Git can resolve to a commit or a tree. */
  readonly revision: string;
}

/** @throws {FleetRevisionUnknownError} */
export async function readLayout({ repository, revision }: FleetAt): Promise<FleetLayout> {
  const id = await repository.resolve(revision);
  if (id === undefined) throw new FleetRevisionUnknownError({ revision });
  return layOut(await repository.listFiles(id));
}

/**
 * Reads the whole fleet, or what concerns the devices named.
 *
 * @param only Names of devices. Their sites, roles and templates are read with them, nothing else of these kinds.
 */
export async function readFleet(
  { repository, revision }: FleetAt,
  layout: FleetLayout,
  cache: FleetCache,
  only?: ReadonlySet<string>,
): Promise<FleetFiles> {
  const reader = createReader(repository, cache);
  const placed = only ? layout.devices.filter(({ name }) => only.has(name)) : layout.devices;
  const everywhere = only ? [] : [...layout.sites.values(), ...layout.roles.values()];

  await reader.fetch([
    ...present([layout.settings, layout.approvals, layout.permissions, layout.automation, layout.images]),
    ...layout.requests.values(),
    ...withStartups(
      layout,
      placed.map(({ entry }) => entry),
    ),
    ...withStartups(layout, everywhere),
  ]);
  const settings = layout.settings && reader.parse('settings', layout.settings);
  const approvals = layout.approvals && reader.parse('approvals', layout.approvals);
  // Only checked here: commands read it by itself, whatever is wrong with the rest of the fleet.
  if (layout.permissions) reader.parse('permissions', layout.permissions);
  const automation = layout.automation && reader.parse('automation', layout.automation);
  const images = layout.images && reader.parse('images', layout.images);
  const requests = parseAll([...layout.requests], (entry) => reader.parse('request', entry));
  const devices = placed.flatMap((device) => {
    const file = reader.parse('device', device.entry);
    return file ? [{ ...device, file }] : [];
  });

  const roleNames = new Set(devices.map(({ file }) => file.value.role));
  const siteNames = new Set(placed.map(({ site }) => site));
  const siteEntries = [...layout.sites].filter(([name]) => !only || siteNames.has(name));
  const roleEntries = [...layout.roles].filter(([name]) => !only || roleNames.has(name));
  await reader.fetch(
    withStartups(
      layout,
      [...siteEntries, ...roleEntries].map(([, entry]) => entry),
    ),
  );
  const sites = parseAll(siteEntries, (entry) => reader.parse('site', entry));
  const roles = parseAll(roleEntries, (entry) => reader.parse('role', entry));

  const owners = [...placed.map(({ entry }) => entry), ...roleEntries.map(([, entry]) => entry)];
  const startups = parseAll(
    owners.flatMap(({ path }) => present([layout.startups.get(path)]).map((entry) => [path, entry] as const)),
    (entry) => reader.parse('startup', entry),
  );
  const wanted = only
    ? [...roles.values(), ...devices.map(({ file }) => file)].flatMap(({ value }) => value.templates ?? [])
    : [...layout.templates.keys()];
  const templates = await readTemplates(reader, layout, wanted);

  return {
    revision,
    layout,
    ...(settings ? { settings } : {}),
    ...(approvals ? { approvals } : {}),
    ...(automation ? { automation } : {}),
    ...(images ? { images } : {}),
    requests,
    sites,
    roles,
    devices,
    startups,
    templates,
    salvaged: {
      devices: placed.flatMap((device) => reader.salvaged('device', device.entry).map((file) => ({ ...device, file }))),
      sites: siteEntries.flatMap(([, entry]) => reader.salvaged('site', entry)),
      roles: roleEntries.flatMap(([, entry]) => reader.salvaged('role', entry)),
      ...(layout.images ? { images: reader.salvaged('images', layout.images)[0] } : {}),
    },
    problems: [...layout.problems, ...reader.problems],
  };
}

/** Device files among `paths` that keep to their schema; the others are somebody else's problem. */
export async function readDevices(
  repository: Repository,
  layout: FleetLayout,
  cache: FleetCache,
  paths: ReadonlySet<string>,
): Promise<FleetFiles['devices']> {
  const reader = createReader(repository, cache);
  const placed = layout.devices.filter(({ entry }) => paths.has(entry.path));
  await reader.fetch(placed.map(({ entry }) => entry));
  return placed.flatMap((device) => {
    const file = reader.parse('device', device.entry);
    return file ? [{ ...device, file }] : [];
  });
}

/** Follows what templates name, one level of the whole set at a time. */
async function readTemplates(
  reader: Reader,
  layout: FleetLayout,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  const asked = new Set<string>();
  let wanted = [...new Set(names)];
  while (wanted.length > 0) {
    const entries = wanted.flatMap((name) => present([layout.templates.get(name)]));
    for (const name of wanted) asked.add(name);
    await reader.fetch(entries);
    for (const entry of entries) {
      const source = reader.text(entry);
      if (source !== undefined) sources.set(entry.path.slice(TEMPLATES.length), source);
    }
    const named = entries.flatMap(({ path }) => templateReferences(sources.get(path.slice(TEMPLATES.length)) ?? ''));
    wanted = [...new Set(named.flatMap(({ name }) => present([name])))].filter((name) => !asked.has(name));
  }
  return new Map([...sources].sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Reader {
  readonly problems: readonly Problem[];
  /** Brings contents here, all in one conversation with Git, but for what is known already. */
  fetch(entries: readonly TreeEntry[]): Promise<void>;
  parse<K extends Kind>(kind: K, entry: TreeEntry): FleetFile<K> | undefined;
  /** What is left of a file that breaks its schema: none or one. */
  salvaged<K extends Kind>(kind: K, entry: TreeEntry): readonly SalvagedFile<K>[];
  text(entry: TreeEntry): string | undefined;
}

const LARGEST_TEMPLATE_BYTES = 1024 * 1024;

function createReader(repository: Repository, cache: FleetCache): Reader {
  const contents = new Map<string, Uint8Array>();
  // Held here, because the cache may forget while we read on.
  const known = new Map<string, KnownFile>();
  const problems: Problem[] = [];

  function parsed<K extends Kind>(kind: K, { path, blob }: TreeEntry): ValidatedFile<K> {
    const found = known.get(`${blob} ${path}`);
    // Kept under this kind.
    if (found?.kind === kind) return found.result as ValidatedFile<K>;
    const source = contents.get(blob);
    if (!source) throw new TypeError(`${path} was not fetched before it was parsed`);
    return cache.files.parse(kind, path, blob, source);
  }

  return {
    problems,
    async fetch(entries) {
      const missing = entries.filter(({ path, blob }) => {
        const found = cache.files.known(path, blob);
        if (found) known.set(`${blob} ${path}`, found);
        return !found && !contents.has(blob) && cache.texts.get(blob) === undefined;
      });
      if (missing.length === 0) return;
      const read = await repository.readBlobs([...new Set(missing.map(({ blob }) => blob))]);
      for (const [blob, content] of read) contents.set(blob, content);
    },
    parse(kind, entry) {
      const result = parsed(kind, entry);
      if (result.kind === 'valid') return result.file;
      problems.push(...result.problems);
      return undefined;
    },
    salvaged(kind, entry) {
      const result = parsed(kind, entry);
      return result.kind === 'invalid' && result.salvaged ? [result.salvaged] : [];
    },
    text({ path, blob }) {
      const known = cache.texts.get(blob);
      if (known !== undefined) return known;
      const content = contents.get(blob);
      if (!content) throw new TypeError(`${path} was not fetched before it was read`);
      if (content.byteLength > LARGEST_TEMPLATE_BYTES) {
        const message = `expected at most ${LARGEST_TEMPLATE_BYTES} bytes, found ${content.byteLength}`;
        problems.push({ file: path, code: 'SCHEMAS_FILE_TOO_LARGE', message });
        return undefined;
      }
      try {
        const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
        cache.texts.set(blob, text);
        return text;
      } catch {
        problems.push({ file: path, code: 'SCHEMAS_NOT_UTF8', message: 'expected UTF-8 text, found other bytes' });
        return undefined;
      }
    },
  };
}

function withStartups(layout: FleetLayout, entries: readonly TreeEntry[]): readonly TreeEntry[] {
  return entries.flatMap((entry) => [entry, ...present([layout.startups.get(entry.path)])]);
}

function parseAll<T>(
  entries: readonly (readonly [name: string, entry: TreeEntry])[],
  parse: (entry: TreeEntry) => T | undefined,
): ReadonlyMap<string, T> {
  return new Map(
    entries.flatMap(([name, entry]) => {
      const file = parse(entry);
      return file ? [[name, file] as const] : [];
    }),
  );
}

function present<T>(values: readonly (T | undefined)[]): readonly T[] {
  return values.filter((value) => value !== undefined);
}
