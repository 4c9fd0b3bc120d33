import { createHmac, randomUUID } from 'node:crypto';
import type { GithubEvent } from './events.ts';

/** One POST to the webhook, as GitHub lists it under "Recent deliveries". */
export interface Delivery {
  /** `X-GitHub-Delivery`. A redelivery has the same. */
  readonly id: string;
  readonly event: GithubEvent['kind'];
  /** Absent for a push. */
  readonly action?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly what is signed and sent. */
  readonly body: string;
  /** What was answered at last; `failed`: nobody answered in time. */
  status: number | 'withheld' | 'sending' | 'failed';
}

/** The webhook of the repository, and what can befall its deliveries. */
export interface Webhooks {
  /** From now on every event is sent there, signed with the secret. */
  deliverWebhooksTo(url: string, secret: string): void;
  /** Oldest first. Complete once `deliveriesSettled` has come back. */
  deliveries(): readonly Readonly<Delivery>[];
  /** Sends one again, as somebody may with a button at GitHub. */
  redeliver(id: string): Promise<void>;
  /** From now on deliveries are made and not sent. */
  withholdDeliveries(): void;
  /**
   * Sends what was withheld, one after the other.
   *
   * @param pick Which, and in which order; all in the order they were made unless given. Those left out are lost.
   */
  releaseDeliveries(pick?: (held: readonly Readonly<Delivery>[]) => readonly Readonly<Delivery>[]): Promise<void>;
  /** Waits until what has happened so far was sent and answered, or not. */
  deliveriesSettled(): Promise<void>;
}

/** As long as GitHub waits for an answer. */
const ANSWER_WITHIN_MS = 10_000;
const HOOK_ID = 1;

/**
 * Tells a receiver what happened. Nothing is sent a second time by itself: what a dead receiver missed it has to find.
 *
 * Source: GitHub's documentation, "Webhook events and payloads" (delivery headers), "Validating webhook deliveries",
 * "Handling failed webhook deliveries".
 */
export function createWebhooks(render: (event: GithubEvent) => Promise<object>): Webhooks & {
  happened(event: GithubEvent): void;
  close(): void;
} {
  const deliveries: Delivery[] = [];
  const sending = new Set<Promise<void>>();
  const closing = new AbortController();
  let receiver: { readonly url: string; readonly secret: string } | undefined;
  let withholding = false;
  let making: Promise<void> = Promise.resolve();

  function make(event: GithubEvent, body: string, secret: string): Delivery {
    const id = randomUUID();
    const sign = (hash: string): string => `${hash}=${createHmac(hash, secret).update(body).digest('hex')}`;
    return {
      id,
      event: event.kind,
      ...('action' in event ? { action: event.action } : {}),
      headers: {
        accept: '*/*',
        'content-type': 'application/json',
        'user-agent': 'GitHub-Hookshot/0000000',
        'x-github-delivery': id,
        'x-github-event': event.kind,
        'x-github-hook-id': String(HOOK_ID),
        'x-github-hook-installation-target-id': '2',
        'x-github-hook-installation-target-type': 'repository',
        'x-hub-signature': sign('sha1'),
        'x-hub-signature-256': sign('sha256'),
      },
      body,
      status: 'withheld',
    };
  }

  async function post(delivery: Delivery, url: string): Promise<void> {
    const { headers, body } = delivery;
    delivery.status = 'sending';
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
      const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      await answer.arrayBuffer();
      delivery.status = answer.status;
    } catch {
      delivery.status = 'failed';
    }
  }

  function send(delivery: Delivery): Promise<void> {
    if (!receiver) return Promise.resolve();
    const sent = post(delivery, receiver.url);
    sending.add(sent);
    return sent.finally(() => sending.delete(sent));
  }

  return {
    happened(event) {
      if (!receiver || closing.signal.aborted) return;
      const { secret } = receiver;
      const snapshot = structuredClone(event);
      making = making.then(async () => {
        const delivery = make(snapshot, JSON.stringify(await render(snapshot)), secret);
        deliveries.push(delivery);
        if (!withholding) void send(delivery);
      });
      making.catch(() => {}); // Whoever waits for `deliveriesSettled` hears of it.
    },

    deliverWebhooksTo(url, secret) {
      receiver = { url, secret };
    },

    deliveries: () => structuredClone(deliveries),

    async redeliver(id) {
      const found = deliveries.find((delivery) => delivery.id === id);
      if (!found) throw new TypeError(`there is no delivery ${id}`);
      await send(found);
    },

    withholdDeliveries() {
      withholding = true;
    },

    async releaseDeliveries(pick = (held) => held) {
      await making;
      withholding = false;
      const held = deliveries.filter(({ status }) => status === 'withheld');
      for (const { id } of pick(structuredClone(held))) {
        const delivery = held.find((candidate) => candidate.id === id);
        if (delivery) await send(delivery);
      }
    },

    async deliveriesSettled() {
      await making;
      await Promise.all(sending);
    },

    close() {
      closing.abort();
    },
  };
}
