import { GithubRefusal } from './errors.ts';
import type { BodyContext } from './people-bodies.ts';
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

/** By method and path, as GitHub's REST description names them. */
export type RouteTable = Readonly<Record<string, Handler>>;

/** @throws {GithubRefusal} 422: it is not there, or no text. */
export function textIn(input: Readonly<Record<string, unknown>>, name: string): string {
  const value = input[name];
  if (typeof value !== 'string') {
    throw new GithubRefusal({ status: 422, message: `Invalid request.\n\n"${name}" wasn't supplied.` });
  }
  return value;
}

/** For what a caller may leave out. */
export function optionalText(input: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
}
