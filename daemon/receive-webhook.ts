import { ForgeWebhookForgedError, ForgeWebhookTooLargeError, ForgeWebhookUnreadableError } from '../forge/errors.ts';
import { type Delivery, readDelivery } from '../forge/webhooks.ts';
import type { Log } from '../schemas/log.ts';
import type { Deliveries } from './deliveries.ts';
import type { HttpAnswer, HttpRequest } from './http-server.ts';

/** What became of a delivery. */
export type WebhookVerdict =
  | 'accepted'
  | 'duplicate'
  | 'ignored'
  | 'forged'
  | 'unreadable'
  | 'too-large'
  | 'overloaded'
  | 'not-ready'
  | 'stopping';

export interface WebhookReceiverDeps {
  readonly secrets: readonly string[];
  /** Of the GitHub App, where it is one: only its deliveries count. */
  readonly installation?: number;
  /** Whose deliveries count, by the settings of the last pass; `undefined` before the first has read them. */
  readonly fleet: () => { readonly repository: string; readonly ledgerBranch: string } | undefined;
  readonly deliveries: Deliveries;
  readonly isStopping: () => boolean;
  readonly log: Log;
  /** It is time to look. */
  onNews(): void;
  /** @param event Only once it is known who sent it: before that it is whatever a stranger wrote. */
  onVerdict(verdict: WebhookVerdict, event?: string): void;
}

/**
 * One delivery in, one answer out, at once: the work is done by a pass, which looks for itself. Whatever is refused here costs
 * time until the next pass and nothing else.
 */
export function createWebhookReceiver(deps: WebhookReceiverDeps): (request: HttpRequest) => Promise<HttpAnswer> {
  const { log } = deps;

  function conclude(verdict: WebhookVerdict, answer: HttpAnswer, event?: string): HttpAnswer {
    log.debug({ verdict, event }, 'webhook answered');
    deps.onVerdict(verdict, event);
    return answer;
  }

  return async ({ headers, rawBody }) => {
    if (deps.isStopping()) {
      return conclude('stopping', {
        status: 503,
        text: 'The service is stopping. Nothing is lost: it looks when it starts.',
      });
    }
    const fleet = deps.fleet();
    if (!fleet) {
      const text = 'The service is starting. Nothing is lost: its first pass looks at everything.';
      return conclude('not-ready', { status: 503, text });
    }

    let delivery: Delivery;
    try {
      delivery = await readDelivery(
        { headers, rawBody },
        {
          secrets: deps.secrets,
          repository: fleet.repository,
          ...(deps.installation === undefined ? {} : { installation: deps.installation }),
        },
      );
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      log.warn({ verdict: refusal.verdict, error }, 'webhook refused');
      return conclude(refusal.verdict, refusal.answer);
    }

    const { event } = delivery;
    if (delivery.kind === 'ignored') {
      return conclude('ignored', { status: 200, text: `Nothing to do (${delivery.why}).` }, event);
    }
    // Every step of a pass is a push to the ledger: a look for each of them would find what the pass itself has just done.
    if (delivery.about.kind === 'branch' && delivery.about.branch === fleet.ledgerBranch) {
      return conclude('ignored', { status: 200, text: 'Nothing to do (our own ledger).' }, event);
    }
    const signature = String(headers['x-hub-signature-256']);
    if (!deps.deliveries.note({ id: delivery.deliveryId, signature })) {
      return conclude('duplicate', { status: 200, text: 'This was delivered before.' }, event);
    }
    log.info({ event, delivery: delivery.deliveryId, about: delivery.about }, 'webhook accepted');
    deps.onNews();
    return conclude('accepted', { status: 202, text: 'A pass will look.' }, event);
  };
}

/** Says as little as helps: whoever forges learns nothing from it, and who set the webhook up finds the rest in the log. */
function refusalOf(error: unknown): { readonly verdict: WebhookVerdict; readonly answer: HttpAnswer } | undefined {
  if (error instanceof ForgeWebhookForgedError) {
    return { verdict: 'forged', answer: { status: 401, text: 'The signature is not one of ours.' } };
  }
  if (error instanceof ForgeWebhookTooLargeError) {
    return { verdict: 'too-large', answer: { status: 413, text: 'That is more than is read here.' } };
  }
  if (error instanceof ForgeWebhookUnreadableError) {
    return { verdict: 'unreadable', answer: { status: 400, text: `${error.message}.` } };
  }
  return undefined;
}
