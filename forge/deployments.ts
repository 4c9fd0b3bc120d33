import type { Answer } from './answer.ts';
import { cutText } from './cut-text.ts';
import { ForgeUnavailableError } from './errors.ts';
import type { DeploymentReport, Forge } from './forge.ts';
import type { GithubClient } from './github-client.ts';
import { parsePerson, type RepositoryName } from './github-words.ts';

/** GitHub refuses a longer description of a state. */
const LONGEST_DESCRIPTION = 140;

const DEPLOYMENTS = '/repos/{owner}/{repo}/deployments';
const STATUSES = `${DEPLOYMENTS}/{deployment_id}/statuses`;

/**
 * What runs where, for the environments page of the repository.
 *
 * A deployment is found again by the name of the run in its payload, and by us as its creator: a payload can be written by
 * whoever may push. The statuses that other workflows would ask for before a deployment are not waited for (our gates decide),
 * and nothing is merged into what is deployed.
 *
 * @param us The login behind our token.
 */
export function createDeployments(
  client: GithubClient,
  repository: RepositoryName,
  us: (signal: AbortSignal) => Promise<string>,
): Pick<Forge, 'reportDeployment'> {
  async function ownDeployment(report: DeploymentReport, signal: AbortSignal): Promise<Answer | undefined> {
    const { environment, commit: sha, run } = report;
    const all = await client.list(`GET ${DEPLOYMENTS}`, { ...repository, environment, sha }, signal);
    const ofRun = all.filter((one) => one.at('payload', 'run').present && one.at('payload', 'run').text() === run);
    if (ofRun.length === 0) return undefined; // Who we are need not be asked.
    const ours = (await us(signal)).toLowerCase();
    return ofRun
      .filter((one) => parsePerson(one.at('creator')).login.toLowerCase() === ours)
      .toSorted((a, b) => a.at('id').number() - b.at('id').number())[0];
  }

  /** Written once. When the answer is lost it is looked for, and if it is not there the next pass looks again. */
  async function create(report: DeploymentReport, signal: AbortSignal): Promise<number> {
    const { environment, commit: ref, run } = report;
    const parameters = {
      ...repository,
      ref,
      environment,
      auto_merge: false,
      required_contexts: [],
      payload: { run },
      description: cutText(run, LONGEST_DESCRIPTION),
    };
    try {
      return (await client.write(`POST ${DEPLOYMENTS}`, parameters, signal, false)).at('id').number();
    } catch (error) {
      if (!(error instanceof ForgeUnavailableError)) throw error;
      const found = await ownDeployment(report, signal).catch(() => undefined);
      if (!found) throw error;
      return found.at('id').number();
    }
  }

  async function saysAlready(id: number, report: DeploymentReport, signal: AbortSignal): Promise<boolean> {
    const all = await client.list(`GET ${STATUSES}`, { ...repository, deployment_id: id }, signal);
    const [newest] = all
      // GitHub adds `inactive` itself when a later deployment of the environment succeeds; nobody takes back what we said.
      .filter((status) => status.at('state').text() !== 'inactive')
      .toSorted((a, b) => b.at('id').number() - a.at('id').number());
    if (!newest) return false;
    const logUrl = newest.at('log_url').present ? newest.at('log_url').text() : '';
    return (
      newest.at('state').text() === report.state &&
      newest.at('description').text() === cutText(report.description, LONGEST_DESCRIPTION) &&
      logUrl === (report.logUrl ?? '')
    );
  }

  return {
    async reportDeployment(report, signal) {
      const existing = await ownDeployment(report, signal);
      const id = existing ? existing.at('id').number() : await create(report, signal);
      if (existing && (await saysAlready(id, report, signal))) return;
      const { state, description, logUrl } = report;
      const status = {
        state,
        description: cutText(description, LONGEST_DESCRIPTION),
        ...(logUrl ? { log_url: logUrl } : {}),
      };
      try {
        await client.write(`POST ${STATUSES}`, { ...repository, deployment_id: id, ...status }, signal, false);
      } catch (error) {
        if (!(error instanceof ForgeUnavailableError)) throw error;
        const said = await saysAlready(id, report, signal).catch(() => false);
        if (!said) throw error;
      }
    },
  };
}
