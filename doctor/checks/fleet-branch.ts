import type { BranchGuard } from '../../forge/inspector.ts';
import { type Check, FINE, found, whenSeen } from '../check.ts';
import { bypasses, type Demand, demanded } from '../guards.ts';

/** Name of the check that says a pull request may be merged. */
const READY = 'pointsman / ready';

const PULL_REQUEST: Demand = ({ pullRequest }) => pullRequest !== undefined;
const APPROVAL: Demand = ({ pullRequest }) => (pullRequest?.approvals ?? 0) > 0;
const FRESH: Demand = ({ pullRequest }) => pullRequest?.dismissesStale === true;
const LAST_PUSH: Demand = ({ pullRequest }) => pullRequest?.lastPushApproved === true;
const CODE_OWNERS: Demand = ({ pullRequest }) => pullRequest?.codeOwners === true;
const NO_FORCE: Demand = ({ refusesForcePush }) => refusesForcePush;
const NO_DELETION: Demand = ({ refusesDeletion }) => refusesDeletion;
const READY_REQUIRED: Demand = (guard) => readyOf(guard) !== undefined;

const RULESET = 'Settings > Rules > Rulesets, a ruleset for the fleet branch';

/** What may happen to the branch that says what switches should be. */
export const fleetBranchChecks: readonly Check[] = [
  {
    code: 'DOCTOR_PULL_REQUEST_NOT_REQUIRED',
    severity: 'danger',
    question: 'does the fleet branch need a pull request?',
    what: 'The fleet branch can be pushed to without a pull request.',
    allows:
      'Everybody who may write can put rules, permissions and workflows of their own there: approvals.yaml on this branch decides who may approve.',
    close: `${RULESET}: Require a pull request before merging.`,
    look: ({ fleetGuards, fleetBranch }) =>
      whenSeen(fleetGuards, (guards) =>
        demanded(guards, PULL_REQUEST, `nothing asks for a pull request on ${fleetBranch}`),
      ),
  },
  {
    code: 'DOCTOR_APPROVAL_NOT_REQUIRED',
    severity: 'danger',
    question: 'does the fleet branch need an approving review?',
    what: 'A pull request can be merged without an approving review.',
    allows:
      'One person alone can change approvals.yaml, permissions.yaml or a workflow, and then approve for switches by rules of their own making.',
    close: `${RULESET}: Require a pull request before merging, Required approvals: 1 or more.`,
    look: ({ fleetGuards, fleetBranch }) =>
      whenSeen(fleetGuards, (guards) => demanded(guards, APPROVAL, `${fleetBranch} asks for 0 approvals`)),
  },
  {
    code: 'DOCTOR_STALE_APPROVALS_KEPT',
    severity: 'danger',
    question: 'do pushes dismiss approvals?',
    what: 'An approval stays when something else is pushed.',
    allows:
      'Somebody has a harmless change approved, pushes another, and merges it. Pointsman refuses that for switches; for approvals.yaml and workflows only GitHub can.',
    close: `${RULESET}: Dismiss stale pull request approvals when new commits are pushed.`,
    look: ({ fleetGuards, fleetBranch }) =>
      whenSeen(fleetGuards, (guards) => demanded(guards, FRESH, `${fleetBranch} keeps approvals after a push`)),
  },
  {
    code: 'DOCTOR_LAST_PUSH_UNREVIEWED',
    severity: 'danger',
    question: 'does the most recent push need approval by somebody else?',
    what: 'The last to push may also be the one who approved.',
    allows:
      'A reviewer pushes their own commit to somebody else’s pull request, approves it, and merges what only they have seen.',
    close: `${RULESET}: Require approval of the most recent reviewable push.`,
    look: ({ fleetGuards, fleetBranch }) =>
      whenSeen(fleetGuards, (guards) =>
        demanded(guards, LAST_PUSH, `${fleetBranch} does not ask for approval of the last push`),
      ),
  },
  {
    code: 'DOCTOR_CODE_OWNERS_NOT_REQUIRED',
    severity: 'weak',
    question: 'is a review by code owners required?',
    what: 'Code owners need not review.',
    allows: 'Anybody’s approval is enough to change the rules; CODEOWNERS only suggests reviewers.',
    close: `${RULESET}: Require review from Code Owners.`,
    look: ({ fleetGuards, fleetBranch }) =>
      whenSeen(fleetGuards, (guards) =>
        demanded(guards, CODE_OWNERS, `${fleetBranch} does not ask for a review by code owners`),
      ),
  },
  {
    code: 'DOCTOR_FORCE_PUSH_ALLOWED',
    severity: 'danger',
    question: 'are force pushes to the fleet branch refused?',
    what: 'The fleet branch can be rewritten.',
    allows: 'History that was reviewed is replaced by one that was not; runs refer to commits that are gone.',
    close: `${RULESET}: Block force pushes.`,
    look: ({ fleetGuards, fleetBranch }) =>
      whenSeen(fleetGuards, (guards) => demanded(guards, NO_FORCE, `${fleetBranch} can be force-pushed`)),
  },
  {
    code: 'DOCTOR_DELETION_ALLOWED',
    severity: 'danger',
    question: 'is deleting the fleet branch refused?',
    what: 'The fleet branch can be deleted.',
    allows: 'Somebody deletes it and makes it anew with other content; that is a force push by another name.',
    close: `${RULESET}: Restrict deletions.`,
    look: ({ fleetGuards, fleetBranch }) =>
      whenSeen(fleetGuards, (guards) => demanded(guards, NO_DELETION, `${fleetBranch} can be deleted`)),
  },
  {
    code: 'DOCTOR_FLEET_BYPASS',
    severity: 'danger',
    question: 'may somebody bypass the rules of the fleet branch?',
    what: 'Somebody may do without the rules of the fleet branch.',
    allows: 'Whoever takes over one of these accounts, or is one of these people on a bad day, needs no review at all.',
    close: `${RULESET}: empty the Bypass list. With classic protection: Do not allow bypassing the above settings.`,
    look: ({ fleetGuards, token }) =>
      whenSeen(fleetGuards, (guards) =>
        bypasses(guards, [PULL_REQUEST, APPROVAL, FRESH, LAST_PUSH, NO_FORCE, NO_DELETION, READY_REQUIRED], token),
      ),
  },
  {
    code: 'DOCTOR_READY_NOT_REQUIRED',
    severity: 'weak',
    question: `is the check \`${READY}\` required?`,
    what: `A pull request can be merged before \`${READY}\` says so.`,
    allows:
      'Changes are merged that were never planned or approved. No switch is touched by them, but the branch then says what no switch runs, until somebody approves at a gate.',
    close: `${RULESET}: Require status checks to pass, add \`${READY}\`.`,
    look: ({ fleetGuards, fleetBranch }) =>
      whenSeen(fleetGuards, (guards) => demanded(guards, READY_REQUIRED, `${fleetBranch} does not ask for ${READY}`)),
  },
  {
    code: 'DOCTOR_READY_FROM_ANYBODY',
    severity: 'weak',
    question: `is \`${READY}\` taken from our App only?`,
    what: `\`${READY}\` is accepted from whoever reports it.`,
    allows: 'Everybody who may write can report a green check of that name with a token of their own.',
    close: `${RULESET}: in Require status checks to pass, choose the App of Pointsman as the source of \`${READY}\` instead of “any source”.`,
    look: ({ fleetGuards, token }) =>
      whenSeen(fleetGuards, ({ guards }) => {
        const apps = guards.flatMap((guard) => {
          const ready = readyOf(guard);
          return ready ? [ready.appId] : [];
        });
        if (apps.length === 0) return FINE;
        const named = apps.filter((id) => id !== undefined);
        if (named.length === 0) return found(`${READY} may come from any source`);
        return whenSeen(token, ({ app, login }) =>
          app === undefined || named.includes(app.id)
            ? FINE
            : found(`${READY} is expected from the App ${named.join(', ')}, and ${login} is the App ${app.id}`),
        );
      }),
  },
  {
    code: 'DOCTOR_READY_NOT_STRICT',
    severity: 'weak',
    question: 'must a pull request be up to date before merging?',
    what: 'A pull request may be merged on a base its checks have not seen.',
    allows:
      'Two pull requests that are each fine are merged one after the other; the second needs a new approval after the merge, at a gate.',
    close: `${RULESET}: Require branches to be up to date before merging, or a merge queue.`,
    look: ({ fleetGuards }) =>
      whenSeen(fleetGuards, ({ guards }) => {
        const asking = guards.filter(READY_REQUIRED);
        if (asking.length === 0 || asking.some(({ checks }) => checks?.strict)) return FINE;
        return found(`${asking.map(({ name }) => name).join(', ')}: need not be up to date`);
      }),
  },
];

function readyOf({ checks }: BranchGuard): { readonly name: string; readonly appId?: number } | undefined {
  return checks?.required.find(({ name }) => name === READY);
}
