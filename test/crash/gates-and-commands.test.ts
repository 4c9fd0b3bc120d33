import { beforeAll, describe, expect, it } from 'vitest';
import type { CrashScene } from '../support/crash-acts.ts';
import { borderAt, type Reference, runReference, runRow } from '../support/crash-matrix.ts';
import { DIRECT_PUSH, PAUSE_AND_RESUME, PLAN_COMMAND, TERMINATE_ON_A_GATE } from '../support/crash-scenes.ts';

/** Rows of the crash matrix beside the plain deploy; `npm run crash-matrix` runs them all. */
const SLOW = 240_000;

const KILLS: readonly { readonly scene: CrashScene; readonly at: readonly (readonly [Phase, string])[] }[] = [
  {
    scene: DIRECT_PUSH,
    at: [
      ['performed', 'new pull request'],
      ['performed', 'delete branch'],
    ],
  },
  { scene: PLAN_COMMAND, at: [['performed', 'new comment']] },
  { scene: PAUSE_AND_RESUME, at: [['performed', 'pause by dora']] },
  { scene: TERMINATE_ON_A_GATE, at: [['received', 'delete branch']] },
];
type Phase = 'received' | 'performed';

describe.concurrent.each(KILLS)('$scene.name', ({ scene, at }) => {
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
