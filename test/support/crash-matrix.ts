import type { CrashScene } from './crash-acts.ts';
import type { Ended } from './crash-child.ts';
import { type Boundary, type Effect, titleOf } from './crash-effects.ts';
import { DEPLOY } from './crash-scenes.ts';
import { brokenPromises, differences, type Snapshot, snapshotOf } from './crash-snapshot.ts';
import { type CrashWorld, createCrashWorld } from './crash-world.ts';

/** A scene nobody disturbed: what every other playing of it has to end like. */
export interface Reference {
  readonly scene: CrashScene;
  readonly snapshot: Snapshot;
  readonly effects: readonly Effect[];
  readonly problems: readonly string[];
}

/** One kill, and what became of the scene. */
export interface Row {
  readonly title: string;
  /** What the passes after the kill did, by target. */
  readonly afterwards: string;
  /** Passes after the kill until what the killed one was at had been done. */
  readonly passes: number;
  /** Empty when it ended as the undisturbed one, and no promise was broken on the way. */
  readonly problems: readonly string[];
}

const MOST_PASSES = 3;

export async function runReference(scene: CrashScene = DEPLOY): Promise<Reference> {
  const world = await createCrashWorld(scene);
  try {
    const { problems } = await play(world);
    const snapshot = await snapshotOf(world);
    return { scene, snapshot, effects: [...world.effects], problems: [...problems, ...(await brokenPromises(world))] };
  } finally {
    await world.close();
  }
}

/**
 * Every border of an undisturbed scene, in its order: before each effect and after it, and for a command on a real router
 * also while it runs.
 */
export function boundariesOf({ effects, scene }: Reference): readonly Boundary[] {
  return effects.flatMap(({ target, nth }) => {
    const runs = scene.routers && scene.changed.includes(target);
    const phases = runs ? (['received', 'arrived', 'performed'] as const) : (['received', 'performed'] as const);
    return phases.map((phase) => ({ target, nth, phase }));
  });
}

/**
 * The border at the first effect of that name, on any target unless one is given.
 *
 * @throws {Error} There is none.
 */
export function borderAt(
  { effects, scene }: Reference,
  phase: Boundary['phase'],
  what: string,
  target?: string,
): Boundary {
  const found = effects.find((effect) => effect.what === what && (target ?? effect.target) === effect.target);
  if (!found) throw new Error(`${scene.name} has no "${what}": ${effects.map((effect) => effect.what).join(', ')}`);
  return { target: found.target, nth: found.nth, phase };
}

/** Kills whoever is at work at a border, and lets later passes go on from there. */
export async function runRow(reference: Reference, boundary: Boundary): Promise<Row> {
  const world = await createCrashWorld(reference.scene);
  try {
    world.killAt(boundary);
    const played = await play(world, boundary);
    const problems = [...played.problems, ...(await brokenPromises(world))];
    problems.push(...differences(reference.snapshot, await snapshotOf(world)));
    const what = reference.effects.find(({ target, nth }) => target === boundary.target && nth === boundary.nth)?.what;
    return {
      title: titleOf(boundary, what ?? '?'),
      afterwards: tellAfterwards(reference.effects, world.effects, played.killed),
      passes: played.passes,
      problems,
    };
  } finally {
    await world.close();
  }
}

/**
 * Kills a deploy when one switch has taken its apply, and lets the window run out before the next pass: the switch goes
 * back by itself, and is applied to again. Takes as long as the window.
 */
export async function runExpiry(reference: Reference): Promise<Row> {
  const world = await createCrashWorld(reference.scene);
  const boundary = borderAt(reference, 'performed', 'apply', 'leaf02');
  try {
    const { switches } = world;
    const before = runningIn(await switches.facts());
    world.killAt(boundary);
    const first = await world.pass();
    const problems = first.how === 'SIGKILL' ? [] : [`not killed, ended with ${first.how}: ${lastWords(first)}`];
    const applied = (): readonly string[] =>
      world.effects.filter(({ what }) => what === 'apply').map(({ target }) => target);
    for (const name of applied()) await untilTakenBack(world, name);
    problems.push(...differences(before, runningIn(await switches.facts())).map((other) => `not back: ${other}`));
    const taken = applied();

    const { passes, last } = await passUntilDone(world);
    if (last !== '0') problems.push(last);
    problems.push(
      ...(await brokenPromises(world, (device) => ({ apply: taken.includes(device) ? 2 : 1, confirm: 1 }))),
      ...differences(reference.snapshot, await snapshotOf(world)),
    );
    const title = `${titleOf(boundary, 'apply')}, timer ran out`;
    return { title, afterwards: tellAfterwards(reference.effects, world.effects, 1), passes, problems };
  } finally {
    await world.close();
  }
}

export async function untilTakenBack({ switches, journey }: CrashWorld, name: string): Promise<void> {
  while (!(await switches.tookBack(name))) await journey.clock.sleep(200, new AbortController().signal);
}

/** What switches run and would boot. */
export function runningIn(facts: Snapshot): Snapshot {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => /^\S+ (runs|would boot)$/.test(name)));
}

interface Played {
  /** Which pass was killed, 1 for the first; 0 for none. */
  readonly killed: number;
  /** After that one, until what it was at had been done. */
  readonly passes: number;
  readonly problems: readonly string[];
}

/** Everybody does what the scene says. A pass that was killed is made again until it ends as it should. */
async function play(world: CrashWorld, boundary?: Boundary): Promise<Played> {
  const problems: string[] = [];
  let killed = 0;
  let passes = 0;
  let made = 0;
  for (const act of world.scene.acts) {
    if (act.kind === 'people') {
      await act.does(world.journey);
      continue;
    }
    const options = act.site === undefined ? {} : { site: act.site };
    let ended = await world.pass(options);
    made++;
    if (boundary && ended.how === 'SIGKILL') {
      killed = made;
      const done = world.effects.some(({ target, nth }) => target === boundary.target && nth === boundary.nth);
      const isKnown = boundary.phase !== 'arrived';
      if (isKnown && done !== (boundary.phase === 'performed'))
        problems.push(`the effect was ${done ? '' : 'not '}performed`);
      ({ passes, ended } = await passUntil(world, act.ends, options));
      made += passes;
    }
    if (ended.how !== act.ends) problems.push(`pass ${made} ended with ${ended.how}: ${lastWords(ended)}`);
  }
  if (boundary && killed === 0) problems.push('nobody was killed');
  return { killed, passes, problems };
}

async function passUntil(
  world: CrashWorld,
  ends: number,
  options?: { readonly site?: string },
): Promise<{ readonly passes: number; readonly ended: Ended }> {
  for (let passes = 1; ; passes++) {
    const ended = await world.pass(options);
    if (ended.how === ends || passes === MOST_PASSES) return { passes, ended };
  }
}

/** @returns How the last pass ended: `0`, or its exit code and words. */
export async function passUntilDone(
  world: CrashWorld,
  options?: { readonly site?: string },
): Promise<{ readonly passes: number; readonly last: string }> {
  const { passes, ended } = await passUntil(world, 0, options);
  return { passes, last: ended.how === 0 ? '0' : `pass ${passes} ended with ${ended.how}: ${lastWords(ended)}` };
}

export function lastWords({ out, said }: Ended): string {
  return `${out}${said}`.trim().split('\n').slice(0, 6).join(' / ');
}

/**
 * What passes after the killed one did, by target: `leaf01 from "apply"` did all an undisturbed scene does from there on.
 */
export function tellAfterwards(undisturbed: readonly Effect[], effects: readonly Effect[], killed: number): string {
  const whatsFor = (all: readonly Effect[], target: string) =>
    all.filter((effect) => effect.target === target).map(({ what }) => what);
  const later = effects.filter(({ pass }) => pass > killed);
  const targets = [...new Set(later.map(({ target }) => target))].sort();
  const told = targets.map((target) => {
    const [all, did] = [whatsFor(undisturbed, target), whatsFor(later, target)];
    const rest = all.slice(all.length - did.length);
    if (did.join() !== rest.join()) return `${target} ${did.join(', ')}`;
    return did.length === all.length ? `${target} all` : `${target} from "${did[0]}"`;
  });
  return told.join('; ') || 'nothing was left to do';
}
