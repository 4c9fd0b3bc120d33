import { targetsInWords } from '../../desired-state/check-targets.ts';
import type { Fleet, FleetDevice } from '../../desired-state/fleet.ts';
import { deviceLabels, matchesGlob, selectDevices, selectorOf } from '../../desired-state/select-devices.ts';
import type { Targets } from '../../schemas/fleet.ts';
import type { Problem } from '../../schemas/problem.ts';
import { didYouMean } from '../../schemas/validation-words.ts';
import { FleetInvalidError } from '../errors.ts';

/** Where it is said which switches something is about. */
export interface Asking {
  /** Commit or tree it is read at. */
  readonly revision: string;
  /** File that says it, for people. */
  readonly file: string;
  /** All switches where nothing is named. */
  readonly targets: Targets | undefined;
  /** More is refused; absent for no limit but that of the targets. */
  readonly most?: number;
  /** Others are not meant, though the targets name them. */
  readonly meant?: (device: FleetDevice) => boolean;
}

const MOST_DEVICES = 500;

/** More switches than this are not what anybody means by one request, unless the settings say so. */
export function mostDevices({ settings }: Pick<Fleet, 'settings'>): number {
  return settings.value.requests?.most_devices ?? MOST_DEVICES;
}

/**
 * The switches that are meant, by name. None is a mistake, and so are more than allowed: both are refused before any switch is
 * asked.
 *
 * @throws {FleetInvalidError}
 */
export function selectTargets(
  fleet: Fleet,
  { revision, file, targets, most, meant = () => true }: Asking,
): readonly FleetDevice[] {
  const devices = selectDevices(fleet, selectorOf(targets ?? {})).filter(meant);
  const limit = Math.min(targets?.at_most ?? Number.POSITIVE_INFINITY, most ?? Number.POSITIVE_INFINITY);
  if (devices.length === 0) {
    const message = `its targets are no switch of the fleet: ${targetsInWords(targets)}`;
    throw refused(revision, file, message, closeMatches(fleet, targets ?? {}));
  }
  if (devices.length > limit) {
    const message = `its targets are ${devices.length} switches, and ${limit} are allowed: ${targetsInWords(targets)}`;
    throw refused(revision, file, message);
  }
  return devices;
}

/** What was probably meant, where one of the names is nobody's. */
function closeMatches(fleet: Fleet, { devices, sites, roles, tenants, labels }: Targets): string | undefined {
  const all = [...fleet.devices.values()];
  const known: readonly (readonly [readonly string[] | undefined, Iterable<string>])[] = [
    [devices, fleet.devices.keys()],
    [sites, fleet.sites.keys()],
    [roles, fleet.roles.keys()],
    [tenants, all.flatMap(({ value }) => value.tenant ?? [])],
    [labels && Object.keys(labels), all.flatMap((device) => Object.keys(deviceLabels(fleet, device)))],
  ];
  const hints = known.flatMap(([named = [], names]) => {
    const there = [...new Set(names)];
    const nobody = named.filter((name) => !there.some((one) => matchesGlob(name, one)));
    return nobody.flatMap((name) => didYouMean(name, there) ?? []);
  });
  return hints.length === 0 ? undefined : hints.join('; ');
}

function refused(revision: string, file: string, message: string, hint?: string): FleetInvalidError {
  const problem: Problem = {
    file,
    code: 'RECONCILER_REQUEST_TARGETS',
    message,
    ...(hint === undefined ? {} : { hint }),
  };
  return new FleetInvalidError({ revision, problems: [problem] });
}
