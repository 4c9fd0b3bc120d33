import type { Violation } from './openapi-judge.ts';

/** Where GitHub itself does what its description does not say, and how we know. Each is as narrow as it can be. */
const KNOWN_GAPS: readonly (Pick<Violation, 'side' | 'problem'> & {
  readonly operation: RegExp;
  readonly at: RegExp;
})[] = [
  // The repository of the head is null once the fork is deleted. Source: GitHub's own schemas of deliveries say "object or
  // null" of the same place (octokit/webhooks 7, `pull_request.head.repo`).
  {
    operation: /^(GET|PATCH) \/repos\/\{owner\}\/\{repo\}\/(commits\/\{commit_sha\}\/)?pulls\b/,
    side: 'answer',
    at: /^(\/\d+)?\/head\/repo$/,
    problem: 'must be object',
  },
];

export function isKnownGap(violation: Violation): boolean {
  return KNOWN_GAPS.some(
    ({ operation, side, at, problem }) =>
      operation.test(violation.operation) &&
      side === violation.side &&
      at.test(violation.at) &&
      problem === violation.problem,
  );
}
