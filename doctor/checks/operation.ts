import { type Check, eachOf, FINE, found, type Look, whenSeen } from '../check.ts';
import type { Observations, SwitchFacts } from '../observations.ts';
import { scheduledWorkflows } from '../workflow-files.ts';

/** Further apart, and "the plan was there before the review" is no longer certain. */
const MOST_SKEW_MS = 60_000;
/** GitHub delays schedules by half an hour on bad days. */
const MOST_SILENCE_MS = 3 * 3_600_000;
/** Shorter keys can be guessed from the fingerprints every plan shows. */
const LEAST_KEY = 32;

/** Whether it will work from day to day. */
export const operationChecks: readonly Check[] = [
  {
    code: 'DOCTOR_CLOCK_SKEWED',
    severity: 'weak',
    question: 'does our clock agree with that of GitHub?',
    what: 'Our clock and that of GitHub are more than a minute apart.',
    allows: 'Approvals expire early or late, leases look expired that are not, and GitHub refuses the App’s signature.',
    close: 'Synchronise the clock of this machine (NTP).',
    look: ({ token }) =>
      whenSeen(token, ({ forgeTime, ourTime }) => {
        const skew = ourTime - forgeTime;
        if (Math.abs(skew) <= MOST_SKEW_MS) return FINE;
        return found(`our clock is ${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'ahead' : 'behind'}`);
      }),
  },
  {
    code: 'DOCTOR_SCHEDULE_SILENT',
    severity: 'weak',
    question: 'does the schedule still fire?',
    what: 'The schedule has not started a pass for hours.',
    allows: 'What no webhook or push tells of is never looked at: approvals after the merge, retries, alarms.',
    close:
      'Merged just now: wait for its first time. Otherwise Actions > the workflow of Pointsman > Enable workflow, if GitHub has disabled it (60 days without activity); or look at its last run.',
    look: ({ workflows, scheduledRunAt, now }) =>
      whenSeen(workflows, (files) => {
        const scheduled = scheduledWorkflows(files);
        if (scheduled.length === 0) return FINE;
        return whenSeen(scheduledRunAt, (at) => {
          if (at === undefined) return found(`${scheduled.join(', ')} never ran by its schedule`);
          return now - at > MOST_SILENCE_MS ? found(`the last scheduled run was ${new Date(at).toISOString()}`) : FINE;
        });
      }),
  },
  {
    code: 'DOCTOR_FLEET_ABSENT',
    severity: 'weak',
    question: 'is there a fleet?',
    what: 'There is no fleet here yet.',
    allows: 'Nothing bad; but there is nothing to plan, and no rule says who may approve.',
    close: 'pointsman init --pr proposes one (docs/getting-started.md).',
    look: ({ fleet, fleetBranch }) => (fleet === undefined ? found(`${fleetBranch} has no pointsman.yaml`) : FINE),
  },
  {
    code: 'DOCTOR_FLEET_INVALID',
    severity: 'weak',
    question: 'is the fleet valid?',
    what: 'The fleet has problems.',
    allows: 'Nothing is planned and nothing is applied until they are solved.',
    close: 'pointsman validate shows every one with its place.',
    look: ({ fleet }) =>
      fleet === undefined
        ? FINE
        : whenSeen(fleet, ({ problems }) => (problems > 0 ? found(`problems in the fleet repo: ${problems}`) : FINE)),
  },
  {
    code: 'DOCTOR_SECRET_MISSING',
    severity: 'weak',
    question: 'does every secret have a value?',
    what: 'A secret the fleet names has no value here.',
    allows: 'Plans and applies that need it stop.',
    close: 'Put it where one of the sources in pointsman.yaml looks, or run doctor where Pointsman runs.',
    look: ({ fleet }) =>
      fleet === undefined ? FINE : whenSeen(fleet, ({ missingSecrets }) => found(...missingSecrets)),
  },
  {
    code: 'DOCTOR_FINGERPRINT_KEY_SHORT',
    severity: 'danger',
    question: 'is the fingerprint key long enough?',
    what: 'The key that plans make fingerprints with is short.',
    allows: 'Whoever reads plans guesses the key, and then the passwords behind the fingerprints.',
    close: `Make a new one of at least ${LEAST_KEY} characters (openssl rand -hex 32). Open approvals are void then.`,
    look: ({ fleet }) =>
      fleet === undefined
        ? FINE
        : whenSeen(fleet, ({ fingerprintKeyLength: length }) =>
            length !== undefined && length < LEAST_KEY ? found(`it has ${length} characters`) : FINE,
          ),
  },
  {
    code: 'DOCTOR_SWITCH_IMPOSTOR',
    severity: 'danger',
    question: 'are the switches who they should be?',
    what: 'Something else answers at the address of a switch.',
    allows:
      'Nothing is sent to it but the plan credentials, if its certificate is the right one; somebody may be listening.',
    close: 'Go and look. When the switch was replaced, change serial and pin in its file.',
    look: ({ switches }) =>
      eachAsked(switches, ({ device, found: answer }) => {
        if (answer.kind === 'other-serial') return `${device} has serial ${answer.serial}, expected ${answer.expected}`;
        return answer.kind === 'failed' && answer.code === 'DRIVER_IDENTITY_MISMATCH'
          ? `${device}: ${answer.message}`
          : undefined;
      }),
  },
  {
    code: 'DOCTOR_SWITCH_UNREACHABLE',
    severity: 'weak',
    question: 'do the switches answer?',
    what: 'A switch does not let us in.',
    allows: 'It cannot be planned or changed; its drift is not seen.',
    close: 'Follow what the line says: the way there, the account for planning, or its password.',
    look: ({ switches }) =>
      eachAsked(switches, ({ device, found: answer }) =>
        answer.kind === 'failed' && answer.code !== 'DRIVER_IDENTITY_MISMATCH'
          ? `${device}: ${answer.message}`
          : undefined,
      ),
  },
];

function eachAsked(switches: Observations['switches'], lineOf: (one: SwitchFacts) => string | undefined): Look {
  return switches === undefined ? FINE : whenSeen(switches, (all) => eachOf(all, lineOf));
}
