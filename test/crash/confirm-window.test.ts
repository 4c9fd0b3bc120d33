import { afterEach, describe, expect, it } from 'vitest';
import { foldRun } from '../../ledger/fold-run.ts';
import type { EmulatedSwitch } from '../../sandbox/switches/emulated-switch.ts';
import { nameOfSwitchRequest } from '../support/crash-effects.ts';
import { dead, elsewhere, reconcileUntil, rewriteIntent } from '../support/crash-lease.ts';
import { eventsAt } from '../support/crash-world.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
let leaf: EmulatedSwitch;
/** Mutating requests to leaf01 since the merge, by name. */
let sent: string[];

/** One more time server on leaf01, merged and not deployed. */
async function start(stepMilliseconds = 100): Promise<number> {
  journey = await createJourney({
    speed: 30,
    switches: (spec) => ({ ...spec, stepMilliseconds }),
    pace: { confirmWithinSeconds: 60, pollMilliseconds: 500 },
  });
  const number = await journey.open(journey.stories.ntpOnOneLeaf);
  await journey.plan(number);
  await journey.approve(number);
  await journey.merge(number);
  const found = journey.world.switches.get('leaf01');
  if (!found) throw new Error('no leaf01');
  leaf = found;
  sent = [];
  leaf.onRequest(({ phase, mutating, request: { method, path, body } }) => {
    if (mutating && phase === 'performed') sent.push(nameOfSwitchRequest(method, path, body));
  });
  return number;
}
afterEach(() => journey.close());

/** Ends the process when leaf01 has taken the apply. */
async function dieInTheConfirmWindow(): Promise<void> {
  const died = new AbortController();
  const stop = leaf.onRequest(({ phase, request: { method, path, body } }) => {
    if (phase === 'performed' && nameOfSwitchRequest(method, path, body) === 'apply') died.abort(new Error('gone'));
  });
  await reconcileUntil(journey, died.signal);
  stop();
}

async function untilLeafIs(state: string): Promise<void> {
  const never = new AbortController().signal;
  while (leaf.revisions().at(-1)?.state !== state) await journey.clock.sleep(100, never);
}

const clocks = () => JSON.stringify([leaf.applied(), leaf.startup()]).match(/192\.168\.200\.140/g)?.length ?? 0;
const theRun = async () => foldRun('the run', await eventsAt(journey.gitDir));

describe('a process that dies in the confirm window', () => {
  it('leaves a switch that goes back by itself; the next pass applies again what was approved', async () => {
    await start();
    await dieInTheConfirmWindow();
    await untilLeafIs('confirm_fail');
    const between = clocks();
    await rewriteIntent(journey, dead);

    const passed = await journey.reconcile();

    expect({ between, code: passed.code, after: clocks() }).toEqual({ between: 0, code: 0, after: 2 });
    expect(sent.filter((what) => what === 'apply' || what === 'confirm')).toEqual(['apply', 'apply', 'confirm']);
    expect(leaf.revisions().map(({ state }) => state)).toEqual(['applied_and_saved', 'applied_and_saved']);
    expect(await theRun()).toMatchObject({
      status: 'COMPLETED',
      devices: [{ device: 'leaf01', attempts: 2, outcome: { kind: 'applied' } }],
    });
  });

  it('is not taken for done while the switch is still on its way back', async () => {
    await start(6_000);
    await dieInTheConfirmWindow();
    await rewriteIntent(journey, dead);
    // The next pass asks what is there in the moment in which the switch gives up waiting.
    let held = false;
    leaf.onRequest(async ({ phase, request: { path } }) => {
      if (held || phase !== 'received' || !path.endsWith('/revision')) return;
      held = true;
      await untilLeafIs('confirm_no');
    });

    const passed = await journey.reconcile();

    expect({ code: passed.code, clocks: clocks() }).toEqual({ code: 0, clocks: 2 });
    expect(sent.filter((what) => what === 'apply')).toHaveLength(2);
  });

  it('is waited for when it ran on another machine, until its lease is over', async () => {
    await start();
    await dieInTheConfirmWindow();
    // Twenty seconds here: the early pass has to end before, on a busy machine too.
    const deadline = journey.clock.now() + 600_000;
    await rewriteIntent(journey, (intent) => ({ ...elsewhere(intent), deadline }));
    const before = sent.length;

    const early = await journey.reconcile();
    const sentEarly = sent.length - before;
    await journey.clock.sleep(deadline - journey.clock.now() + 1, new AbortController().signal);
    const late = await journey.reconcile();

    expect(early.code).toBe(3);
    expect(early.out).toContain(`until ${new Date(deadline).toISOString()} at the latest`);
    expect(sentEarly).toBe(0);
    expect({ code: late.code, status: (await theRun())?.status, clocks: clocks() }).toEqual({
      code: 0,
      status: 'COMPLETED',
      clocks: 2,
    });
  });
});

describe('a yes that never arrives', () => {
  it('is recorded as reverted, and only once the switch is back', async () => {
    const number = await start(6_000);
    const first = { method: 'PATCH', path: /\/revision\/\d+$/, nth: 2, times: 1_000 };
    leaf.faults.onRequest({ kind: 'drop-before' }, first);

    const passed = await journey.reconcile();

    expect({ code: passed.code, clocks: clocks() }).toEqual({ code: 1, clocks: 0 });
    expect(await theRun()).toMatchObject({
      status: 'FAILED',
      devices: [{ outcome: { kind: 'reverted', error: { code: 'WORKFLOW_CONFIRM_NOT_TAKEN' } } }],
    });
    expect(journey.comment(number)).toContain('**reverted**: runs what it ran before');
    expect(sent).not.toContain('save');
  });
});
