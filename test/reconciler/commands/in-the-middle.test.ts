import { afterEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../cli/run-program.ts';
import { foldRun } from '../../../ledger/fold-run.ts';
import { batchRunName } from '../../../ledger/run-name.ts';
import { textOf } from '../../../sandbox/fleets/fleet-files.ts';
import type { EmulatedSwitch } from '../../../sandbox/switches/emulated-switch.ts';
import { nameOfSwitchRequest } from '../../support/crash-effects.ts';
import { dead, elsewhere, reconcileUntil, rewriteIntent } from '../../support/crash-lease.ts';
import { runsAt } from '../../support/crash-world.ts';
import { type CommandWorld, createCommandWorld } from './command-world.ts';

const SLOW = 600_000;

let world: CommandWorld;
let number: number;
let run: string;
afterEach(() => world.close());

/** Ends soon enough to be waited for: a second is a minute there. */
const SHORT_WINDOW = 600;
/** As long as it may be, for what has to happen while it is open, however busy the machine is. */
const LONG_WINDOW = 3600;

/** A change of four leaves, one after the other, approved and merged. @param rollout Lines of pointsman.yaml. */
async function begin(confirmWithinSeconds: number, rollout = ''): Promise<void> {
  world = await createCommandWorld({
    pace: { devicesAtOnce: 1, confirmWithinSeconds, pollMilliseconds: 500 },
    files: (files) => {
      const text = textOf(files, 'pointsman.yaml');
      return new Map(files).set('pointsman.yaml', text.replace(/^rollout:\n/m, `rollout:\n${rollout}`));
    },
  });
  await world.reconcile();
  number = await world.open(world.stories.addVlan);
  await world.plan(number);
  await world.approve(number);
  const commit = await world.merge(number);
  run = `${rollout === '' ? 'configuration' : 'multi'}deploy-pr-${number}-${commit.slice(0, 12)}`;
}

const leaf = (name: string): EmulatedSwitch => {
  const found = world.world.switches.get(name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};
const LEAVES = ['leaf01', 'leaf02', 'leaf03', 'leaf04'] as const;
const runsVlan = (name: string) => JSON.stringify(leaf(name).applied()).includes('vlan120');
const theRun = async (name = run) => foldRun(name, (await runsAt(world.gitDir)).get(name) ?? []);
const applies = () =>
  LEAVES.flatMap((name) =>
    leaf(name)
      .requests()
      .filter(({ method, path, body }) => nameOfSwitchRequest(method, path, body) === 'apply')
      .map(() => name),
  );

/** A pass that stands still when it looks at leaf01 for the first time after the change is live there. */
async function holdInTheConfirmWindow() {
  const standing = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  let live = false;
  const stop = leaf('leaf01').onRequest(async ({ phase, request: { method, path, body } }) => {
    if (phase === 'performed' && nameOfSwitchRequest(method, path, body) === 'apply') live = true;
    if (!live || phase !== 'received' || method !== 'GET' || !runsVlan('leaf01')) return;
    stop();
    standing.resolve();
    await held.promise;
  });
  const ended = world.reconcile();
  await Promise.race([standing.promise, ended]);
  return { release: held.resolve, ended };
}

/** A pass that ends when leaf01 has taken the apply. */
async function dieInTheConfirmWindow(): Promise<void> {
  const died = new AbortController();
  const stop = leaf('leaf01').onRequest(({ phase, request: { method, path, body } }) => {
    if (phase === 'performed' && nameOfSwitchRequest(method, path, body) === 'apply') died.abort(new Error('gone'));
  });
  await reconcileUntil(world, died.signal);
  stop();
}

async function untilLeaf01Is(state: string): Promise<void> {
  const never = new AbortController().signal;
  while (leaf('leaf01').revisions().at(-1)?.state !== state) await world.clock.sleep(100, never);
}

describe('/pointsman terminate while switches are being changed', { timeout: SLOW }, () => {
  it('stops at once, confirms nothing, begins nothing more, and says how each switch was left', async () => {
    await begin(SHORT_WINDOW);
    const passing = await holdInTheConfirmWindow();
    const comment = await world.say(number, 'dora', `/pointsman terminate ${run} wrong VLAN`);

    const reports = await world.hear();
    const early = world.reply(number, comment);
    const passed = await passing.ended;
    passing.release();
    await untilLeaf01Is('confirm_fail');
    await world.hear();

    expect(reports).toMatchObject([{ kind: 'done', why: expect.stringContaining('is terminated as soon as') }]);
    expect(early).toContain('still being changed: `leaf01`, `leaf02`, `leaf03`, `leaf04`');
    expect(passed.out).toContain(`${run}: terminated`);
    expect(applies()).toEqual(['leaf01']);
    expect(LEAVES.filter(runsVlan)).toEqual([]);
    expect(await theRun()).toMatchObject({
      status: 'TERMINATED',
      endedBy: 'dora',
      why: 'terminated by dora: wrong VLAN',
      devices: LEAVES.map((device) => ({ device, outcome: { kind: device === 'leaf01' ? 'unknown' : 'untouched' } })),
    });
    const late = world.reply(number, comment) ?? '';
    expect(late).toContain('- unknown: `leaf01`');
    expect(late).toContain('- untouched: `leaf02`, `leaf03`, `leaf04`');
    expect(late).toContain('One inside its confirm window takes the change back by itself when the timer ends.');
    expect(world.reactions(comment)).toEqual(['eyes', 'rocket', '+1']);
    expect(world.comment(number)).toContain('Terminated: 1 in an unknown state, 3 untouched');
  });

  it('does so by the command line too, which waits until it can say how each switch was left', async () => {
    await begin(LONG_WINDOW);
    const passing = await holdInTheConfirmWindow();
    const { github, environment } = world.world;
    const terminated = await world.run((io) =>
      runProgram({ ...io, environment: { ...environment, ...io.environment, GITHUB_TOKEN: github.tokenFor('dora') } }, [
        'terminate',
        run,
        '--remote',
        github.remoteUrl,
        '--cache',
        `${world.gitDir}-by-hand`,
        '--wait',
        '1h',
      ]),
    );
    await passing.ended;
    passing.release();

    expect(terminated.code).toBe(0);
    expect(terminated.out).toContain('- unknown: leaf01');
    expect(terminated.out).toContain('- untouched: leaf02, leaf03, leaf04');
    expect(await theRun()).toMatchObject({ status: 'TERMINATED', endedBy: 'dora' });
  });

  it('whose process has died has its switches looked at and nothing else, in the same pass', async () => {
    await begin(SHORT_WINDOW);
    await dieInTheConfirmWindow();
    await untilLeaf01Is('confirm_fail');
    await rewriteIntent(world, dead);
    const comment = await world.say(number, 'dora', `/pointsman terminate ${run}`);

    const passed = await world.reconcile();
    await world.reconcile();

    expect(passed.out).toContain(`${run}: terminated`);
    expect(applies()).toEqual(['leaf01']);
    expect(await theRun()).toMatchObject({
      status: 'TERMINATED',
      devices: LEAVES.map((device) => ({ device, outcome: { kind: 'untouched' } })),
    });
    expect(world.reply(number, comment)).toContain('- untouched: `leaf01`, `leaf02`, `leaf03`, `leaf04`');
    expect(world.reactions(comment)).toEqual(['eyes', 'rocket', '+1']);
  });

  it('waits for the lease of a process that nothing can be found out about, and nobody begins anything meanwhile', async () => {
    await begin(SHORT_WINDOW);
    await dieInTheConfirmWindow();
    const deadline = world.clock.now() + 600_000;
    await rewriteIntent(world, (intent) => ({ ...elsewhere(intent), deadline }));
    const comment = await world.say(number, 'dora', `/pointsman terminate ${run}`);

    const early = await world.reconcile();
    const between = await theRun();
    await world.clock.sleep(deadline - world.clock.now() + 1, new AbortController().signal);
    const late = await world.reconcile();

    expect(early.out).toContain('another process works on it');
    expect(between).toMatchObject({ status: 'RUNNING', endWanted: { by: 'dora' } });
    expect(world.reply(number, comment)).toContain(
      `after ${new Date(deadline).toISOString().slice(0, 16).replace('T', ' ')}`,
    );
    expect(late.out).toContain(`${run}: terminated`);
    expect(applies()).toEqual(['leaf01']);
  });
});

describe('/pointsman terminate of a run in batches, while one of them is at work', { timeout: SLOW }, () => {
  it('ends both in one commit, with how every switch was left, and begins no other batch', async () => {
    await begin(LONG_WINDOW, '  batch_size: 2\n');
    const passing = await holdInTheConfirmWindow();
    const comment = await world.say(number, 'dora', `/pointsman terminate ${run.slice(-12)} wrong VLAN`);

    await world.hear();
    const passed = await passing.ended;
    passing.release();
    await world.hear();

    const batch = batchRunName(run, 1);
    const found = await theRun();
    expect(passed.out).toContain(`${run}: terminated`);
    expect(applies()).toEqual(['leaf01']);
    expect(found).toMatchObject({
      status: 'TERMINATED',
      children: [{ run: batch, status: 'TERMINATED' }],
      recovery: { stage: 'execute_batches' },
    });
    expect(found?.devices.map(({ device, outcome }) => [device, outcome?.kind])).toEqual([
      ['leaf01', 'unknown'],
      ['leaf02', 'untouched'],
      ['leaf03', 'untouched'],
      ['leaf04', 'untouched'],
    ]);
    expect(await theRun(batch)).toMatchObject({ status: 'TERMINATED', endedBy: 'dora' });
    expect((await world.ledgerLog()).filter((line) => line.includes('terminated by dora'))).toHaveLength(1);
    expect(world.reply(number, comment)).toContain('It may be split');
    expect((await world.reconcile()).out).not.toContain(run);
  });

  it('of the batch alone ends that, and its run stops there and can go on without it', async () => {
    await begin(LONG_WINDOW, '  batch_size: 2\n');
    const passing = await holdInTheConfirmWindow();
    const batch = batchRunName(run, 1);
    await world.say(number, 'dora', `/pointsman terminate ${batch}`);

    await world.hear();
    await passing.ended;
    passing.release();
    const stopped = await world.reconcile();

    expect(await theRun(batch)).toMatchObject({ status: 'TERMINATED' });
    expect(await theRun()).toMatchObject({
      status: 'RUNNING',
      children: [{ run: batch, status: 'TERMINATED' }],
      stages: [{ state: 'COMPLETE' }, { state: 'COMPLETE' }, { name: 'execute_batches', state: 'FAILED' }],
    });
    expect(stopped.out).toContain('2 of 2 switches failed in batch 1');
    expect(applies()).toEqual(['leaf01']);
  });
});

describe('/pointsman pause while switches are being changed', { timeout: SLOW }, () => {
  it('is taken at once, brings to its end what was begun, and holds before the next stage', async () => {
    await begin(LONG_WINDOW);
    const passing = await holdInTheConfirmWindow();
    const comment = await world.say(number, 'dora', `/pointsman pause ${run} site visit`);

    await world.hear();
    const between = await theRun();
    passing.release();
    const passed = await passing.ended;
    const held = await theRun();
    const next = await world.reconcile();
    const digest = /digest=(p1:[0-9a-f]{8})/.exec(world.comment(number))?.[1];
    const late = await world.say(number, 'carl', `/pointsman approve ${digest}`);
    await world.hear();
    await world.say(number, 'dora', `/pointsman resume ${run}`);
    const resumed = await world.reconcile();

    expect(world.reply(number, comment)).toContain(
      'it is paused as soon as every switch that is being changed has come to an end',
    );
    expect(between).toMatchObject({ status: 'RUNNING', pauseWanted: { by: 'dora', why: 'site visit' } });
    expect(passed.out).toContain('paused by dora');
    expect(LEAVES.filter(runsVlan)).toEqual([...LEAVES]);
    expect(held).toMatchObject({ status: 'PAUSED', paused: { by: 'dora', why: 'site visit' } });
    expect(held?.stages.map(({ state }) => state)).toEqual(['COMPLETE', 'COMPLETE', 'COMPLETE', 'NOT_STARTED']);
    expect(next).toMatchObject({ code: 3, out: expect.stringContaining('paused by dora: site visit') });
    expect(world.reply(number, late)).toMatch(/^\*\*Refused:\*\*[\s\S]* waits for no approval/);
    expect(resumed.code).toBe(0);
    expect(await theRun()).toMatchObject({ status: 'COMPLETED' });
  });
});

describe('the kill switch, turned on while switches are being changed', { timeout: SLOW }, () => {
  it('holds the run once what was begun is at its end, and lets it go when it is off', async () => {
    await begin(LONG_WINDOW);
    const passing = await holdInTheConfirmWindow();
    await world.world.github
      .as('dora')
      .push('main', { 'automation.yaml': 'paused: true\nreason: storm\n' }, 'Pause automation');

    const other = await reconcileUntil(world, new AbortController().signal);
    const between = await theRun();
    passing.release();
    const passed = await passing.ended;
    const held = await theRun();
    await world.world.github.as('dora').push('main', { 'automation.yaml': null }, 'Go on');
    const after = await world.reconcile();

    expect(other.out).toContain('another process works on it');
    expect(between).toMatchObject({ status: 'RUNNING', pauseWanted: { by: 'automation.yaml', why: 'storm' } });
    expect(passed.out).toContain('paused by automation.yaml');
    expect(held).toMatchObject({ status: 'PAUSED', paused: { automatic: true } });
    expect(LEAVES.filter(runsVlan)).toEqual([...LEAVES]);
    expect(after.code).toBe(0);
    expect(await theRun()).toMatchObject({ status: 'COMPLETED' });
  });
});
