import { GithubRefusal } from './errors.ts';
import { appBody, type BodyContext, fullRepository } from './people-bodies.ts';
import type { ClassicProtection, Protection, Ruleset } from './protection.ts';
import { ok, pages, type RestAnswer } from './rest-answer.ts';
import type { Handler } from './rest-call.ts';
import { requireRole } from './rules.ts';
import type { Account } from './state.ts';

const repo = '/repos/{owner}/{repo}';
const MADE = '2026-01-01T00:00:00Z';

/**
 * What may be read of a repository's settings. Source: GitHub's REST API description 2022-11-28, and for who may read what
 * "Permissions required for GitHub Apps" there: administrators, or Apps that may read administration.
 */
export const protectionRoutes: Readonly<Record<string, Handler>> = {
  [`GET ${repo}`]: ({ by, context }) => {
    const { visibility } = context.state.protection;
    const may = (role: Account['role']): boolean => ROLES.indexOf(by.role) <= ROLES.indexOf(role);
    const permissions = {
      admin: may('admin'),
      maintain: may('maintain'),
      push: may('write'),
      triage: may('triage'),
      pull: true,
    };
    const numbers = { network_count: 0, subscribers_count: 0 };
    return ok({ ...fullRepository(context), ...numbers, private: visibility !== 'public', visibility, permissions });
  },

  // The page of an App, as everybody may see it.
  'GET /apps/{app_slug}': ({ context, path }) => {
    const login = `${path['app_slug']}[bot]`;
    const app = context.state.accounts.has(login) ? appBody(context, login) : null;
    if (!app) throw new GithubRefusal({ status: 404, message: 'Not Found' });
    return ok({ ...app, permissions: context.state.protection.appPermissions });
  },

  [`GET ${repo}/rules/branches/{branch}`]: ({ context, path }) => {
    const { owner, name, protection } = context.state;
    const rules = protection.rulesets
      .filter((ruleset) => ruleset.branches.includes(path['branch'] ?? ''))
      .flatMap(({ id, rules }) =>
        rules.map((rule) => ({
          ...rule,
          ruleset_source_type: 'Repository',
          ruleset_source: `${owner}/${name}`,
          ruleset_id: id,
        })),
      );
    return pages(rules);
  },
  [`GET ${repo}/rulesets/{ruleset_id}`]: ({ by, context, path }) => {
    const ruleset = context.state.protection.rulesets.find(({ id }) => String(id) === path['ruleset_id']);
    if (!ruleset) throw new GithubRefusal({ status: 404, message: 'Not Found' });
    return ok(rulesetBody(ruleset, context, by.role === 'admin'));
  },
  [`GET ${repo}/branches/{branch}/protection`]: ({ by, context, path }) => {
    requireRole(by, 'admin');
    const found = context.state.protection.classic[path['branch'] ?? ''];
    if (!found) throw new GithubRefusal({ status: 404, message: 'Branch not protected' });
    return ok(classicBody(found, `${context.api}/repos/${context.state.owner}/${context.state.name}`));
  },

  [`GET ${repo}/actions/permissions`]: administration(({ actions }) => ({
    enabled: true,
    allowed_actions: actions.allowed,
    sha_pinning_required: actions.shaPinning,
  })),
  [`GET ${repo}/actions/permissions/workflow`]: administration(({ actions }) => ({
    default_workflow_permissions: actions.jobsMayWrite ? 'write' : 'read',
    can_approve_pull_request_reviews: actions.jobsMayApprove,
  })),
  [`GET ${repo}/actions/permissions/fork-pr-workflows-private-repos`]: administration(({ visibility, actions }) => {
    if (visibility === 'public') throw new GithubRefusal({ status: 404, message: 'Not Found' });
    return {
      run_workflows_from_fork_pull_requests: actions.forksRun,
      send_write_tokens_to_workflows: actions.forksGetWriteTokens,
      send_secrets_and_variables: actions.forksGetSecrets,
      require_approval_for_fork_pr_workflows: true,
    };
  }),

  [`GET ${repo}/environments`]: ({ context }) => {
    const { owner, name, protection } = context.state;
    const items = protection.environments.map((environment, index) => ({
      id: 100 + index,
      node_id: `EN_${100 + index}`,
      name: environment.name,
      url: `${context.api}/repos/${owner}/${name}/environments/${environment.name}`,
      html_url: `${context.html}/${owner}/${name}/deployments/activity_log?environments_filter=${environment.name}`,
      created_at: MADE,
      updated_at: MADE,
      protection_rules: [],
      deployment_branch_policy:
        environment.branches === 'any' ? null : { protected_branches: false, custom_branch_policies: true },
    }));
    return { kind: 'list', items, wrap: (environments, total_count) => ({ total_count, environments }) };
  },
  [`GET ${repo}/environments/{environment_name}/deployment-branch-policies`]: ({ context, path }) => {
    const { branches } = environmentAt(context.state.protection, path['environment_name']);
    const items = (branches === 'any' ? [] : branches).map((name, index) => ({
      id: 200 + index,
      node_id: `DBP_${200 + index}`,
      name,
      type: 'branch',
    }));
    return { kind: 'list', items, wrap: (branch_policies, total_count) => ({ total_count, branch_policies }) };
  },
  [`GET ${repo}/environments/{environment_name}/secrets`]: ({ by, context, path }) => {
    requireRole(by, 'admin');
    return secretList(environmentAt(context.state.protection, path['environment_name']).secrets);
  },
  [`GET ${repo}/actions/secrets`]: ({ by, context }) => {
    requireRole(by, 'admin');
    return secretList(context.state.protection.secrets);
  },
  [`GET ${repo}/actions/organization-secrets`]: ({ by }) => {
    requireRole(by, 'admin');
    return secretList([]);
  },
  [`GET ${repo}/keys`]: ({ by, context }) => {
    requireRole(by, 'admin');
    return pages(
      context.state.protection.deployKeys.map(({ title, readOnly }, index) => ({
        id: 300 + index,
        key: 'ssh-ed25519 AAAA',
        url: `${context.api}/repos/${context.state.owner}/${context.state.name}/keys/${300 + index}`,
        title,
        verified: true,
        created_at: MADE,
        read_only: readOnly,
      })),
    );
  },
  [`GET ${repo}/codeowners/errors`]: ({ context }) =>
    ok({
      errors: context.state.protection.codeOwnersErrors.map(({ line, kind }) => ({
        line,
        column: 1,
        kind,
        message: `${kind} on line ${line}`,
        path: '.github/CODEOWNERS',
      })),
    }),
};

const ROLES: readonly Account['role'][] = ['admin', 'maintain', 'write', 'triage', 'read', 'none'];

function administration(body: (protection: Protection) => unknown): Handler {
  return ({ by, context }) => {
    requireRole(by, 'admin');
    return ok(body(context.state.protection));
  };
}

function environmentAt(protection: Protection, name: string | undefined) {
  const found = protection.environments.find((environment) => environment.name === name);
  if (!found) throw new GithubRefusal({ status: 404, message: 'Not Found' });
  return found;
}

function secretList(names: readonly string[]): RestAnswer {
  const items = names.map((name) => ({ name, created_at: MADE, updated_at: MADE }));
  return { kind: 'list', items, wrap: (secrets, total_count) => ({ total_count, secrets }) };
}

/** Who may bypass is shown to those only who may write the ruleset. */
function rulesetBody({ id, name, branches, bypass, rules }: Ruleset, context: BodyContext, whole: boolean) {
  const repository = `${context.state.owner}/${context.state.name}`;
  return {
    id,
    name,
    target: 'branch',
    source_type: 'Repository',
    source: repository,
    enforcement: 'active',
    ...(whole ? { bypass_actors: bypass } : {}),
    current_user_can_bypass: 'never',
    node_id: `RRS_${id}`,
    _links: {
      self: { href: `${context.api}/repos/${repository}/rulesets/${id}` },
      html: { href: `${context.html}/${repository}/rules/${id}` },
    },
    conditions: { ref_name: { include: branches.map((branch) => `refs/heads/${branch}`), exclude: [] } },
    rules,
    created_at: MADE,
    updated_at: MADE,
  };
}

function classicBody(protection: ClassicProtection, repository: string) {
  const { approvals, enforceAdmins, allowForcePushes, allowDeletions } = protection;
  const url = `${repository}/branches/main/protection`;
  return {
    url,
    ...(approvals === undefined
      ? {}
      : {
          required_pull_request_reviews: {
            url: `${url}/required_pull_request_reviews`,
            dismiss_stale_reviews: false,
            require_code_owner_reviews: false,
            require_last_push_approval: false,
            required_approving_review_count: approvals,
          },
        }),
    enforce_admins: { url: `${url}/enforce_admins`, enabled: enforceAdmins },
    allow_force_pushes: { enabled: allowForcePushes },
    allow_deletions: { enabled: allowDeletions },
  };
}
