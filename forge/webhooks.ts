import { verify } from '@octokit/webhooks-methods';
import { type Answer, createAnswer } from './answer.ts';
import {
  ForgeAnswerUnreadableError,
  ForgeRequestInvalidError,
  ForgeWebhookForgedError,
  ForgeWebhookTooLargeError,
  ForgeWebhookUnreadableError,
} from './errors.ts';

/** One POST as it came in. */
export interface IncomingDelivery {
  /** Names in lower case, as `node:http` gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Exactly the bytes that were sent: what was signed. */
  readonly rawBody: Uint8Array;
}

/** Whose deliveries count. */
export interface WebhookTrust {
  /** The secret of the webhook; while it is being replaced, the old one too. Any of them will do. */
  readonly secrets: readonly string[];
  /** `owner/name` */
  readonly repository: string;
  /** Of the App. Given: deliveries of another installation, or of none, are ignored. */
  readonly installation?: number;
}

/** Where something may have happened. An address and no more: what is the case there has to be asked. */
export type DeliveryAddress =
  | { readonly kind: 'pull-request'; readonly number: number }
  | { readonly kind: 'comment'; readonly pullRequest: number; readonly comment: number }
  /** Without `refs/heads/`. */
  | { readonly kind: 'branch'; readonly branch: string }
  /** A branch of the merge queue, without `refs/heads/`. */
  | { readonly kind: 'merge-group'; readonly branch: string }
  /** Somebody asked for the checks of this commit to be run again. */
  | { readonly kind: 'checks'; readonly commit: string };

/** `ping`: GitHub tries the webhook out. The others: genuine, and not about anything we look at. */
export type IgnoredBecause =
  | 'ping'
  | 'event-not-ours'
  | 'action-not-ours'
  | 'other-repository'
  | 'other-installation'
  | 'not-a-pull-request'
  | 'not-a-branch';

/** What a genuine delivery asks of us. */
export type Delivery =
  | {
      readonly kind: 'concerns-us';
      readonly event: string;
      /** `X-GitHub-Delivery`, a UUID. Sent again it is the same. It is not signed: use it to save work, not for safety. */
      readonly deliveryId: string;
      readonly about: DeliveryAddress;
    }
  | {
      readonly kind: 'ignored';
      readonly event: string;
      readonly deliveryId: string;
      readonly why: IgnoredBecause;
    };

/**
 * GitHub sends up to 25 MB. Two texts of 65,536 characters and a push of 2,048 commits stay below this; what does not is
 * found by the next pass.
 *
 * Source: GitHub's documentation, "Webhook events and payloads" (payload cap, `commits` of `push`).
 */
export const LARGEST_DELIVERY_BYTES = 4 * 1024 * 1024;

type Reading = DeliveryAddress | IgnoredBecause;

/** What is read of each event, after it was found to be ours. An event that is not here is ignored. */
const EVENTS: Readonly<Record<string, (payload: Answer) => Reading>> = {
  pull_request: (payload) => whenAction(payload, PULL_REQUEST_ACTIONS, () => pullRequestOf(payload)),
  pull_request_review: (payload) => whenAction(payload, ['submitted', 'dismissed'], () => pullRequestOf(payload)),
  // Only the text a comment was written with can be a command, so edits and deletions are nothing to look at.
  issue_comment: (payload) => whenAction(payload, ['created'], () => commentOf(payload)),
  push: (payload) => branchOf(payload),
  merge_group: (payload) => whenAction(payload, ['checks_requested'], () => mergeGroupOf(payload)),
  check_run: (payload) => whenAction(payload, ['rerequested'], () => checksOf(payload.at('check_run'))),
  check_suite: (payload) => whenAction(payload, ['rerequested'], () => checksOf(payload.at('check_suite'))),
};

/** Those that change what would be planned, for which base, or whether it is merged. */
const PULL_REQUEST_ACTIONS: readonly string[] = [
  'opened',
  'reopened',
  'synchronize',
  'edited',
  'closed',
  'ready_for_review',
  'converted_to_draft',
];

/**
 * Says whether a delivery is GitHub's and whether it is time to look, and where.
 *
 * Nothing is parsed before the signature over the raw bytes is found to be made with one of our secrets. What is inside is
 * good for an address and for nothing else: deliveries get lost, come late, twice and out of order.
 *
 * @throws {ForgeWebhookTooLargeError} More than {@link LARGEST_DELIVERY_BYTES}.
 * @throws {ForgeWebhookForgedError} Not signed, or not with a secret of ours.
 * @throws {ForgeWebhookUnreadableError} Signed, and not what GitHub sends.
 * @throws {ForgeRequestInvalidError} We were given no secret, or an empty one.
 *
 * Source: GitHub's documentation, "Validating webhook deliveries", "Webhook events and payloads".
 */
export async function readDelivery(incoming: IncomingDelivery, trust: WebhookTrust): Promise<Delivery> {
  const { headers, rawBody } = incoming;
  if (rawBody.byteLength > LARGEST_DELIVERY_BYTES) {
    throw new ForgeWebhookTooLargeError({ bytes: rawBody.byteLength, largest: LARGEST_DELIVERY_BYTES });
  }
  const text = await verifiedText(incoming, trust.secrets);

  const event = headerOf(headers, 'x-github-event', /^[a-z0-9_]{1,64}$/, 'the name of an event');
  const deliveryId = headerOf(headers, 'x-github-delivery', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'a UUID');
  headerOf(headers, 'content-type', /^application\/json(\s*;.*)?$/i, 'application/json');
  const reading = readPayload(event, text, trust);
  const common = { event, deliveryId: deliveryId.toLowerCase() };
  return typeof reading === 'string'
    ? { kind: 'ignored', ...common, why: reading }
    : { kind: 'concerns-us', ...common, about: reading };
}

/** The body as text, once it is certain who wrote it. */
async function verifiedText({ headers, rawBody }: IncomingDelivery, secrets: readonly string[]): Promise<string> {
  if (secrets.length === 0 || secrets.includes('')) {
    const found = secrets.length === 0 ? 'none' : 'an empty one';
    throw new ForgeRequestInvalidError({ what: 'the secret of the webhook', expected: 'a secret', found });
  }
  const signature = headers['x-hub-signature-256'];
  if (signature === undefined) throw new ForgeWebhookForgedError({ reason: 'not-signed' });
  if (typeof signature !== 'string' || !/^sha256=[0-9a-f]{64}$/.test(signature)) {
    throw new ForgeWebhookForgedError({ reason: 'signature-malformed' });
  }
  const text = textOf(rawBody);
  for (const secret of secrets) {
    // An empty body the library refuses to look at; GitHub sends none. It compares in constant time.
    if (text && (await verify(secret, text, signature))) return text;
  }
  throw new ForgeWebhookForgedError({ reason: 'signature-wrong' });
}

/** @returns `undefined` for what is not UTF-8: read loosely, other bytes could become the text that was signed. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function headerOf(headers: IncomingDelivery['headers'], name: string, shape: RegExp, expected: string): string {
  const value = headers[name];
  if (typeof value === 'string' && shape.test(value)) return value;
  const found = value === undefined ? 'nothing' : 'something else';
  throw new ForgeWebhookUnreadableError({ at: `the header ${name}`, expected, found });
}

function readPayload(event: string, text: string, trust: WebhookTrust): Reading {
  if (event === 'ping') return 'ping'; // That of an App or an organisation names no repository.
  const read = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined;
  if (!read) return 'event-not-ours';
  try {
    const payload = createAnswer(parseJson(text), event);
    return strangerIn(payload, trust) ?? read(payload);
  } catch (error) {
    if (!(error instanceof ForgeAnswerUnreadableError)) throw error;
    const { at, expected, found } = error.details;
    throw new ForgeWebhookUnreadableError({ at: at ? `${event}: ${at}` : event, expected, found });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ForgeWebhookUnreadableError({ at: 'the body', expected: 'JSON', found: 'something else' });
  }
}

/** Anybody who may install the App somewhere can have GitHub sign deliveries about other repositories with our secret. */
function strangerIn(payload: Answer, { repository, installation }: WebhookTrust): IgnoredBecause | undefined {
  const about = payload.at('repository', 'full_name').text();
  if (about.toLowerCase() !== repository.toLowerCase()) return 'other-repository';
  if (installation === undefined) return undefined;
  const from = payload.at('installation', 'id');
  return from.present && from.number() === installation ? undefined : 'other-installation';
}

function whenAction(payload: Answer, ours: readonly string[], read: () => Reading): Reading {
  return ours.includes(payload.at('action').text()) ? read() : 'action-not-ours';
}

function pullRequestOf(payload: Answer): Reading {
  return { kind: 'pull-request', number: payload.at('pull_request', 'number').number() };
}

function commentOf(payload: Answer): Reading {
  const issue = payload.at('issue');
  if (!issue.at('pull_request').present) return 'not-a-pull-request';
  const comment = payload.at('comment', 'id').number();
  return { kind: 'comment', pullRequest: issue.at('number').number(), comment };
}

function branchOf(payload: Answer): Reading {
  const branch = branchIn(payload.at('ref'));
  return branch === undefined ? 'not-a-branch' : { kind: 'branch', branch };
}

function mergeGroupOf(payload: Answer): Reading {
  const ref = payload.at('merge_group', 'head_ref');
  const branch = branchIn(ref);
  if (branch === undefined) throw ref.unreadable('a branch');
  return { kind: 'merge-group', branch };
}

function branchIn(ref: Answer): string | undefined {
  return /^refs\/heads\/(.+)$/.exec(ref.text())?.[1];
}

function checksOf(check: Answer): Reading {
  return { kind: 'checks', commit: check.at('head_sha').commit() };
}
