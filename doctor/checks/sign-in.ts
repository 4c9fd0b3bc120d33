import type { TokenFacts } from '../../forge/inspector.ts';
import { type Check, FINE, found, type Look, whenSeen } from '../check.ts';
import type { Observations } from '../observations.ts';

/** What the work needs, and why; docs/github-app.md tells the same. */
export const NEEDED_PERMISSIONS: Readonly<Record<string, { readonly level: 'read' | 'write'; readonly why: string }>> =
  {
    actions: { level: 'read', why: 'to see whether the schedule still fires' },
    checks: { level: 'write', why: 'the checks pointsman / plan and pointsman / ready' },
    contents: { level: 'write', why: 'the fleet is read, the ledger and gate branches are written' },
    deployments: { level: 'write', why: 'the page that shows which commit runs at which site' },
    issues: { level: 'write', why: 'comments on pull requests, reactions, and the alarm when passes stop' },
    members: { level: 'read', why: 'who is in the teams of approvals.yaml' },
    metadata: { level: 'read', why: 'rules of branches, collaborators and their permission' },
    pull_requests: { level: 'write', why: 'reviews are read, gates are opened and closed' },
  };

/** With any of these a stolen token opens the door from inside. */
const TOO_MUCH: Readonly<Record<string, string>> = {
  administration: 'changes the rules of branches',
  environments: 'changes who may use an environment and its secrets',
  organization_administration: 'changes the organization',
  secrets: 'replaces secrets of workflows',
  workflows: 'changes workflows, which hold the secrets',
};

const LEVELS = ['none', 'read', 'write', 'admin'];

/** The token Pointsman works with. */
export const signInChecks: readonly Check[] = [
  {
    code: 'DOCTOR_TOKEN_CLASSIC',
    severity: 'weak',
    question: 'what kind of token is ours?',
    what: 'Pointsman works with a classic personal token.',
    allows:
      'It may do everything its owner may, in every repository they can reach; and what it does stands in their name, so their own reviews cannot count.',
    close: 'Use a GitHub App of your own (docs/github-app.md), or a fine-grained token for this repository alone.',
    look: ({ token }) =>
      whenSeen(token, ({ kind, login, scopes = [] }) =>
        kind === 'classic' ? found(`a classic token of ${login}, with ${scopes.join(', ') || 'no scopes'}`) : FINE,
      ),
  },
  {
    code: 'DOCTOR_TOKEN_SHARED',
    severity: 'weak',
    question: 'does the token belong to Pointsman alone?',
    what: 'Pointsman works with the token of a GitHub Actions job.',
    allows:
      'Every workflow of the repository acts under the same name: it can edit our comment, report our checks and push to the ledger, and no rule can tell it from us.',
    close:
      'Use a GitHub App of your own (docs/github-app.md); its key stands in an environment that only the fleet branch may use.',
    look: ({ token }) =>
      whenSeen(token, ({ login }) => (login === 'github-actions[bot]' ? found(`we are ${login}`) : FINE)),
  },
  {
    code: 'DOCTOR_TOKEN_TOO_POWERFUL',
    severity: 'danger',
    question: 'may our token do more than it needs?',
    what: 'The token of Pointsman can change what protects it.',
    allows: 'Whoever steals it changes rules, workflows or secrets first, and then everything else.',
    close:
      'GitHub App: Permissions, No access for the ones named here, then have the installation updated. A person: one without the admin role.',
    look: ({ token }) => whenSeen(token, tooMuchOf),
  },
  {
    code: 'DOCTOR_TOKEN_TOO_WEAK',
    severity: 'weak',
    question: 'may our token do what it needs?',
    what: 'The token of Pointsman lacks a permission.',
    allows: 'Nothing bad; but plans, gates or reports stop at the place that needs it.',
    close:
      'GitHub App: Permissions, the ones named here, then have the installation updated. A person: the role write. A rule of a branch that refuses a push: the App in its Bypass list.',
    look: lackingOf,
  },
];

function tooMuchOf({ app, person, login, scopes = [] }: TokenFacts): Look {
  const ofApp = Object.entries(TOO_MUCH).flatMap(([name, why]) => {
    const level = app?.permissions[name];
    return level === 'write' || level === 'admin' ? [`${name}: ${level} (${why})`] : [];
  });
  const ofScopes = scopes.filter(
    (scope) => scope === 'workflow' || scope.startsWith('admin:') || scope === 'delete_repo',
  );
  return found(
    ...ofApp,
    ...(person?.administrator ? [`${login} may administer the repository`] : []),
    ...ofScopes.map((scope) => `the scope ${scope}`),
  );
}

function lackingOf({ token, push }: Observations): Look {
  if (push?.kind === 'unknown') return push;
  if (push?.value.refused !== undefined) return found(`Git refuses a push: ${push.value.refused}`);
  return whenSeen(token, ({ app, kind, login }) => {
    if (app !== undefined) {
      return found(
        ...Object.entries(NEEDED_PERMISSIONS).flatMap(([name, { level, why }]) =>
          LEVELS.indexOf(app.permissions[name] ?? 'none') >= LEVELS.indexOf(level)
            ? []
            : [`${name}: ${level} (${why})`],
        ),
      );
    }
    if (kind !== 'installation' || login === 'github-actions[bot]') return FINE;
    return { kind: 'unknown', why: `GitHub does not show the page of the App behind ${login} to its own token` };
  });
}
