import type { Answer } from './answer.ts';
import { ForgeRefusedError } from './errors.ts';
import type { GithubClient } from './github-client.ts';
import type { RepositoryName } from './github-words.ts';
import type { ActionsFacts, EnvironmentFacts, ForkFacts } from './inspector.ts';

/** How GitHub Actions may be used in a repository. Source: GitHub's REST API description, "Actions permissions", "Environments". */
export interface ActionsInspector {
  actions(signal: AbortSignal): Promise<ActionsFacts>;
  forks(signal: AbortSignal): Promise<ForkFacts | undefined>;
  environments(signal: AbortSignal): Promise<readonly EnvironmentFacts[]>;
  openSecrets(signal: AbortSignal): Promise<readonly string[]>;
}

export function createActionsInspector(client: GithubClient, repository: RepositoryName): ActionsInspector {
  const permissions = '/repos/{owner}/{repo}/actions/permissions';

  async function environmentOf(found: Answer, signal: AbortSignal): Promise<EnvironmentFacts> {
    const name = found.at('name').text();
    const parameters = { ...repository, environment_name: name };
    const path = '/repos/{owner}/{repo}/environments/{environment_name}';
    const policy = found.at('deployment_branch_policy');
    const secrets = await client.list(`GET ${path}/secrets`, parameters, signal, 'secrets');
    const branches = async (): Promise<EnvironmentFacts['branches']> => {
      if (!policy.present) return 'any';
      if (policy.at('protected_branches').flag()) return 'protected';
      const route = `GET ${path}/deployment-branch-policies`;
      const patterns = await client.list(route, parameters, signal, 'branch_policies');
      return patterns.map((pattern) => pattern.at('name').text());
    };
    return { name, branches: await branches(), secrets: secrets.map((secret) => secret.at('name').text()) };
  }

  return {
    async actions(signal) {
      const [general, workflow] = await Promise.all([
        client.read(`GET ${permissions}`, repository, signal),
        client.read(`GET ${permissions}/workflow`, repository, signal),
      ]);
      const allowed = general.at('allowed_actions');
      const pinned = general.at('sha_pinning_required');
      return {
        enabled: general.at('enabled').flag(),
        jobsMayWrite: workflow.at('default_workflow_permissions').text() !== 'read',
        jobsMayApprove: workflow.at('can_approve_pull_request_reviews').flag(),
        // Absent where Actions are off, or where an organization decides and allows all.
        anyAction: !allowed.present || allowed.text() === 'all',
        onlyPinned: pinned.present && pinned.flag(),
      };
    },

    async forks(signal) {
      try {
        const found = await client.read(`GET ${permissions}/fork-pr-workflows-private-repos`, repository, signal);
        return {
          run: found.at('run_workflows_from_fork_pull_requests').flag(),
          getSecrets: found.at('send_secrets_and_variables').flag(),
          getWriteTokens: found.at('send_write_tokens_to_workflows').flag(),
        };
      } catch (error) {
        // There is no such setting where the repository is public.
        const visible = error instanceof ForgeRefusedError && error.details.status === 404;
        if (visible && (await isPublic(client, repository, signal))) return undefined;
        throw error;
      }
    },

    async environments(signal) {
      const route = 'GET /repos/{owner}/{repo}/environments';
      const found = await client.list(route, repository, signal, 'environments');
      return Promise.all(found.map((environment) => environmentOf(environment, signal)));
    },

    async openSecrets(signal) {
      const lists = await Promise.all(
        ['secrets', 'organization-secrets'].map((name) =>
          client.list(`GET /repos/{owner}/{repo}/actions/${name}`, repository, signal, 'secrets'),
        ),
      );
      return lists.flat().map((secret) => secret.at('name').text());
    },
  };
}

async function isPublic(client: GithubClient, repository: RepositoryName, signal: AbortSignal): Promise<boolean> {
  const found = await client.read('GET /repos/{owner}/{repo}', repository, signal);
  return !found.at('private').flag();
}
