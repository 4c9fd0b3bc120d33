import type { Violation } from './openapi-judge.ts';

interface Gap extends Pick<Violation, 'side'> {
  readonly operation: RegExp;
  readonly at: RegExp;
  readonly problem: RegExp;
}

/** Where GitHub itself does what its description does not say, and how we know. Each is as narrow as it can be. */
const KNOWN_GAPS: readonly Gap[] = [
  // The repository of the head is null once the fork is deleted. Source: GitHub's own schemas of deliveries say "object or
  // null" of the same place (octokit/webhooks 7, `pull_request.head.repo`).
  {
    operation: /^(GET|PATCH) \/repos\/\{owner\}\/\{repo\}\/(commits\/\{commit_sha\}\/)?pulls\b/,
    side: 'answer',
    at: /^(\/\d+)?\/head\/repo$/,
    problem: /^must be object$/,
  },
  // This list is described by an older copy of what describes a single installation: it knows no client id, and wants an
  // account to be a user and an enterprise at once.
  {
    operation: /^GET \/app\/installations$/,
    side: 'answer',
    at: /^\/\d+\/(client_id|account(\/user_view_type)?)$/,
    problem: /./,
  },
];

export function isKnownGap(violation: Violation): boolean {
  return KNOWN_GAPS.some(
    ({ operation, side, at, problem }) =>
      side === violation.side &&
      operation.test(violation.operation) &&
      at.test(violation.at) &&
      problem.test(violation.problem),
  );
}
