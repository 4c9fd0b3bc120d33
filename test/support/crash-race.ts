import { lastWords, passUntilDone, type Reference } from './crash-matrix.ts';
import { brokenPromises, differences, snapshotOf } from './crash-snapshot.ts';
import { type CrashWorld, createCrashWorld, type PassOptions } from './crash-world.ts';

/** Processes that found the same merge at the same time. */
export interface Race {
  /** How each of them ended: 0 it did the work or found it done, 3 it leaves it to another. */
  readonly ended: readonly (number | string)[];
  /** Passes afterwards until the runs had ended; one that finds nothing due is always made. */
  readonly passes: number;
  /** Applies each switch saw, in the order of their names. */
  readonly applies: readonly number[];
  /** Empty when it ended as the undisturbed scene, and no promise was broken on the way. */
  readonly problems: readonly string[];
}

/** On two machines, each with a copy of the fleet repo of its own. */
export const TWO_COPIES: readonly PassOptions[] = [{ cache: 'one' }, { cache: 'two' }];
/** Both on one machine with one copy. */
export const ONE_COPY: readonly PassOptions[] = [{ cache: 'one' }, { cache: 'one' }];
/** The runner of a site, and one for everything else. */
export const TWO_RUNNERS: readonly PassOptions[] = [{ cache: 'here' }, { cache: 'there', site: 'fra1' }];

/** Starts all of `racers` at once, then lets each pass once more. */
export async function runRace(reference: Reference, racers: readonly PassOptions[]): Promise<Race> {
  const world = await createCrashWorld(reference.scene);
  try {
    const all = await Promise.all(racers.map((racer) => world.pass(racer)));
    const strange = all.filter(({ how }) => how !== 0 && how !== 3);
    const later: Awaited<ReturnType<typeof passUntilDone>>[] = [];
    for (const site of new Set(racers.map((racer) => racer.site))) {
      later.push(await passUntilDone(world, site === undefined ? {} : { site }));
    }
    return {
      ended: all.map(({ how }) => how),
      passes: later.reduce((sum, { passes }) => sum + passes, 0),
      applies: appliesOf(world),
      problems: [
        ...strange.map((end) => `ended with ${end.how}: ${lastWords(end)}`),
        ...later.flatMap(({ last }) => (last === '0' ? [] : [last])),
        ...(await problemsOf(reference, world)),
      ],
    };
  } finally {
    await world.close();
  }
}

/** What is not as in the undisturbed scene, or against a promise. */
export async function problemsOf(reference: Reference, world: CrashWorld): Promise<readonly string[]> {
  return [...(await brokenPromises(world)), ...differences(reference.snapshot, await snapshotOf(world))];
}

function appliesOf({ effects, journey }: CrashWorld): readonly number[] {
  return [...journey.world.switches.keys()].map(
    (name) => effects.filter(({ target, what }) => target === name && what === 'apply').length,
  );
}
