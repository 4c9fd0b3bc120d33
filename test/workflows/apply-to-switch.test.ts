import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../sandbox/clock.ts';
import type { EmulatedSwitch } from '../../sandbox/switches/emulated-switch.ts';
import type { ApplyInput } from '../../workflows/apply-input.ts';
import { applyToSwitch } from '../../workflows/apply-to-switch.ts';
import type { Barrier } from '../../workflows/barrier.ts';
import type { SwitchDeps } from '../../workflows/open-switch.ts';
import { BASE, changed, drivenClock, never } from '../drivers/lab.ts';
import { otherMtu, startBatch } from './batch.ts';

/** One switch, on a clock that runs only while the product waits. */
async function start(extra: Partial<ApplyInput> = {}, intended = otherMtu()) {
  const clock = createManualClock();
  const batch = await startBatch({ clock, waits: drivenClock(clock), intended: () => intended });
  const { leaf, input, before } = batch.of('leaf01');
  return {
    clock,
    leaf,
    before,
    apply(more: Partial<ApplyInput> = {}, deps: Partial<SwitchDeps> = {}, signal: AbortSignal = never) {
      const whole = { ...input, confirmWithinSeconds: 60, ...extra, ...more };
      return applyToSwitch({ ...batch.deps, ...deps }, whole, signal);
    },
  };
}

/** As soon as the change is live. */
function onceLive(leaf: EmulatedSwitch, act: () => void): void {
  const stop = leaf.onRequest(({ phase }) => {
    if (phase !== 'performed' || leaf.revisions().at(-1)?.state !== 'confirm') return;
    stop();
    act();
  });
}

describe('the health of a switch, before and after a change', () => {
  it('is recorded with the outcome, our own way in included', async () => {
    const { apply } = await start();

    const outcome = await apply();

    expect(outcome).toMatchObject({ kind: 'applied' });
    expect('probes' in outcome && outcome.probes).toEqual([
      expect.stringMatching(/^api: ok \(connected and read in \d+ ms\)$/),
      'system-health: ok (OK)',
      'interface eth0: ok (up)',
      'interface lo: ok (up)',
      'interface swp1: ok (up)',
      'lldp swp1: ok (spine01 swp1)',
      'interface swp2: ok (up)',
      'lldp swp2: ok (spine02 swp1)',
      'bgp swp1: ok (established)',
      'bgp swp2: ok (established)',
    ]);
  });

  it('does not hold a change up that a link was down before', async () => {
    const { apply, leaf } = await start();
    leaf.faults.linkDown('swp2');

    expect(await apply()).toMatchObject({
      kind: 'applied',
      probes: expect.arrayContaining(['interface swp2: not ok (down)']),
    });
  });

  it.each<{ what: string; act: (leaf: EmulatedSwitch) => void; finding: string }>([
    { what: 'a link goes down', act: (leaf) => leaf.faults.linkDown('swp2'), finding: 'interface swp2: not ok (down)' },
    {
      what: 'a BGP session is lost',
      act: (leaf) => leaf.faults.peerDown('swp1'),
      finding: 'bgp swp1: not ok (idle)',
    },
    {
      what: 'another neighbour shows up',
      act: (leaf) => leaf.faults.neighbour('swp1', { systemName: 'spine02', port: 'swp9' }),
      finding: 'lldp swp1: spine02 swp9, was spine01 swp1',
    },
    {
      what: 'a neighbour vanishes on a link that is up',
      act: (leaf) => leaf.faults.neighbour('swp1', undefined),
      finding: 'lldp swp1: gone, was spine01 swp1',
    },
    {
      what: 'the system is not well',
      act: (leaf) => leaf.faults.unwell('frr.service is not running'),
      finding: 'system-health: not ok (Not OK; frr.service is not running)',
    },
  ])('takes the change back when $what', async ({ act, finding }) => {
    const { apply, leaf, before } = await start();
    onceLive(leaf, () => act(leaf));

    const outcome = await apply();

    expect(outcome).toMatchObject({
      kind: 'reverted',
      error: { code: 'WORKFLOW_PROOF_FAILED', details: { findings: expect.arrayContaining([finding]) } },
    });
    expect(leaf.applied()).toEqual(before);
  });

  it('keeps the change when the interface that is gone is what it takes away', async () => {
    const { apply, leaf, before } = await start({}, changed(BASE, ['interface', 'lo'], null));

    expect(await apply()).toMatchObject({ kind: 'applied' });
    expect(leaf.applied()).not.toEqual(before);
  });

  it('keeps the change when what got worse was declared, and says so in the record', async () => {
    const { apply, leaf } = await start({ expectedChanges: ['interface swp2', 'bgp swp*'] });
    onceLive(leaf, () => leaf.faults.linkDown('swp2'));

    const outcome = await apply();

    expect(outcome).toMatchObject({
      kind: 'applied',
      probes: expect.arrayContaining([
        'interface swp2: not ok (down), expected',
        'bgp swp2: not ok (idle), expected',
        'bgp swp1: ok (established)',
      ]),
    });
  });

  it('waits for a neighbour that is silent for a while', async () => {
    const { apply, leaf, clock } = await start();
    onceLive(leaf, () => {
      const back = leaf.faults.neighbour('swp1', undefined);
      clock.setTimer(30_000, back);
    });

    expect(await apply()).toMatchObject({ kind: 'applied' });
  });
});

describe('a switch that is asked to wait for others', () => {
  /** One that only listens. */
  function listening(): Barrier & { readonly heard: string[]; confirmBy?: number } {
    const heard: string[] = [];
    const barrier: ReturnType<typeof listening> = {
      heard,
      async proven(device, { confirmBy }) {
        heard.push(`${device} is proven`);
        barrier.confirmBy = confirmBy;
        return 'confirm';
      },
      settled: (device) => void heard.push(`${device} is settled`),
      failed: (device, why) => void heard.push(`${device} failed: ${why}`),
      obstacles: () => [],
    };
    return barrier;
  }

  it('says that it is proven, and until when it can be confirmed', async () => {
    const barrier = listening();
    const { apply, clock } = await start({ barrier });
    const startedAt = clock.now();

    expect(await apply()).toMatchObject({ kind: 'applied' });

    expect(barrier.heard).toEqual(['leaf01 is proven', 'leaf01 is settled']);
    // 60 s of window, less what is kept free at its end.
    expect((barrier.confirmBy ?? 0) - startedAt).toBeLessThan(60_000);
    expect((barrier.confirmBy ?? 0) - startedAt).toBeGreaterThan(50_000);
  });

  it('counts the timer that runs already when an earlier process started it', async () => {
    const barrier = listening();
    const killed = new AbortController();
    const clock = createManualClock();
    const batch = await startBatch({ clock, waits: drivenClock(clock) });
    const { leaf, input } = batch.of('leaf01');
    onceLive(leaf, () => killed.abort(new Error('killed')));
    await expect(applyToSwitch(batch.deps, input, killed.signal)).rejects.toThrow('killed');
    clock.advance(200_000);
    const tookOverAt = clock.now();

    const outcome = await applyToSwitch(batch.deps, { ...input, barrier, takenOver: true }, never);

    expect(outcome).toMatchObject({ kind: 'applied' });
    expect((barrier.confirmBy ?? 0) - tookOverAt).toBeLessThan(100_000);
    expect((barrier.confirmBy ?? 0) - tookOverAt).toBeGreaterThan(80_000);
  });

  it('says that it has nothing to do', async () => {
    const barrier = listening();
    const { apply, leaf } = await start({ barrier });
    leaf.outOfBand.applyAs('eve', { interface: { 'swp1-2': { link: { mtu: 9000 } } } });

    expect(await apply()).toEqual({ kind: 'in-sync' });
    expect(barrier.heard).toEqual(['leaf01 is settled']);
  });

  it.each<{ what: string; act: (leaf: EmulatedSwitch) => void; kind: string }>([
    {
      what: 'untouched',
      act: (leaf) => leaf.outOfBand.applyAs('eve', { system: { hostname: 'x' } }),
      kind: 'untouched',
    },
    { what: 'reverted', act: (leaf) => leaf.faults.onApply({ kind: 'apply-fail' }), kind: 'reverted' },
    { what: 'cut off', act: (leaf) => leaf.faults.onApply({ kind: 'lose-management' }), kind: 'reverted' },
  ])('says that it failed when it is $what', async ({ act, kind }) => {
    const barrier = listening();
    const { apply, leaf } = await start({ barrier });
    act(leaf);

    const outcome = await apply();

    expect(outcome.kind).toBe(kind);
    expect(barrier.heard[0]).toMatch(/^leaf01 failed: .*leaf01/);
    expect(barrier.heard).not.toContain('leaf01 is proven');
  });

  it.each<{ what: string; act: (leaf: EmulatedSwitch, clock: ManualClock) => void }>([
    { what: 'is told to go back', act: (leaf) => onceLive(leaf, () => leaf.faults.unwell('PSU1: no input')) },
    {
      what: 'goes back when its timer ends',
      act: (leaf, clock) =>
        leaf.onRequest(({ request }) => {
          if (leaf.revisions().at(-1)?.state !== 'confirm' || !request.path.includes('/system?')) return;
          leaf.faults.unplugged(true);
          clock.setTimer(90_000, () => leaf.faults.unplugged(false));
        }),
    },
  ])('says that it failed before the switch $what', async ({ act }) => {
    const barrier = listening();
    const { apply, leaf, clock } = await start({ barrier });
    act(leaf, clock);
    let stateThen: string | undefined;
    const failed = barrier.failed;
    const watched: Barrier = {
      ...barrier,
      failed(device, why) {
        stateThen ??= leaf.revisions().at(-1)?.state;
        failed(device, why);
      },
    };

    await apply({ barrier: watched });

    expect(stateThen).toBe('confirm');
  });

  it('is not asked to wait for a decision that an earlier process wrote down', async () => {
    const barrier = listening();
    const { apply } = await start({ barrier, barrierDecided: 'confirm' });

    expect(await apply()).toMatchObject({ kind: 'applied' });
    expect(barrier.heard).toEqual([]);
  });

  it('says that it failed when it ends in a bug', async () => {
    const barrier = listening();
    const { apply } = await start({ barrier });
    const secrets = { read: () => Promise.reject(new TypeError('x is not a function')) };

    await expect(apply({}, { secrets })).rejects.toThrow(TypeError);

    expect(barrier.heard).toEqual(['leaf01 failed: it ended in an error that nobody foresaw']);
  });

  it('says nothing when it is told to stop: the next process finds it as it is', async () => {
    const barrier = listening();
    const stop = new AbortController();
    const { apply, leaf } = await start({ barrier });
    onceLive(leaf, () => stop.abort(new Error('the pass is over')));

    await expect(apply({}, {}, stop.signal)).rejects.toThrow('the pass is over');

    expect(barrier.heard).toEqual([]);
  });
});
