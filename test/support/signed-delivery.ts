import { createHmac, randomUUID } from 'node:crypto';
import examples from '@octokit/webhooks-examples' with { type: 'json' };

/** At least as long as the product asks for. */
export const SECRET = 'a webhook secret of the tests';

export interface SignedDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** As GitHub sends it. */
export function sign(
  event: string,
  payload: object,
  given: { readonly secret?: string; readonly id?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): SignedDelivery {
  const body = JSON.stringify(payload);
  const signature = createHmac('sha256', given.secret ?? SECRET)
    .update(body)
    .digest('hex');
  return {
    body,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'GitHub-Hookshot/044aadd',
      'X-GitHub-Event': event,
      'X-GitHub-Delivery': given.id ?? randomUUID(),
      'X-Hub-Signature-256': `sha256=${signature}`,
      ...given.headers,
    },
  };
}

/** GitHub's own example of an event, as if it were about another repository. */
export function exampleOf(event: string, repository: string, change: object = {}): object {
  const found = (
    examples as unknown as readonly { readonly name: string; readonly examples: readonly object[] }[]
  ).find(({ name }) => name === event);
  const example = found?.examples[0] as { readonly repository: object };
  // The first of them is about a tag.
  const branch = event === 'push' ? { ref: 'refs/heads/main' } : {};
  return { ...example, ...branch, repository: { ...example.repository, full_name: repository }, ...change };
}

export async function post(
  url: string,
  { headers, body }: SignedDelivery,
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, text: (await response.text()).trim() };
}
