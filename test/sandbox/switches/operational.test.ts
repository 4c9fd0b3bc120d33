import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderStartupYaml } from '../../../sandbox/switches/startup-yaml.ts';
import { leafSpec, startLeaf } from './fixture.ts';

describe('what a switch shows of itself', () => {
  it('is who it is, in the words of the release', async () => {
    const newer = await startLeaf({ version: '5.11.2', model: 'MSN2410' });
    const older = await startLeaf({ release: '5.9' });
    newer.clock.advance(90_000);

    const { body } = await newer.cumulus.get('/system');
    expect(body).toMatchObject({ hostname: 'leaf01', uptime: 90, 'product-release': '5.11.2' });
    const old = (await older.cumulus.get('/system')).body;
    expect([old.build, old['product-release']]).toEqual(['Cumulus Linux 5.9.1', undefined]);
    expect((await newer.cumulus.get('/platform')).body).toMatchObject({
      'product-name': 'MSN2410',
      'serial-number': 'MT2312X00001',
    });
    expect((await newer.cumulus.get('/platform/inventory')).body.SWITCH.serial).toBe('MT2312X00001');
    expect((await newer.cumulus.get('/system/ztp')).body.status).toBe('success');
  });

  it('is an NVOS one when it is', async () => {
    const { cumulus } = await startLeaf({ platform: 'nvos' });

    expect((await cumulus.get('/system')).body).toMatchObject({
      'product-name': 'nvos',
      'product-release': '25.02.4002',
    });
  });

  it('is its links, as configured or as a test says', async () => {
    const { leaf, cumulus } = await startLeaf({
      configuration: { interface: { swp1: { type: 'swp' }, swp2: { link: { state: { down: {} } } }, swp3: {} } },
    });
    const up = leaf.faults.linkDown('swp3');
    const path = '/interface?rev=operational&include=/*/link/oper-status&include=/*/link/state&include=/*/type';

    expect((await cumulus.get(path)).body).toEqual({
      swp1: { type: 'swp', link: { 'oper-status': 'up' } },
      swp2: { type: 'swp', link: { 'oper-status': 'down' } },
      swp3: { type: 'swp', link: { 'oper-status': 'down' } },
    });
    up();
    expect((await cumulus.get(path)).body.swp3.link).toEqual({ 'oper-status': 'up' });
  });

  it('is its links in the older form up to 5.9', async () => {
    const { leaf, cumulus } = await startLeaf({ release: '5.9' });
    leaf.faults.linkDown('swp2');

    const { body } = await cumulus.get('/interface?rev=operational&include=/swp?/link/state');

    expect(body.swp1).toEqual({ link: { state: { up: {} } } });
    expect(body.swp2).toEqual({ link: { state: { down: {} } } });
  });

  it('is its neighbours, and 404 where there is none', async () => {
    const { leaf, cumulus } = await startLeaf();

    expect((await cumulus.get('/interface/swp51/lldp')).body.neighbor.spine01).toMatchObject({
      chassis: { 'system-name': 'spine01' },
      port: { name: 'swp1' },
    });
    expect((await cumulus.get('/interface/swp1/lldp')).status).toBe(404);
    leaf.faults.linkDown('swp51');
    expect((await cumulus.get('/interface/swp51/lldp')).status).toBe(404);
  });

  it('is other neighbours, or none, as a test says', async () => {
    const { leaf, cumulus } = await startLeaf();
    const neighbours = async () => Object.keys((await cumulus.get('/interface/swp51/lldp')).body.neighbor ?? {});

    leaf.faults.neighbour('swp51', { systemName: 'spine02', port: 'swp1' });
    expect(await neighbours()).toEqual(['spine02']);
    const back = leaf.faults.neighbour('swp51', undefined);
    expect(await neighbours()).toEqual([]);
    back();
    expect(await neighbours()).toEqual(['spine01']);
  });

  it('is its BGP peers, and 404 where BGP has none', async () => {
    const { leaf, cumulus } = await startLeaf();
    const path = '/vrf/default/router/bgp/neighbor';

    expect((await cumulus.get(path)).body).toMatchObject({ swp51: { state: 'established', 'peer-group': 'underlay' } });
    expect((await cumulus.get('/vrf/mgmt/router/bgp/neighbor')).status).toBe(404);
    leaf.faults.peerDown('swp51');
    expect((await cumulus.get(path)).body.swp51.state).toBe('idle');
  });

  it('is MLAG where it is configured', async () => {
    const without = await startLeaf();
    const pair = await startLeaf({ configuration: { mlag: { enable: 'on', 'mac-address': '44:38:39:be:ef:aa' } } });

    expect((await without.cumulus.get('/mlag')).status).toBe(404);
    expect((await pair.cumulus.get('/mlag')).body).toMatchObject({ 'peer-alive': 'True', 'backup-active': 'True' });
    pair.leaf.faults.linkDown('peerlink');
    expect((await pair.cumulus.get('/mlag')).body['peer-alive']).toBe('False');
  });

  it('is how it feels', async () => {
    const { leaf, cumulus } = await startLeaf();
    expect((await cumulus.get('/system/health')).body).toEqual({ status: 'OK', 'status-led': 'green', issues: {} });

    leaf.faults.unwell('PSU2 is missing');

    expect((await cumulus.get('/system/health')).body).toMatchObject({
      status: 'Not OK',
      issues: { '0': { issue: 'PSU2 is missing' } },
    });
  });

  it('counts its own connections, which makes two looks differ', async () => {
    const { cumulus } = await startLeaf();
    const first = await cumulus.get('/system/api');

    expect((await cumulus.get('/system/api')).body.connections).not.toEqual(first.body.connections);
  });
});

it('a configuration is written as startup.yaml, with digits as quoted keys and on as a plain word', () => {
  const text = renderStartupYaml(leafSpec, {
    evpn: { enable: 'on' },
    bridge: { domain: { br_default: { vlan: { '10': {} } } } },
    interface: { swp1: { link: { mtu: 9216 } } },
  });

  expect(parse(text)).toEqual([
    { header: { model: 'MSN4600C', 'nvue-api-version': 'nvue_v1', 'rev-id': '1.0', version: 'Cumulus Linux 5.11.1' } },
    {
      set: {
        evpn: { enable: 'on' },
        bridge: { domain: { br_default: { vlan: { '10': {} } } } },
        interface: { swp1: { link: { mtu: 9216 } } },
      },
    },
  ]);
  expect(text).toMatch(/^ +"10": \{\}$/m);
  expect(text).toMatch(/^ +enable: on$/m);
});
