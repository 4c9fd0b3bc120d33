import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeviceToLift, type FixedLayers, liftLayers } from '../../desired-state/lift-layers.ts';
import { mergeTrees } from '../../desired-state/merge-trees.ts';
import type { Tree } from '../../schemas/json.ts';
import { expandRanges } from '../../schemas/ranges.ts';
import { anyConfiguration } from './any-configuration.ts';

const none: FixedLayers = { roles: new Map(), sites: new Map() };
const device = (name: string, tree: Tree, role = 'leaf', site = 'ams1'): DeviceToLift => ({ name, site, role, tree });

/** What a fleet makes of the layers, device by device. */
function rendered(devices: readonly DeviceToLift[], fixed: FixedLayers): readonly Tree[] {
  const lifted = liftLayers(devices, fixed);
  return devices.map(({ name, role, site }) =>
    [
      ...(fixed.roles.get(role) ?? [lifted.roles.get(role) ?? {}]),
      ...(fixed.sites.get(site) ?? [lifted.sites.get(site) ?? {}]),
      lifted.devices.get(name) ?? {},
    ]
      .map(expandRanges)
      .reduce(mergeTrees, {}),
  );
}

describe('liftLayers()', () => {
  it('writes once what all switches of a role have, and leaves each its own', () => {
    const lifted = liftLayers(
      [
        device('leaf01', { system: { hostname: 'leaf01', timezone: 'UTC' } }),
        device('leaf02', { system: { hostname: 'leaf02', timezone: 'UTC' } }),
      ],
      none,
    );

    expect(lifted.roles).toEqual(new Map([['leaf', { system: { timezone: 'UTC' } }]]));
    expect(lifted.sites).toEqual(new Map());
    expect(lifted.devices).toEqual(
      new Map([
        ['leaf01', { system: { hostname: 'leaf01' } }],
        ['leaf02', { system: { hostname: 'leaf02' } }],
      ]),
    );
  });

  it('gives the site what several roles there have, and nobody elsewhere', () => {
    const lifted = liftLayers(
      [
        device('leaf01', { dns: '10.0.0.1', tier: 'leaf' }, 'leaf', 'ams1'),
        device('spine01', { dns: '10.0.0.1', tier: 'spine' }, 'spine', 'ams1'),
        device('leaf51', { dns: '10.9.0.1', tier: 'leaf' }, 'leaf', 'fra1'),
        device('spine51', { dns: '10.9.0.1', tier: 'spine' }, 'spine', 'fra1'),
      ],
      none,
    );

    expect(lifted.sites).toEqual(
      new Map([
        ['ams1', { dns: '10.0.0.1' }],
        ['fra1', { dns: '10.9.0.1' }],
      ]),
    );
    expect(lifted.roles).toEqual(
      new Map([
        ['leaf', { tier: 'leaf' }],
        ['spine', { tier: 'spine' }],
      ]),
    );
    expect(lifted.devices.size).toBe(0);
  });

  it('writes once what most have, and lets the exception say so, where that is less text', () => {
    const lifted = liftLayers(
      ['leaf01', 'leaf02', 'leaf03', 'leaf04'].map((name) =>
        device(name, { mtu: name === 'leaf04' ? 1500 : 9216, ...(name === 'leaf03' ? {} : { lldp: 'on' }) }),
      ),
      none,
    );

    expect(lifted.roles.get('leaf')).toEqual({ mtu: 9216, lldp: 'on' });
    expect(lifted.devices).toEqual(
      new Map([
        ['leaf03', { lldp: null }],
        ['leaf04', { mtu: 1500 }],
      ]),
    );
  });

  it('leaves a role that others stand under as it is, and says in the device what differs', () => {
    const fixed: FixedLayers = { roles: new Map([['leaf', [{ mtu: 9216, lldp: 'on' }]]]), sites: new Map() };

    const lifted = liftLayers([device('leaf01', { mtu: 1500 }), device('leaf02', { mtu: 1500 })], fixed);

    expect(lifted.roles).toEqual(new Map());
    expect(rendered([device('leaf01', { mtu: 1500 })], fixed)).toEqual([{ mtu: 1500 }]);
  });

  it('is undone by merging, for all configurations, roles, sites, and whatever stood there before', () => {
    const anyDevices = fc
      .array(
        fc.record({
          tree: anyConfiguration(),
          role: fc.constantFrom('leaf', 'spine'),
          site: fc.constantFrom('ams1', 'fra1'),
        }),
        { maxLength: 6 },
      )
      .map((all) => all.map((one, index) => ({ ...one, name: `switch${index}` })));
    const anyFixed = (name: string) =>
      fc.option(fc.array(anyConfiguration(true), { maxLength: 2 }), { nil: undefined }).map((layers) => {
        return new Map(layers ? [[name, layers] as const] : []);
      });

    fc.assert(
      fc.property(anyDevices, anyFixed('leaf'), anyFixed('ams1'), (devices, roles, sites) => {
        expect(rendered(devices, { roles, sites })).toEqual(devices.map(({ tree }) => tree));
      }),
      { numRuns: 300 },
    );
  });
});
