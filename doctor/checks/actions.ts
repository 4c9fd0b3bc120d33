import { type Check, eachOf, FINE, found, whenSeen } from '../check.ts';
import { unpinnedActions, usesPointsman, withoutRelease } from '../workflow-files.ts';

/** The environment whose secrets the workflows of Pointsman use. */
const ENVIRONMENT = 'pointsman';

/** Secrets with these beginnings are ours: credentials of switches, keys, tokens. */
const OURS = /^(?:POINTSMAN_)/;

/** Where GitHub Actions can do in our name what nobody approved. */
export const actionsChecks: readonly Check[] = [
  {
    code: 'DOCTOR_ACTIONS_MAY_APPROVE',
    severity: 'danger',
    question: 'may GitHub Actions approve pull requests?',
    what: 'A workflow can approve pull requests.',
    allows: 'Somebody pushes a workflow to a branch of theirs; it approves their pull request.',
    close:
      'Settings > Actions > General > Workflow permissions: clear “Allow GitHub Actions to create and approve pull requests”.',
    look: ({ actions }) =>
      whenSeen(actions, ({ enabled, jobsMayApprove }) =>
        enabled && jobsMayApprove ? found('jobs may create and approve pull requests') : FINE,
      ),
  },
  {
    code: 'DOCTOR_ACTIONS_WRITE_BY_DEFAULT',
    severity: 'weak',
    question: 'what may a job do unless its workflow says otherwise?',
    what: 'Jobs may write unless their workflow says otherwise.',
    allows: 'A workflow that forgot `permissions:` can push, comment and report checks.',
    close: 'Settings > Actions > General > Workflow permissions: Read repository contents and packages permissions.',
    look: ({ actions }) =>
      whenSeen(actions, ({ enabled, jobsMayWrite }) =>
        enabled && jobsMayWrite ? found('the token of a job may write by default') : FINE,
      ),
  },
  {
    code: 'DOCTOR_ACTIONS_UNRESTRICTED',
    severity: 'weak',
    question: 'which actions may run?',
    what: 'Any action of anybody may run, by a tag that can be moved.',
    allows: 'An action somebody else maintains is taken over, and the next job that uses it hands over its secrets.',
    close:
      'Settings > Actions > General > Actions permissions: allow selected actions, and Require actions to be pinned to a full-length commit SHA.',
    look: ({ actions }) =>
      whenSeen(actions, ({ enabled, anyAction, onlyPinned }) =>
        enabled && anyAction && !onlyPinned ? found('all actions may run, pinned or not') : FINE,
      ),
  },
  {
    code: 'DOCTOR_ACTIONS_UNPINNED',
    severity: 'weak',
    question: 'are the actions of the workflows pinned?',
    what: 'A workflow uses an action by a name that can be moved.',
    allows: 'Whoever moves the tag runs their code in that job, with its token and its secrets.',
    close: 'Put the full commit SHA behind the `@`, with the version as a comment.',
    look: ({ workflows }) =>
      whenSeen(workflows, (files) =>
        found(
          ...files.flatMap((file) => unpinnedActions(file).map(({ line, uses }) => `${file.file}:${line}: ${uses}`)),
        ),
      ),
  },
  {
    code: 'DOCTOR_ACTIONS_WITHOUT_RELEASE',
    severity: 'weak',
    question: 'do the workflows name a release of Pointsman?',
    what: 'A workflow calls a release that there is not.',
    allows: 'Nothing bad; but GitHub cannot start it, so nothing is planned and nothing applied.',
    close:
      'Put the commit of a release in place of the 40 zeros, and where it is released in front of the `@` (docs/github-actions.md).',
    look: ({ workflows }) =>
      whenSeen(workflows, (files) =>
        found(
          ...files.flatMap((file) => withoutRelease(file).map(({ line, uses }) => `${file.file}:${line}: ${uses}`)),
        ),
      ),
  },
  {
    code: 'DOCTOR_FORK_WORKFLOWS',
    severity: 'danger',
    question: 'what do workflows of forks get?',
    what: 'Workflows of a fork get secrets or a token that writes.',
    allows: 'Whoever may fork the repository reads the secrets, or writes, from a pull request nobody has looked at.',
    close:
      'Settings > Actions > General > Fork pull request workflows: clear “Send secrets and variables” and “Send write tokens”.',
    look: ({ forks }) =>
      whenSeen(forks, (facts) => {
        if (facts === undefined || !facts.run) return FINE;
        return found(
          ...(facts.getSecrets ? ['workflows of forks get secrets'] : []),
          ...(facts.getWriteTokens ? ['workflows of forks get a token that writes'] : []),
        );
      }),
  },
  {
    code: 'DOCTOR_SECRETS_FOR_EVERY_BRANCH',
    severity: 'danger',
    question: 'are our secrets kept to an environment?',
    what: 'Secrets of Pointsman are open to every workflow.',
    allows:
      'Everybody who may push a branch pushes a workflow with it that prints them: the key of the App, the passwords of the switches.',
    close: `Move them to Settings > Environments > ${ENVIRONMENT}, delete them under Secrets and variables > Actions, and change their values: they may have been read.`,
    look: ({ openSecrets }) =>
      whenSeen(openSecrets, (names) =>
        eachOf(names, (name) => (OURS.test(name) ? `${name} is a secret of the whole repository` : undefined)),
      ),
  },
  {
    code: 'DOCTOR_ENVIRONMENT_OPEN',
    severity: 'danger',
    question: 'may only the fleet branch use the environment with our secrets?',
    what: 'The environment with our secrets can be used from other branches.',
    allows:
      'Everybody who may push a branch pushes a workflow with it that names the environment and prints its secrets.',
    close: `Settings > Environments > ${ENVIRONMENT} > Deployment branches and tags: Selected branches, the fleet branch alone.`,
    look: ({ environments, workflows, fleetBranch }) =>
      whenSeen(environments, (all) => {
        const open = all
          .filter(({ name, secrets }) => name === ENVIRONMENT || secrets.some((secret) => OURS.test(secret)))
          .filter(({ branches }) => typeof branches === 'string' || branches.some((branch) => branch !== fleetBranch))
          .map(({ name, branches }) => `${name}: ${branchesInWords(branches)}`);
        if (open.length > 0 || all.some(({ name }) => name === ENVIRONMENT)) return found(...open);
        return whenSeen(workflows, (files) =>
          // GitHub makes an environment that a workflow names, without any rule.
          files.some(usesPointsman) ? found(`there is no environment ${ENVIRONMENT}, so it has no rules`) : FINE,
        );
      }),
  },
];

function branchesInWords(branches: 'any' | 'protected' | readonly string[]): string {
  if (branches === 'any') return 'every branch may use it';
  if (branches === 'protected') return 'every branch with classic protection may use it';
  return `${branches.join(', ')} may use it`;
}
