import type { ErrorDocument } from '../schemas/errors.ts';
import { LedgerUnreadableError } from './errors.ts';
import type {
  BatchOf,
  DeviceOutcome,
  Enforces,
  OutcomeCounts,
  Owner,
  Recovery,
  RunEvent,
  RunStatus,
  StageState,
} from './events.ts';
import { hasEnded, RUN_MOVES, STAGE_MOVES } from './legal-moves.ts';
import {
  anyRecord,
  byKind,
  count,
  flag,
  listOf,
  moment,
  objectOf,
  oneOf,
  optional,
  type Shape,
  text,
} from './shapes.ts';

type EventOf<Kind extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: Kind }>;
type OutcomeOf<Kind extends DeviceOutcome['kind']> = Extract<DeviceOutcome, { readonly kind: Kind }>;

/** Events as they stand in `events.jsonl`: one JSON object a line, each line ended. Empty text for no events. */
export function formatEvents(events: readonly RunEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/**
 * Reads what {@link formatEvents} writes, and nothing else. A last line without its end is an error like any other: Git
 * keeps whole files, so nothing but an edit can have cut it.
 *
 * @param file Its path on the ledger; used only to point at problems.
 * @throws {LedgerUnreadableError} Names file and line.
 */
export function parseEvents(content: string, file: string): readonly RunEvent[] {
  return parseLines<RunEvent>(content, file, event);
}

/** @throws {LedgerUnreadableError} See {@link parseEvents}; `shape` is what each line has to hold, a `Line`. */
export function parseLines<Line>(content: string, file: string, shape: Shape): readonly Line[] {
  if (content === '') return [];
  const lines = content.split('\n');
  const rest = lines.pop();
  if (rest !== '') {
    throw new LedgerUnreadableError({ file, line: lines.length + 1, problem: 'the last line is not ended' });
  }
  return lines.map((line, index) => parseShaped<Line>(line, shape, { file, line: index + 1 }));
}

/** @throws {LedgerUnreadableError} Not JSON, or not of that shape. Quotes nothing of the text. */
export function parseShaped<Value>(
  json: string,
  shape: Shape,
  at: { readonly file: string; readonly line?: number },
): Value {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new LedgerUnreadableError({ ...at, problem: 'it is not JSON' }, { cause });
  }
  const problem = shape(value, '');
  if (problem !== undefined) throw new LedgerUnreadableError({ ...at, problem: problem.trim() });
  return value as Value;
}

const stageStates = Object.keys(STAGE_MOVES) as readonly StageState[];
const endings = (Object.keys(RUN_MOVES) as readonly RunStatus[]).filter(hasEnded);

const errorDocument = objectOf<ErrorDocument>({
  code: text,
  disposition: oneOf('retry-later', 'needs-human', 'void-approval'),
  message: text,
  next: text,
  details: anyRecord,
});

const owner = objectOf<Owner>({
  id: text,
  scope: optional(text),
  pid: optional(count),
  startedTicks: optional(text),
});

const outcome = byKind({
  applied: objectOf<OutcomeOf<'applied'>>({ kind: text, candidate: text, probes: listOf(text) }),
  faulty: objectOf<OutcomeOf<'faulty'>>({ kind: text, candidate: text, error: errorDocument }),
  'in-sync': objectOf<OutcomeOf<'in-sync'>>({ kind: text }),
  reverted: objectOf<OutcomeOf<'reverted'>>({ kind: text, error: errorDocument }),
  untouched: objectOf<OutcomeOf<'untouched'>>({ kind: text, error: errorDocument }),
  unknown: objectOf<OutcomeOf<'unknown'>>({ kind: text, error: errorDocument }),
  differs: objectOf<OutcomeOf<'differs'>>({ kind: text, digest: text, changes: count }),
  'backed-up': objectOf<OutcomeOf<'backed-up'>>({ kind: text, changed: flag }),
} satisfies Record<DeviceOutcome['kind'], Shape>);

const outcomeCounts = objectOf<OutcomeCounts>({
  applied: optional(count),
  faulty: optional(count),
  'in-sync': optional(count),
  reverted: optional(count),
  untouched: optional(count),
  unknown: optional(count),
  differs: optional(count),
  'backed-up': optional(count),
});

const batchOf = objectOf<BatchOf>({ number: count, of: count, canary: optional(flag) });

const event = byKind({
  'run-started': objectOf<EventOf<'run-started'>>({
    at: moment,
    kind: text,
    workflow: text,
    stages: listOf(text),
    commit: text,
    base: optional(text),
    pullRequest: optional(count),
    shard: optional(text),
    request: optional(text),
    schedule: optional(text),
    scheduledFor: optional(moment),
    reason: optional(text),
    parent: optional(text),
    batch: optional(batchOf),
    timeoutAt: optional(moment),
    evenWhenPaused: optional(flag),
    enforces: optional(
      objectOf<Enforces>({
        rule: text,
        finding: text,
        devices: listOf(text),
        digest: text,
        paths: listOf(listOf(text)),
      }),
    ),
  }),
  'stage-moved': objectOf<EventOf<'stage-moved'>>({
    at: moment,
    kind: text,
    stage: text,
    to: oneOf(...stageStates),
    why: optional(text),
    error: optional(errorDocument),
    by: optional(text),
    recovery: optional(objectOf<Recovery>({ deviceState: text, advice: text })),
  }),
  'retry-delayed': objectOf<EventOf<'retry-delayed'>>({
    at: moment,
    kind: text,
    stage: text,
    until: moment,
    attempt: count,
    of: count,
    why: text,
  }),
  held: objectOf<EventOf<'held'>>({ at: moment, kind: text, why: text, until: optional(moment) }),
  'child-started': objectOf<EventOf<'child-started'>>({
    at: moment,
    kind: text,
    stage: text,
    run: text,
    batch: optional(batchOf),
    devices: optional(count),
  }),
  'child-ended': objectOf<EventOf<'child-ended'>>({
    at: moment,
    kind: text,
    stage: text,
    run: text,
    status: oneOf(...endings),
    outcomes: outcomeCounts,
    why: optional(text),
  }),
  'barrier-decided': objectOf<EventOf<'barrier-decided'>>({
    at: moment,
    kind: text,
    stage: text,
    decision: oneOf('confirm', 'take-back'),
    why: text,
  }),
  'artifact-written': objectOf<EventOf<'artifact-written'>>({ at: moment, kind: text, stage: text, file: text }),
  planned: objectOf<EventOf<'planned'>>({
    at: moment,
    kind: text,
    digest: text,
    devices: listOf(
      objectOf<EventOf<'planned'>['devices'][number]>({ site: text, device: text, digest: optional(text) }),
    ),
  }),
  'gate-opened': objectOf<EventOf<'gate-opened'>>({ at: moment, kind: text, stage: text, pullRequest: count }),
  decided: objectOf<EventOf<'decided'>>({
    at: moment,
    kind: text,
    stage: text,
    digest: text,
    decision: oneOf('granted', 'waiting', 'rejected', 'void'),
    by: listOf(text),
    why: optional(text),
  }),
  intent: objectOf<EventOf<'intent'>>({
    at: moment,
    kind: text,
    stage: text,
    digest: text,
    owner,
    deadline: moment,
    fence: text,
    devices: listOf(
      objectOf<EventOf<'intent'>['devices'][number]>({
        site: text,
        device: text,
        attempt: count,
        candidatesBefore: listOf(text),
        baseToken: text,
      }),
    ),
  }),
  'lease-extended': objectOf<EventOf<'lease-extended'>>({ at: moment, kind: text, owner, deadline: moment }),
  'device-ended': objectOf<EventOf<'device-ended'>>({
    at: moment,
    kind: text,
    site: text,
    device: text,
    stage: text,
    outcome,
  }),
  'backed-up': objectOf<EventOf<'backed-up'>>({ at: moment, kind: text, site: text, device: text, file: text }),
  'run-paused': objectOf<EventOf<'run-paused'>>({
    at: moment,
    kind: text,
    by: text,
    why: optional(text),
    automatic: optional(flag),
  }),
  'run-resumed': objectOf<EventOf<'run-resumed'>>({ at: moment, kind: text, by: text, why: optional(text) }),
  'end-wanted': objectOf<EventOf<'end-wanted'>>({ at: moment, kind: text, by: text, why: optional(text) }),
  'run-ended': objectOf<EventOf<'run-ended'>>({
    at: moment,
    kind: text,
    status: oneOf(...endings),
    why: optional(text),
    by: optional(text),
    recovery: optional(
      objectOf<NonNullable<EventOf<'run-ended'>['recovery']>>({ stage: text, deviceState: text, advice: text }),
    ),
  }),
} satisfies Record<RunEvent['kind'], Shape>);
