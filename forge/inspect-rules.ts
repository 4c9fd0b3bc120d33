import type { Answer } from './answer.ts';
import { ForgeRefusedError } from './errors.ts';
import type { GithubClient } from './github-client.ts';
import type { RepositoryName } from './github-words.ts';
import type { BranchGuard, BranchGuards, Bypass } from './inspector.ts';

/**
 * Everything that guards a branch: rulesets of the repository and of the organization, and classic branch protection.
 *
 * Source: GitHub's REST API description, "Get rules for a branch" (only what is enforced), "Get a repository ruleset"
 * (`bypass_actors` only for who may write the ruleset), "Get branch protection" (404 with words of its own where there is none).
 */
export async function readGuards(
  client: GithubClient,
  repository: RepositoryName,
  branch: string,
  signal: AbortSignal,
): Promise<BranchGuards> {
  const rules = await client.list(
    'GET /repos/{owner}/{repo}/rules/branches/{branch}',
    { ...repository, branch },
    signal,
  );
  const ids = [...new Set(rules.map((rule) => rule.at('ruleset_id').number()))];
  const guards = await Promise.all(
    ids.map(async (id) => {
      const ruleset = await client.read(
        'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}',
        { ...repository, ruleset_id: id },
        signal,
      );
      return guardOf(
        ruleset,
        rules.filter((rule) => rule.at('ruleset_id').number() === id),
      );
    }),
  );
  try {
    const classic = await classicGuard(client, repository, branch, signal);
    return { guards: [...guards, ...classic] };
  } catch (error) {
    if (!(error instanceof ForgeRefusedError)) throw error;
    return { guards, unread: `classic branch protection could not be read: ${error.message}` };
  }
}

function guardOf(ruleset: Answer, rules: readonly Answer[]): BranchGuard {
  const named = (type: string): readonly Answer[] => rules.filter((rule) => rule.at('type').text() === type);
  const pulls = named('pull_request').map((rule) => rule.at('parameters'));
  const checks = named('required_status_checks').map((rule) => rule.at('parameters'));
  const actors = ruleset.at('bypass_actors');
  return {
    name: `ruleset "${ruleset.at('name').text()}"`,
    ...(pulls.length > 0 ? { pullRequest: strictest(pulls) } : {}),
    ...(checks.length > 0
      ? {
          checks: {
            strict: checks.some((check) => check.at('strict_required_status_checks_policy').flag()),
            required: checks.flatMap((check) => check.at('required_status_checks').list().map(checkOf)),
          },
        }
      : {}),
    refusesForcePush: named('non_fast_forward').length > 0,
    refusesDeletion: named('deletion').length > 0,
    refusesPush: named('update').length > 0,
    ...(actors.present ? { bypass: actors.list().map(bypassOf) } : {}),
  };
}

function strictest(pulls: readonly Answer[]): NonNullable<BranchGuard['pullRequest']> {
  const some = (name: string): boolean => pulls.some((pull) => pull.at(name).flag());
  return {
    approvals: Math.max(...pulls.map((pull) => pull.at('required_approving_review_count').number())),
    dismissesStale: some('dismiss_stale_reviews_on_push'),
    lastPushApproved: some('require_last_push_approval'),
    codeOwners: some('require_code_owner_review'),
  };
}

function checkOf(check: Answer): { readonly name: string; readonly appId?: number } {
  const app = check.at('integration_id');
  return { name: check.at('context').text(), ...(app.present ? { appId: app.number() } : {}) };
}

function bypassOf(actor: Answer): Bypass {
  const type = actor.at('actor_type').text();
  const id = actor.at('actor_id');
  const number = id.present ? id.number() : undefined;
  const only = actor.at('bypass_mode').present && actor.at('bypass_mode').text() === 'pull_request';
  const when = only ? ', on pull requests' : '';
  switch (type) {
    case 'Integration':
      return { who: `the App ${number ?? ''}${when}`, ...(number === undefined ? {} : { appId: number }) };
    case 'User':
      return { who: `the user ${number ?? ''}${when}`, ...(number === undefined ? {} : { userId: number }) };
    case 'OrganizationAdmin':
      return { who: `administrators of the organization${when}` };
    case 'RepositoryRole':
      return { who: `everybody with the role ${ROLES[number ?? 0] ?? number}${when}` };
    case 'Team':
      return { who: `the team ${number ?? ''}${when}` };
    case 'DeployKey':
      return { who: `deploy keys${when}` };
    default:
      return { who: `${type} ${number ?? ''}${when}` };
  }
}

/** GitHub's own roles by their numbers. Source: GitHub's documentation of the `github_repository_ruleset` bypass actors. */
const ROLES: Readonly<Record<number, string>> = { 2: 'maintain', 4: 'write', 5: 'admin' };

async function classicGuard(
  client: GithubClient,
  repository: RepositoryName,
  branch: string,
  signal: AbortSignal,
): Promise<readonly BranchGuard[]> {
  try {
    const route = 'GET /repos/{owner}/{repo}/branches/{branch}/protection';
    return [classicOf(await client.read(route, { ...repository, branch }, signal))];
  } catch (error) {
    const none =
      error instanceof ForgeRefusedError &&
      error.details.status === 404 &&
      /^Branch not (?:protected|found)/.test(error.details.reason);
    if (none) return [];
    throw error;
  }
}

function classicOf(protection: Answer): BranchGuard {
  const reviews = protection.at('required_pull_request_reviews');
  const checks = protection.at('required_status_checks');
  const restrictions = protection.at('restrictions');
  const flag = (at: Answer): boolean => at.present && at.flag();
  const allowances = reviews.at('bypass_pull_request_allowances');
  return {
    name: 'branch protection',
    ...(reviews.present
      ? {
          pullRequest: {
            approvals: reviews.at('required_approving_review_count').present
              ? reviews.at('required_approving_review_count').number()
              : 0,
            dismissesStale: flag(reviews.at('dismiss_stale_reviews')),
            lastPushApproved: flag(reviews.at('require_last_push_approval')),
            codeOwners: flag(reviews.at('require_code_owner_reviews')),
          },
        }
      : {}),
    ...(checks.present
      ? {
          checks: {
            strict: flag(checks.at('strict')),
            required: checks
              .at('checks')
              .list()
              .map((check) => ({
                name: check.at('context').text(),
                ...(check.at('app_id').present ? { appId: check.at('app_id').number() } : {}),
              })),
          },
        }
      : {}),
    refusesForcePush: !flag(protection.at('allow_force_pushes', 'enabled')),
    refusesDeletion: !flag(protection.at('allow_deletions', 'enabled')),
    refusesPush: restrictions.present,
    bypass: [
      ...(flag(protection.at('enforce_admins', 'enabled')) ? [] : [{ who: 'administrators of the repository' }]),
      ...(allowances.present ? peopleOf(allowances, 'without a pull request') : []),
      ...(restrictions.present ? peopleOf(restrictions, 'by pushing') : []),
    ],
  };
}

function peopleOf(lists: Answer, how: string): readonly Bypass[] {
  const all = (name: string): readonly Answer[] => (lists.at(name).present ? lists.at(name).list() : []);
  return [
    ...all('users').map((user) => ({ who: `${user.at('login').text()}, ${how}`, userId: user.at('id').number() })),
    ...all('teams').map((team) => ({ who: `the team ${team.at('slug').text()}, ${how}` })),
    ...all('apps').map((app) => ({ who: `the App ${app.at('slug').text()}, ${how}`, appId: app.at('id').number() })),
  ];
}
