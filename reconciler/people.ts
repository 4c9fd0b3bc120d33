import type { Known, People, Requirement, Statement } from '../approvals/approval.ts';
import type { PullRequest } from '../forge/forge.ts';
import { PointsmanError } from '../schemas/errors.ts';
import type { DeployWork } from './deploy/deploy-work.ts';
import type { ReconcilerDeps } from './deps.ts';
import { HandUnknown, handsIn, handsInWork } from './hands.ts';

export interface Asked {
  readonly pullRequest: PullRequest;
  readonly reviews: readonly Statement[];
  readonly requirements: readonly Requirement[];
  /** What a gate is about. */
  readonly behind?: DeployWork;
  /** Whether its head is the very commit we wrote to propose something about drift. */
  readonly isProposal: (pullRequest: PullRequest) => boolean;
}

/**
 * Who had a hand in a change and who may say what, as far as the forge tells. What it does not tell is marked unknown, and
 * unknown counts as *no*.
 */
export async function readPeople(
  deps: Pick<ReconcilerDeps, 'forge' | 'repository' | 'settings' | 'author'>,
  { pullRequest, reviews, requirements, behind, isProposal }: Asked,
  signal: AbortSignal,
): Promise<People> {
  const { forge } = deps;
  const teams = [...new Set(requirements.flatMap((requirement) => requirement.teams))];
  const asksPermission = requirements.some(({ permission }) => permission !== undefined);
  const reviewers = asksPermission ? [...new Set(reviews.map(({ reviewer }) => reviewer))] : [];
  const [hands, members, permissions] = await Promise.all([
    known(async () => {
      const own = await handsIn(deps, pullRequest, behind !== undefined || isProposal(pullRequest), signal);
      return behind ? new Set([...own, ...(await handsInWork(deps, behind, isProposal, signal))]) : own;
    }),
    Promise.all(teams.map(async (team) => [team, await known(() => forge.teamMembers(team, signal))] as const)),
    Promise.all(reviewers.map(async (login) => [login, await known(() => forge.permission(login, signal))] as const)),
  ]);
  return { author: pullRequest.author, hands, teams: new Map(members), permissions: new Map(permissions) };
}

async function known<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { known: true, value: await read() };
  } catch (error) {
    if (error instanceof PointsmanError || error instanceof HandUnknown) return { known: false, why: error.message };
    throw error;
  }
}
