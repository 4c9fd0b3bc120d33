import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import examples from '@octokit/webhooks-examples' with { type: 'json' };
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EmulatedGithub } from '../../../sandbox/github/start-github.ts';
import { rest, startWorld } from './harness.ts';

const SECRET = 'It is a secret to everybody';
const APP = 'pointsman[bot]';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at whatever was sent.
  readonly body: any;
}

/** A receiver that keeps what it gets, and answers `status`. */
async function startReceiver(status: () => number = () => 202) {
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString('utf8');
    received.push({ headers: incoming.headers, raw, body: JSON.parse(raw) });
    response.writeHead(status()).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  return { received, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook` };
}

/** An open pull request, and a receiver that is told from then on. */
async function startTold(status?: () => number) {
  const github = await startWorld();
  await github.as('ana').push('main', { 'a.txt': '1\n' }, 'begin');
  const head = await github.as('ana').push('change', { 'a.txt': '2\n' }, 'change');
  const pull = await github.as('ana').openPullRequest({ title: 'Change', head: 'change' });
  const receiver = await startReceiver(status);
  github.deliverWebhooksTo(receiver.url, SECRET);
  return { github, head, pull, ...receiver };
}

/** `event action` of everything that was delivered, in the order it was made. */
async function told(github: EmulatedGithub): Promise<readonly string[]> {
  await github.deliveriesSettled();
  return github.deliveries().map(({ event, action }) => (action ? `${event} ${action}` : event));
}

describe('a delivery', () => {
  it('is signed over exactly the bytes that are sent, and says what it is', async () => {
    const { github, pull, received } = await startTold();

    await github.as('bo').approve(pull);
    await github.deliveriesSettled();

    const { headers, raw } = received[0] ?? { headers: {} as IncomingHttpHeaders, raw: '' };
    expect(headers['x-hub-signature-256']).toBe(`sha256=${createHmac('sha256', SECRET).update(raw).digest('hex')}`);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
      'x-github-event': 'pull_request_review',
      'x-github-delivery': expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
    });
  });

  it('is listed with what was answered, and sent once whatever that was', async () => {
    const { github, pull, received } = await startTold(() => 500);

    await github.as('cy').comment(pull, 'hi');
    await github.deliveriesSettled();

    expect(github.deliveries()).toMatchObject([{ event: 'issue_comment', action: 'created', status: 500 }]);
    expect(received).toHaveLength(1);
  });

  it('to a receiver that is dead has failed, and hinders nobody', async () => {
    const { github, pull, close } = await startTold();
    close();

    await github.as('cy').comment(pull, 'hi');
    await github.deliveriesSettled();

    expect(github.deliveries()).toMatchObject([{ status: 'failed' }]);
    expect(github.comments(pull)).toHaveLength(1);
  });

  it('can be sent again, with the same number and the same bytes', async () => {
    const { github, pull, received } = await startTold();
    await github.as('cy').comment(pull, 'hi');
    await github.deliveriesSettled();

    await github.redeliver(github.deliveries()[0]?.id ?? '');

    const [first, again] = received;
    expect(again).toEqual({ ...first, headers: expect.anything() });
    expect(again?.headers['x-github-delivery']).toBe(first?.headers['x-github-delivery']);
  });

  it('can be withheld, and come later in another order, or never', async () => {
    const { github, pull, received } = await startTold();
    github.withholdDeliveries();
    for (const text of ['one', 'two', 'three']) await github.as('cy').comment(pull, text);
    await github.deliveriesSettled();
    expect(received).toEqual([]);

    await github.releaseDeliveries(([one, , three]) => [three, one].flatMap((delivery) => delivery ?? []));

    expect(received.map(({ body }) => body.comment.body)).toEqual(['three', 'one']);
    await github.as('cy').comment(pull, 'four');
    await github.deliveriesSettled();
    expect(received.at(-1)?.body.comment.body).toBe('four');
  });

  it('tells how it was when it happened', async () => {
    const { github, pull, received } = await startTold();
    github.withholdDeliveries();
    await github.as('ana').rename(pull, 'Another title');
    await github.as('ana').rename(pull, 'A third title');

    await github.releaseDeliveries();

    expect(received.map(({ body }) => [body.changes.title.from, body.pull_request.title])).toEqual([
      ['Change', 'Another title'],
      ['Another title', 'A third title'],
    ]);
  });
});

describe('what is told', () => {
  it('of a pull request: its life', async () => {
    const { github, pull } = await startTold();
    const ana = github.as('ana');
    await ana.push('other', { 'b.txt': '1\n' }, 'another base');

    await ana.push('change', { 'a.txt': '3\n' }, 'more');
    await ana.retarget(pull, 'other');
    await ana.convertToDraft(pull);
    await ana.readyForReview(pull);
    await ana.close(pull);
    await ana.reopen(pull);

    expect(await told(github)).toEqual([
      'push',
      'push',
      'pull_request synchronize',
      'pull_request edited',
      'pull_request converted_to_draft',
      'pull_request ready_for_review',
      'pull_request closed',
      'pull_request reopened',
    ]);
  });

  it('of a force push: that it was one, from where to where', async () => {
    const { github, head, received } = await startTold();

    const after = await github.as('ana').forcePush('change', { 'a.txt': '9\n' }, 'instead');
    await github.deliveriesSettled();

    const [push, synchronize] = received.map(({ body }) => body);
    expect(push).toMatchObject({ ref: 'refs/heads/change', before: head, after, forced: true, created: false });
    expect(synchronize).toMatchObject({ action: 'synchronize', before: head, after });
  });

  it('of a merge: the pull request and the push to its base, with what came', async () => {
    const { github, pull, received } = await startTold();

    const tip = await github.as('bo').merge(pull);
    await github.deliveriesSettled();

    const [closed, push] = received.map(({ body }) => body);
    expect(closed).toMatchObject({ action: 'closed', pull_request: { merged: true, merge_commit_sha: tip } });
    expect(push).toMatchObject({ ref: 'refs/heads/main', after: tip, pusher: { name: 'bo' } });
    expect(push.commits.map(({ message }: { readonly message: string }) => message.split('\n')[0])).toEqual([
      'change',
      'Merge pull request #1 from acme/change',
    ]);
  });

  it('of reviews and comments: that they came, changed, and went', async () => {
    const { github, pull } = await startTold();
    const review = await github.as('bo').approve(pull);
    await github.as('bo').dismissReview(pull, review);
    const comment = await github.as('cy').comment(pull, 'hi');
    await github.as('bo').editComment(comment, 'ho');
    await github.as('bo').deleteComment(comment);

    expect(await told(github)).toEqual([
      'pull_request_review submitted',
      'pull_request_review dismissed',
      'issue_comment created',
      'issue_comment edited',
      'issue_comment deleted',
    ]);
  });

  it('of the merge queue: what is to be checked, and what became of it', async () => {
    const { github, pull, received } = await startTold();
    const entry = await github.enqueue(pull);
    await github.finishQueue();

    expect(await told(github)).toEqual([
      'push',
      'merge_group checks_requested',
      'pull_request enqueued',
      'pull_request closed',
      'merge_group destroyed',
      'push',
    ]);
    expect(received[1]?.body.merge_group).toMatchObject({
      head_ref: `refs/heads/${entry.branch}`,
      head_sha: entry.head,
      base_ref: 'refs/heads/main',
      base_sha: entry.onto,
    });
  });

  it('of check runs: that they are there, done, and wanted again', async () => {
    const { github, head } = await startTold();
    const order = { name: 'plan', head_sha: head, status: 'in_progress' };
    const { body } = await rest(github, APP, 'POST /repos/acme/fleet/check-runs', order);
    const done = { conclusion: 'success', status: 'completed' };
    await rest(github, APP, `PATCH /repos/acme/fleet/check-runs/${body.id}`, done);
    await github.as('bo').rerequestCheck(body.id);

    expect(await told(github)).toEqual(['check_run created', 'check_run completed', 'check_run rerequested']);
  });

  it('of a push to a fork: nothing but the pull request from it', async () => {
    const { github } = await startTold();
    await github.fork('cy');
    await github.as('cy').pushToFork('idea', { 'a.txt': '5\n' }, 'idea');
    await github.as('cy').openPullRequest({ title: 'Idea', head: 'cy:idea' });
    await github.as('cy').pushToFork('idea', { 'a.txt': '6\n' }, 'better');

    expect(await told(github)).toEqual(['pull_request opened', 'pull_request synchronize']);
  });
});

describe('a body', () => {
  it('has every field that the published examples of its kind have in common', async () => {
    const { github, pull } = await startTold();
    const ana = github.as('ana');
    const order = { name: 'plan', head_sha: github.pullRequest(pull).headCommit, status: 'in_progress' };
    await rest(github, APP, 'POST /repos/acme/fleet/check-runs', order);
    await github.as('bo').approve(pull);
    const comment = await github.as('cy').comment(pull, 'hi');
    await github.as('cy').editComment(comment, 'ho');
    await ana.push('change', { 'a.txt': '3\n' }, 'more');
    await ana.close(pull);
    await ana.reopen(pull);
    await github.enqueue(pull);
    await github.finishQueue();
    await ana.push('next', { 'b.txt': '1\n' }, 'next');
    await ana.openPullRequest({ title: 'Next', head: 'next' });
    await github.deliveriesSettled();

    const missing = github.deliveries().flatMap(({ event, action, body }) => {
      const published = examplesOf(event, action);
      return published.length === 0 ? [] : missingIn(JSON.parse(body), published, `${event} ${action ?? ''}`);
    });

    expect(missing).toEqual([]);
  });
});

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

function examplesOf(event: string, action: string | undefined): readonly Json[] {
  const all = examples as unknown as readonly { readonly name: string; readonly examples: readonly Json[] }[];
  const ofEvent = all.find(({ name }) => name === event)?.examples ?? [];
  return ofEvent.filter((example) => isObject(example) && example['action'] === action);
}

/** `installation` is only there for an App's own webhook; what an App may is a list without an end. */
const LEFT_OUT = new Set(['installation', 'permissions']);

/** Paths that all examples have, and the body has not, or has as something else. */
function missingIn(body: Json, published: readonly Json[], at: string): readonly string[] {
  const objects = published.filter((example) => isObject(example));
  if (objects.length < published.length || objects.length === 0) return [];
  if (!isObject(body)) return body === null ? [] : [`${at} is no object`];
  const [first = {}] = objects;
  return Object.keys(first)
    .filter((key) => !LEFT_OUT.has(key) && objects.every((example) => key in example))
    .flatMap((key) => {
      const inner = body[key];
      if (inner === undefined) return [`${at}.${key}`];
      return missingIn(
        inner,
        objects.map((example) => example[key] ?? null),
        `${at}.${key}`,
      );
    });
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
