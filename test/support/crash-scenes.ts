import { type FleetFiles, replaceOnce, textOf } from '../../sandbox/fleets/fleet-files.ts';
import { type CrashScene, oneClockMore, pass, people, say } from './crash-acts.ts';
import { REQUEST_SCENES } from './crash-requests.ts';
import { git, type Journey } from './journey.ts';
import { withSecondSite } from './second-site.ts';

/** A pull request for three switches was planned, approved and merged. */
export const DEPLOY: CrashScene = {
  name: 'deploy to three switches',
  changed: ['leaf01', 'leaf02', 'leaf03'],
  async arrange(journey) {
    const number = await journey.open(oneClockMore(journey, ['leaf01', 'leaf02', 'leaf03']));
    await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);
  },
  acts: [pass(0)],
};

/** The same, one switch after the other: each is a batch, and so a run, of its own. */
const BATCHES: CrashScene = {
  ...DEPLOY,
  name: 'deploy in three batches',
  files: withRolloutLines('  batch_size: 1\n  canary_percentage: 34\n'),
};

/** Each of two batches asks for an approval of its own. */
const GATED_BATCHES: CrashScene = {
  name: 'two batches, each by a gate',
  tries: true,
  changed: ['leaf01', 'leaf02'],
  files: withRolloutLines('  batch_size: 1\n  gate: each\n'),
  async arrange(journey) {
    const number = await journey.open(oneClockMore(journey, ['leaf01', 'leaf02']));
    await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);
  },
  acts: [
    pass(3),
    people((journey) => journey.approve(journey.gate())),
    pass(3),
    people((journey) => journey.approve(journey.gate())),
    pass(0),
  ],
};

/** Somebody with the right to pushes without a pull request. */
export const DIRECT_PUSH: CrashScene = {
  name: 'direct push, by a gate',
  tries: true,
  changed: ['leaf03'],
  async arrange(journey) {
    await journey.reconcile();
    const { files, title } = oneClockMore(journey, ['leaf03']);
    await journey.world.github.as('ada').push('main', Object.fromEntries(files), title);
  },
  acts: [pass(3), people((journey) => journey.approve(journey.gate())), pass(0)],
};

/** What was approved and merged is not what would change any more. */
const MOVED_PLAN: CrashScene = {
  name: 'plan that moved after the merge',
  tries: true,
  changed: ['leaf03'],
  async arrange(journey) {
    await DEPLOY_ONE.arrange(journey);
    journey.world.switches
      .get('leaf03')
      ?.outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': 'touched by hand' } } });
  },
  acts: [pass(3), people((journey) => journey.approve(journey.gate())), pass(0)],
};

const DEPLOY_ONE: Pick<CrashScene, 'arrange'> = {
  async arrange(journey) {
    const number = await mergeUnapproved(journey);
    await journey.approve(number);
  },
};

export const PLAN_COMMAND: CrashScene = {
  name: '/pointsman plan',
  tries: true,
  changed: [],
  async arrange(journey) {
    await journey.reconcile();
    await say(journey, await journey.open(oneClockMore(journey, ['leaf03'])), 'bea', '/pointsman plan');
  },
  acts: [pass(0)],
};

/** A run that waits is held, approved while it is, and let go. */
export const PAUSE_AND_RESUME: CrashScene = {
  name: '/pointsman pause, then resume',
  changed: ['leaf03'],
  async arrange(journey) {
    const number = await mergeUnapproved(journey);
    await journey.reconcile();
    await say(journey, number, 'dora', '/pointsman pause');
    await journey.approve(number);
  },
  acts: [pass(3), people((journey) => say(journey, newestMerged(journey), 'dora', '/pointsman resume')), pass(0)],
};

const TERMINATE: CrashScene = {
  name: '/pointsman terminate',
  changed: [],
  async arrange(journey) {
    const number = await mergeUnapproved(journey);
    await journey.reconcile();
    await say(journey, number, 'dora', `/pointsman terminate ${await endOfRun(journey)}`);
  },
  acts: [pass(0)],
};

/** A gate's run is ended by a command on the gate: the gate goes with it. */
export const TERMINATE_ON_A_GATE: CrashScene = {
  name: '/pointsman terminate on a gate',
  changed: [],
  async arrange(journey) {
    await DIRECT_PUSH.arrange(journey);
    await journey.reconcile();
    await say(journey, journey.gate(), 'dora', `/pointsman terminate ${await endOfRun(journey)}`);
  },
  acts: [pass(0)],
};

/** Four leaves, one of them at a site whose own runner does its part. */
export const TWO_SITES: CrashScene = {
  name: 'two sites with runners',
  changed: ['leaf01', 'leaf02', 'leaf03', 'leaf04'],
  files: withSecondSite,
  async arrange(journey) {
    const number = await journey.open(journey.stories.addVlan);
    await journey.reconcile();
    await journey.reconcile('fra1');
    await journey.approve(number);
    await journey.merge(number);
  },
  acts: [pass(0), pass(0, 'fra1')],
};

/** A policy for both leaves of a lab: what is accepted from the spine. */
export const ROUTERS: CrashScene = {
  name: 'deploy to real routers',
  routers: true,
  changed: ['leaf01', 'leaf02'],
  async arrange(journey) {
    const path = 'desired-state/roles/leaf.yaml';
    const text = `${(await journey.fleetFile(path)) ?? ''}  accept: [10.255.0.0/16]\n`;
    const number = await journey.open({
      title: 'Accept loopbacks only',
      branch: 'policy',
      files: new Map([[path, text]]),
    });
    await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);
  },
  acts: [pass(0)],
};

/** All of them, the plain deploy first. */
export const SCENES: readonly CrashScene[] = [
  DEPLOY,
  BATCHES,
  GATED_BATCHES,
  DIRECT_PUSH,
  MOVED_PLAN,
  PLAN_COMMAND,
  PAUSE_AND_RESUME,
  TERMINATE,
  TERMINATE_ON_A_GATE,
  ...REQUEST_SCENES,
  TWO_SITES,
  ROUTERS,
];

function withRolloutLines(lines: string): (files: FleetFiles) => FleetFiles {
  const path = 'pointsman.yaml';
  return (files) =>
    new Map(files).set(path, replaceOnce(path, textOf(files, path), /^rollout:\n/m, `rollout:\n${lines}`));
}

async function mergeUnapproved(journey: Journey): Promise<number> {
  await journey.reconcile();
  const number = await journey.open(oneClockMore(journey, ['leaf03']));
  await journey.plan(number);
  await journey.merge(number);
  return number;
}

/** A run is known by the end of its name, which is its commit. */
async function endOfRun({ gitDir }: Journey): Promise<string> {
  return (await git(gitDir, ['rev-parse', '--short=12', 'main'])).out.trim();
}

function newestMerged({ world }: Journey): number {
  return world.github.pullRequests().findLast(({ merge }) => merge !== undefined)?.number ?? 0;
}
