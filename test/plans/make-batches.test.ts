import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupDevices } from '../../plans/group-devices.ts';
import { APART_BY_DEFAULT, makeBatches } from '../../plans/make-batches.ts';
import type { Batch, ChangingDevice, Rollout } from '../../plans/plan.ts';
import { aChanging, planned, set } from './build.ts';

const plain: Rollout = { devicesAtOnce: 10, confirmWithinSeconds: 300 };

/** A switch whose changes are those of its group. */
function aSwitch(name: string, extra: Parameters<typeof aChanging>[1] & { readonly group?: number } = {}) {
  const { group = 0, ...rest } = extra;
  return aChanging(name, { changes: [planned(set('mtu', 9000 + group))], ...rest });
}

const leaves = (count: number, group = 0, prefix = 'leaf') =>
  Array.from({ length: count }, (_, index) => aSwitch(`${prefix}${index + 1}`, { group }));

const batchesOf = (devices: readonly ChangingDevice[], rollout: Partial<Rollout> = {}) =>
  makeBatches(devices, groupDevices(devices), { ...plain, ...rollout });
const sizes = (batches: readonly Batch[]) => batches.map(({ devices }) => devices.length);
const namesOf = (batches: readonly Batch[]) => batches.map(({ devices }) => devices);

describe('makeBatches()', () => {
  it.each([
    { what: 'no size', rollout: {}, expected: [7] },
    { what: 'a size', rollout: { batchSize: 3 }, expected: [3, 3, 1] },
    { what: 'a size larger than all', rollout: { batchSize: 500 }, expected: [7] },
    { what: 'a percentage, never above it', rollout: { batchPercentage: 50 }, expected: [3, 3, 1] },
    { what: 'a percentage that is less than one switch', rollout: { batchPercentage: 1 }, expected: Array(7).fill(1) },
    { what: 'both, the smaller by size', rollout: { batchSize: 2, batchPercentage: 50 }, expected: [2, 2, 2, 1] },
    { what: 'both, the smaller by percentage', rollout: { batchSize: 6, batchPercentage: 50 }, expected: [3, 3, 1] },
  ])('fills one batch after the other with $what', ({ rollout, expected }) => {
    expect(sizes(batchesOf(leaves(7), rollout))).toEqual(expected);
  });

  it('takes 9.2 % of 750 for 69, though the machine computes a little less', () => {
    expect(sizes(batchesOf(leaves(750), { batchPercentage: 9.2 }))[0]).toBe(69);
  });

  it.each<{ what: string; rollout: Partial<Rollout> }>([
    { what: 'no canaries', rollout: { batchSize: 1 } },
    { what: 'canaries', rollout: { canaryPercentage: 10, gate: 'each' } },
  ])('has no batch for no switch, with $what', ({ rollout }) => {
    expect(batchesOf([], rollout)).toEqual([]);
  });

  it('takes as many canaries as the percentage says, of each group in turn', () => {
    const devices = [...leaves(15, 0, 'a'), ...leaves(4, 1, 'b'), ...leaves(1, 2, 'c')];

    const [canaries, ...rest] = batchesOf(devices, { canaryPercentage: 25 });

    expect(canaries).toEqual({ number: 1, canary: true, devices: ['a1', 'a2', 'b1', 'b2', 'c1'] });
    expect(sizes(rest)).toEqual([15]);
  });

  it('takes one canary at least, and of the group that needs the most care', () => {
    const marked = [planned(set('x', 1), { marks: [{ kind: 'management', reason: 'why' }] })];

    const [canaries] = batchesOf([...leaves(20), aSwitch('oob', { changes: marked })], { canaryPercentage: 1 });

    expect(canaries?.devices).toEqual(['oob']);
  });

  it('has only canaries where all are', () => {
    expect(batchesOf(leaves(3), { canaryPercentage: 100 })).toEqual([
      { number: 1, canary: true, devices: ['leaf1', 'leaf2', 'leaf3'] },
    ]);
  });

  it('divides canaries too where a batch is smaller than their number', () => {
    const batches = batchesOf(leaves(10), { canaryPercentage: 40, batchSize: 3 });

    expect(batches.map(({ canary = false, devices }) => [canary, devices.length])).toEqual([
      [true, 3],
      [true, 1],
      [false, 3],
      [false, 3],
    ]);
  });

  it('prefers canaries that may be done together', () => {
    const inPair = (name: string, pair: string, group = 0) => aSwitch(name, { group, labels: { mlag_pair: pair } });
    const devices = [inPair('a1', '1'), inPair('a2', '2'), inPair('b1', '1', 1), inPair('b2', '2', 1)];

    expect(namesOf(batchesOf(devices, { canaryPercentage: 50 }))[0]).toEqual(['a1', 'b2']);
  });

  it.each<{ what: string; extra: (pair: string) => Parameters<typeof aSwitch>[1]; rollout?: Partial<Rollout> }>([
    { what: 'a label that does so by default', extra: (pair) => ({ labels: { [APART_BY_DEFAULT[1] ?? '']: pair } }) },
    {
      what: 'a label the rollout names',
      extra: (pair) => ({ labels: { rack: pair } }),
      rollout: { apart: ['row', 'rack'] },
    },
    { what: 'their own configuration', extra: (pair) => ({ backsUp: [`mlag ${pair}`] }) },
    {
      what: 'their own configuration, whatever labels the rollout names',
      extra: (pair) => ({ backsUp: [`mlag ${pair}`] }),
      rollout: { apart: [] },
    },
  ])('keeps switches apart by $what', ({ extra, rollout }) => {
    const devices = ['a', 'b'].flatMap((pair) => [1, 2].map((side) => aSwitch(`${pair}${side}`, extra(pair))));

    expect(namesOf(batchesOf(devices, rollout))).toEqual([
      ['a1', 'b1'],
      ['a2', 'b2'],
    ]);
  });

  it.each<{ what: string; devices: readonly ChangingDevice[]; rollout?: Partial<Rollout> }>([
    {
      what: 'equal labels at two sites',
      devices: ['ams1', 'fra1'].map((site) => aSwitch(`leaf-${site}`, { site, labels: { mlag_pair: '1' } })),
    },
    {
      what: 'equal keys of their configurations at two sites',
      devices: ['ams1', 'fra1'].map((site) => aSwitch(`leaf-${site}`, { site, backsUp: ['mlag 1'] })),
    },
    {
      what: 'a label that the rollout does not name',
      devices: leaves(2).map((device) => ({ ...device, labels: { mlag_pair: '1' } })),
      rollout: { apart: ['rack'] },
    },
    {
      what: 'a label that is something else to JavaScript, and that none has',
      devices: leaves(2),
      rollout: { apart: ['constructor', 'toString', '__proto__'] },
    },
    {
      what: 'a label and a key of the configuration that read alike',
      devices: [aSwitch('a', { labels: { rack: 'x' } }), aSwitch('b', { backsUp: ['rack', 'x'] })],
      rollout: { apart: ['rack'] },
    },
  ])('keeps nobody apart by $what', ({ devices, rollout }) => {
    expect(sizes(batchesOf(devices, rollout))).toEqual([2]);
  });

  it('puts a later switch into an earlier batch that has room for it, so that conflicts cost no batches', () => {
    const one = { labels: { mlag_pair: '1' } };
    const devices = [aSwitch('a', one), aSwitch('b', one), aSwitch('c'), aSwitch('d')];

    expect(namesOf(batchesOf(devices, { batchSize: 2 }))).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });

  it('leaves a full batch alone, though one before it has room', () => {
    const devices = [['1', '2', '3'], ['1'], ['2'], ['3']].map((backsUp, index) =>
      aSwitch(`leaf${index}`, { backsUp }),
    );

    expect(namesOf(batchesOf(devices, { batchSize: 2 }))).toEqual([['leaf0'], ['leaf1', 'leaf2'], ['leaf3']]);
  });

  it.each<{ gate?: 'first' | 'each'; canaryPercentage?: number; expected: readonly number[] }>([
    { expected: [] },
    { gate: 'each', expected: [1, 2, 3] },
    { gate: 'each', canaryPercentage: 10, expected: [1, 2, 3, 4] },
    { gate: 'first', expected: [1] },
    { gate: 'first', canaryPercentage: 10, expected: [2] },
    { gate: 'first', canaryPercentage: 50, expected: [3] },
    { gate: 'first', canaryPercentage: 100, expected: [1] },
  ])('asks with gate $gate and canaries of $canaryPercentage % before $expected', ({ expected, ...rollout }) => {
    const batches = batchesOf(leaves(9), { batchSize: 3, ...rollout });

    expect(batches.filter(({ gate }) => gate).map(({ number }) => number)).toEqual(expected);
  });

  it('sorts names as people count', () => {
    expect(namesOf(batchesOf(leaves(11), { batchSize: 3 })).at(-1)).toEqual(['leaf10', 'leaf11']);
  });
});

const SITES = ['ams1', 'fra1'];
const VALUES = ['1', '2', ''];
const aFleet = fc
  .array(
    fc.record({
      group: fc.nat({ max: 4 }),
      site: fc.constantFrom(...SITES),
      labels: fc.record(
        { failure_domain: fc.constantFrom(...VALUES), mlag_pair: fc.constantFrom(...VALUES), rack: fc.constant('r') },
        { requiredKeys: [] },
      ),
      backsUp: fc.subarray(['k1', 'k2', 'k3']),
    }),
    { maxLength: 40 },
  )
  .map((devices) =>
    devices.map(({ group, site, labels, backsUp }, index) =>
      aSwitch(`leaf${index + 1}`, { group, site, labels: present(labels), backsUp }),
    ),
  );
const aPercentage = fc.double({ min: 0.01, max: 100, noNaN: true });
const aRollout = fc
  .record(
    {
      batchSize: fc.integer({ min: 1, max: 12 }),
      batchPercentage: aPercentage,
      canaryPercentage: aPercentage,
      gate: fc.constantFrom<'first' | 'each'>('first', 'each'),
      apart: fc.subarray(['failure_domain', 'mlag_pair', 'rack', 'constructor']),
    },
    { requiredKeys: [] },
  )
  .map((rollout): Rollout => ({ ...plain, ...rollout }));

function present(labels: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** Exactly, as people reckon: at least one, and never above the percentage. */
function atMost(count: number, percentage = 100): number {
  return Math.max(1, (count * percentage) / 100 + 1e-6);
}

/** Whether two switches must never be done together, said in another way than the product says it. */
function backUpEachOther(a: ChangingDevice, b: ChangingDevice, apart: readonly string[]): boolean {
  if (a.site !== b.site) return false;
  const alike = apart.some((label) => Object.keys(a.labels).includes(label) && a.labels[label] === b.labels[label]);
  return alike || (a.backsUp ?? []).some((key) => b.backsUp?.includes(key));
}

describe('the batches of any fleet by any rollout', () => {
  const holds = (check: (devices: readonly ChangingDevice[], rollout: Rollout, batches: readonly Batch[]) => void) =>
    fc.assert(
      fc.property(aFleet, aRollout, (devices, rollout) => check(devices, rollout, batchesOf(devices, rollout))),
    );

  it('have every switch exactly once, and are numbered from 1', () => {
    holds((devices, _, batches) => {
      expect(namesOf(batches).flat().toSorted()).toEqual(devices.map(({ device }) => device).toSorted());
      expect(batches.map(({ number }) => number)).toEqual(batches.map((_batch, index) => index + 1));
      expect(sizes(batches)).not.toContain(0);
    });
  });

  it('are never larger than allowed', () => {
    holds((devices, { batchSize = 1000, batchPercentage }, batches) => {
      for (const size of sizes(batches)) {
        expect(size).toBeLessThanOrEqual(batchSize);
        expect(size).toBeLessThanOrEqual(atMost(devices.length, batchPercentage));
      }
    });
  });

  it('never hold two switches that back each other up', () => {
    holds((devices, { apart = APART_BY_DEFAULT }, batches) => {
      const byName = new Map(devices.map((device) => [device.device, device]));
      for (const batch of batches) {
        const members = batch.devices.flatMap((name) => byName.get(name) ?? []);
        for (const [index, one] of members.entries())
          for (const other of members.slice(index + 1)) expect(backUpEachOther(one, other, apart)).toBe(false);
      }
    });
  });

  it('begin with the canaries, which are never above their share and of as many groups as they can be', () => {
    holds((devices, { canaryPercentage }, batches) => {
      const flags = batches.map(({ canary = false }) => canary);
      expect(flags).toEqual(flags.toSorted((a, b) => Number(b) - Number(a)));
      const canaries = namesOf(batches.filter(({ canary }) => canary)).flat();
      const some = canaryPercentage !== undefined && devices.length > 0;
      expect(canaries.length).toBeGreaterThanOrEqual(some ? 1 : 0);
      expect(canaries.length).toBeLessThanOrEqual(some ? atMost(devices.length, canaryPercentage) : 0);
      const groups = groupDevices(devices);
      const reached = groups.filter((group) => group.devices.some((name) => canaries.includes(name)));
      expect(reached).toHaveLength(Math.min(canaries.length, groups.length));
    });
  });

  it('ask where the rollout says so and nowhere else', () => {
    holds((_, { gate }, batches) => {
      const first = batches.findIndex(({ canary }) => !canary);
      const asking = batches.flatMap((batch, index) => (batch.gate ? [index] : []));
      const all = batches.map((_batch, index) => index);
      const expected = gate === 'each' ? all : gate === 'first' && batches.length > 0 ? [Math.max(0, first)] : [];
      expect(asking).toEqual(expected);
    });
  });

  it('do not depend on the order switches are given in, nor labels', () => {
    fc.assert(
      fc.property(
        aFleet.chain((devices) =>
          fc.record({
            devices: fc.constant(devices),
            turned: fc.shuffledSubarray([...devices], { minLength: devices.length }),
          }),
        ),
        aRollout,
        ({ devices, turned }, rollout) => {
          const other = rollout.apart ? { ...rollout, apart: rollout.apart.toReversed() } : rollout;
          expect(batchesOf(turned, other)).toEqual(batchesOf(devices, rollout));
        },
      ),
    );
  });
});
