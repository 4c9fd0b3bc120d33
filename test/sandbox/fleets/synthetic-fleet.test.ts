import { describe, expect, it } from 'vitest';
import { makeSyntheticFleet } from '../../../sandbox/synthetic-fleet.ts';

const fleet = makeSyntheticFleet({ devices: 12, sites: 3 });

describe('makeSyntheticFleet()', () => {
  it('makes the same fleet from the same seed, and another from another', () => {
    const again = makeSyntheticFleet({ devices: 12, sites: 3 });
    const other = makeSyntheticFleet({ devices: 12, sites: 3, seed: 2 });

    expect([...again.files]).toEqual([...fleet.files]);
    for (const path of ['desired-state/roles/leaf-edge.yaml', 'desired-state/devices/site001/leaf00001.yaml']) {
      expect(other.files.get(path)).not.toBe(fleet.files.get(path));
    }
  });

  it.each([6, 25, 50])('makes configurations of %i kB, but for one entry', (configurationKilobytes) => {
    const { switches } = makeSyntheticFleet({ devices: 4, configurationKilobytes });

    const excess = switches.map(
      ({ configuration }) => JSON.stringify(configuration).length - configurationKilobytes * 1024,
    );

    expect(Math.min(...excess)).toBeGreaterThan(0);
    expect(Math.max(...excess)).toBeLessThan(500);
  });

  it('keeps the bulk in the roles: device files stay small', () => {
    const sizes = [...fleet.files].filter(([path]) => path.includes('/devices/')).map(([, text]) => text.length);

    expect(Math.max(...sizes)).toBeLessThan(500);
    expect(sizes).toHaveLength(12);
  });

  it('shares what the switches of a role have in common in memory', () => {
    const [first, , , , fifth] = fleet.switches;

    expect(fifth?.configuration['acl']).toBe(first?.configuration['acl']);
    expect(fifth?.configuration['system']).not.toEqual(first?.configuration['system']);
  });

  it('gives every switch its own name, serial and addresses up to the largest fleet', () => {
    const { files, switches } = makeSyntheticFleet({ devices: 10_000 });
    const addresses = [...files.values()].flatMap((text) => /^address: .*$/m.exec(text) ?? []);

    expect(new Set(addresses).size).toBe(10_000);
    expect(new Set(switches.map(({ serial }) => serial)).size).toBe(10_000);
    expect(new Set(switches.map(({ name }) => name)).size).toBe(10_000);
  });

  it('changes what each of its changes says', () => {
    const { shared, distinct, grouped, one } = fleet.change;

    expect([...shared.keys()].filter((path) => !path.startsWith('desired-state/roles/'))).toEqual([]);
    expect(distinct.size).toBe(12);
    expect(grouped.size).toBe(12);
    expect(one.size).toBe(1);
    for (const edit of [shared, distinct, grouped, one]) {
      for (const [path, text] of edit) expect(text).not.toBe(fleet.files.get(path));
    }
  });

  it('changes 100 devices in 40 ways when they change in groups', () => {
    const { change } = makeSyntheticFleet({ devices: 100 });

    const added = [...change.grouped.values()].map((text) => text?.split(/^(?=configuration:)/m)[1]);

    expect(new Set(added).size).toBe(40);
    expect(added[0]).toBe(added[40]);
  });
});
