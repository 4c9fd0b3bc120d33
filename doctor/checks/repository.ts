import { type Check, FINE, found, whenSeen } from '../check.ts';

/** The repository as a whole. */
export const repositoryChecks: readonly Check[] = [
  {
    code: 'DOCTOR_REPOSITORY_PUBLIC',
    severity: 'danger',
    question: 'is the repository public?',
    what: 'Everybody can read the repository.',
    allows:
      'Addresses, configurations, backups and plans of every switch are open to the world, and everybody can comment and open pull requests from forks.',
    close: 'Settings > General > Danger Zone > Change visibility: private. Treat what was in it as known.',
    look: ({ repository }) =>
      whenSeen(repository, ({ name, visibility }) => (visibility === 'public' ? found(`${name} is public`) : FINE)),
  },
  {
    code: 'DOCTOR_DEFAULT_BRANCH_OTHER',
    severity: 'weak',
    question: 'is the fleet branch the default branch?',
    what: 'The fleet branch is not the default branch.',
    allows:
      'GitHub takes schedules, `pull_request_target` and comment triggers from the default branch: whoever may write there decides what runs with your secrets, and the rules of the fleet branch do not hold for it.',
    close: 'Settings > General > Default branch: the one `branch` in pointsman.yaml names.',
    look: ({ repository, fleetBranch }) =>
      whenSeen(repository, ({ defaultBranch }) =>
        defaultBranch === fleetBranch
          ? FINE
          : found(`the default branch is ${defaultBranch}, the fleet is on ${fleetBranch}`),
      ),
  },
];
