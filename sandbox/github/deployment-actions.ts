import type { ActionDeps } from './branch-actions.ts';
import { GithubRefusal, invalid, notFound } from './errors.ts';
import { requireRole } from './rules.ts';
import type { Account, Deployment, DeploymentStatus } from './state.ts';

interface DeploymentOrder {
  /** A branch or a commit. */
  readonly ref: string;
  readonly environment: string;
  readonly task: string;
  readonly description: string | null;
  readonly payload: unknown;
  readonly transient: boolean;
  readonly production: boolean;
  /** Merges the default branch in first when it is ahead. */
  readonly autoMerge: boolean;
  /** Contexts that have to be green; `undefined`: all there are. */
  readonly requiredContexts: readonly string[] | undefined;
}

export interface DeploymentActions {
  /** @returns `merging` when GitHub merges the default branch in instead of deploying. */
  createDeployment(by: Account, order: DeploymentOrder): Promise<Deployment | 'merging'>;
  createDeploymentStatus(
    by: Account,
    id: number,
    order: Pick<DeploymentStatus, 'state' | 'description' | 'logUrl'> & { readonly autoInactive: boolean },
  ): DeploymentStatus;
}

const STATES = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];
const LONGEST_DESCRIPTION = 140;

/** Source: GitHub's REST documentation, "Deployments" and "Deployment statuses". */
export function createDeploymentActions({ state, store, now }: ActionDeps, defaultBranch: string): DeploymentActions {
  /** A context counts by its newest status, a check run by its conclusion. */
  function notGreen(commit: string, wanted: readonly string[] | undefined): readonly string[] {
    const said = new Map([
      ...state.statuses.filter((one) => one.commit === commit).map((one) => [one.context, one.state] as const),
      ...state.checkRuns.filter((one) => one.commit === commit).map((one) => [one.name, one.conclusion] as const),
    ]);
    return (wanted ?? [...said.keys()]).filter((context) => said.get(context) !== 'success');
  }

  function addStatus(deployment: Deployment, by: Account, word: string, description: string, logUrl: string) {
    const status = { id: state.nextId(), creator: by.login, state: word, description, logUrl, createdAt: now() };
    deployment.statuses.push(status);
    return status;
  }

  return {
    async createDeployment(by, order) {
      requireRole(by, 'write');
      const { ref, environment, task, description, payload, transient, production } = order;
      const commit = (await store.resolve(`refs/heads/${ref}`)) ?? (await store.resolve(ref));
      if (!commit) throw new GithubRefusal({ status: 422, message: `No ref found for: ${ref}` });
      const main = await store.resolve(`refs/heads/${defaultBranch}`);
      if (order.autoMerge && main && !(await store.isAncestor(main, commit))) return 'merging';
      const missing = notGreen(commit, order.requiredContexts);
      if (missing.length > 0) {
        throw new GithubRefusal({ status: 409, message: `Conflict: Commit status checks failed for ${ref}.` });
      }
      const made: Deployment = {
        id: state.nextId(),
        creator: by.login,
        commit,
        ref,
        task,
        environment,
        description,
        payload,
        transient,
        production,
        createdAt: now(),
        statuses: [],
      };
      state.deployments.push(made);
      return made;
    },

    createDeploymentStatus(by, id, { state: word, description, logUrl, autoInactive }) {
      requireRole(by, 'write');
      const deployment = state.deployments.find((candidate) => candidate.id === id);
      if (!deployment) throw notFound();
      if (!STATES.includes(word)) throw refused('state', 'state is not included in the list');
      if (description.length > LONGEST_DESCRIPTION) {
        throw refused('description', `description is too long (maximum is ${LONGEST_DESCRIPTION} characters)`);
      }
      if (word === 'success' && autoInactive) {
        const replaced = state.deployments.filter(
          (other) =>
            other.id < id &&
            other.environment === deployment.environment &&
            !other.transient &&
            !other.production &&
            other.statuses.at(-1)?.state === 'success',
        );
        for (const other of replaced) addStatus(other, by, 'inactive', '', '');
      }
      return addStatus(deployment, by, word, description, logUrl);
    },
  };
}

function refused(field: string, message: string): GithubRefusal {
  return invalid({ resource: 'DeploymentStatus', field, code: 'custom', message });
}
