import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldRun } from '../../ledger/fold-run.ts';
import { textOf } from '../../sandbox/fleets/fleet-files.ts';
import { runsAt } from '../support/crash-world.ts';
import { createJourney, type Journey, nextSecond } from '../support/journey.ts';

let journey: Journey;
let number: number;
let run: string;
afterAll(() => journey.close());

const leaf01 = () => journey.world.switches.get('leaf01');
const theRun = async () => foldRun(run, (await runsAt(journey.gitDir)).get(run) ?? []);

async function say(by: string, text: string): Promise<string> {
  await nextSecond(journey.clock);
  const comment = await journey.world.github.as(by).comment(number, text);
  await journey.reconcile();
  const marker = `<!-- pointsman:command ${comment} -->`;
  return journey.world.github.comments(number).find(({ body }) => body.startsWith(marker))?.body ?? '';
}

describe('a stage that failed for a reason that may pass', { timeout: 600_000 }, () => {
  beforeAll(async () => {
    journey = await createJourney({
      files: (files) => {
        const text = textOf(files, 'pointsman.yaml');
        return new Map(files).set('pointsman.yaml', text.replace(/^rollout:\n/m, 'rollout:\n  retry_count: 0\n'));
      },
    });
    await journey.reconcile();
    number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    await journey.approve(number);
    const commit = await journey.merge(number);
    run = `configurationdeploy-pr-${number}-${commit.slice(0, 12)}`;
    // The switch is asked and answers; when it is to be changed it does not any more.
    const stop = leaf01()?.onRequest(({ phase, mutating }) => {
      if (phase !== 'received' || !mutating) return;
      stop?.();
      leaf01()?.faults.unplugged(true);
    });
    await journey.reconcile();
    leaf01()?.faults.unplugged(false);
  });

  it('waits for a person, and the page says what to write', async () => {
    expect(await theRun()).toMatchObject({ status: 'RUNNING', stages: [{}, {}, { state: 'FAILED' }, {}] });
    expect((await journey.reconcile()).out).toContain(`/pointsman retry ${run} apply_configuration`);
  });

  it('is offered by help, and is not tried again for whoever may not', async () => {
    expect(await say('dora', '/pointsman help')).toContain(`/pointsman retry ${run}`);
    expect(await say('bea', `/pointsman retry ${run}`)).toContain('it needs maintain permission');
  });

  it('is done again from its start when somebody who may says so, once, on record with who', async () => {
    const first = await say('dora', `/pointsman retry ${run}`);
    const second = await say('dora', `/pointsman retry ${run}`);

    expect(first).toContain('apply_configuration` is tried again');
    expect(second).toMatch(/\*\*Refused:\*\*[\s\S]*has ended already, COMPLETED/);
    expect(JSON.stringify(leaf01()?.applied())).toContain('192.168.200.140');
    const found = await theRun();
    expect(found).toMatchObject({ status: 'COMPLETED', stages: [{}, {}, { state: 'COMPLETE', retries: 1 }, {}] });
    expect(found?.stages[2]?.history).toContainEqual(expect.objectContaining({ state: 'IN_PROGRESS', by: 'dora' }));
  });
});
