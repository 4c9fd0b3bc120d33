import type { BodyContext } from './bodies.ts';
import type { RestAnswer } from './rest-answer.ts';
import type { Account } from './state.ts';

/** One request to a route, as whoever answers it sees it. */
export interface RestCall {
  readonly by: Account;
  readonly context: BodyContext;
  /** What stands for the `{…}` of the route. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly input: Readonly<Record<string, unknown>>;
}

export type Handler = (call: RestCall) => RestAnswer | Promise<RestAnswer>;
