import { describe, expect, it } from 'vitest';
import type { Driver, Session } from '../../drivers/driver.ts';
import { createRealClock } from '../../sandbox/clock.ts';
import type { EmulatedSwitch } from '../../sandbox/switches/emulated-switch.ts';
import type { ApplyInput } from '../../workflows/apply-input.ts';
import type { ApplyOutcome } from '../../workflows/apply-outcome.ts';
import { applyToSwitch } from '../../workflows/apply-to-switch.ts';
import { type Barrier, type BarrierDeps, createBarrier } from '../../workflows/barrier.ts';
import type { BarrierDecision } from '../../workflows/decide-barrier.ts';
import { openSwitch } from '../../workflows/open-switch.ts';
import { BASE, changed, never } from '../drivers/lab.ts';
import { type Batch, type BatchOptions, otherMtu, startBatch } from './batch.ts';

/** As long as it may be, for what has to be done before it ends, however busy the machine is: a second is a minute here. */
const LONG_WINDOW = { confirmWithinSeconds: 3600 };

type Outcomes = Readonly<Record<string, ApplyOutcome>>;

/** Several switches over TLS, all in flight at once, on a clock that runs 60 times as fast. */
async function start(options: Partial<BatchOptions> = {}) {
  const clock = createRealClock({ speed: 60 });
  const batch = await startBatch({ clock, size: 4, ...options });
  const decisions: BarrierDecision[] = [];
  const newBarrier = (decide: BarrierDeps['decide'] = async () => undefined): Barrier =>
    createBarrier(
      {
        clock,
        decide(decision, why, signal) {
          decisions.push(decision);
          return decide(decision, why, signal);
        },
      },
      batch.names,
    );
  const apply = (name: string, extra: Partial<ApplyInput> = {}, signal: AbortSignal = never) =>
    applyToSwitch(batch.deps, { ...batch.of(name).input, ...extra }, signal);
  return {
    ...batch,
    clock,
    /** In the order they were asked to be written down. */
    decisions,
    newBarrier,
    apply,
    async applyAll(extra: Partial<ApplyInput>, signal?: AbortSignal): Promise<Outcomes> {
      const ended = batch.names.map(async (name) => [name, await apply(name, extra, signal)] as const);
      return Object.fromEntries(await Promise.all(ended));
    },
    leaves: batch.names.map((name) => batch.of(name).leaf),
  };
}

const kinds = (outcomes: Outcomes) => Object.values(outcomes).map(({ kind }) => kind);
const codeOf = (outcome: ApplyOutcome | undefined) => (outcome && 'error' in outcome ? outcome.error.code : undefined);
const said = (word: string, leaves: readonly EmulatedSwitch[]) =>
  leaves.flatMap((leaf) => leaf.requests()).filter(({ body }) => JSON.stringify(body ?? '').includes(word));
const yeses = (leaves: readonly EmulatedSwitch[]) => said('confirm_yes', leaves);
/** Those that were told to go back, and did not have to wait for their timer. */
const noes = (leaves: readonly EmulatedSwitch[]) => said('confirm_no', leaves);

/** All run what they ran before, now and after a reboot, and nothing of ours is left on them. */
function expectAllAsBefore({ names, of }: Batch): void {
  for (const { leaf, before } of names.map(of)) {
    expect(leaf.applied()).toEqual(before);
    expect(leaf.startup()).toEqual(before);
    expect(leaf.revisions().map(({ state }) => state)).not.toContain('pending');
  }
  expect(yeses(names.map((name) => of(name).leaf))).toEqual([]);
}

/** As soon as its change is live. */
function onceLive(leaf: EmulatedSwitch, act: () => void): void {
  const stop = leaf.onRequest(({ phase }) => {
    if (phase !== 'performed' || leaf.revisions().at(-1)?.state !== 'confirm') return;
    stop();
    act();
  });
}

/** The same driver, with the sessions that are open at each moment. */
function countingInto(open: Set<Session>, driver: Driver): Driver {
  return {
    ...driver,
    async open(target, deps, signal) {
      const session = await driver.open(target, deps, signal);
      open.add(session);
      return {
        ...session,
        close() {
          open.delete(session);
          return session.close();
        },
      };
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a batch that is confirmed together or not at all', () => {
  it('is confirmed once every switch is live and proven and that stands on record', async () => {
    const batch = await start();
    const seen: unknown[] = [];
    const barrier = batch.newBarrier(async () => {
      seen.push(
        batch.leaves.map((leaf) => leaf.revisions().at(-1)?.state),
        yeses(batch.leaves).length,
      );
    });

    const outcomes = await batch.applyAll({ barrier });

    expect(kinds(outcomes)).toEqual(['applied', 'applied', 'applied', 'applied']);
    expect(batch.decisions).toEqual(['confirm']);
    expect(seen).toEqual([['confirm', 'confirm', 'confirm', 'confirm'], 0]);
    expect(yeses(batch.leaves)).toHaveLength(4);
  });

  it('speaks to no switch and keeps none while that one waits for the others', async () => {
    const batch = await start({ size: 2 });
    const [first, second] = batch.leaves;
    const open = new Set<Session>();
    const deps = { ...batch.deps, driverFor: (platform: string) => countingInto(open, batch.deps.driverFor(platform)) };
    const held = Promise.withResolvers<void>();
    second?.onRequest(({ phase, request }) => {
      return phase === 'received' && request.method === 'POST' ? held.promise : undefined;
    });
    const barrier = batch.newBarrier();
    const waiting = applyToSwitch(deps, { ...batch.of('leaf01').input, barrier }, never);
    const late = batch.apply('leaf02', { barrier });
    await until(() => batch.steps.includes('leaf01: waiting for the others of its batch'));
    const asked = first?.requests().length;
    const now = batch.clock.now();

    await until(() => batch.clock.now() > now + 20_000);
    const then = { state: first?.revisions().at(-1)?.state, asked: first?.requests().length, open: open.size };
    held.resolve();

    expect(then).toEqual({ state: 'confirm', asked, open: 0 });
    expect([(await waiting).kind, (await late).kind]).toEqual(['applied', 'applied']);
    expect(open.size).toBe(0);
  });

  it('counts a switch that runs it already as there', async () => {
    const batch = await start();
    batch.of('leaf03').leaf.outOfBand.applyAs('eve', { interface: { 'swp1-2': { link: { mtu: 9000 } } } });

    const outcomes = await batch.applyAll({ barrier: batch.newBarrier() });

    expect(kinds(outcomes)).toEqual(['applied', 'applied', 'in-sync', 'applied']);
  });

  it('ends with the old configuration everywhere when one fails its probe', async () => {
    const batch = await start({ size: 5 });
    batch.of('leaf03').leaf.faults.onApply({ kind: 'unhealthy' });

    const outcomes = await batch.applyAll({ barrier: batch.newBarrier() });

    expect(kinds(outcomes)).toEqual(['reverted', 'reverted', 'reverted', 'reverted', 'reverted']);
    expect(codeOf(outcomes['leaf03'])).toBe('WORKFLOW_PROOF_FAILED');
    expect(outcomes['leaf01']).toMatchObject({
      error: { code: 'WORKFLOW_BARRIER_NOT_PASSED', details: { obstacles: [{ device: 'leaf03' }], more: 0 } },
    });
    expect(batch.decisions).toEqual(['take-back']);
    expectAllAsBefore(batch);
  });

  it('ends with the old configuration everywhere when the switch refuses one', async () => {
    const batch = await start();
    batch.of('leaf02').leaf.faults.onApply({ kind: 'apply-fail' });

    const outcomes = await batch.applyAll({ barrier: batch.newBarrier() });

    expect(kinds(outcomes)).toEqual(['reverted', 'reverted', 'reverted', 'reverted']);
    expect(codeOf(outcomes['leaf02'])).toBe('DRIVER_APPLY_FAILED');
    expect(noes(batch.leaves)).toHaveLength(3);
    expectAllAsBefore(batch);
  });

  it('does not go on proving a switch when another has failed', async () => {
    const batch = await start();
    const slow = batch.of('leaf01').leaf;
    onceLive(slow, () => slow.faults.peerDown('swp1'));
    const barrier = batch.newBarrier();
    const broken = batch.of('leaf02').leaf;
    const held = Promise.withResolvers<void>();
    // The other fails only when this one is live and being looked at.
    slow.onRequest(({ request }) => {
      const isLive = slow.revisions().at(-1)?.state === 'confirm';
      if (isLive && decodeURIComponent(request.path).includes('bgp/neighbor')) held.resolve();
    });
    broken.onRequest(({ phase, request }) => {
      return phase === 'received' && request.method === 'POST' ? held.promise : undefined;
    });
    broken.faults.onApply({ kind: 'apply-fail' });

    const outcomes = await batch.applyAll({ barrier });

    expect(outcomes['leaf01']).toMatchObject({ kind: 'reverted', error: { code: 'WORKFLOW_BARRIER_NOT_PASSED' } });
    expect(barrier.obstacles()).toMatchObject([{ device: 'leaf02' }]);
    expectAllAsBefore(batch);
  });

  it('ends with the old configuration everywhere when one is cut off by its change', async () => {
    const batch = await start();
    batch.of('leaf04').leaf.faults.onApply({ kind: 'lose-management' });

    const outcomes = await batch.applyAll({ barrier: batch.newBarrier() });

    expect(kinds(outcomes)).toEqual(['reverted', 'reverted', 'reverted', 'reverted']);
    expect(codeOf(outcomes['leaf04'])).toBe('WORKFLOW_MANAGEMENT_LOST');
    expectAllAsBefore(batch);
  });

  it('ends with the old configuration everywhere when one does not answer any more', async () => {
    const batch = await start();
    const { leaf } = batch.of('leaf02');
    onceLive(leaf, () => leaf.faults.onRequest({ kind: 'hang' }, { times: 1_000_000 }));
    const barrier = batch.newBarrier();
    const others = ['leaf01', 'leaf03', 'leaf04'].map((name) => batch.apply(name, { barrier }));
    const hanging = batch.apply('leaf02', { barrier });

    const ended = await Promise.all(others);
    // What hangs is cut in the end, as a router in between would.
    leaf.faults.unplugged(true);
    leaf.faults.clear();

    expect(ended.map(codeOf)).toEqual(Array(3).fill('WORKFLOW_BARRIER_NOT_PASSED'));
    expect(barrier.obstacles()).toMatchObject([{ device: 'leaf02' }]);
    expect(await hanging).toMatchObject({ kind: 'reverted' });
    expectAllAsBefore(batch);
  });

  it('ends with the old configuration everywhere when one goes back by itself while it waits', async () => {
    const batch = await start({ spec: () => ({ bootMilliseconds: 0 }) });
    const slow = batch.of('leaf04').leaf;
    const wellAgain: (() => void)[] = [];
    onceLive(slow, () => wellAgain.push(slow.faults.peerDown('swp1')));
    const all = batch.applyAll({ barrier: batch.newBarrier() });
    await until(() => batch.steps.filter((step) => step.endsWith('waiting for the others of its batch')).length === 3);

    batch.of('leaf01').leaf.reboot();
    for (const recover of wellAgain) recover();
    const outcomes = await all;

    expect(kinds(outcomes)).toEqual(['reverted', 'reverted', 'reverted', 'reverted']);
    expect(outcomes['leaf04']).toMatchObject({ error: { details: { obstacles: [{ device: 'leaf01' }] } } });
    expect(batch.decisions).toEqual(['take-back']);
    expectAllAsBefore(batch);
  });

  it.each<{ what: string; decide: BarrierDeps['decide'] }>([
    {
      what: 'cannot be written down',
      decide: async () => {
        throw new Error('the ledger was refused');
      },
    },
    { what: 'takes too long to be written down', decide: () => new Promise(() => undefined) },
  ])('ends with the old configuration everywhere when the decision $what', async ({ decide }) => {
    const batch = await start();

    const outcomes = await batch.applyAll({ barrier: batch.newBarrier(decide) });

    expect(Object.values(outcomes).map(codeOf)).toEqual(Array(4).fill('WORKFLOW_BARRIER_NOT_PASSED'));
    expect(kinds(outcomes)).toEqual(['reverted', 'reverted', 'reverted', 'reverted']);
    expect(batch.decisions).toEqual(['confirm', 'take-back']);
    expectAllAsBefore(batch);
  });

  it('does not begin on a switch when another has failed already', async () => {
    const batch = await start({ size: 2 });
    const [first, second] = batch.leaves;
    const held = Promise.withResolvers<void>();
    second?.onRequest(({ phase, request }) =>
      phase === 'received' && request.method === 'POST' ? held.promise : undefined,
    );
    first?.outOfBand.applyAs('eve', { system: { hostname: 'other' } });
    const barrier = batch.newBarrier();
    const failing = batch.apply('leaf01', { barrier });
    const late = batch.apply('leaf02', { barrier });

    expect(codeOf(await failing)).toBe('WORKFLOW_DIFF_CHANGED');
    held.resolve();
    expect(await late).toMatchObject({ kind: 'untouched', error: { code: 'WORKFLOW_BARRIER_NOT_PASSED' } });

    expect(JSON.stringify(second?.requests().map(({ body }) => body))).not.toContain('"apply"');
    expect(second?.revisions().map(({ state }) => state)).not.toContain('pending');
  });

  it('says which switch died between the decision and its confirm; the others keep what was decided', async () => {
    const batch = await start();
    const { leaf, before } = batch.of('leaf03');
    const barrier = batch.newBarrier(async () => leaf.faults.unplugged(true));
    const applying = batch.applyAll({ barrier });
    await until(() => leaf.applied() === before && batch.decisions.length > 0);
    leaf.faults.unplugged(false);

    const outcomes = await applying;

    expect(kinds(outcomes)).toEqual(['applied', 'applied', 'reverted', 'applied']);
    expect(codeOf(outcomes['leaf03'])).toBe('WORKFLOW_MANAGEMENT_LOST');
    expect(batch.decisions).toEqual(['confirm']);
  });
});

describe('a batch whose process died', () => {
  /** Kills the process when its barrier writes the decision down, before that is done or right after it. */
  async function killedWhileDeciding(
    batch: Awaited<ReturnType<typeof start>>,
    window: Partial<ApplyInput> = {},
  ): Promise<void> {
    const killed = new AbortController();
    const barrier = batch.newBarrier(async () => killed.abort(new Error('killed')));
    await expect(batch.applyAll({ barrier, ...window }, killed.signal)).rejects.toThrow('killed');
    await until(() => batch.leaves.every((leaf) => leaf.revisions().at(-1)?.state === 'confirm'));
    batch.decisions.length = 0;
  }

  it('goes through a barrier of its own when nothing was decided', async () => {
    const batch = await start();
    await killedWhileDeciding(batch, LONG_WINDOW);

    const outcomes = await batch.applyAll({ barrier: batch.newBarrier(), takenOver: true, ...LONG_WINDOW });

    expect(kinds(outcomes)).toEqual(['applied', 'applied', 'applied', 'applied']);
    expect(batch.decisions).toEqual(['confirm']);
  });

  it('is taken back as a whole when nothing was decided and one switch is not well by now', async () => {
    const batch = await start();
    await killedWhileDeciding(batch);
    batch.of('leaf02').leaf.faults.unwell('PSU1: no input');

    const outcomes = await batch.applyAll({ barrier: batch.newBarrier(), takenOver: true });

    expect(kinds(outcomes)).toEqual(['reverted', 'reverted', 'reverted', 'reverted']);
    expectAllAsBefore(batch);
  });

  it('is confirmed when that was decided, though a switch cannot be compared with before any more', async () => {
    const batch = await start({ spec: () => ({ bootMilliseconds: 0 }) });
    for (const leaf of batch.leaves) leaf.faults.linkDown('swp2');
    await killedWhileDeciding(batch, LONG_WINDOW);
    batch.of('leaf01').leaf.reboot();

    const outcomes = await batch.applyAll({ barrierDecided: 'confirm', takenOver: true, ...LONG_WINDOW });

    expect(kinds(outcomes)).toEqual(['applied', 'applied', 'applied', 'applied']);
    expect(batch.leaves.every((leaf) => leaf.applied() !== batch.of(leaf.name).before)).toBe(true);
  });

  it('is taken back when that was decided, whatever each switch waits for', async () => {
    const batch = await start({ spec: () => ({ bootMilliseconds: 0 }) });
    await killedWhileDeciding(batch);
    batch.of('leaf01').leaf.reboot();

    const outcomes = await batch.applyAll({ barrierDecided: 'take-back', takenOver: true });

    expect(kinds(outcomes)).toEqual(['reverted', 'reverted', 'reverted', 'reverted']);
    expect(Object.values(outcomes).map(codeOf)).toEqual(Array(4).fill('WORKFLOW_BARRIER_NOT_PASSED'));
    expect(noes(batch.leaves)).toHaveLength(3);
    expectAllAsBefore(batch);
  });

  it('is not begun when it was decided to take back, and its draft is removed', async () => {
    const batch = await start({ size: 2 });
    const { leaf, input } = batch.of('leaf01');
    const session = await openSwitch(batch.deps, input.target, 'apply', never);
    await session.stage(otherMtu(), input.candidatesBefore, never);
    await session.close();
    expect(leaf.revisions().at(-1)?.state).toBe('pending');

    const outcomes = await batch.applyAll({ barrierDecided: 'take-back', takenOver: true });

    expect(kinds(outcomes)).toEqual(['untouched', 'untouched']);
    expect(Object.values(outcomes).map(codeOf)).toEqual(Array(2).fill('WORKFLOW_BARRIER_NOT_PASSED'));
    expectAllAsBefore(batch);
  });

  it('leaves the change of somebody else alone when it was decided to take back', async () => {
    const batch = await start({ size: 1 });
    const { leaf } = batch.of('leaf01');
    const theirs = leaf.outOfBand.startApply('eve', { system: { hostname: 'theirs' } }, { confirmSeconds: 600 });
    await until(() => leaf.revisions().at(-1)?.state === 'confirm');

    const outcome = await batch.apply('leaf01', { barrierDecided: 'take-back', takenOver: true });

    expect(outcome).toMatchObject({ kind: 'untouched', error: { code: 'WORKFLOW_BARRIER_NOT_PASSED' } });
    expect(leaf.revisions().find(({ id }) => id === theirs)?.state).toBe('confirm');
    expect(leaf.revisions().map(({ state }) => state)).not.toContain('pending');
  });
});

it('changes that differ from switch to switch are confirmed together as well', async () => {
  const batch = await start({
    size: 6,
    intended: (name) => (name === 'leaf06' ? changed(BASE, ['system', 'hostname'], 'spine01') : otherMtu()),
  });

  const outcomes = await batch.applyAll({ barrier: batch.newBarrier() });

  expect(kinds(outcomes)).toEqual(Array(6).fill('applied'));
});
