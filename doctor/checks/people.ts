import { ownersOf } from '../../approvals/code-owners.ts';
import { type Check, eachOf, FINE, found, type Look, whenSeen } from '../check.ts';
import type { RuleFacts } from '../observations.ts';

/** Files that decide who decides, with one that stands for each folder. */
const GOVERNING: Readonly<Record<string, string>> = {
  '.github/workflows/pointsman.yml': '.github/',
  'approvals.yaml': 'approvals.yaml',
  'permissions.yaml': 'permissions.yaml',
  'pointsman.yaml': 'pointsman.yaml',
};

const AUTOMATION = 'automation.yaml';

/** Who stands behind a yes. */
export const peopleChecks: readonly Check[] = [
  {
    code: 'DOCTOR_CODE_OWNERS_MISSING',
    severity: 'weak',
    question: 'do the files that decide who decides have owners?',
    what: 'Files that decide who decides have no owner.',
    allows: 'Any reviewer can let a change of the rules, the permissions or the workflows through.',
    close:
      'In .github/CODEOWNERS on the fleet branch, give /.github/, /approvals.yaml, /permissions.yaml and /pointsman.yaml a team, as the last lines.',
    look: ({ codeOwners }) =>
      whenSeen(codeOwners, (text) => {
        if (text === undefined) return found('there is no CODEOWNERS file');
        const owners = ownersOf(text, Object.keys(GOVERNING));
        return eachOf(Object.entries(GOVERNING), ([path, name]) => {
          const { teams = [], users = [] } = owners.get(path) ?? {};
          return teams.length + users.length > 0 ? undefined : `nobody owns ${name}`;
        });
      }),
  },
  {
    code: 'DOCTOR_AUTOMATION_UNOWNED',
    severity: 'weak',
    question: 'does automation.yaml have owners, where it takes drift back by itself?',
    what: 'Rules take drift back without a person, and nobody owns the file they stand in.',
    allows: 'Any reviewer can let a rule through that changes switches later, without anybody approving that change.',
    close: 'In .github/CODEOWNERS on the fleet branch, give /automation.yaml a team, below every line that matches it.',
    look: ({ codeOwners, fleet }) =>
      fleet?.kind === 'seen' && fleet.value.enforcing
        ? whenSeen(codeOwners, (text) => {
            const { teams = [], users = [] } = ownersOf(text, [AUTOMATION]).get(AUTOMATION) ?? {};
            return teams.length + users.length > 0 ? FINE : found(`nobody owns ${AUTOMATION}`);
          })
        : FINE,
  },
  {
    code: 'DOCTOR_CODE_OWNERS_BROKEN',
    severity: 'weak',
    question: 'can GitHub read CODEOWNERS?',
    what: 'GitHub cannot read a line of CODEOWNERS.',
    allows: 'The line has no effect: what it should protect has no owner.',
    close: 'Correct the line. An owner has to exist, be visible, and have write access to the repository.',
    look: ({ codeOwnersErrors }) => whenSeen(codeOwnersErrors, (errors) => found(...errors)),
  },
  {
    code: 'DOCTOR_NO_APPROVAL_RULES',
    severity: 'weak',
    question: 'does approvals.yaml say who may approve?',
    what: 'No rule says who may approve.',
    allows: 'The default holds: two people with the maintain role, which may be more people than you think, or fewer.',
    close: 'Write approvals.yaml; docs/approvals.md shows how.',
    look: ({ fleet }) =>
      fleet === undefined
        ? FINE
        : whenSeen(fleet, ({ rules, problems }) =>
            rules.length === 0 && problems === 0 ? found('approvals.yaml has no rule') : FINE,
          ),
  },
  {
    code: 'DOCTOR_APPROVERS_TOO_FEW',
    severity: 'weak',
    question: 'are there enough people to approve?',
    what: 'A rule cannot be satisfied, or not by enough people.',
    allows: 'Nothing can be deployed, or not when one of them is away or wrote the change: nobody approves their own.',
    close: 'Add people to the team, name another team, or ask for fewer approvals in approvals.yaml.',
    look: ({ fleet }) => (fleet === undefined ? FINE : whenSeen(fleet, ({ rules }) => tooFew(rules))),
  },
];

/** One more than is asked for: the author may be one of them. */
function tooFew(rules: readonly RuleFacts[]): Look {
  const hidden = rules.flatMap(({ rule, people }) => (people.kind === 'unknown' ? [`"${rule}": ${people.why}`] : []));
  const lines = rules.flatMap(({ rule, approvals, people }) => {
    if (people.kind === 'unknown' || people.value.length > approvals) return [];
    const may = `${people.value.length === 1 ? '1 person may' : `${people.value.length} people may`} give them`;
    return [`"${rule}" asks for ${approvals === 1 ? '1 approval' : `${approvals} approvals`}, ${may}`];
  });
  if (lines.length > 0 || hidden.length === 0) return found(...lines);
  return { kind: 'unknown', why: hidden.join('; ') };
}
