import { isDeepStrictEqual } from 'node:util';
import { latestOccurrence } from '../calendar/occurrences.ts';
import { REQUESTS, requestNamed } from '../desired-state/fleet-layout.ts';
import type { LedgerView, ScheduleRecord } from '../ledger/ledger.ts';
import { requestRunName, scheduledRunName } from '../ledger/run-name.ts';
import { minuteOf } from '../plans/words.ts';
import { sha256OfJson } from '../schemas/canonical.ts';
import type { Automation, Schedule, Targets } from '../schemas/fleet.ts';
import type { RequestOfWork } from './deploy/deploy-work.ts';
import type { ReconcilerDeps } from './deps.ts';
import { type FleetDeps, readRequest, shardsOfTargets } from './due-requests.ts';
import { decidePaused } from './kill-switch.ts';
import { EVERYWHERE } from './shards.ts';
import type { TipRules } from './tip-rules.ts';
import type { ReadWork } from './work.ts';

type ScheduleDeps = FleetDeps & Pick<ReconcilerDeps, 'clock' | 'ledger'>;

/** What comes by the clock: a schedule of `automation.yaml`, or a request that recurs. */
interface Recurring {
  /** `automation/nightly`, `requests/weekly`: both kinds may have a name in common. */
  readonly key: string;
  readonly name: string;
  readonly workflow: string;
  readonly targets: Targets | undefined;
  readonly schedule: Schedule;
  readonly request?: RequestOfWork;
  readonly reason?: string;
}

/** A time that has come and is not made use of now. */
export interface LeftOut {
  readonly schedule: string;
  readonly why: string;
}

export interface Scheduled {
  readonly due: readonly ReadWork[];
  readonly leftOut: readonly LeftOut[];
}

/** What was due longer ago than this is not caught up on. */
const CATCH_UP_MS = 24 * 3_600_000;

/**
 * What the clock asks for now: of each schedule the latest time that has come, once. Times before it was first seen as it is are
 * nobody’s; so the ledger remembers that, and which times were left out because an earlier run had not ended.
 */
export async function findScheduledWork(
  deps: ScheduleDeps,
  view: LedgerView,
  rules: TipRules,
  signal: AbortSignal,
): Promise<Scheduled> {
  const recurring = await readRecurring(deps, rules);
  const looked = await lookAt(deps, view, rules, recurring);
  if (isDeepStrictEqual(looked.records, await view.schedules())) return looked;
  await deps.ledger.append(async (current) => {
    const { records } = await lookAt(deps, current, rules, recurring);
    if (isDeepStrictEqual(records, await current.schedules())) return undefined;
    return { title: 'remember the schedules', schedules: records };
  }, signal);
  return looked;
}

/** Where no runner is to be woken for nothing: as {@link findScheduledWork}, and nothing is written. */
export async function peekAtScheduledWork(
  deps: ScheduleDeps,
  view: LedgerView,
  rules: TipRules,
): Promise<readonly ReadWork[]> {
  return (await lookAt(deps, view, rules, await readRecurring(deps, rules))).due;
}

interface Read {
  readonly sources: readonly Recurring[];
  /** Of some it is not known what they say now: what is remembered of them stays. */
  readonly unknown: (key: string) => boolean;
}

async function readRecurring(deps: FleetDeps, { tip, automation }: TipRules): Promise<Read> {
  const paths = await deps.repository.findText(tip, 'schedule', REQUESTS.slice(0, -1));
  const requests = await Promise.all(
    paths.map(async (path) => {
      const named = requestNamed(path);
      if (named.kind !== 'request') return [];
      const key = `requests/${named.name}`;
      const request = await readRequest(deps, tip, path);
      if (!request) return [{ key, found: undefined }];
      const { workflow, targets, schedule, reason } = request;
      if (!schedule) return [];
      const by = { name: named.name, path };
      return [{ key, found: { key, name: named.name, workflow, targets, schedule, request: by, reason } }];
    }),
  );
  const known = requests.flat();
  const broken = new Set(known.filter(({ found }) => !found).map(({ key }) => key));
  return {
    sources: [
      ...(automation.kind === 'known' ? schedulesOf(automation.value) : []),
      ...known.flatMap(({ found }) => found ?? []),
    ],
    unknown: (key) => broken.has(key) || (automation.kind === 'unknown' && key.startsWith(AUTOMATIC)),
  };
}

const AUTOMATIC = 'automation/';

function schedulesOf({ schedules = {} }: Automation): readonly Recurring[] {
  return Object.entries(schedules).map(([name, { workflow, targets, schedule }]) => ({
    ...{ key: `${AUTOMATIC}${name}`, name, workflow, targets, schedule },
  }));
}

async function lookAt(
  deps: ScheduleDeps,
  view: LedgerView,
  rules: TipRules,
  { sources, unknown }: Read,
): Promise<Scheduled & { readonly records: ReadonlyMap<string, ScheduleRecord> }> {
  const now = deps.clock.now();
  const before = await view.schedules();
  const records = new Map([...before].filter(([key]) => unknown(key)));
  const due: ReadWork[] = [];
  const leftOut: LeftOut[] = [];
  for (const source of sources) {
    const record = rememberedOf(source, before.get(source.key), now);
    records.set(source.key, record);
    const at = dueAt(source, record, now);
    if (at === undefined || (await isStarted(view, source, at))) continue;
    const open = await openOf(view, source);
    const paused = decidePaused(rules.automation, { workflow: source.workflow, sites: undefined });
    if (paused) {
      leftOut.push({ schedule: source.name, why: `not begun, paused by ${paused.where}: ${paused.reason}` });
    } else if (open) {
      const why = `the time ${minuteOf(at)} is left out: ${open} has not ended`;
      leftOut.push({ schedule: source.name, why });
      records.set(source.key, { ...record, skipped: { scheduledFor: at, at: now, why } });
    } else {
      due.push(...(await partsOf(deps, source, at, rules.tip)));
    }
  }
  return { due, leftOut, records };
}

/** Another definition is another schedule: nothing before now is due by it. */
function rememberedOf(
  { workflow, targets, schedule }: Recurring,
  known: ScheduleRecord | undefined,
  now: number,
): ScheduleRecord {
  const digest = sha256OfJson({ workflow, targets: targets ?? {}, schedule });
  return known?.digest === digest ? known : { digest, since: now };
}

/** The latest time that has come, where it is still to be made use of. */
function dueAt({ schedule, key }: Recurring, { since, skipped }: ScheduleRecord, now: number): number | undefined {
  const at = latestOccurrence(schedule, now, key);
  if (at === undefined || at <= since || now - at > CATCH_UP_MS) return undefined;
  return skipped && at <= skipped.scheduledFor ? undefined : at;
}

/** On whatever runners: sites may have got others since. */
async function isStarted(view: LedgerView, source: Recurring, at: number): Promise<boolean> {
  const name = runNameOf(source, at);
  const [beginning, end] = [name.slice(0, name.lastIndexOf('-') + 1), name.slice(name.lastIndexOf('-'))];
  const alike = (await view.runNames()).filter((run) => run.startsWith(beginning) && run.endsWith(end));
  const runs = await Promise.all(alike.map((run) => view.run(run)));
  return runs.some((run) => run?.schedule === source.name);
}

async function openOf(view: LedgerView, { name, request }: Recurring): Promise<string | undefined> {
  const open = await view.openRuns();
  return open.find((run) => run.schedule === name && run.request === request?.name)?.name;
}

async function partsOf(
  deps: ScheduleDeps,
  source: Recurring,
  scheduledFor: number,
  commit: string,
): Promise<readonly ReadWork[]> {
  const { name, workflow, targets, request, reason } = source;
  return (await shardsOfTargets(deps, commit, targets)).map((shard) => ({
    ...{ run: runNameOf(source, scheduledFor, shard), workflow, commit, targets, schedule: name, scheduledFor },
    ...(shard === EVERYWHERE ? {} : { shard }),
    ...(request ? { request } : {}),
    ...(reason === undefined ? {} : { reason }),
  }));
}

function runNameOf({ name, workflow, request }: Recurring, at: number, shard = EVERYWHERE): string {
  const part = shard === EVERYWHERE ? {} : { shard };
  return request
    ? requestRunName({ workflow, request: request.name, ...part, occasion: at })
    : scheduledRunName({ workflow, schedule: name, ...part, at });
}
