import type { Ended } from './crash-child.ts';
import { type Boundary, type Effect, titleOf } from './crash-effects.ts';
import { brokenPromises, differences, type Snapshot, snapshotOf } from './crash-snapshot.ts';
import { type CrashWorld, createCrashWorld } from './crash-world.ts';

/** A deploy nobody disturbed: what every other one has to end like. */
export interface Reference {
  readonly snapshot: Snapshot;
  readonly effects: readonly Effect[];
  readonly problems: readonly string[];
}

/** One kill, and what became of the deploy. */
export interface Row {
  readonly title: string;
  /** What the passes after the kill did, by target. */
  readonly afterwards: string;
  /** Passes after the kill until the run had ended. */
  readonly passes: number;
  /** Empty when it ended as the undisturbed one, and no promise was broken on the way. */
  readonly problems: readonly string[];
}

const MOST_PASSES = 3;

export async function runReference(): Promise<Reference> {
  const world = await createCrashWorld();
  try {
    const ended = await world.pass();
    const problems = ended.how === 0 ? [] : [`ended with ${ended.how}: ${lastWords(ended)}`];
    const snapshot = await snapshotOf(world);
    return { snapshot, effects: [...world.effects], problems: [...problems, ...(await brokenPromises(world))] };
  } finally {
    await world.close();
  }
}

/** Every border of an undisturbed deploy, in its order: before each effect and after it. */
export function boundariesOf({ effects }: Reference): readonly Boundary[] {
  return effects.flatMap(({ target, nth }) =>
    (['received', 'performed'] as const).map((phase) => ({ target, nth, phase })),
  );
}

/** Kills a deploy at a border and lets later passes go on from there. */
export async function runRow(reference: Reference, boundary: Boundary): Promise<Row> {
  const world = await createCrashWorld();
  try {
    const first = await world.pass({ killAt: boundary });
    const problems: string[] = [];
    if (first.how !== 'SIGKILL') problems.push(`not killed, ended with ${first.how}: ${lastWords(first)}`);
    const done = world.effects.some(({ target, nth }) => target === boundary.target && nth === boundary.nth);
    if (done !== (boundary.phase === 'performed')) problems.push(`the effect was ${done ? '' : 'not '}performed`);

    const { passes, last } = await passUntilDone(world);
    if (last !== '0') problems.push(last);
    problems.push(...(await brokenPromises(world)), ...differences(reference.snapshot, await snapshotOf(world)));
    const what = reference.effects.find(({ target, nth }) => target === boundary.target && nth === boundary.nth)?.what;
    return {
      title: titleOf(boundary, what ?? '?'),
      afterwards: tellAfterwards(reference.effects, world.effects),
      passes,
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
  const world = await createCrashWorld();
  const boundary: Boundary = { target: 'leaf02', nth: 4, phase: 'performed' };
  try {
    const first = await world.pass({ killAt: boundary });
    const problems = first.how === 'SIGKILL' ? [] : [`not killed, ended with ${first.how}: ${lastWords(first)}`];
    const { clock, world: outside } = world.journey;
    const applied = world.effects.filter(({ what }) => what === 'apply').map(({ target }) => target);
    const wentBack = (name: string): boolean =>
      outside.switches.get(name)?.revisions().at(-1)?.state === 'confirm_fail';
    while (!applied.every(wentBack)) await clock.sleep(200, new AbortController().signal);

    const { passes, last } = await passUntilDone(world);
    if (last !== '0') problems.push(last);
    problems.push(
      ...(await brokenPromises(world, (device) => (applied.includes(device) ? 2 : 1))),
      ...differences(reference.snapshot, await snapshotOf(world)),
    );
    const title = `${titleOf(boundary, 'apply')}, timer ran out`;
    return { title, afterwards: tellAfterwards(reference.effects, world.effects), passes, problems };
  } finally {
    await world.close();
  }
}

/** @returns How the last pass ended: `0`, or its exit code and words. */
export async function passUntilDone(world: CrashWorld): Promise<{ readonly passes: number; readonly last: string }> {
  for (let passes = 1; ; passes++) {
    const ended = await world.pass();
    if (ended.how === 0) return { passes, last: '0' };
    if (passes === MOST_PASSES) return { passes, last: `pass ${passes} ended with ${ended.how}: ${lastWords(ended)}` };
  }
}

export function lastWords({ out, said }: Ended): string {
  return `${out}${said}`.trim().split('\n').slice(0, 6).join(' / ');
}

/**
 * What passes after the first one did, by target: `leaf01 from "apply"` did all an undisturbed deploy does from there on.
 */
function tellAfterwards(undisturbed: readonly Effect[], effects: readonly Effect[]): string {
  const whatsFor = (all: readonly Effect[], target: string) =>
    all.filter((effect) => effect.target === target).map(({ what }) => what);
  const later = effects.filter(({ pass }) => pass > 1);
  const targets = [...new Set(later.map(({ target }) => target))].sort();
  const told = targets.map((target) => {
    const [all, did] = [whatsFor(undisturbed, target), whatsFor(later, target)];
    const rest = all.slice(all.length - did.length);
    if (did.join() !== rest.join()) return `${target} ${did.join(', ')}`;
    return did.length === all.length ? `${target} all` : `${target} from "${did[0]}"`;
  });
  return told.join('; ') || 'nothing was left to do';
}
