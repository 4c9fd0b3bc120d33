/** The small files of the ledger: parsed strictly, written in one stable form. */
import { canonicalJson } from '../schemas/canonical.ts';
import type { Publication } from '../schemas/publication.ts';
import { parseLines, parseShaped } from './events-codec.ts';
import type {
  CommandRecord,
  DeviceDrift,
  DeviceState,
  DriftedLeaf,
  DriftProposal,
  ScheduleRecord,
  WentBack,
} from './ledger.ts';
import { count, flag, leaf, listOf, moment, objectOf, oneOf, optional, recordOf, text } from './shapes.ts';

/** What `ledger.json` holds. */
export interface LedgerStart {
  readonly version: 1;
  /** Commit of the fleet's branch the ledger was started at. */
  readonly startedAtCommit: string;
}

/** Sorted by key, two blanks deep: equal values are equal files, and a difference shows as the lines that differ. */
export function prettyJson(value: unknown): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)}\n`;
}

/** @throws {LedgerUnreadableError} */
export function parseDeviceState(json: string, file: string): DeviceState {
  return parseShaped<DeviceState>(json, deviceState, { file });
}

/** @throws {LedgerUnreadableError} */
export function parseDeviceDrift(json: string, file: string): DeviceDrift {
  return parseShaped<DeviceDrift>(json, deviceDrift, { file });
}

/** @throws {LedgerUnreadableError} */
export function parseSchedules(json: string, file: string): ReadonlyMap<string, ScheduleRecord> {
  return new Map(Object.entries(parseShaped<Record<string, ScheduleRecord>>(json, recordOf(scheduleRecord), { file })));
}

/** @throws {LedgerUnreadableError} */
export function parsePublications(lines: string, file: string): readonly Publication[] {
  return parseLines<Publication>(lines, file, publication);
}

export function formatPublication(published: Publication): string {
  return `${JSON.stringify(published)}\n`;
}

/** @throws {LedgerUnreadableError} */
export function parseCommands(lines: string, file: string): readonly CommandRecord[] {
  return parseLines<CommandRecord>(lines, file, commandRecord);
}

export function formatCommands(records: readonly CommandRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** @throws {LedgerUnreadableError} */
export function parseLedgerStart(json: string, file: string): LedgerStart {
  return parseShaped<LedgerStart>(json, ledgerStart, { file });
}

const ledgerStart = objectOf<LedgerStart>({
  version: (value, where) => (value === 1 ? undefined : `${where} is not 1`),
  startedAtCommit: text,
});

const publication = objectOf<Publication>({ digest: text, head: text, publishedAt: moment });

const commandRecord = objectOf<CommandRecord>({
  comment: count,
  at: moment,
  by: text,
  verb: optional(text),
  args: listOf(text),
  saidAt: optional(moment),
  reason: optional(text),
  verdict: oneOf('done', 'refused'),
  why: text,
  runs: optional(listOf(text)),
  told: flag,
});

const deviceState = objectOf<DeviceState>({
  site: text,
  device: text,
  serial: text,
  version: text,
  appliedCommit: text,
  appliedAt: moment,
  run: text,
  rolledBackTo: optional(text),
  runningDigest: text,
  opaqueSecrets: recordOf(objectOf<DeviceState['opaqueSecrets'][string]>({ set: text, shown: text })),
});

const driftedLeaves = listOf(
  objectOf<DriftedLeaf>({ path: listOf(text), intended: optional(leaf), running: optional(leaf) }),
);

const deviceDrift = objectOf<DeviceDrift>({
  site: text,
  device: text,
  since: moment,
  seenAt: moment,
  run: text,
  commit: text,
  digest: text,
  changes: driftedLeaves,
  more: count,
  by: optional(text),
  changedAt: optional(moment),
  wentBack: optional(
    objectOf<WentBack>({ to: text, run: text, ledger: optional(text), changes: driftedLeaves, more: count }),
  ),
  proposed: optional(objectOf<DriftProposal>({ pullRequest: count, head: text, way: oneOf('revert', 'adopt') })),
});

const scheduleRecord = objectOf<ScheduleRecord>({
  digest: text,
  since: moment,
  skipped: optional(objectOf<NonNullable<ScheduleRecord['skipped']>>({ scheduledFor: moment, at: moment, why: text })),
});
