import { describe, expect, it } from 'vitest';
import type { Tree } from '../../../schemas/json.ts';
import { APPLY, draft, startLeaf } from './fixture.ts';

const withSecrets: Tree = {
  system: {
    aaa: {
      user: { cumulus: { role: 'system-admin', 'hashed-password': '$6$a$cumulus' } },
      radius: { server: { '10.0.0.9': { secret: 'radius-canary' } } },
    },
    'snmp-server': { 'readonly-community': { 'snmp-canary': { access: { any: {} } } } },
  },
  router: { bgp: { 'autonomous-system': 65001, 'router-id': '10.0.0.1' } },
  vrf: { default: { router: { bgp: { 'peer-group': { underlay: { password: 'bgp-canary' } } } } } },
};

describe('secrets', () => {
  it('are kept as they were set up to 5.9', async () => {
    const { cumulus } = await startLeaf({ release: '5.9', configuration: withSecrets });

    const { text } = await cumulus.get('/?rev=applied&filled=false');

    for (const secret of ['radius-canary', 'snmp-canary', 'bgp-canary']) expect(text).toContain(secret);
  });

  it('are never shown from 5.10 on, keys that are secrets included', async () => {
    const { cumulus } = await startLeaf({ configuration: withSecrets });

    const { text, body } = await cumulus.get('/?rev=applied&filled=false');

    expect(text).not.toMatch(/canary/);
    const encrypted = /^\$nvsec\$[0-9a-f]{64}$/;
    expect(body.vrf.default.router.bgp['peer-group'].underlay.password).toMatch(encrypted);
    expect(body.system.aaa.radius.server['10.0.0.9'].secret).toMatch(encrypted);
    expect(Object.keys(body.system['snmp-server']['readonly-community'])).toEqual([expect.stringMatching(encrypted)]);
    expect(body.system.aaa.user.cumulus['hashed-password']).toBe('$6$a$cumulus');
  });

  it('set again in plain text are no difference, and another value is one', async () => {
    const { cumulus } = await startLeaf({ configuration: withSecrets });
    const path = ['vrf', 'default', 'router', 'bgp', 'peer-group', 'underlay'].join('/');
    const id = await draft(cumulus, {});

    await cumulus.delete(`/?rev=${id}`);
    await cumulus.patch(`/?rev=${id}`, withSecrets);
    expect((await cumulus.get(`/?rev=${id}&diff=applied&filled=false`)).body).toEqual({});

    await cumulus.patch(`/${path}?rev=${id}`, { password: 'rotated' });
    expect((await cumulus.get(`/${path}?rev=${id}&diff=applied&filled=false`)).body).toEqual({
      password: expect.stringMatching(/^\$nvsec\$/),
    });
  });

  it('look different on another switch, and stay what they are when sent back', async () => {
    const one = await startLeaf({ configuration: withSecrets });
    const two = await startLeaf({ configuration: withSecrets, serial: 'MT2312X00002' });
    const read = async ({ cumulus }: typeof one): Promise<string> =>
      (await cumulus.get('/vrf/default/router/bgp/peer-group/underlay?rev=applied&filled=false')).body.password;
    expect(await read(one)).not.toBe(await read(two));

    const { header: _header, ...tree } = (await one.cumulus.get('/?rev=applied&filled=false')).body;
    const id = await draft(one.cumulus, tree);
    expect((await one.cumulus.get(`/?rev=${id}&diff=applied&filled=false`)).body).toEqual({});
  });

  it('are plain text when the configuration says so', async () => {
    const plain = { security: { encryption: { db: { state: 'disabled' } } } };
    const system = { ...(withSecrets['system'] as Tree), ...plain };
    const { cumulus } = await startLeaf({ configuration: { ...withSecrets, system } });

    expect((await cumulus.get('/?rev=applied&filled=false')).text).toContain('bgp-canary');
  });

  it('of users are masked where a switch shows itself running', async () => {
    const { clock, cumulus } = await startLeaf({ configuration: withSecrets });
    const id = await draft(cumulus, { system: { hostname: 'x' } });
    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);

    expect((await cumulus.get('/system/aaa/user/cumulus')).body['hashed-password']).toBe('*');
  });
});
