/** A REST request and what its route answered, as a witness sees them. Faults never show up here: no route gave those answers. */
export interface RestExchange {
  readonly method: string;
  /** Without `/api/v3` in front and without the query; as it was sent, still percent-encoded. */
  readonly path: string;
  /** In the order sent. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** What the JSON says; the text when it is no JSON; absent when nothing was sent. */
  readonly input?: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As `input`. */
  readonly output?: unknown;
}

/** Called after a route has answered, before the answer leaves. */
export type ExchangeListener = (exchange: RestExchange) => void;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly body: Buffer;
}

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export function makeExchange({ method, path, url, body }: Asked, answer: Answered): RestExchange {
  const input = contentOf(body);
  const output = contentOf(answer.body);
  return {
    method,
    path,
    query: [...url.searchParams],
    ...(input === undefined ? {} : { input }),
    status: answer.status,
    headers: answer.headers,
    ...(output === undefined ? {} : { output }),
  };
}

function contentOf(body: string | Buffer): unknown {
  if (body.length === 0) return undefined;
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
