import type { Lab } from '../../sandbox/lab/lab.ts';
import { titleOf } from './crash-effects.ts';
import {
  borderAt,
  lastWords,
  passUntilDone,
  type Reference,
  type Row,
  runningIn,
  tellAfterwards,
  untilTakenBack,
} from './crash-matrix.ts';
import { brokenPromises, differences, type Snapshot, snapshotOf } from './crash-snapshot.ts';
import { type CrashWorld, createCrashWorld } from './crash-world.ts';

/** What happens to one router, leaf02, from the moment in which it has taken the apply. */
export interface RouterDay {
  readonly name: string;
  /** The process dies in that moment; else it goes on. */
  readonly killed: boolean;
  /** The end of the undisturbed scene, or leaf02 as it was before and a run that says so. */
  readonly ends: 'as undisturbed' | 'reverted';
  does(world: CrashWorld, lab: Lab): Promise<void>;
}

const ROUTER = 'leaf02';

export const ROUTER_DAYS: readonly RouterDay[] = [
  {
    name: 'rebooted in the window after the kill',
    killed: true,
    ends: 'as undisturbed',
    does: rebootInTheWindow,
  },
  { name: 'rebooted in the window', killed: false, ends: 'reverted', does: rebootInTheWindow },
  {
    name: 'cut off in the middle of the reload, for a while',
    killed: false,
    ends: 'as undisturbed',
    async does({ journey }, lab) {
      await lab.faults.blackhole(ROUTER);
      await journey.clock.sleep(20_000, new AbortController().signal);
      await lab.faults.heal(ROUTER);
    },
  },
  {
    name: 'cut off in the middle of the reload, for longer than the window',
    killed: false,
    ends: 'reverted',
    does: cutOffUntilTakenBack,
  },
  {
    name: 'cut off after the kill, for longer than the window',
    killed: true,
    ends: 'as undisturbed',
    async does(world, lab) {
      await lab.faults.blackhole(ROUTER);
      // Nobody is there to confirm the others either.
      for (const name of appliedIn(world)) await untilTakenBack(world, name);
      await lab.faults.heal(ROUTER);
    },
  },
];

/** A bad day from beginning to end. Takes as long as the window where that runs out. */
export async function runRouterDay(reference: Reference, day: RouterDay): Promise<Row> {
  const world = await createCrashWorld(reference.scene);
  const boundary = borderAt(reference, 'performed', 'apply', ROUTER);
  try {
    const { lab } = world.switches;
    if (!lab) throw new Error(`${reference.scene.name} has no real routers`);
    const before = runningIn(await world.switches.facts());
    let happening: Promise<void> = Promise.resolve();
    if (day.killed) world.killAt(boundary);
    else {
      world.at(boundary, () => {
        happening = day.does(world, lab);
      });
    }
    const first = await world.pass();
    await (day.killed ? day.does(world, lab) : happening);
    // After a kill, what was taken back is done once more.
    const again: string[] = [];
    for (const name of day.killed ? appliedIn(world) : []) if (await world.switches.tookBack(name)) again.push(name);
    const { passes, last } = day.killed ? await passUntilDone(world) : { passes: 0, last: '0' };

    const problems: string[] = last === '0' ? [] : [last];
    const how = day.killed ? 'SIGKILL' : day.ends === 'reverted' ? 1 : 0;
    if (first.how !== how) problems.push(`the first pass ended with ${first.how}: ${lastWords(first)}`);
    const snapshot = await snapshotOf(world);
    const isBack = day.ends === 'reverted';
    problems.push(
      ...(isBack ? differencesOfReverted(reference, before, snapshot) : differences(reference.snapshot, snapshot)),
      ...(await brokenPromises(world, (device) => ({
        apply: again.includes(device) ? 2 : 1,
        confirm: isBack && device === ROUTER ? 0 : 1,
      }))),
      ...(day.killed && !again.includes(ROUTER) ? [`${ROUTER} was not taken back`] : []),
    );
    const title = `${titleOf(boundary, 'apply')}, ${day.name}`;
    return { title, afterwards: tellAfterwards(reference.effects, world.effects, 1), passes, problems };
  } finally {
    await world.close();
  }
}

/** One router as it was, the others as intended, and everybody is told. */
function differencesOfReverted(reference: Reference, before: Snapshot, found: Snapshot): readonly string[] {
  const isOurs = ([name]: readonly [string, unknown]): boolean => name.startsWith(`${ROUTER} `);
  const expected = {
    ...Object.fromEntries(Object.entries(runningIn(reference.snapshot)).filter((fact) => !isOurs(fact))),
    ...Object.fromEntries(Object.entries(before).filter(isOurs)),
  };
  const told = JSON.stringify(found['comments on #1']).includes('**reverted**');
  const run = JSON.stringify(Object.entries(found).find(([name]) => name.startsWith('run '))?.[1]);
  return [
    ...differences(expected, runningIn(found)),
    ...(told ? [] : ['the comment does not say that it was reverted']),
    ...(run.includes('"FAILED"') && run.includes('"free"') ? [] : [`the run: ${run}`]),
  ];
}

async function rebootInTheWindow({ journey }: CrashWorld, lab: Lab): Promise<void> {
  const isWaiting = async (): Promise<boolean> =>
    (await lab.run(ROUTER, ['sh', '-c', 'ls -d /var/lib/pointsman/*/state.awaiting'])).exitCode === 0;
  while (!(await isWaiting())) await journey.clock.sleep(100, new AbortController().signal);
  await lab.reboot(ROUTER);
}

function appliedIn({ effects }: CrashWorld): readonly string[] {
  return effects.filter(({ what }) => what === 'apply').map(({ target }) => target);
}

async function cutOffUntilTakenBack(world: CrashWorld, lab: Lab): Promise<void> {
  await lab.faults.blackhole(ROUTER);
  await untilTakenBack(world, ROUTER);
  await lab.faults.heal(ROUTER);
}
