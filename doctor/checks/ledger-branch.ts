import { type Check, found, whenSeen } from '../check.ts';
import { bypasses, type Demand, demanded } from '../guards.ts';

const NO_FORCE: Demand = ({ refusesForcePush }) => refusesForcePush;
const NO_DELETION: Demand = ({ refusesDeletion }) => refusesDeletion;
const NO_PUSH: Demand = ({ refusesPush }) => refusesPush;

const RULESET = 'Settings > Rules > Rulesets, a ruleset for the ledger branch';

/** What may happen to the branch that holds the records and is the lock. */
export const ledgerBranchChecks: readonly Check[] = [
  {
    code: 'DOCTOR_LEDGER_FORCE_PUSH_ALLOWED',
    severity: 'danger',
    question: 'are force pushes to the ledger refused?',
    what: 'The ledger can be rewritten.',
    allows: 'Records of who approved what disappear, and a lease with them: two runs may then change one switch.',
    close: `${RULESET}: Block force pushes.`,
    look: ({ ledgerGuards, ledgerBranch }) =>
      whenSeen(ledgerGuards, (guards) => demanded(guards, NO_FORCE, `${ledgerBranch} can be force-pushed`)),
  },
  {
    code: 'DOCTOR_LEDGER_DELETION_ALLOWED',
    severity: 'danger',
    question: 'is deleting the ledger refused?',
    what: 'The ledger can be deleted.',
    allows: 'Every record is gone, and the next pass takes what is merged by then as if it had always been so.',
    close: `${RULESET}: Restrict deletions.`,
    look: ({ ledgerGuards, ledgerBranch }) =>
      whenSeen(ledgerGuards, (guards) => demanded(guards, NO_DELETION, `${ledgerBranch} can be deleted`)),
  },
  {
    code: 'DOCTOR_LEDGER_WRITABLE',
    severity: 'danger',
    question: 'may only Pointsman push to the ledger?',
    what: 'Others than Pointsman may push to the ledger.',
    allows:
      'Everybody who may write can invent a plan that was on show, end a run, or hold every switch with a lease that is none.',
    close: `${RULESET}: Restrict creations and Restrict updates, with the App of Pointsman alone in the Bypass list (Always).`,
    look: ({ ledgerGuards, ledgerBranch }) =>
      whenSeen(ledgerGuards, (guards) =>
        demanded(guards, NO_PUSH, `everybody who may write may push to ${ledgerBranch}`),
      ),
  },
  {
    code: 'DOCTOR_LEDGER_BYPASS',
    severity: 'danger',
    question: 'may somebody else bypass the rules of the ledger?',
    what: 'Others than Pointsman may do without the rules of the ledger.',
    allows: 'They can do to the records what nobody should.',
    close: `${RULESET}: leave the App of Pointsman alone in the Bypass list of Restrict updates, and nobody in that of a second ruleset with Block force pushes and Restrict deletions.`,
    look: ({ ledgerGuards, token }) =>
      whenSeen(ledgerGuards, (guards) => bypasses(guards, [NO_FORCE, NO_DELETION, NO_PUSH], token)),
  },
  {
    code: 'DOCTOR_DEPLOY_KEY_WRITES',
    severity: 'weak',
    question: 'are there deploy keys that may push?',
    what: 'A deploy key may push.',
    allows: 'Whoever has a copy of the key pushes branches in nobody’s name, and no second factor stands before it.',
    close: 'Settings > Deploy keys: delete it, or add it again without “Allow write access”.',
    look: ({ writingKeys }) =>
      whenSeen(writingKeys, (keys) => found(...keys.map((title) => `the deploy key "${title}" may push`))),
  },
];
