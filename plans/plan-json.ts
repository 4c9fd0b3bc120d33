import type { Change, ChangeMark } from '../schemas/change.ts';
import type { Identity } from '../schemas/device.ts';
import type { ErrorDocument } from '../schemas/errors.ts';
import { isBranch, type Leaf } from '../schemas/json.ts';
import { PlanUnreadableError } from './errors.ts';
import {
  type JsonReader,
  readFlag,
  readList,
  readNumber,
  readObject,
  readOneOf,
  readRecord,
  readText,
} from './json-reader.ts';
import { makeChangingDevice, makePlan } from './make-plan.ts';
import type { DevicePlan, Plan, PlannedChange, PlannedRequest, PlanSource, Rollout, UnchangedDevice } from './plan.ts';

/** The plan as it is stored and handed to other programs. Ends with a newline; members stand in the order of the type. */
export function planToJson(plan: Plan): string {
  return `${JSON.stringify(plan, undefined, 2)}\n`;
}

/**
 * Reads what {@link planToJson} writes, and nothing else. Every digest is computed again: a plan that was edited is refused,
 * whatever its digest says.
 *
 * @throws {PlanUnreadableError} Not a plan, of another version, or not the one its digests name.
 */
export function planFromJson(text: string): Plan {
  const stored = readObject(parse(text), '');
  stored.required('version', readOneOf(1));
  const digest = stored.required('digest', readText);
  // Derived: made again below and compared by digest, not trusted.
  stored.required(
    'groups',
    readList((group) => group),
  );
  const { batches } = stored.optional(
    'batches',
    readList((batch) => batch),
  );
  const plan = makePlan({
    ...(batches ? { inBatches: true } : {}),
    ...stored.optional('request', readRequest),
    workflow: stored.required('workflow', readText),
    stages: stored.required('stages', readList(readText)),
    rollout: stored.required('rollout', readRollout),
    source: stored.required('source', readSource),
    devices: stored.required('devices', readList(readDevice)),
    removed: stored.required('removed', readList(readText)),
    elsewhere: stored.required('elsewhere', readNumber),
  });
  stored.finish();
  if (plan.digest !== digest)
    throw new PlanUnreadableError({ where: '/digest', problem: 'is not the digest of this plan' });
  return plan;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's own error as the cause: it quotes the text it stumbled over.
    throw new PlanUnreadableError({ where: '', problem: 'is not JSON' });
  }
}

function readRollout(value: unknown, where: string): Rollout {
  const rollout = readObject(value, where);
  const read = {
    devicesAtOnce: rollout.required('devicesAtOnce', readNumber),
    confirmWithinSeconds: rollout.required('confirmWithinSeconds', readNumber),
    ...rollout.optional('batchSize', readNumber),
    ...rollout.optional('batchPercentage', readNumber),
    ...rollout.optional('canaryPercentage', readNumber),
    ...rollout.optional('canarySuccessThreshold', readNumber),
    ...rollout.optional('gate', readOneOf('first', 'each')),
    ...rollout.optional('barrier', readFlag),
    ...rollout.optional('apart', readList(readText)),
    ...rollout.optional('expectedChanges', readList(readText)),
    ...rollout.optional('retryCount', readNumber),
    ...rollout.optional('retryDelaySeconds', readNumber),
    ...rollout.optional('timeoutSeconds', readNumber),
  };
  rollout.finish();
  return read;
}

function readRequest(value: unknown, where: string): PlannedRequest {
  const request = readObject(value, where);
  const read = {
    name: request.required('name', readText),
    workflow: request.required('workflow', readText),
    reason: request.required('reason', readText),
    ...request.optional('notBefore', readNumber),
    ...request.optional('schedule', readText),
    ...request.optional('backTo', readText),
    ...request.optional('outsideWindows', readFlag),
    ...request.optional('evenWhenPaused', readFlag),
  };
  request.finish();
  return read;
}

function readSource(value: unknown, where: string): PlanSource {
  const source = readObject(value, where);
  const read = {
    ...source.optional('pullRequest', readNumber),
    head: source.required('head', readText),
    base: source.required('base', readText),
    tree: source.required('tree', readText),
    ...source.optional('readFrom', readNumber),
    ...source.optional('readTo', readNumber),
    ...source.optional('readBy', readRecord(readNumber)),
  };
  source.finish();
  return read;
}

function readDevice(value: unknown, where: string): DevicePlan {
  const device = readObject(value, where);
  const about = {
    device: device.required('device', readText),
    site: device.required('site', readText),
    role: device.required('role', readText),
    platform: device.required('platform', readText),
    labels: device.required('labels', readRecord(readText)),
    ...device.optional('siteBefore', readText),
    ...device.optional('recognisedSecrets', readRecord(readSecretPair)),
  };
  const read = readByKind(device, about, where);
  device.finish();
  return read;
}

function readSecretPair(value: unknown, where: string): { readonly set: string; readonly shown: string } {
  const pair = readObject(value, where);
  const read = { set: pair.required('set', readText), shown: pair.required('shown', readText) };
  pair.finish();
  return read;
}

type About = Omit<UnchangedDevice, 'kind'>;

function readByKind(device: JsonReader, about: About, where: string): DevicePlan {
  const kind = device.required('kind', readOneOf('changing', 'unchanged', 'blocked'));
  if (kind === 'unchanged') return { ...about, kind };
  if (kind === 'blocked') return { ...about, kind, error: device.required('error', readError) };
  const changing = makeChangingDevice({
    ...about,
    identity: device.required('identity', readIdentity),
    changes: device.required('changes', readList(readPlannedChange)),
    baseToken: device.required('baseToken', readText),
    runningDigest: device.required('runningDigest', readText),
    trial: device.required('trial', readOneOf('accepted', 'not-permitted', 'not-asked')),
    ...device.optional('backsUp', readList(readText)),
    notes: device.required('notes', readList(readText)),
  });
  for (const name of ['digest', 'changesDigest'] as const) {
    if (device.required(name, readText) !== changing[name]) {
      throw new PlanUnreadableError({ where: `${where}/${name}`, problem: 'is not the digest of this device' });
    }
  }
  return changing;
}

function readIdentity(value: unknown, where: string): Identity {
  const identity = readObject(value, where);
  const read = {
    hostname: identity.required('hostname', readText),
    serial: identity.required('serial', readText),
    model: identity.required('model', readText),
    version: identity.required('version', readText),
    pin: identity.required('pin', readText),
  };
  identity.finish();
  return read;
}

function readPlannedChange(value: unknown, where: string): PlannedChange {
  const planned = readObject(value, where);
  const read = {
    change: planned.required('change', readChange),
    marks: planned.required('marks', readList(readMark)),
    ...planned.optional('origin', readText),
  };
  planned.finish();
  return read;
}

function readChange(value: unknown, where: string): Change {
  const change = readObject(value, where);
  const kind = change.required('kind', readOneOf('set', 'unset'));
  const path = change.required('path', readList(readText));
  const read: Change =
    kind === 'unset'
      ? { kind, path, from: change.required('from', readLeaf) }
      : { kind, path, to: change.required('to', readLeaf), ...change.optional('from', readLeaf) };
  change.finish();
  return read;
}

function readMark(value: unknown, where: string): ChangeMark {
  const mark = readObject(value, where);
  const read = {
    kind: mark.required('kind', readOneOf('disruptive', 'management')),
    reason: mark.required('reason', readText),
  };
  mark.finish();
  return read;
}

function readLeaf(value: unknown, where: string): Leaf {
  if (value === undefined || isBranch(value)) throw new PlanUnreadableError({ where, problem: 'is not a leaf' });
  return value as Leaf;
}

function readError(value: unknown, where: string): ErrorDocument {
  const error = readObject(value, where);
  const read = {
    code: error.required('code', readText),
    disposition: error.required('disposition', readOneOf('retry-later', 'needs-human', 'void-approval')),
    message: error.required('message', readText),
    next: error.required('next', readText),
    details: error.required(
      'details',
      readRecord((detail) => detail),
    ),
  };
  error.finish();
  return read;
}
