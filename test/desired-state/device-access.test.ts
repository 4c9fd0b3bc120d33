import { describe, expect, it } from 'vitest';
import { deviceAccess } from '../../desired-state/device-access.ts';
import { readAddress } from '../../desired-state/device-address.ts';
import type { DeviceAccess } from '../../desired-state/fleet.ts';
import { device, edited, fleetOf, smallFleet } from './fleet-repo.ts';

const LEAF1 = 'desired-state/devices/ams1/leaf01.yaml';
const SITE = 'desired-state/sites/ams1.yaml';
const credential = (name: string) => `{ username: ${name}, password: { secret: ${name} } }`;
const pin = (digit: string) => `sha256:${digit.repeat(64)}`;

describe('deviceAccess()', () => {
  it('plans with the apply credentials when there are no weaker ones', async () => {
    const { plan, apply } = await accessOf({});

    expect(plan).toEqual(apply);
    expect(apply).toEqual({ username: 'pointsman', password: { secret: 'fleet/apply' } });
  });

  it('takes each credential from the narrowest scope that has it', async () => {
    const { plan, apply } = await accessOf({
      [SITE]: `data: { ntp: 1 }\ncredentials: { plan: ${credential('site-plan')}, apply: ${credential('site-apply')} }\n`,
      [LEAF1]: device('10.0.0.1', `credentials: { apply: ${credential('own-apply')} }\n`),
    });

    expect([plan.username, apply.username]).toEqual(['site-plan', 'own-apply']);
  });

  it('believes nothing but the pins of a device that has its own', async () => {
    const { tls } = await accessOf({
      [SITE]: 'data: { ntp: 1 }\ntls: { ca: "-----BEGIN CERTIFICATE-----", server_name: switch.example.net }\n',
      [LEAF1]: device('10.0.0.1', `tls: { pins: ["${pin('c')}"] }\n`),
    });

    expect(tls).toEqual({ pins: [pin('c')], server_name: 'switch.example.net' });
  });

  it('falls back on the site, then on the fleet, for what proves a switch', async () => {
    const ofSite = await accessOf({ [SITE]: 'data: { ntp: 1 }\ntls: { ca: PEM }\n' });
    const ofFleet = await accessOf({});

    expect([ofSite.tls, ofFleet.tls]).toEqual([{ ca: 'PEM' }, { pins: [pin('a')] }]);
  });

  it('knows where platforms listen', async () => {
    const { host, port, serial, platform } = await accessOf({
      [LEAF1]: device('"[2001:db8::1]"')
        .replace('cumulus', 'nvos')
        .replace(/serial.*/, 'serial: N1'),
      'desired-state/roles/leaf.yaml': '{}\n',
    });

    expect({ host, port, serial, platform }).toEqual({
      host: '2001:db8::1',
      port: 443,
      serial: 'N1',
      platform: 'nvos',
    });
  });
});

describe('readAddress()', () => {
  it.each([
    { address: '10.0.0.1', host: '10.0.0.1', port: 8765 },
    { address: 'leaf01.example.net:9000', host: 'leaf01.example.net', port: 9000 },
    { address: '[::1]:1', host: '::1', port: 1 },
  ])('reads $address', ({ address, ...expected }) => {
    expect(readAddress(address, 'cumulus')).toEqual({ kind: 'address', address: expected });
  });

  it.each([
    '10.0.0.256',
    '10.0.0.01',
    '1.2.3',
    'Leaf01',
    'leaf..x',
    '-leaf',
    '[2001:db8:0:0::1]',
    '[nothing]',
    'a:0',
    'a:65536',
  ])('refuses %s', (address) => {
    expect(readAddress(address, 'cumulus').kind).toBe('refused');
  });
});

async function accessOf(edits: Record<string, string>): Promise<DeviceAccess> {
  const fleet = await fleetOf(edited(smallFleet, edits));
  const leaf = fleet.devices.get('leaf01');
  if (!leaf) throw new Error('no leaf01');
  return deviceAccess(fleet, leaf);
}
