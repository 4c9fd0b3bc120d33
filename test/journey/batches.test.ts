import { afterEach, describe, expect, it } from 'vitest';
import { replaceOnce, textOf } from '../../sandbox/fleets/fleet-files.ts';
import { createJourney, git, type Journey, type JourneyOptions, nextSecond } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

const SETTINGS = 'pointsman.yaml';

/** Four leaves change alike; leaf01 and leaf02 are one MLAG pair, leaf03 and leaf04 another. */
async function merged(rollout: string, options: JourneyOptions = {}) {
  journey = await createJourney({
    ...options,
    files: (files) => {
      const text = textOf(files, SETTINGS);
      return new Map(files).set(SETTINGS, replaceOnce(SETTINGS, text, /^rollout:\n/m, `rollout:\n${rollout}`));
    },
  });
  await journey.reconcile();
  const number = await journey.open(journey.stories.addVlan);
  await journey.plan(number);
  await journey.approve(number);
  await journey.merge(number);
  return number;
}

async function say(number: number, by: string, text: string): Promise<void> {
  await nextSecond(journey.clock);
  await journey.world.github.as(by).comment(number, text);
}

async function endOfRun(): Promise<string> {
  return (await git(journey.gitDir, ['rev-parse', '--short=12', 'main'])).out.trim();
}

const runsVlan = (name: string): boolean =>
  JSON.stringify(journey.world.switches.get(name)?.applied()).includes('vlan120');

/** In which order switches were changed: by the first apply each was sent. */
function changedIn(): readonly string[] {
  const applies = [...journey.world.switches].flatMap(([name, one]) =>
    one
      .requests()
      .filter(({ method, body }) => method === 'PATCH' && JSON.stringify(body ?? '').includes('"apply"'))
      .map(({ at }) => ({ name, at })),
  );
  return [...new Set(applies.toSorted((a, b) => a.at - b.at).map(({ name }) => name))];
}

describe('a change that is carried out in batches', () => {
  it('is done canary first, batch after batch, and never with both switches of a pair in one', async () => {
    const number = await merged('  batch_size: 2\n  canary_percentage: 25\n');

    const passed = await journey.reconcile();

    expect(passed.said + passed.out).toContain('completed');
    expect(passed.code).toBe(0);
    expect(['leaf01', 'leaf02', 'leaf03', 'leaf04'].map(runsVlan)).toEqual([true, true, true, true]);
    expect(changedIn()[0]).toBe('leaf01');
    expect(journey.comment(number)).toContain('4 applied');
    const log = await journey.ledgerLog();
    expect(log.filter((line) => /batchdeploy-pr-\d+-\d\d-.*: begin with/.test(line)).toReversed()).toHaveLength(3);
  });

  it('stops at the first batch that fails, and goes on after /pointsman retry', async () => {
    const number = await merged('  batch_size: 1\n');
    journey.world.switches.get('leaf02')?.faults.onApply({ kind: 'unhealthy' });

    const stopped = await journey.reconcile();
    const afterStop = ['leaf01', 'leaf02', 'leaf03', 'leaf04'].map(runsVlan);
    const commentOfStop = journey.comment(number);
    await say(number, 'dora', `/pointsman retry ${await endOfRun()} execute_batches`);
    const passed = await journey.reconcile();

    expect(stopped.code).toBe(1);
    expect(stopped.out).toContain('stopped: 1 of 1 switches failed in batch 2');
    expect(afterStop).toEqual([true, false, false, false]);
    expect(commentOfStop).toContain('leaf02');
    expect(passed.out).toContain('a command of dora was done');
    expect(journey.comment(number)).toContain('3 applied');
    expect(['leaf01', 'leaf02', 'leaf03', 'leaf04'].map(runsVlan)).toEqual([true, false, true, true]);
    expect(passed.code).toBe(1);
  });
});
