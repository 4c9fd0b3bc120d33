import type { Actions } from './actions.ts';
import { notFound } from './errors.ts';
import { appBody, type BodyContext, isoTime, nodeId, userOf } from './people-bodies.ts';
import { ok, pages } from './rest-answer.ts';
import { optionalText, type RestCall, type RouteTable, textIn } from './rest-call.ts';
import type { Deployment, DeploymentStatus } from './state.ts';

const deployments = '/repos/{owner}/{repo}/deployments';

/** Deployments and their states. Source of the shapes: GitHub's REST API description 2022-11-28. */
export function createDeploymentRoutes(actions: Actions): RouteTable {
  function deploymentOf({ path, context }: RestCall): Deployment {
    const found = context.state.deployments.find(({ id }) => id === Number(path['deployment_id']));
    if (!found) throw notFound();
    return found;
  }

  return {
    [`GET ${deployments}`]: ({ context, query }) => {
      const wanted = (name: string, value: string): boolean => !query.has(name) || query.get(name) === value;
      const found = context.state.deployments.filter(
        ({ commit, ref, task, environment }) =>
          wanted('sha', commit) && wanted('ref', ref) && wanted('task', task) && wanted('environment', environment),
      );
      return pages(found.toReversed().map((one) => deploymentBody(context, one)));
    },
    [`POST ${deployments}`]: async ({ by, input, context }) => {
      const contexts = input['required_contexts'];
      const made = await actions.createDeployment(by, {
        ref: textIn(input, 'ref'),
        environment: optionalText(input, 'environment') ?? 'production',
        task: optionalText(input, 'task') ?? 'deploy',
        description: optionalText(input, 'description') ?? null,
        payload: input['payload'] ?? {},
        transient: input['transient_environment'] === true,
        production: input['production_environment'] === true || input['environment'] === 'production',
        autoMerge: input['auto_merge'] !== false,
        requiredContexts: Array.isArray(contexts) ? contexts.map(String) : undefined,
      });
      if (made === 'merging') return ok({ message: 'Auto-merged main into the ref on deployment.' }, 202);
      return ok(deploymentBody(context, made), 201);
    },
    [`GET ${deployments}/{deployment_id}/statuses`]: (call) => {
      const deployment = deploymentOf(call);
      return pages(deployment.statuses.toReversed().map((one) => deploymentStatusBody(call.context, deployment, one)));
    },
    [`POST ${deployments}/{deployment_id}/statuses`]: (call) => {
      const deployment = deploymentOf(call);
      const made = actions.createDeploymentStatus(call.by, deployment.id, {
        state: textIn(call.input, 'state'),
        description: optionalText(call.input, 'description') ?? '',
        logUrl: optionalText(call.input, 'log_url') ?? optionalText(call.input, 'target_url') ?? '',
        autoInactive: call.input['auto_inactive'] !== false,
      });
      return ok(deploymentStatusBody(call.context, deployment, made), 201);
    },
  };
}

function addressOf({ state, api }: BodyContext, { id }: Deployment) {
  const repository = `${api}/repos/${state.owner}/${state.name}`;
  return { repository, url: `${repository}/deployments/${id}` };
}

function deploymentBody(context: BodyContext, deployment: Deployment) {
  const { repository, url } = addressOf(context, deployment);
  const newest = deployment.statuses.at(-1);
  return {
    url,
    id: deployment.id,
    node_id: nodeId('DE', deployment.id),
    sha: deployment.commit,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: userOf(context, deployment.creator),
    created_at: isoTime(deployment.createdAt),
    updated_at: isoTime(newest?.createdAt ?? deployment.createdAt),
    statuses_url: `${url}/statuses`,
    repository_url: repository,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: appBody(context, deployment.creator),
  };
}

function deploymentStatusBody(context: BodyContext, deployment: Deployment, status: DeploymentStatus) {
  const { repository, url } = addressOf(context, deployment);
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DES', status.id),
    state: status.state,
    creator: userOf(context, status.creator),
    description: status.description,
    environment: deployment.environment,
    target_url: status.logUrl,
    log_url: status.logUrl,
    environment_url: '',
    created_at: isoTime(status.createdAt),
    updated_at: isoTime(status.createdAt),
    deployment_url: url,
    repository_url: repository,
    performed_via_github_app: appBody(context, status.creator),
  };
}
