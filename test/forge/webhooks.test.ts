import { createHmac } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Delivery,
  type IncomingDelivery,
  LARGEST_DELIVERY_BYTES,
  readDelivery,
  type WebhookTrust,
} from '../../forge/webhooks.ts';

const SECRET = 'planted-webhook-secret';
const ID = '72d3162e-cc78-11e3-81ab-4c9367dc0958';
const COMMIT = 'c'.repeat(40);
const REPOSITORY = { full_name: 'acme/fleet' };
const trust: WebhookTrust = { secrets: [SECRET], repository: 'acme/fleet' };

function signatureOf(body: string | Uint8Array, secret = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** As GitHub would send it. */
function delivery(event: string, payload: unknown, headers: IncomingDelivery['headers'] = {}): IncomingDelivery {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return {
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': ID,
      'x-hub-signature-256': signatureOf(text),
      ...headers,
    },
    rawBody: Buffer.from(text),
  };
}

interface Published {
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Every example there is, of github.com and of the Enterprise Servers. */
const published: readonly Published[] = globSync('node_modules/@octokit/webhooks-examples/*/index.json', {
  cwd: join(import.meta.dirname, '..', '..'),
}).flatMap((file) => {
  const events: readonly { readonly name: string; readonly examples: readonly Published['payload'][] }[] = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  return events.flatMap(({ name, examples }) => examples.map((payload) => ({ event: name, payload })));
});

const LISTENED_TO = [
  'pull_request',
  'pull_request_review',
  'issue_comment',
  'push',
  'merge_group',
  'check_run',
  'check_suite',
];
const listenedTo = published.filter(({ event }) => LISTENED_TO.includes(event));

function trustIn({ payload }: Published): WebhookTrust {
  const { full_name: repository } = payload['repository'] as { readonly full_name: string };
  return { secrets: [SECRET], repository };
}

/** What a payload says in GitHub's own words, read without our code. */
function wordsOf({ event, payload }: Published): string {
  return payload['action'] === undefined ? event : `${event} ${String(payload['action'])}`;
}

const summary = (found: Delivery): string => (found.kind === 'ignored' ? found.why : found.about.kind);

describe('readDelivery() of the deliveries GitHub publishes as examples', () => {
  it('takes every one of them, and says of each kind whether it is time to look', async () => {
    const verdicts = new Map<string, Set<string>>();
    for (const example of listenedTo) {
      const { event, payload } = example;

      const found = await readDelivery(delivery(event, payload), trustIn(example));

      expect(found).toMatchObject({ event, deliveryId: ID });
      verdicts.set(wordsOf(example), (verdicts.get(wordsOf(example)) ?? new Set()).add(summary(found)));
    }

    expect(listenedTo.length).toBeGreaterThanOrEqual(100);
    expect(Object.fromEntries([...verdicts].map(([words, kinds]) => [words, [...kinds].sort().join(' or ')]))).toEqual({
      'check_run completed': 'action-not-ours',
      'check_run created': 'action-not-ours',
      'check_run requested_action': 'action-not-ours',
      'check_run rerequested': 'checks',
      'check_suite completed': 'action-not-ours',
      'check_suite requested': 'action-not-ours',
      'check_suite rerequested': 'checks',
      // All published comments are on issues.
      'issue_comment created': 'not-a-pull-request',
      'issue_comment deleted': 'action-not-ours',
      'issue_comment edited': 'action-not-ours',
      'merge_group checks_requested': 'merge-group',
      'pull_request assigned': 'action-not-ours',
      'pull_request closed': 'pull-request',
      'pull_request converted_to_draft': 'pull-request',
      'pull_request labeled': 'action-not-ours',
      'pull_request locked': 'action-not-ours',
      'pull_request opened': 'pull-request',
      'pull_request ready_for_review': 'pull-request',
      'pull_request reopened': 'pull-request',
      'pull_request review_request_removed': 'action-not-ours',
      'pull_request review_requested': 'action-not-ours',
      'pull_request synchronize': 'pull-request',
      'pull_request unassigned': 'action-not-ours',
      'pull_request unlabeled': 'action-not-ours',
      'pull_request unlocked': 'action-not-ours',
      'pull_request_review dismissed': 'pull-request',
      'pull_request_review submitted': 'pull-request',
      push: 'branch or not-a-branch',
    });
  });

  it('ignores every one of them when it is about another repository', async () => {
    for (const { event, payload } of listenedTo) {
      const found = await readDelivery(delivery(event, payload), trust);

      expect(found).toMatchObject({ kind: 'ignored', why: 'other-repository' });
    }
  });

  it('refuses every one of them when one byte of it is another', async () => {
    for (const example of listenedTo) {
      const { event, payload } = example;
      const { headers, rawBody } = delivery(event, payload);
      const changed = Buffer.from(rawBody);
      const at = changed.length >> 1;
      changed[at] = (changed[at] ?? 0) ^ 1;

      await expect(readDelivery({ headers, rawBody: changed }, trustIn(example))).rejects.toMatchObject({
        code: 'FORGE_WEBHOOK_FORGED',
        details: { reason: 'signature-wrong' },
      });
    }
  });

  it('ignores all the other events there are', async () => {
    for (const { event, payload } of published.filter(({ event }) => !LISTENED_TO.includes(event))) {
      const found = await readDelivery(delivery(event, payload), trust);

      expect(found).toMatchObject({ kind: 'ignored', why: event === 'ping' ? 'ping' : 'event-not-ours' });
    }
  });
});

describe('readDelivery() gives an address and nothing else', () => {
  it.each([
    {
      event: 'pull_request',
      payload: { action: 'synchronize', pull_request: { number: 7 } },
      about: { kind: 'pull-request', number: 7 },
    },
    {
      event: 'pull_request_review',
      payload: { action: 'submitted', review: { state: 'approved' }, pull_request: { number: 7 } },
      about: { kind: 'pull-request', number: 7 },
    },
    {
      event: 'issue_comment',
      payload: {
        action: 'created',
        issue: { number: 7, pull_request: {} },
        comment: { id: 9, body: '/pointsman plan' },
      },
      about: { kind: 'comment', pullRequest: 7, comment: 9 },
    },
    { event: 'push', payload: { ref: 'refs/heads/site/ams' }, about: { kind: 'branch', branch: 'site/ams' } },
    {
      event: 'merge_group',
      payload: { action: 'checks_requested', merge_group: { head_ref: 'refs/heads/gh-readonly-queue/main/pr-7-c' } },
      about: { kind: 'merge-group', branch: 'gh-readonly-queue/main/pr-7-c' },
    },
    {
      event: 'check_run',
      payload: { action: 'rerequested', check_run: { head_sha: COMMIT } },
      about: { kind: 'checks', commit: COMMIT },
    },
    {
      event: 'check_suite',
      payload: { action: 'rerequested', check_suite: { head_sha: COMMIT } },
      about: { kind: 'checks', commit: COMMIT },
    },
  ])('for $event', async ({ event, payload, about }) => {
    const found = await readDelivery(delivery(event, { ...payload, repository: REPOSITORY }), trust);

    expect(found).toEqual({ kind: 'concerns-us', event, deliveryId: ID, about });
  });

  it('whatever case the name of the repository is written in', async () => {
    const payload = { ref: 'refs/heads/main', repository: { full_name: 'Acme/Fleet' } };

    expect(await readDelivery(delivery('push', payload), trust)).toMatchObject({ kind: 'concerns-us' });
  });

  it('and none for a tag', async () => {
    const payload = { ref: 'refs/tags/v1', repository: REPOSITORY };

    expect(await readDelivery(delivery('push', payload), trust)).toMatchObject({
      kind: 'ignored',
      why: 'not-a-branch',
    });
  });

  it.each([
    { installation: { id: 5 }, kind: 'concerns-us' },
    { installation: { id: 6 }, kind: 'ignored' },
    { installation: undefined, kind: 'ignored' },
  ])('when an installation is asked for, only from that one: $installation', async ({ installation, kind }) => {
    const payload = { ref: 'refs/heads/main', repository: REPOSITORY, installation };

    expect(await readDelivery(delivery('push', payload), { ...trust, installation: 5 })).toMatchObject({ kind });
  });
});

describe('readDelivery() refuses', () => {
  const push = { ref: 'refs/heads/main', repository: REPOSITORY };
  const body = JSON.stringify(push);

  it.each([
    { case: 'no signature', headers: { 'x-hub-signature-256': undefined }, reason: 'not-signed' },
    {
      case: 'the old kind of signature alone',
      headers: {
        'x-hub-signature-256': undefined,
        'x-hub-signature': `sha1=${createHmac('sha1', SECRET).update(body).digest('hex')}`,
      },
      reason: 'not-signed',
    },
    {
      case: 'the old kind of signature in the place of the new',
      headers: { 'x-hub-signature-256': `sha1=${createHmac('sha1', SECRET).update(body).digest('hex')}` },
      reason: 'signature-malformed',
    },
    { case: 'an empty signature', headers: { 'x-hub-signature-256': 'sha256=' }, reason: 'signature-malformed' },
    {
      case: 'two signatures',
      headers: { 'x-hub-signature-256': [signatureOf(body), signatureOf(body)] },
      reason: 'signature-malformed',
    },
    {
      case: 'another secret',
      headers: { 'x-hub-signature-256': signatureOf(body, 'guessed') },
      reason: 'signature-wrong',
    },
    {
      case: 'the signature of another body',
      headers: { 'x-hub-signature-256': signatureOf(`${body} `) },
      reason: 'signature-wrong',
    },
  ])('$case', async ({ headers, reason }) => {
    await expect(readDelivery(delivery('push', push, headers), trust)).rejects.toMatchObject({
      code: 'FORGE_WEBHOOK_FORGED',
      details: { reason },
    });
  });

  it('bytes that only turn into the signed text when read loosely', async () => {
    const signed = JSON.stringify({ ...push, note: '\ufffd' });
    const { headers, rawBody } = delivery('push', signed);
    const bytes = Buffer.from(
      Buffer.from(rawBody).toString('latin1').replace('\u00ef\u00bf\u00bd', '\u00ff'),
      'latin1',
    );

    expect(bytes.toString('utf8')).toBe(signed);
    await expect(readDelivery({ headers, rawBody: bytes }, trust)).rejects.toMatchObject({
      details: { reason: 'signature-wrong' },
    });
  });

  it('a byte order mark that was not signed', async () => {
    const { headers, rawBody } = delivery('push', push);
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), rawBody]);

    await expect(readDelivery({ headers, rawBody: marked }, trust)).rejects.toMatchObject({
      details: { reason: 'signature-wrong' },
    });
  });

  it('an empty body', async () => {
    await expect(readDelivery(delivery('push', ''), trust)).rejects.toMatchObject({ code: 'FORGE_WEBHOOK_FORGED' });
  });

  it('one byte more than what it is ready to hold, though it is signed', async () => {
    const room = LARGEST_DELIVERY_BYTES - JSON.stringify({ ...push, note: '' }).length;
    const large = (spare: number) => delivery('push', { ...push, note: 'x'.repeat(room + spare) });

    expect(await readDelivery(large(0), trust)).toMatchObject({ kind: 'concerns-us' });
    await expect(readDelivery(large(1), trust)).rejects.toMatchObject({
      code: 'FORGE_WEBHOOK_TOO_LARGE',
      details: { bytes: LARGEST_DELIVERY_BYTES + 1, largest: LARGEST_DELIVERY_BYTES },
    });
  });

  it.each([
    {
      case: 'a form',
      event: 'push',
      payload: push,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      at: 'the header content-type',
    },
    {
      case: 'no event',
      event: 'push',
      payload: push,
      headers: { 'x-github-event': undefined },
      at: 'the header x-github-event',
    },
    {
      case: 'no delivery id',
      event: 'push',
      payload: push,
      headers: { 'x-github-delivery': undefined },
      at: 'the header x-github-delivery',
    },
    {
      case: 'a delivery id with a line in it',
      event: 'push',
      payload: push,
      headers: { 'x-github-delivery': `${ID}\n` },
      at: 'the header x-github-delivery',
    },
    { case: 'no JSON', event: 'push', payload: '{"ref":', headers: {}, at: 'the body' },
    {
      case: 'no repository',
      event: 'push',
      payload: { ref: 'refs/heads/main' },
      headers: {},
      at: 'push: repository.full_name',
    },
    { case: 'no branch', event: 'push', payload: { repository: REPOSITORY }, headers: {}, at: 'push: ref' },
    {
      case: 'no action',
      event: 'pull_request',
      payload: { pull_request: { number: 7 }, repository: REPOSITORY },
      headers: {},
      at: 'pull_request: action',
    },
    {
      case: 'a number that is a text',
      event: 'pull_request',
      payload: { action: 'opened', pull_request: { number: '7' }, repository: REPOSITORY },
      headers: {},
      at: 'pull_request: pull_request.number',
    },
    {
      case: 'a merge group that is on no branch',
      event: 'merge_group',
      payload: { action: 'checks_requested', merge_group: { head_ref: 'main' }, repository: REPOSITORY },
      headers: {},
      at: 'merge_group: merge_group.head_ref',
    },
  ])('what is signed and still not GitHub’s: $case', async ({ event, payload, headers, at }) => {
    await expect(readDelivery(delivery(event, payload, headers), trust)).rejects.toMatchObject({
      code: 'FORGE_WEBHOOK_UNREADABLE',
      details: { at },
    });
  });

  it.each([
    { secrets: [], found: 'none' },
    { secrets: [''], found: 'an empty one' },
    { secrets: [SECRET, ''], found: 'an empty one' },
  ])('to work with no secret: $secrets', async ({ secrets, found }) => {
    await expect(readDelivery(delivery('push', push), { ...trust, secrets })).rejects.toMatchObject({
      code: 'FORGE_REQUEST_INVALID',
      details: { found },
    });
  });

  it('any signature but the right one, and keeps the secret to itself', async () => {
    const wrong = fc.oneof(fc.stringMatching(/^sha256=[0-9a-f]{64}$/), fc.string());
    await fc.assert(
      fc.asyncProperty(wrong, async (signature) => {
        const error: unknown = await readDelivery(
          delivery('push', push, { 'x-hub-signature-256': signature }),
          trust,
        ).catch((thrown: unknown) => thrown);

        expect(error).toMatchObject({ code: 'FORGE_WEBHOOK_FORGED' });
        expect(JSON.stringify(error)).not.toContain(SECRET);
        expect(JSON.stringify(error)).not.toContain(signatureOf(body));
      }),
    );
  });
});

it('readDelivery() takes the old and the new secret while one replaces the other', async () => {
  const push = { ref: 'refs/heads/main', repository: REPOSITORY };
  const both = { ...trust, secrets: ['new', SECRET] };
  const signedWithNew = { 'x-hub-signature-256': signatureOf(JSON.stringify(push), 'new') };

  expect(await readDelivery(delivery('push', push), both)).toMatchObject({ kind: 'concerns-us' });
  expect(await readDelivery(delivery('push', push, signedWithNew), both)).toMatchObject({ kind: 'concerns-us' });
});
