import { beforeAll, describe, expect, it } from 'vitest';
import { type Reference, runReference, runRow } from '../support/crash-matrix.ts';

/**
 * Rows of the crash matrix, one for each kind of effect; `npm run crash-matrix` runs them all. A real process is killed
 * right before or right after something is done to the world, and another one goes on.
 */
const SLOW = 240_000;

describe.concurrent('a deploy to three switches whose process is killed', () => {
  let reference: Reference;
  beforeAll(async () => {
    reference = await runReference();
  }, SLOW);

  it('would end well if it were not', () => {
    expect(reference.problems).toEqual([]);
    const { snapshot } = reference;
    const run = Object.keys(snapshot).filter((name) => name.startsWith('run '));
    expect(run.map((name) => snapshot[name])).toMatchObject([{ status: 'COMPLETED', why: '3 applied', lease: 'free' }]);
    expect(JSON.stringify(snapshot['comments on #1'])).toContain('Applied: 3 applied');
    expect(snapshot['checks of the branch']).toEqual([expect.stringContaining('completed | success')]);
  });

  it.each([
    { where: 'before the intent is on the ledger', target: 'git', nth: 1, phase: 'received' },
    { where: 'after the intent is on the ledger', target: 'git', nth: 1, phase: 'performed' },
    { where: 'after a draft was made', target: 'leaf02', nth: 1, phase: 'performed' },
    { where: 'after a draft was filled', target: 'leaf02', nth: 3, phase: 'performed' },
    { where: 'after an apply', target: 'leaf02', nth: 4, phase: 'performed' },
    { where: 'after a confirm', target: 'leaf02', nth: 5, phase: 'performed' },
    { where: 'before the outcomes are on the ledger', target: 'git', nth: 2, phase: 'received' },
    { where: 'before the backups are on the ledger', target: 'git', nth: 3, phase: 'received' },
    { where: 'after the comment was written', target: 'github', nth: 2, phase: 'performed' },
    { where: 'before the end is on the ledger', target: 'git', nth: 4, phase: 'received' },
    { where: 'after the end is on the ledger', target: 'git', nth: 4, phase: 'performed' },
  ] as const)(
    '$where ends, one pass later, as if nothing had happened, and nothing is sent twice',
    async ({ target, nth, phase }) => {
      const row = await runRow(reference, { target, nth, phase });

      expect(row).toMatchObject({ problems: [], passes: 1 });
    },
    SLOW,
  );
});
