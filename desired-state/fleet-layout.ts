import type { TreeEntry } from '../git/repository.ts';
import type { Problem } from '../schemas/problem.ts';

/** A device file and what its place says of it. */
export interface PlacedDevice {
  readonly name: string;
  readonly site: string;
  readonly entry: TreeEntry;
}

/** Where everything of a fleet is, by place alone: nothing has been read. */
export interface FleetLayout {
  readonly settings?: TreeEntry;
  readonly approvals?: TreeEntry;
  readonly permissions?: TreeEntry;
  readonly automation?: TreeEntry;
  readonly images?: TreeEntry;
  /** By name, which is that of the file. */
  readonly requests: ReadonlyMap<string, TreeEntry>;
  readonly sites: ReadonlyMap<string, TreeEntry>;
  readonly roles: ReadonlyMap<string, TreeEntry>;
  /** By name below desired-state/templates/. */
  readonly templates: ReadonlyMap<string, TreeEntry>;
  /** In path order; a name may occur twice, which is a problem. */
  readonly devices: readonly PlacedDevice[];
  /** `x.startup.yaml` by the path of the object it belongs to (`x.yaml`). */
  readonly startups: ReadonlyMap<string, TreeEntry>;
  readonly problems: readonly Problem[];
}

const ROOT = 'desired-state';
export const DEVICES = `${ROOT}/devices`;
export const TEMPLATES = `${ROOT}/templates/`;
export const SETTINGS = 'pointsman.yaml';
export const APPROVALS = 'approvals.yaml';
export const PERMISSIONS = 'permissions.yaml';
export const AUTOMATION = 'automation.yaml';
export const REQUESTS = 'requests/';
const IMAGES = `${ROOT}/images.yaml`;
const RULES: ReadonlySet<string> = new Set([SETTINGS, APPROVALS, PERMISSIONS, AUTOMATION]);

/** True for paths this room reads or refuses; everything else in a fleet repo is none of its business. */
export function concernsFleet(path: string): boolean {
  return path.startsWith(`${ROOT}/`) || path === ROOT || RULES.has(path) || path.startsWith(REQUESTS) || notYet(path);
}

/** What a path says of requests: `misplaced` is below `requests/` and can be none, so the fleet is not valid. */
export function requestNamed(
  path: string,
): { readonly kind: 'request'; readonly name: string } | { readonly kind: 'misplaced' } | { readonly kind: 'none' } {
  const file = path.slice(REQUESTS.length);
  if (!path.startsWith(REQUESTS) || isNote(file)) return { kind: 'none' };
  const name = file.slice(0, -'.yaml'.length);
  return file.endsWith('.yaml') && OBJECT_NAME.test(name) ? { kind: 'request', name } : { kind: 'misplaced' };
}

/** @param entries All files of the repo, in path order. */
export function layOut(entries: readonly TreeEntry[]): FleetLayout {
  const found: Found = {
    requests: new Map(),
    sites: new Map(),
    roles: new Map(),
    templates: new Map(),
    devices: [],
    startups: new Map(),
    problems: [],
  };
  for (const entry of entries) if (concernsFleet(entry.path)) place(entry, found);
  refuseRepeatedNames(found);
  refuseOrphanStartups(found);
  if (!found.settings)
    found.problems.push(problem(SETTINGS, 'DESIRED_STATE_FILE_MISSING', 'expected this file, found none'));
  return found;
}

interface Found extends FleetLayout {
  settings?: TreeEntry;
  approvals?: TreeEntry;
  permissions?: TreeEntry;
  automation?: TreeEntry;
  images?: TreeEntry;
  readonly requests: Map<string, TreeEntry>;
  readonly sites: Map<string, TreeEntry>;
  readonly roles: Map<string, TreeEntry>;
  readonly templates: Map<string, TreeEntry>;
  readonly devices: PlacedDevice[];
  readonly startups: Map<string, TreeEntry>;
  readonly problems: Problem[];
}

const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;
const TEMPLATE_NAME = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*\.j2$/;

function place(entry: TreeEntry, found: Found): void {
  const refusal = refusalOfPlace(entry) ?? placeByKind(entry, found);
  if (refusal) found.problems.push(problem(entry.path, refusal.code, refusal.message));
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

function refusalOfPlace({ path, mode }: TreeEntry): Refusal | undefined {
  if (mode === '120000') {
    return { code: 'DESIRED_STATE_SYMLINK', message: 'symbolic links are not followed; put the file itself here' };
  }
  if (mode === '160000') {
    return { code: 'DESIRED_STATE_SUBMODULE', message: 'submodules are not read; put the files themselves here' };
  }
  if (!notYet(path)) return undefined;
  const message = 'this file is not supported by this version and would be ignored';
  return { code: 'DESIRED_STATE_NOT_SUPPORTED', message };
}

function placeByKind(entry: TreeEntry, found: Found): Refusal | undefined {
  const { path } = entry;
  if (path.startsWith(TEMPLATES)) return placeTemplate(entry, found);
  if (path === SETTINGS) found.settings = entry;
  else if (path === APPROVALS) found.approvals = entry;
  else if (path === PERMISSIONS) found.permissions = entry;
  else if (path === AUTOMATION) found.automation = entry;
  else if (path.startsWith(REQUESTS)) return placeRequest(entry, found);
  else if (path === IMAGES) found.images = entry;
  else return placeObject(entry, found);
  return undefined;
}

function placeTemplate(entry: TreeEntry, found: Found): Refusal | undefined {
  const name = entry.path.slice(TEMPLATES.length);
  if (TEMPLATE_NAME.test(name)) {
    found.templates.set(name, entry);
    return undefined;
  }
  const message = 'expected a template here, its name ending in .j2';
  return isNote(name) ? undefined : { code: 'DESIRED_STATE_FILE_UNKNOWN', message };
}

function placeRequest(entry: TreeEntry, found: Found): Refusal | undefined {
  const file = entry.path.slice(REQUESTS.length);
  if (isNote(file)) return undefined;
  if (file.includes('/') || !file.endsWith('.yaml')) {
    const message = 'expected requests/<name>.yaml; this file would be ignored';
    return { code: 'DESIRED_STATE_FILE_UNKNOWN', message };
  }
  const name = file.slice(0, -'.yaml'.length);
  if (!OBJECT_NAME.test(name)) return badName(name);
  found.requests.set(name, entry);
  return undefined;
}

function badName(name: string): Refusal {
  const form = 'lower-case letters, digits, dot, dash and underscore, 1 to 63 characters';
  return { code: 'DESIRED_STATE_FILE_NAME', message: `"${name}" cannot be a name: expected ${form}` };
}

function placeObject(entry: TreeEntry, found: Found): Refusal | undefined {
  const { path } = entry;
  const parts = path.split('/').slice(1);
  const file = parts.at(-1) ?? '';
  if (isNote(file)) return undefined;
  const [folder, site] = parts;
  const isDevice = folder === 'devices' && parts.length === 3;
  const isSiteOrRole = (folder === 'sites' || folder === 'roles') && parts.length === 2;
  if ((!isDevice && !isSiteOrRole) || !file.endsWith('.yaml')) {
    return { code: 'DESIRED_STATE_FILE_UNKNOWN', message: unknownFile(path) };
  }
  if (file.endsWith('.startup.yaml') && folder !== 'sites') {
    found.startups.set(path.replace(/\.startup\.yaml$/, '.yaml'), entry);
    return undefined;
  }
  const name = file.slice(0, -'.yaml'.length);
  if (!OBJECT_NAME.test(name)) return badName(name);
  if (folder === 'sites') found.sites.set(name, entry);
  else if (folder === 'roles') found.roles.set(name, entry);
  else found.devices.push({ name, site: site ?? '', entry });
  return undefined;
}

/** Known places of a fleet repo that a later version reads. */
function notYet(path: string): boolean {
  return path.startsWith(`${ROOT}/cables/`) || (path.startsWith('workflows/') && path.endsWith('.yaml'));
}

function isNote(file: string): boolean {
  return /(?:^|\/)(?:README\.md|\.gitkeep)$/.test(file);
}

function unknownFile(path: string): string {
  if (path.endsWith('.yml')) return 'files of a fleet end in .yaml; this one would be ignored';
  return 'this file has no place in a fleet: sites/<site>.yaml, devices/<site>/<device>.yaml, roles/<role>.yaml, templates/*.j2, images.yaml';
}

function refuseRepeatedNames({ devices, problems }: Found): void {
  const first = new Map<string, string>();
  for (const { name, entry } of devices) {
    const other = first.get(name);
    if (other === undefined) first.set(name, entry.path);
    else problems.push(problem(entry.path, 'DESIRED_STATE_NAME_TAKEN', `the device ${name} is also ${other}`));
  }
}

function refuseOrphanStartups({ startups, roles, devices, problems }: Found): void {
  const owners = new Set([...roles.values(), ...devices.map(({ entry }) => entry)].map(({ path }) => path));
  for (const [owner, { path }] of startups) {
    if (!owners.has(owner))
      problems.push(problem(path, 'DESIRED_STATE_FILE_UNKNOWN', `expected ${owner} beside this file`));
  }
}

function problem(file: string, code: string, message: string): Problem {
  return { file, code, message };
}
