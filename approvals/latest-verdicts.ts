import type { Statement } from './approval.ts';

/** Forges take `Ana` and `ana` for one person. */
export function sameLogin(login: string): string {
  return login.toLowerCase();
}

/**
 * Each person's latest verdict, in a review or in a comment. A review that only comments is none and replaces none; a dismissed
 * verdict is one, so that what was said before it does not come back to life.
 */
export function latestVerdicts(statements: readonly Statement[]): ReadonlySet<Statement> {
  const latest = new Map<string, Statement>();
  for (const statement of inOrder(statements))
    if (statement.state !== 'commented') latest.set(sameLogin(statement.reviewer), statement);
  return new Set(latest.values());
}

/**
 * Oldest first; within one second by the number the forge gave. Reviews and comments are numbered apart: where a second holds
 * both, nothing is known of their order, and a no is taken for the later one.
 */
export function inOrder(statements: readonly Statement[]): readonly Statement[] {
  const seconds = Map.groupBy(statements, ({ submittedAt }) => submittedAt);
  return [...seconds]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([, within]) => {
      const mixed = new Set(within.map(({ said }) => said)).size > 1;
      return within.toSorted(
        (a, b) => (mixed ? noLast(a) - noLast(b) : 0) || a.id - b.id || (a.said < b.said ? -1 : 1),
      );
    });
}

function noLast({ state }: Statement): number {
  return state === 'changes-requested' ? 1 : 0;
}
