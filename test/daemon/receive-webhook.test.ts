import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveries } from '../../daemon/deliveries.ts';
import { type HttpServer, startHttpServer } from '../../daemon/http-server.ts';
import { createWebhookReceiver } from '../../daemon/receive-webhook.ts';
import { createManualClock, type ManualClock } from '../../sandbox/clock.ts';
import { exampleOf, post, SECRET, type SignedDelivery, sign } from '../support/signed-delivery.ts';
import { createLogBook } from './build.ts';

const FLEET = 'acme/fleet';
const LIMITS = {
  largestBodyBytes: 5_000_000,
  allBodiesBytes: 10_000_000,
  headersWithinMilliseconds: 5_000,
  requestWithinMilliseconds: 5_000,
  lookEveryMilliseconds: 1_000,
  connections: 20,
};

let clock: ManualClock;
let server: HttpServer;
let news: number;
let verdicts: string[];
let stopping: boolean;
let fleet: { readonly repository: string; readonly ledgerBranch: string } | undefined;
let log: ReturnType<typeof createLogBook>;

beforeEach(async () => {
  clock = createManualClock();
  news = 0;
  verdicts = [];
  stopping = false;
  fleet = { repository: FLEET, ledgerBranch: 'pointsman/ledger' };
  log = createLogBook();
  const answer = createWebhookReceiver({
    secrets: [SECRET, 'the secret before this one'],
    fleet: () => fleet,
    deliveries: createDeliveries({ clock }),
    isStopping: () => stopping,
    log,
    onNews: () => {
      news++;
    },
    onVerdict: (verdict, event) => verdicts.push(`${event ?? '-'}: ${verdict}`),
  });
  const routes = new Map([['/webhook', { method: 'POST', answer, onRefused() {} } as const]]);
  server = await startHttpServer({ host: '127.0.0.1', port: 0, routes, limits: LIMITS, log });
});
afterEach(() => server.close());

const deliver = (delivery: SignedDelivery) => post(`http://127.0.0.1:${server.port}/webhook`, delivery);

describe('a delivery', () => {
  it.each(['pull_request', 'pull_request_review', 'issue_comment', 'push'])(
    'of %s about the fleet is accepted, and it is time to look',
    async (event) => {
      const action =
        event === 'pull_request_review'
          ? { action: 'submitted' }
          : event === 'push'
            ? {}
            : { action: event === 'issue_comment' ? 'created' : 'opened' };
      const { status } = await deliver(sign(event, aboutPullRequest(exampleOf(event, FLEET, action))));

      expect([status, news]).toEqual([202, 1]);
      expect(verdicts).toEqual([`${event}: accepted`]);
    },
  );

  it('signed with the secret before this one is accepted too', async () => {
    const { status } = await deliver(sign('push', exampleOf('push', FLEET), { secret: 'the secret before this one' }));

    expect([status, news]).toEqual([202, 1]);
  });

  it('that is forged wakes nobody, and what it says is believed in nothing, not even its name', async () => {
    const genuine = sign('push', exampleOf('push', FLEET));
    const { 'X-Hub-Signature-256': _, ...unsigned } = genuine.headers;
    const forged: readonly SignedDelivery[] = [
      sign('push', exampleOf('push', FLEET), { secret: 'some other secret' }),
      { ...genuine, body: genuine.body.replace('refs/', 'refs\\/') },
      { ...genuine, headers: unsigned },
      { ...genuine, headers: { ...unsigned, 'X-Hub-Signature': 'sha1=0123456789012345678901234567890123456789' } },
      { ...genuine, headers: { ...genuine.headers, 'X-Hub-Signature-256': 'sha256=' } },
    ];

    for (const one of forged) {
      expect(await deliver(one)).toEqual({ status: 401, text: 'The signature is not one of ours.' });
    }
    expect(news).toBe(0);
    expect(new Set(verdicts)).toEqual(new Set(['-: forged']));
    // And none of them spoiled the id for the genuine one.
    expect(await deliver(genuine)).toMatchObject({ status: 202 });
  });

  it('that comes twice, or is replayed under another id, does nothing', async () => {
    const first = sign('push', exampleOf('push', FLEET));
    await deliver(first);
    const again = await deliver(first);
    const replayed = await deliver({
      ...first,
      headers: { ...first.headers, 'X-GitHub-Delivery': '00000000-0000-4000-8000-000000000000' },
    });

    expect([again.status, replayed.status, news]).toEqual([200, 200, 1]);
    expect(verdicts).toEqual(['push: accepted', 'push: duplicate', 'push: duplicate']);
  });

  it('that comes later than a newer one is as good as any: both say only that it is time to look', async () => {
    const older = sign('push', exampleOf('push', FLEET, { after: '1'.repeat(40) }));
    const newer = sign('push', exampleOf('push', FLEET, { after: '2'.repeat(40) }));

    expect([(await deliver(newer)).status, (await deliver(older)).status, news]).toEqual([202, 202, 2]);
  });

  it('about another repository is none of ours', async () => {
    const { status } = await deliver(sign('push', exampleOf('push', 'acme/fleet-of-others')));

    expect([status, news]).toEqual([200, 0]);
    expect(verdicts).toEqual(['push: ignored']);
  });

  it('about a push to our own ledger is not news', async () => {
    const { status } = await deliver(sign('push', exampleOf('push', FLEET, { ref: 'refs/heads/pointsman/ledger' })));

    expect([status, news]).toEqual([200, 0]);
  });

  it('that is signed and cannot be read is told what was expected', async () => {
    const notJson = sign('push', {});
    const answers = [
      await deliver(sign('push', { repository: { full_name: FLEET } })),
      await deliver({
        ...notJson,
        headers: { ...notJson.headers, 'Content-Type': 'application/x-www-form-urlencoded' },
      }),
      await deliver(sign('push', exampleOf('push', FLEET), { id: 'not a delivery id' })),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(answers[1]?.text).toBe(
      'a webhook delivery has something else at the header content-type, expected application/json.',
    );
    expect([news, verdicts[0]]).toEqual([0, '-: unreadable']);
  });

  it('before the settings of the fleet are known, or while stopping, is to come again, and is not taken for a duplicate then', async () => {
    const delivery = sign('push', exampleOf('push', FLEET));
    fleet = undefined;
    const early = await deliver(delivery);
    fleet = { repository: FLEET, ledgerBranch: 'pointsman/ledger' };
    stopping = true;
    const late = await deliver(delivery);
    stopping = false;
    const between = await deliver(delivery);

    expect([early.status, late.status, between.status]).toEqual([503, 503, 202]);
    expect(verdicts).toEqual(['-: not-ready', '-: stopping', 'push: accepted']);
  });

  it('leaves neither its text nor the secret in the log', async () => {
    await deliver(
      sign(
        'pull_request',
        aboutPullRequest(exampleOf('pull_request', FLEET, { action: 'opened', title: 'canary-title' })),
      ),
    );
    await deliver(
      sign('push', exampleOf('push', FLEET, { ref: 'refs/heads/canary' }), { secret: 'canary-secret-of-somebody' }),
    );
    const logged = JSON.stringify(log.lines);

    expect(log.lines.length).toBeGreaterThan(1);
    expect(logged).not.toContain(SECRET);
    expect(logged).not.toContain('canary');
  });
});

/** GitHub's example of a comment is one on an issue. */
function aboutPullRequest(payload: object): object {
  const { issue } = payload as { readonly issue?: object };
  return issue
    ? { ...payload, issue: { ...issue, pull_request: { url: 'https://api.github.com/repos/acme/fleet/pulls/2' } } }
    : payload;
}
