import type { BranchGuard, BranchGuards, Bypass, TokenFacts } from '../forge/inspector.ts';
import { FINE, found, type Look } from './check.ts';
import type { Seen } from './observations.ts';

/** A demand on a branch, and whether a guard makes it. */
export type Demand = (guard: BranchGuard) => boolean;

/**
 * Whether some guard makes a demand. Where none of those we may see does and there may be others, it is unknown.
 *
 * @param line What is found when nobody makes it.
 */
export function demanded({ guards, unread }: BranchGuards, demand: Demand, line: string): Look {
  if (guards.some(demand)) return FINE;
  return unread === undefined ? found(line) : { kind: 'unknown', why: unread };
}

/**
 * Who may do without what is demanded. A demand that one guard makes of everybody is safe, whoever may bypass the others.
 *
 * @param token Ourselves; what we may do is left out.
 */
export function bypasses({ guards }: BranchGuards, demands: readonly Demand[], token: Seen<TokenFacts>): Look {
  const lines = new Set<string>();
  let why: string | undefined;
  for (const demand of demands) {
    const makers = guards.filter(demand);
    const others = makers.map((guard) => othersIn(guard, token));
    if (others.some((some) => some.kind === 'looked' && some.found.length === 0)) continue;
    for (const some of others) {
      if (some.kind === 'unknown') why ??= some.why;
      else for (const line of some.found) lines.add(line);
    }
  }
  if (lines.size > 0 || why === undefined) return found(...lines);
  return { kind: 'unknown', why };
}

function othersIn({ name, bypass }: BranchGuard, token: Seen<TokenFacts>): Look {
  if (bypass === undefined) {
    return { kind: 'unknown', why: `GitHub shows who may bypass ${name} only to those who may change it` };
  }
  const others = bypass.filter((actor) => !isUs(actor, token));
  const apps = others.filter(({ appId, userId }) => appId !== undefined || userId !== undefined);
  if (apps.length === others.length && apps.length > 0) {
    if (token.kind === 'unknown') return token;
    const { app, person, login } = token.value;
    if (!app && !person) return { kind: 'unknown', why: `it is not known which App ${login} is` };
  }
  return found(...others.map(({ who }) => `${who} may bypass ${name}`));
}

function isUs({ appId, userId }: Bypass, token: Seen<TokenFacts>): boolean {
  if (token.kind === 'unknown') return false;
  const { app, person } = token.value;
  return (appId !== undefined && appId === app?.id) || (userId !== undefined && userId === person?.id);
}
