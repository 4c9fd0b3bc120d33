import type { FleetFiles } from '../../sandbox/fleets/fleet-files.ts';
import { type CrashScene, oneClockMore, pass, people, say } from './crash-acts.ts';
import { git, type Journey } from './journey.ts';

/** Scenes that begin with a request, with the clock, or with a command about drift. */

const TWO_LEAVES = 'targets: { devices: [leaf02, leaf03] }';
const HOUR = 3_600_000;

/** One switch differs, the other does not. */
export const DIFF: CrashScene = {
  name: 'request: ConfigurationDiff',
  changed: [],
  async arrange(journey) {
    await journey.reconcile();
    greet(journey, 'leaf03');
    await merge(journey, 'ConfigurationDiff', TWO_LEAVES);
  },
  acts: [pass(0)],
};

const BACKUP: CrashScene = {
  name: 'request: ConfigurationBackup',
  changed: [],
  async arrange(journey) {
    await journey.reconcile();
    await merge(journey, 'ConfigurationBackup', TWO_LEAVES);
  },
  acts: [pass(0)],
};

/** Seen first half a day ago, so one time of it has come since. */
export const SITE_BACKUP_BY_CLOCK: CrashScene = {
  name: 'schedule: SiteBackup',
  changed: [],
  async arrange(journey) {
    const hour = new Date(journey.clock.now() - 6 * HOUR).getUTCHours();
    await journey.world.github.as('dora').push(
      'main',
      {
        'automation.yaml': [
          ...['schedules:', '  daily:', '    workflow: SiteBackup'],
          ...['    targets: { sites: [ams1], devices: [leaf02, leaf03] }'],
          ...[`    schedule: { cron: "0 ${hour} * * *" }`, ''],
        ].join('\n'),
      },
      'Back up every day',
    );
    journey.ahead(-12 * HOUR);
    await journey.reconcile();
    journey.ahead(12 * HOUR);
  },
  acts: [pass(0)],
};

/** What was changed by hand is told in an issue, and gone when it is looked for again. */
const DRIFT_REPORTED: CrashScene = {
  name: 'request: DriftCheck, reported, then gone',
  changed: [],
  files: withDriftRule('report'),
  async arrange(journey) {
    await journey.reconcile();
    greet(journey, 'leaf03');
    await merge(journey, 'DriftCheck', TWO_LEAVES);
  },
  acts: [pass(0), people(mendAndAskAgain), pass(0)],
};

/** The same where a pull request is opened for it, and closed when it is gone. */
export const DRIFT_PROPOSED: CrashScene = {
  ...DRIFT_REPORTED,
  name: 'request: DriftCheck, proposed, then gone',
  tries: true,
  files: withDriftRule('propose'),
};

/** The same, taken back by itself under a rule that says so of the class it is in. */
export const DRIFT_ENFORCED: CrashScene = {
  name: 'request: DriftCheck, enforced',
  tries: true,
  changed: ['leaf03'],
  files: (files) => {
    const site = 'desired-state/sites/ams1.yaml';
    const always = 'windows: [{ name: always, from: "00:00", to: "00:00" }]\n';
    const rule = [
      ...['drift_classes: { greeting: { paths: [system.message] } }', 'drift:'],
      ...['  - { name: by hand, policy: enforce, classes: [greeting], windows: [always] }', ''],
    ].join('\n');
    return new Map(files).set('automation.yaml', rule).set(site, `${always}${String(files.get(site) ?? '')}`);
  },
  arrange: DRIFT_REPORTED.arrange,
  acts: [pass(0)],
};

/** Somebody writes on a pull request what is to become of what was changed by hand. */
const ADOPT_COMMAND: CrashScene = {
  name: '/pointsman adopt',
  tries: true,
  changed: [],
  files: withDriftRule('report'),
  async arrange(journey) {
    await sayAboutDrift(journey, '/pointsman adopt leaf03');
  },
  acts: [pass(0)],
};

const REVERT_COMMAND: CrashScene = {
  ...ADOPT_COMMAND,
  name: '/pointsman revert',
  async arrange(journey) {
    await sayAboutDrift(journey, '/pointsman revert leaf03');
  },
};

/** There is a pull request that takes it back already: that one is closed, and the other opened. */
export const ADOPT_INSTEAD: CrashScene = {
  ...ADOPT_COMMAND,
  name: '/pointsman adopt in place of revert',
  files: withDriftRule('propose'),
};

/** A run is taken back on one switch; it was planned, approved and merged like every change. */
export const ROLLBACK: CrashScene = {
  name: 'request: Rollback of a run',
  changed: ['leaf03'],
  async arrange(journey) {
    await journey.reconcile();
    await approved(journey, await journey.open(oneClockMore(journey, ['leaf03'])));
    await journey.reconcile();
    const end = (await git(journey.gitDir, ['rev-parse', '--short=12', 'main'])).out.trim();
    const lines = ['targets: { devices: [leaf03] }', `input: { to: { run: "${end}" } }`];
    await approved(journey, await open(journey, 'Rollback', ...lines));
  },
  acts: [pass(0)],
};

/** Two switches were changed by hand and are put right one after the other; each batch asks for an approval of its own. */
const GATED_REQUEST: CrashScene = {
  name: 'request: MultiDeploy, each batch by a gate',
  tries: true,
  changed: ['leaf02', 'leaf03'],
  async arrange(journey) {
    await journey.reconcile();
    greet(journey, 'leaf02');
    greet(journey, 'leaf03');
    await approved(
      journey,
      await open(journey, 'MultiDeploy', TWO_LEAVES, 'rollout: { batch_size: 1, canary_percentage: 34, gate: each }'),
    );
  },
  acts: [
    pass(3),
    people((journey) => journey.approve(journey.gate())),
    pass(3),
    people((journey) => journey.approve(journey.gate())),
    pass(0),
  ],
};

export const REQUEST_SCENES: readonly CrashScene[] = [
  DIFF,
  BACKUP,
  SITE_BACKUP_BY_CLOCK,
  DRIFT_REPORTED,
  DRIFT_PROPOSED,
  DRIFT_ENFORCED,
  ADOPT_COMMAND,
  REVERT_COMMAND,
  ADOPT_INSTEAD,
  ROLLBACK,
  GATED_REQUEST,
];

function withDriftRule(policy: string): (files: FleetFiles) => FleetFiles {
  return (files) => new Map(files).set('automation.yaml', `drift:\n  - name: by hand\n    policy: ${policy}\n`);
}

/** Somebody changes what a switch says before a login. */
function greet({ world }: Journey, device: string): void {
  world.switches.get(device)?.outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': 'by hand' } } });
}

function requestText(workflow: string, ...lines: readonly string[]): string {
  return [`workflow: ${workflow}`, 'reason: it is asked for', ...lines, ''].join('\n');
}

/** @returns The number of a pull request that asks for it. */
function open(journey: Journey, workflow: string, ...lines: readonly string[]): Promise<number> {
  const files = new Map([['requests/asked.yaml', requestText(workflow, ...lines)]]);
  return journey.open({ title: `Ask for a ${workflow}`, branch: 'ask', files });
}

async function merge(journey: Journey, workflow: string, ...lines: readonly string[]): Promise<void> {
  await journey.merge(await open(journey, workflow, ...lines));
}

async function approved(journey: Journey, number: number): Promise<void> {
  await journey.plan(number);
  await journey.approve(number);
  await journey.merge(number);
}

async function mendAndAskAgain({ world }: Journey): Promise<void> {
  world.switches.get('leaf03')?.outOfBand.applyAs('cumulus', { system: { message: null } });
  await world.github
    .as('ada')
    .push('main', { 'requests/again.yaml': requestText('DriftCheck', TWO_LEAVES) }, 'Look again');
}

/** Drift is found, and somebody says on a pull request about something else what is to become of it. */
async function sayAboutDrift(journey: Journey, text: string): Promise<void> {
  await DRIFT_REPORTED.arrange(journey);
  await journey.reconcile();
  const files = new Map([['docs/notes.md', 'notes\n']]);
  const number = await journey.open({ title: 'Write it down', branch: 'notes', files });
  await journey.plan(number);
  await say(journey, number, 'bea', text);
}
