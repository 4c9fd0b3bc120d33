/** What a schema cannot say: references resolve, names and addresses are unique, every switch can be reached. */
import { parseFreeze } from '../calendar/site-calendar.ts';
import { isTimeZone } from '../calendar/zone-clock.ts';
import { problemAt } from '../schemas/excerpt.ts';
import { type Freeze, secretsOf } from '../schemas/fleet.ts';
import { isTree } from '../schemas/json.ts';
import type { Problem } from '../schemas/problem.ts';
import type { SalvagedFile } from '../schemas/validate-file.ts';
import { didYouMean } from '../schemas/validation-words.ts';
import { positionOf } from '../schemas/yaml-document.ts';
import { checkAutomation, checkRequests } from './check-requests.ts';
import {
  type AccessScopes,
  applyCredential,
  effectiveTls,
  isSpokenToThroughSsh,
  planCredential,
} from './device-access.ts';
import { readAddress } from './device-address.ts';
import { TEMPLATES } from './fleet-layout.ts';
import type { FleetFiles } from './read-fleet.ts';
import { templateReferences } from './template-scan.ts';

type DeviceFile = FleetFiles['devices'][number];
/** A device as far as its file keeps to the schema. */
type SomeDevice = FleetFiles['salvaged']['devices'][number];

/** @returns In no particular order. Files that were not read are not judged. */
export function checkFleet(files: FleetFiles): readonly Problem[] {
  const { salvaged } = files;
  const devices: readonly SomeDevice[] = [...files.devices, ...salvaged.devices].sort((a, b) =>
    a.entry.path < b.entry.path ? -1 : 1,
  );
  const roles = [...files.roles.values(), ...salvaged.roles];
  return [
    ...devices.flatMap((device) => checkDevice(files, device)),
    ...files.devices.flatMap((device) => checkAccess(files, device)),
    ...[
      ...(files.settings ? [files.settings] : []),
      ...files.sites.values(),
      ...files.devices.map(({ file }) => file),
    ].flatMap(checkCredentials),
    ...roles.flatMap((role) => [...checkTemplates(files, role), ...checkImage(files, role)]),
    ...[...files.sites.values(), ...salvaged.sites].flatMap(checkSite),
    ...[...files.templates].flatMap(([name, source]) => checkTemplateReferences(files, name, source)),
    ...findRepeated(devices),
    ...checkRequests([...files.requests.values()]),
    ...(files.automation ? checkAutomation(files.automation, files.layout.sites, windowNames(files)) : []),
  ];
}

/** Of a site that cannot be read nobody knows what its windows are called. */
function windowNames({ sites, layout }: FleetFiles): ReadonlySet<string> | undefined {
  if (sites.size < layout.sites.size) return undefined;
  return new Set([...sites.values()].flatMap(({ value }) => (value.windows ?? []).map(({ name }) => name)));
}

/**
 * Devices that share an address, a serial number or a MAC; the one further down is told.
 *
 * @param devices In path order.
 */
export function findRepeated(devices: readonly SomeDevice[]): readonly Problem[] {
  return (['address', 'serial', 'mac'] as const).flatMap((field) => {
    const first = new Map<string, SomeDevice>();
    return devices.flatMap((device) => {
      const key = identityOf(device, field);
      if (key === undefined) return [];
      const other = first.get(key);
      if (!other) {
        first.set(key, device);
        return [];
      }
      const { line } = positionOf(other.file.document, [field]);
      const message = `this ${field} is also that of ${other.name} (${other.entry.path}:${line})`;
      return [at(device.file, [field], 'DESIRED_STATE_NOT_UNIQUE', message)];
    });
  });
}

/** What must not occur twice, in the one spelling that counts. `undefined` when it is not there or not readable. */
export function identityOf(device: SomeDevice, field: 'address' | 'serial' | 'mac'): string | undefined {
  const { address, platform, [field]: plain } = device.file.value;
  if (field !== 'address') return plain;
  if (address === undefined || platform === undefined) return undefined;
  const read = readAddress(address, platform);
  return read.kind === 'address' ? `${read.address.host} ${read.address.port}` : undefined;
}

function checkDevice(files: FleetFiles, { file, site, entry }: SomeDevice): readonly Problem[] {
  const { role, address, platform } = file.value;
  const { layout } = files;
  const problems: Problem[] = [...checkTemplates(files, file), ...checkImage(files, file)];

  if (role !== undefined && !layout.roles.has(role)) {
    const message = `there is no role ${role}: expected desired-state/roles/${role}.yaml`;
    problems.push(
      at(file, ['role'], 'DESIRED_STATE_ROLE_UNKNOWN', message, didYouMean(role, [...layout.roles.keys()])),
    );
  }
  if (!layout.sites.has(site)) {
    const message = `there is no site ${site}: expected desired-state/sites/${site}.yaml`;
    const hint = didYouMean(site, [...layout.sites.keys()]);
    problems.push({ file: entry.path, code: 'DESIRED_STATE_SITE_UNKNOWN', message, ...(hint ? { hint } : {}) });
  }
  if (address !== undefined && platform !== undefined) {
    const read = readAddress(address, platform);
    if (read.kind === 'refused') problems.push(at(file, ['address'], 'DESIRED_STATE_ADDRESS', read.message));
  }
  return problems;
}

function checkAccess(files: FleetFiles, { file, site }: DeviceFile): readonly Problem[] {
  const siteFile = files.sites.get(site);
  // Of a scope that cannot be read nobody knows what it would have said.
  if (!files.settings || (!siteFile && files.layout.sites.has(site))) return [];
  const scopes: AccessScopes = [file.value, ...(siteFile ? [siteFile.value] : []), files.settings.value];
  const problems: Problem[] = [];
  if (!applyCredential(scopes)) {
    const message = 'no credentials to apply with: expected credentials.apply here, in the site or in pointsman.yaml';
    problems.push(at(file, ['credentials'], 'DESIRED_STATE_CREDENTIALS_MISSING', message));
  }
  const throughSsh = isSpokenToThroughSsh(file.value.platform ?? '');
  const withKey = [planCredential(scopes), applyCredential(scopes)].find((credential) => credential?.private_key);
  if (withKey && !throughSsh) {
    const message = `${withKey.username} has a private_key: expected a password, because ${file.value.platform} takes no keys`;
    problems.push(at(file, ['credentials'], 'DESIRED_STATE_CREDENTIALS_UNSUITABLE', message));
  }
  if (throughSsh) {
    if (file.value.ssh) return problems;
    const message = 'nothing proves this switch is the right one: expected ssh.host_keys here';
    const hint = 'read them on its console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub';
    return [...problems, at(file, ['ssh'], 'DESIRED_STATE_HOST_KEY_MISSING', message, hint)];
  }
  if (!effectiveTls(scopes)) {
    const message =
      'nothing proves this switch is the right one: expected tls.ca or tls.pins here, in the site or in pointsman.yaml';
    problems.push(at(file, ['tls'], 'DESIRED_STATE_TLS_MISSING', message));
  }
  return problems;
}

/** What proves a login has to be one thing. */
function checkCredentials(file: SalvagedFile<'settings' | 'site' | 'device'>): readonly Problem[] {
  return (['plan', 'apply'] as const).flatMap((purpose) => {
    const credential = file.value.credentials?.[purpose];
    if (!credential || secretsOf(credential).length === 1) return [];
    const message = `expected one of password and private_key, found ${credential.password ? 'both' : 'neither'}`;
    return [at(file, ['credentials', purpose], 'DESIRED_STATE_CREDENTIALS_UNSUITABLE', message)];
  });
}

type Templated = SalvagedFile<'role'> | SalvagedFile<'device'>;

function checkTemplates(files: FleetFiles, file: Templated): readonly Problem[] {
  return (file.value.templates ?? []).flatMap((name, index) => {
    if (files.layout.templates.has(name)) return [];
    const message = `there is no template ${name} below ${TEMPLATES}`;
    const hint = didYouMean(name, [...files.layout.templates.keys()]);
    return [at(file, ['templates', index], 'DESIRED_STATE_TEMPLATE_UNKNOWN', message, hint)];
  });
}

function checkImage(files: FleetFiles, file: Templated): readonly Problem[] {
  const { value } = file;
  if (value.image === undefined) return [];
  const readable = files.images ?? files.salvaged.images;
  // An images.yaml that cannot be read is told by itself.
  if (files.layout.images && !readable) return [];
  const names = isTree(readable?.document.value) ? Object.keys(readable.document.value) : [];
  const images = files.images?.value ?? {};
  const image = Object.hasOwn(images, value.image) ? images[value.image] : undefined;
  if (!names.includes(value.image)) {
    const message = `there is no image ${value.image} in desired-state/images.yaml`;
    return [at(file, ['image'], 'DESIRED_STATE_IMAGE_UNKNOWN', message, didYouMean(value.image, names))];
  }
  if (image && 'platform' in value && image.platform !== value.platform) {
    const message = `the image ${value.image} is for ${image.platform}; this device is ${value.platform}`;
    return [at(file, ['image'], 'DESIRED_STATE_IMAGE_PLATFORM', message)];
  }
  return [];
}

function checkSite(file: SalvagedFile<'site'>): readonly Problem[] {
  const { time_zone: zone, windows = [], freezes = [] } = file.value;
  return [
    ...(zone === undefined ? [] : checkTimeZone(file, zone)),
    ...checkNames(file, 'windows', windows),
    ...checkNames(file, 'freezes', freezes),
    ...freezes.flatMap((freeze, index) => checkFreeze(file, freeze, index)),
  ];
}

function checkTimeZone(file: SalvagedFile<'site'>, zone: string): readonly Problem[] {
  if (isTimeZone(zone)) return [];
  const message = `"${zone}" is not a time zone: expected an IANA name such as Europe/Amsterdam`;
  const hint = didYouMean(zone, Intl.supportedValuesOf('timeZone'));
  return [at(file, ['time_zone'], 'DESIRED_STATE_TIME_ZONE', message, hint)];
}

function checkNames(
  file: SalvagedFile<'site'>,
  list: 'windows' | 'freezes',
  entries: readonly { readonly name: string }[],
): readonly Problem[] {
  return entries.flatMap(({ name }, index) => {
    const first = entries.findIndex((entry) => entry.name === name);
    if (first === index) return [];
    const { line } = positionOf(file.document, [list, first, 'name']);
    const message = `"${name}" is also the name of the one on line ${line}`;
    return [at(file, [list, index, 'name'], 'DESIRED_STATE_CALENDAR_NAME', message)];
  });
}

const REFUSED_FREEZES = {
  'no-such-date': 'DESIRED_STATE_NO_SUCH_DATE',
  'ends-first': 'DESIRED_STATE_FREEZE_ENDS_FIRST',
} as const;

function checkFreeze(file: SalvagedFile<'site'>, freeze: Freeze, index: number): readonly Problem[] {
  const parsed = parseFreeze(freeze);
  if (parsed.kind === 'freeze') return [];
  return [at(file, ['freezes', index, parsed.field], REFUSED_FREEZES[parsed.because], parsed.message)];
}

function checkTemplateReferences(files: FleetFiles, name: string, source: string): readonly Problem[] {
  const file = TEMPLATES + name;
  return templateReferences(source).flatMap((reference) => {
    if (reference.name === undefined) {
      const message = `${reference.keyword} needs the name of a template in quotes: what a change affects has to be known beforehand`;
      return [problemAt(file, source, reference.offset, { code: 'DESIRED_STATE_TEMPLATE_COMPUTED', message })];
    }
    if (files.layout.templates.has(reference.name)) return [];
    const hint = didYouMean(reference.name, [...files.layout.templates.keys()]);
    const message = `there is no template ${reference.name} below ${TEMPLATES}`;
    const what = { code: 'DESIRED_STATE_TEMPLATE_UNKNOWN', message, ...(hint === undefined ? {} : { hint }) };
    return [problemAt(file, source, reference.offset, what)];
  });
}

function at(
  file: SalvagedFile,
  path: readonly (string | number)[],
  code: string,
  message: string,
  hint?: string,
): Problem {
  const { document } = file;
  const position = positionOf(document, path, 'value');
  return problemAt(document.file, document.text, position, { code, message, ...(hint === undefined ? {} : { hint }) });
}
