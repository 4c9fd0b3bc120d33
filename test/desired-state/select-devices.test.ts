import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Fleet, Selector } from '../../desired-state/fleet.ts';
import { matchesGlob, selectDevices } from '../../desired-state/select-devices.ts';
import { device, edited, fleetOf, smallFleet } from './fleet-repo.ts';

describe('selectDevices()', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await fleetOf(
      edited(smallFleet, {
        'desired-state/sites/ams1.yaml': 'labels: { country: nl, ring: outer }\ndata: { ntp: 1 }\n',
        'desired-state/sites/fra1.yaml': 'labels: { country: de }\ndata: { ntp: 1 }\n',
        'desired-state/roles/spine.yaml': 'labels: { tier: spine, ring: inner }\n',
        'desired-state/devices/ams1/leaf02.yaml': device('10.0.0.2', 'labels: { rack: r2, ring: none }\n'),
        'desired-state/devices/fra1/leaf03.yaml': device('10.0.0.3', 'labels: { rack: r10 }\n'),
        'desired-state/devices/ams1/spine01.yaml': device('10.0.0.4').replace('role: leaf', 'role: spine'),
        'desired-state/devices/fra1/ib01.yaml': device('10.0.0.5')
          .replace('role: leaf', 'role: spine')
          .replace('cumulus', 'nvos'),
      }),
    );
  });

  it.each<{ readonly case: string; readonly selector: Selector; readonly names: string }>([
    { case: 'nothing named: all', selector: {}, names: 'ib01 leaf01 leaf02 leaf03 spine01' },
    { case: 'by name', selector: { names: ['leaf02', 'spine01'] }, names: 'leaf02 spine01' },
    { case: 'by glob', selector: { names: ['leaf0?', 'ib*'] }, names: 'ib01 leaf01 leaf02 leaf03' },
    { case: 'by site', selector: { sites: ['fra1'] }, names: 'ib01 leaf03' },
    { case: 'by role', selector: { roles: ['spine'] }, names: 'ib01 spine01' },
    { case: 'by platform', selector: { platforms: ['nvos'] }, names: 'ib01' },
    { case: 'by a label of its own', selector: { labels: { rack: 'r*' } }, names: 'leaf02 leaf03' },
    { case: 'by a label of its site', selector: { labels: { country: 'nl' } }, names: 'leaf01 leaf02 spine01' },
    { case: 'by a label the nearer scope overrides', selector: { labels: { ring: 'outer' } }, names: 'leaf01' },
    {
      case: 'by all of several',
      selector: { sites: ['ams1'], roles: ['leaf'], labels: { country: 'nl' }, names: ['*2'] },
      names: 'leaf02',
    },
    { case: 'an empty list, which is one of nothing', selector: { names: [] }, names: '' },
    { case: 'what no device is', selector: { labels: { constructor: '*' } }, names: '' },
  ])('selects $case', ({ selector, names }) => {
    expect(
      selectDevices(fleet, selector)
        .map(({ name }) => name)
        .join(' '),
    ).toBe(names);
  });
});

describe('matchesGlob()', () => {
  it.each([
    ['leaf*', 'leaf01', true],
    ['leaf?', 'leaf01', false],
    ['a.b', 'axb', false],
    ['[a]', 'a', false],
    ['*', '', true],
    ['l**1', 'leaf01', true],
    ['leaf', 'leaf01', false],
  ])('%s and %s: %s', (glob, text, matches) => {
    expect(matchesGlob(glob, text)).toBe(matches);
  });

  it('says what a regular expression says', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(glob, text, (pattern, name) => {
        const expression = pattern.replaceAll('.', '\\.').replace(/\*+/g, '.*').replaceAll('?', '.');

        expect(matchesGlob(pattern, name)).toBe(new RegExp(`^${expression}$`).test(name));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is done at once with a glob made to take for ever', () => {
    expect(matchesGlob(`${'*a'.repeat(2_000)}*b`, 'a'.repeat(5_000))).toBe(false);
  });
});
