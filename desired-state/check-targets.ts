import { problemAt } from '../schemas/excerpt.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { Problem } from '../schemas/problem.ts';
import type { FleetFile } from '../schemas/validate-file.ts';
import { didYouMean } from '../schemas/validation-words.ts';
import { positionOf } from '../schemas/yaml-document.ts';
import type { Fleet, FleetDevice } from './fleet.ts';
import { deviceLabels, matchesGlob, selectDevices, selectorOf } from './select-devices.ts';

const MOST_DEVICES = 500;

/**
 * Whether the targets of a request are what whoever wrote it can have meant: some switch, not too many, and nothing in them
 * that fits no switch. To be asked of requests that come in, not of those that are done: the devices of these may be gone.
 *
 * @param isMeant Switches that the targets name and that are not meant all the same are left out.
 */
export function checkTargets(
  fleet: Fleet,
  file: FleetFile<'request'>,
  isMeant: (device: FleetDevice) => boolean = () => true,
): readonly Problem[] {
  const { targets } = file.value;
  const chosen = selectDevices(fleet, selectorOf(targets)).filter(isMeant);
  const unused = listsOf(fleet, targets).flatMap((list) => checkList(fleet, file, list, chosen));
  const found = [...unused, ...checkLabels(fleet, file)];
  if (chosen.length > 0) return [...found, ...checkNumber(fleet, file, chosen.length)];
  if (found.length > 0) return found;
  return [at(file, ['targets'], `no switch of the fleet is all of this: ${targetsInWords(targets)}`)];
}

/** `devices leaf* or spine*, sites ams1`: as they are named. May quote anybody. */
export function targetsInWords(targets: Targets | undefined): string {
  const { labels = {}, at_most: _most, ...lists } = targets ?? {};
  const named = Object.entries(lists).map(([what, names]) => `${what} ${names.join(' or ')}`);
  const wanted = Object.entries(labels).map(([key, value]) => `label ${key}=${value}`);
  return [...named, ...wanted].join(', ') || 'all of the fleet';
}

interface List {
  readonly field: keyof Targets & string;
  /** `there is no <one> leaf99` */
  readonly one: string;
  /** `no switch <has> leaf99` */
  readonly has: string;
  readonly globs: readonly string[];
  readonly of: (device: FleetDevice) => string | undefined;
  /** Names there are, also those of no switch. */
  readonly known: readonly string[];
}

const STATUSES = ['planned', 'provisioning', 'provisioned', 'active', 'maintenance', 'retired'];

function listsOf(
  fleet: Fleet,
  { devices = [], sites = [], roles = [], platforms = [], status = [], tenants = [] }: Targets,
): readonly List[] {
  const all = [...fleet.devices.values()];
  const names = (of: List['of']) => [...new Set(all.flatMap((device) => of(device) ?? []))];
  const platform: List['of'] = ({ value }) => value.platform;
  const tenant: List['of'] = ({ value }) => value.tenant;
  return [
    {
      ...{ field: 'devices', one: 'device', has: 'is called' },
      ...{ globs: devices, of: ({ name }) => name, known: [...fleet.devices.keys()] },
    },
    {
      ...{ field: 'sites', one: 'site', has: 'stands at' },
      ...{ globs: sites, of: ({ site }) => site, known: [...fleet.sites.keys()] },
    },
    {
      ...{ field: 'roles', one: 'role', has: 'has the role' },
      ...{ globs: roles, of: ({ value }) => value.role, known: [...fleet.roles.keys()] },
    },
    {
      ...{ field: 'platforms', one: 'platform', has: 'has the platform' },
      ...{ globs: platforms, of: platform, known: names(platform) },
    },
    {
      ...{ field: 'status', one: 'status', has: 'has the status' },
      ...{ globs: status, of: ({ value }) => value.status ?? 'active', known: STATUSES },
    },
    {
      ...{ field: 'tenants', one: 'tenant', has: 'is of the tenant' },
      ...{ globs: tenants, of: tenant, known: names(tenant) },
    },
  ];
}

/** One that fits nothing shrinks what is meant without a word: a slip would look like success. */
function checkList(
  fleet: Fleet,
  file: FleetFile<'request'>,
  { field, one, has, globs, of, known }: List,
  chosen: readonly FleetDevice[],
): readonly Problem[] {
  const values = new Set(chosen.map(of));
  const taken = new Set([...fleet.devices.values()].map(of));
  const fitsAny = (glob: string, among: Iterable<string | undefined>): boolean =>
    [...among].some((value) => matchesGlob(glob, value ?? ''));
  return globs.flatMap((glob, index) => {
    if (fitsAny(glob, values)) return [];
    const path = ['targets', field, index];
    if (!fitsAny(glob, known)) return [at(file, path, `there is no ${one} ${glob}`, didYouMean(glob, known))];
    if (!fitsAny(glob, taken)) return [at(file, path, `no switch of the fleet ${has} ${glob}`)];
    // Where nothing fits at all, no one of them is to blame.
    if (chosen.length === 0) return [];
    return [at(file, path, `no switch that the other targets leave ${has} ${glob}`)];
  });
}

function checkLabels(fleet: Fleet, file: FleetFile<'request'>): readonly Problem[] {
  const all = [...fleet.devices.values()].map((device) => deviceLabels(fleet, device));
  return Object.entries(file.value.targets.labels ?? {}).flatMap(([key, glob]) => {
    const values = [...new Set(all.flatMap((labels) => (Object.hasOwn(labels, key) ? [labels[key] ?? ''] : [])))];
    if (values.some((value) => matchesGlob(glob, value))) return [];
    const keys = [...new Set(all.flatMap((labels) => Object.keys(labels)))];
    const hint = values.length === 0 ? didYouMean(key, keys) : didYouMean(glob, values);
    return [at(file, ['targets', 'labels', key], `no switch of the fleet has the label ${key}=${glob}`, hint)];
  });
}

function checkNumber({ settings }: Fleet, file: FleetFile<'request'>, number: number): readonly Problem[] {
  const { targets } = file.value;
  const most = settings.value.requests?.most_devices ?? MOST_DEVICES;
  const are = `its targets are ${number} switches`;
  if (targets.at_most !== undefined && number > targets.at_most) {
    return [at(file, ['targets', 'at_most'], `${are}, and it says at most ${targets.at_most}`)];
  }
  if (number <= most) return [];
  const hint = 'name fewer, or raise requests.most_devices in pointsman.yaml';
  return [at(file, ['targets'], `${are}, and a request may be about ${most}: ${targetsInWords(targets)}`, hint)];
}

function at(
  { document }: FleetFile<'request'>,
  path: readonly (string | number)[],
  message: string,
  hint?: string,
): Problem {
  const what = { code: 'DESIRED_STATE_TARGETS', message, ...(hint === undefined ? {} : { hint }) };
  return problemAt(document.file, document.text, positionOf(document, path, 'value'), what);
}
