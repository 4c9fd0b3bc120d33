import { lastWords, passUntilDone, type Reference } from './crash-matrix.ts';
import { brokenPromises, differences, snapshotOf } from './crash-snapshot.ts';
import { type CrashWorld, createCrashWorld } from './crash-world.ts';

/** Two processes that found the same merge at the same time. */
export interface Race {
  /** How each of the two ended: 0 it did the work or found it done, 3 it leaves it to the other. */
  readonly ended: readonly (number | string)[];
  /** Passes afterwards until the run had ended; one that finds nothing due is always made. */
  readonly passes: number;
  /** Applies each switch saw, in the order of their names. */
  readonly applies: readonly number[];
  /** Empty when it ended as the undisturbed deploy, and no promise was broken on the way. */
  readonly problems: readonly string[];
}

/** @param sharesCache Both on one machine with one copy of the fleet repo, instead of each with its own. */
export async function runRace(reference: Reference, sharesCache: boolean): Promise<Race> {
  const world = await createCrashWorld();
  try {
    const both = await Promise.all([world.pass({ cache: 'one' }), world.pass({ cache: sharesCache ? 'one' : 'two' })]);
    const strange = both.filter(({ how }) => how !== 0 && how !== 3);
    const { passes, last } = await passUntilDone(world);
    return {
      ended: both.map(({ how }) => how),
      passes,
      applies: appliesOf(world),
      problems: [
        ...strange.map((end) => `ended with ${end.how}: ${lastWords(end)}`),
        ...(last === '0' ? [] : [last]),
        ...(await problemsOf(reference, world)),
      ],
    };
  } finally {
    await world.close();
  }
}

/** What is not as in the undisturbed deploy, or against a promise. */
export async function problemsOf(reference: Reference, world: CrashWorld): Promise<readonly string[]> {
  return [...(await brokenPromises(world)), ...differences(reference.snapshot, await snapshotOf(world))];
}

function appliesOf({ effects, journey }: CrashWorld): readonly number[] {
  return [...journey.world.switches.keys()].map(
    (name) => effects.filter(({ target, what }) => target === name && what === 'apply').length,
  );
}
