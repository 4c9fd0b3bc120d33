import type { ChangeMark } from '../schemas/change.ts';
import { compareNaturally } from './natural-order.ts';
import type { ChangingDevice, DiffGroup, PlannedChange } from './plan.ts';

/** Puts switches whose changes are equal together, and what needs the most care first. */
export function groupDevices(devices: readonly ChangingDevice[]): readonly DiffGroup[] {
  const byChanges = new Map<string, ChangingDevice[]>();
  for (const device of devices) {
    const alike = byChanges.get(device.changesDigest);
    if (alike) alike.push(device);
    else byChanges.set(device.changesDigest, [device]);
  }
  return [...byChanges.values()]
    .map(makeGroup)
    .sort(byCare)
    .map((group, index) => ({ name: nameOfGroup(index), ...group }));
}

/** How much care the changes of a group ask for: 2 touches management, 1 disrupts traffic, 0 neither that we know of. */
export function careOf({ changes }: Pick<DiffGroup, 'changes'>): 0 | 1 | 2 {
  const kinds = new Set(changes.flatMap(({ marks }) => marks.map(({ kind }) => kind)));
  return kinds.has('management') ? 2 : kinds.has('disruptive') ? 1 : 0;
}

function makeGroup(devices: readonly ChangingDevice[]): Omit<DiffGroup, 'name'> {
  const [first] = devices as readonly [ChangingDevice];
  const changes = first.changes.map((planned, index) =>
    mergePlanned(
      planned,
      devices.map((device) => device.changes[index] ?? planned),
    ),
  );
  return {
    changesDigest: first.changesDigest,
    devices: devices.map(({ device }) => device).sort(compareNaturally),
    changes,
    added: changes.filter(({ change }) => change.kind === 'set' && change.from === undefined).length,
    changed: changes.filter(({ change }) => change.kind === 'set' && change.from !== undefined).length,
    removed: changes.filter(({ change }) => change.kind === 'unset').length,
  };
}

/** One change on several switches: what is marked on any of them is marked, and all the files it comes from are counted. */
function mergePlanned(first: PlannedChange, all: readonly PlannedChange[]): PlannedChange {
  const marks = new Map<string, ChangeMark>();
  for (const mark of all.flatMap((planned) => planned.marks)) marks.set(`${mark.kind} ${mark.reason}`, mark);
  const origins = new Set(all.flatMap(({ origin }) => (origin === undefined ? [] : [origin])));
  const [origin] = origins;
  return {
    change: first.change,
    marks: [...marks.values()],
    ...(origin === undefined ? {} : { origin: origins.size === 1 ? origin : `${origin} and ${origins.size - 1} more` }),
  };
}

type Unnamed = Omit<DiffGroup, 'name'>;

function byCare(a: Unnamed, b: Unnamed): number {
  return (
    careOf(b) - careOf(a) ||
    b.devices.length - a.devices.length ||
    // The names of two groups never share a device.
    compareNaturally(a.devices[0] ?? '', b.devices[0] ?? '')
  );
}

/** `A` … `Z`, `AA`, `AB` …, as spreadsheets count their columns. */
function nameOfGroup(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : nameOfGroup(Math.floor(index / 26) - 1) + letter;
}
