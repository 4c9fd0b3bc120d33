import { afterEach, describe, expect, it } from 'vitest';
import type { EmulatedSwitch } from '../../sandbox/switches/emulated-switch.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

type Fault = Parameters<EmulatedSwitch['faults']['onApply']>[0];

/** One approved change on leaf01, with this going wrong there. */
async function applyWith(fault: Fault) {
  journey = await createJourney();
  const leaf = journey.world.switches.get('leaf01');
  if (!leaf) throw new Error('no leaf01');
  const before = leaf.applied();
  const number = await journey.open(journey.stories.ntpOnOneLeaf);
  await journey.plan(number);
  await journey.approve(number);
  await journey.merge(number);
  leaf.faults.onApply(fault);
  const passed = await journey.reconcile();
  return { passed, leaf, before, comment: journey.comment(number) };
}

describe('an apply that goes wrong on the switch', () => {
  it.each([
    { what: 'services that fail to reload', fault: { kind: 'apply-fail' }, says: 'reverted' },
    { what: 'a failure the switch asks to ignore', fault: { kind: 'ignore-fail' }, says: 'reverted' },
    { what: 'an error before anything is live', fault: { kind: 'ready-error' }, says: 'leaf01 did not take' },
    {
      what: 'a warning asked again after it was answered',
      fault: { kind: 'ays', answerable: false },
      says: 'leaf01 did not take',
    },
    { what: 'bad health once it is live', fault: { kind: 'unhealthy' }, says: 'worse after the change' },
    {
      what: 'nobody reached any more once it is live',
      fault: { kind: 'lose-management' },
      says: 'could not be reached',
    },
  ] as const)('$what ends with the old configuration, a red run, and the reason', async ({ fault, says }) => {
    const { passed, leaf, before, comment } = await applyWith(fault);

    expect(passed.code).toBe(1);
    expect(leaf.applied()).toEqual(before);
    expect(leaf.startup()).toEqual(before);
    expect(comment).toContain('## Failed: ');
    expect(comment).toContain(says);
    expect(leaf.revisions().map(({ state }) => state)).not.toContain('pending');
    expect(await journey.ledgerFile('backups/ams1/leaf01.yaml')).toBeUndefined();
    expect(leaf.requests().some(({ body }) => JSON.stringify(body ?? '').includes('ignore_fail_yes'))).toBe(false);
  });

  it('an error the switch reports about a change that stayed live is not green, and the backup is taken', async () => {
    const { passed, leaf, before, comment } = await applyWith({ kind: 'error-issue' });

    expect(passed.code).toBe(1);
    expect(leaf.applied()).not.toEqual(before);
    expect(comment).toContain('1 applied with errors');
    expect(await journey.ledgerFile('backups/ams1/leaf01.yaml')).toContain('192.168.200.140');
  });

  it('a slow apply is waited for', async () => {
    const { passed, comment } = await applyWith({ kind: 'slow', state: 'reloading', milliseconds: 20_000 });

    expect(passed.code).toBe(0);
    expect(comment).toContain('Applied: 1 applied');
  });
});
