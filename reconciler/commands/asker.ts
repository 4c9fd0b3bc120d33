import type { Known } from '../../approvals/approval.ts';
import { type Asker, teamsAsked } from '../../approvals/command-permissions.ts';
import type { Forge } from '../../forge/forge.ts';
import { PointsmanError } from '../../schemas/errors.ts';
import type { Permissions, PermittedVerb } from '../../schemas/fleet.ts';

/** What the forge tells of somebody, as far as the rules for these commands ask. What it does not tell is unknown: *no*. */
export async function readAsker(
  forge: Pick<Forge, 'permission' | 'teamMembers'>,
  login: string,
  permissions: Permissions | undefined,
  verbs: readonly PermittedVerb[],
  signal: AbortSignal,
): Promise<Asker> {
  const [permission, teams] = await Promise.all([
    known(() => forge.permission(login, signal)),
    Promise.all(
      teamsAsked(permissions, verbs).map(
        async (team) => [team, await known(() => forge.teamMembers(team, signal))] as const,
      ),
    ),
  ]);
  return { login, permission, teams: new Map(teams) };
}

async function known<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { known: true, value: await read() };
  } catch (error) {
    if (error instanceof PointsmanError) return { known: false, why: error.message };
    throw error;
  }
}
