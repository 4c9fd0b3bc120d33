import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ran } from '../support/journey.ts';
import { createSyntheticJourney, type SyntheticJourney } from '../support/synthetic-journey.ts';

const MINUTE_MS = 60_000;

let journey: SyntheticJourney;
let failing: string;
let hanging: string;
let reverting: string;
const passes: Record<'canary' | 'hang' | 'revert' | 'rest', Ran> = {} as never;
const comments: Record<'canary' | 'hang' | 'revert' | 'rest', string> = {} as never;
const changed: Record<'canary' | 'hang' | 'revert' | 'rest', number> = {} as never;

/** Two hundred switches in eight groups: one fails among the canaries, one hangs, one reverts. */
beforeAll(async () => {
  journey = await createSyntheticJourney({
    devices: 200,
    changeGroups: 8,
    rollout: ['batch_size: 25', 'canary_percentage: 10', 'confirm_within_seconds: 900', 'retry_count: 0'],
  });
  const batches = journey.plan.batches ?? [];
  failing = batches[0]?.devices[3] ?? '';
  hanging = batches[2]?.devices[5] ?? '';
  reverting = batches[4]?.devices[7] ?? '';
  journey.of(failing).faults.onApply({ kind: 'unhealthy' });
  journey.of(hanging).faults.onRequest({ kind: 'hang' }, { times: 1_000 });
  journey.of(reverting).faults.onApply({ kind: 'lose-management' });

  await look('canary');
  await journey.say('dora', `/pointsman retry ${await journey.run()} execute_batches`);
  await look('hang');
  journey.of(hanging).faults.clear();
  await journey.say('dora', `/pointsman retry ${await journey.run()} execute_batches`);
  await look('revert');
  await journey.say('dora', `/pointsman retry ${await journey.run()} execute_batches`);
  await look('rest');
}, 15 * MINUTE_MS);
afterAll(() => journey.close());

async function look(which: keyof typeof passes): Promise<void> {
  passes[which] = await journey.reconcile();
  comments[which] = journey.comment();
  changed[which] = [...journey.world.switches.values()].filter((one) => hasNewVlans(one.applied())).length;
}

function hasNewVlans(tree: unknown): boolean {
  return /"3(0[5-9]|1|2)\d+":\{"vni"/.test(JSON.stringify(tree));
}

describe('two hundred switches in eight diff groups, canaries first, in batches of 25', () => {
  it('are nine batches: twenty canaries of all groups, then the rest', () => {
    const sizes = journey.plan.batches?.map(({ devices }) => devices.length);

    expect(journey.plan.groups).toHaveLength(8);
    expect(sizes).toEqual([20, 25, 25, 25, 25, 25, 25, 25, 5]);
    expect(journey.plan.batches?.map(({ canary = false }) => canary)).toEqual([true, ...Array(8).fill(false)]);
  });

  it('stop when a canary fails, with the nineteen others changed and nobody else touched', () => {
    expect(passes.canary.code).toBe(1);
    expect(passes.canary.out).toContain('stopped: 1 of 20 switches failed in batch 1, canaries');
    expect(changed.canary).toBe(19);
    expect(comments.canary).toContain(failing);
  });

  it('go on after a retry, and stop where a switch never answers', () => {
    expect(passes.hang.out).toContain('stopped: 1 of 25 switches failed in batch 3');
    expect(changed.hang).toBe(19 + 25 + 24);
    expect(comments.hang).toContain(hanging);
  });

  it('do the switch that answers again first, and stop where one takes its change back', () => {
    expect(passes.revert.out).toContain('stopped: 1 of 25 switches failed in batch 5');
    expect(changed.revert).toBe(19 + 25 + 25 + 25 + 24);
    expect(comments.revert).toContain(reverting);
  });

  it('end with all done but two, in red, and say of these two what they run', () => {
    expect(passes.rest.code).toBe(1);
    expect(passes.rest.out).toContain('failed');
    expect(changed.rest).toBe(198);
    expect(comments.rest).toContain(failing);
    expect(comments.rest).toContain(reverting);
    expect(comments.rest).not.toContain(`\`${hanging}\` |`);
  });

  it.each(['canary', 'hang', 'revert', 'rest'] as const)('tell it in fewer than 40 lines: %s', (which) => {
    expect(visibleLines(comments[which])).toBeLessThan(40);
  });
});

/** Lines of a comment that are not folded away. */
function visibleLines(comment: string): number {
  const open = comment.replace(/<details><summary>([\s\S]*?)<\/summary>[\s\S]*?<\/details>/g, '$1');
  return open.split('\n').filter((line) => line.trim() !== '').length;
}
