import { beforeAll, describe, expect, it } from 'vitest';
import type { CrashScene } from './crash-acts.ts';
import type { Boundary } from './crash-effects.ts';
import { borderAt, type Reference, runReference, runRow } from './crash-matrix.ts';

/** A scene, and the borders of it at which a process is killed: before or after the first effect of that name. */
export interface Kills {
  readonly scene: CrashScene;
  readonly at: readonly (readonly [phase: Boundary['phase'], what: string])[];
}

/** Five worlds at once, on a machine that may have others to serve. */
const SLOW = 480_000;

/** Each scene undisturbed, then once for each kill: one pass later it has to end the same, with nothing sent twice. */
export function describeKills(kills: readonly Kills[]): void {
  describe.concurrent.each(kills)('$scene.name', ({ scene, at }) => {
    let reference: Reference;
    beforeAll(async () => {
      reference = await runReference(scene);
    }, SLOW);

    it('would end well if nobody were killed', () => {
      expect(reference.problems).toEqual([]);
    });

    it.each(at)(
      'ends, one pass after a process was killed when it had %s “%s”, as if nothing had happened',
      async (phase, what) => {
        const row = await runRow(reference, borderAt(reference, phase, what));

        expect(row).toMatchObject({ problems: [], passes: 1 });
      },
      SLOW,
    );
  });
}
