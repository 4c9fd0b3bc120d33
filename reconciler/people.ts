import type { Known, People, Requirement } from '../approvals/approval.ts';
import type { Forge, PullRequest, PullRequestReview } from '../forge/forge.ts';
import { PointsmanError } from '../schemas/errors.ts';

/**
 * Who had a hand in a pull request and who may say what, as far as the forge tells. What it does not tell is marked
 * unknown, and unknown counts as *no*.
 */
export async function readPeople(
  forge: Forge,
  pullRequest: PullRequest,
  reviews: readonly PullRequestReview[],
  requirements: readonly Requirement[],
  signal: AbortSignal,
): Promise<People> {
  const teams = [...new Set(requirements.flatMap((requirement) => requirement.teams))];
  const asksPermission = requirements.some(({ permission }) => permission !== undefined);
  const reviewers = asksPermission ? [...new Set(reviews.map(({ reviewer }) => reviewer))] : [];
  const [hands, members, permissions] = await Promise.all([
    known(() => readHands(forge, pullRequest, signal)),
    Promise.all(teams.map(async (team) => [team, await known(() => forge.teamMembers(team, signal))] as const)),
    Promise.all(reviewers.map(async (login) => [login, await known(() => forge.permission(login, signal))] as const)),
  ]);
  return { author: pullRequest.author, hands, teams: new Map(members), permissions: new Map(permissions) };
}

/** @throws {HandsUnknown} Some commit belongs to nobody the forge knows: it might be any reviewer's. */
async function readHands(
  forge: Forge,
  { number, author, head }: PullRequest,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const [commits, pushers] = await Promise.all([forge.commits(number, signal), forge.pushers(head.branch, signal)]);
  const hands = new Set([author, ...pushers]);
  for (const { commit, author: wrote, committer, authorEmail, committerEmail } of commits) {
    if (wrote === undefined) throw new HandUnknown(commit, authorEmail);
    if (committer === undefined) throw new HandUnknown(commit, committerEmail);
    hands.add(wrote);
    hands.add(committer);
  }
  return hands;
}

/** Never leaves this file: it becomes the `why` of an unknown. */
class HandUnknown extends Error {
  constructor(commit: string, email: string) {
    super(
      `commit ${commit.slice(0, 12)} was written with ${email}, which belongs to no account; it might be the reviewer’s own`,
    );
  }
}

async function known<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { known: true, value: await read() };
  } catch (error) {
    if (error instanceof PointsmanError || error instanceof HandUnknown) return { known: false, why: error.message };
    throw error;
  }
}
