import { afterEach, describe, expect, it } from 'vitest';
import { adoptSwitch } from '../../workflows/adopt-switch.ts';
import { BASE, createLab, drivenClock, type Lab, never } from '../drivers/lab.ts';
import { silent } from '../drivers/silent.ts';

let lab: Lab;
afterEach(() => lab.close());
const deps = () => ({ clock: drivenClock(lab.clock), log: silent, pollMilliseconds: 1000 });
const adopt = (change = {}) => adoptSwitch(deps(), { ...lab.target, ...change }, never);

describe('adoptSwitch()', () => {
  it('finds out what it is and what it runs, and sends it nothing but questions', async () => {
    lab = await createLab({ mac: '44:38:39:22:01:6C' });

    const found = await adopt();

    expect(found).toMatchObject({
      kind: 'found',
      device: 'leaf01',
      platform: 'cumulus',
      identity: { serial: 'MT0001', hostname: 'leaf01', version: '5.11.1', pin: lab.switch.pin },
      mac: '44:38:39:22:01:6c',
      tree: { interface: { swp1: { type: 'swp', link: { mtu: 9216 } } } },
      unsaved: false,
    });
    expect(new Set(lab.switch.requests().map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it.each(['5.9', '5.11'] as const)(
    'knows a switch of another platform by what it says, release %s',
    async (release) => {
      lab = await createLab({ platform: 'nvos', release });

      expect(await adopt()).toMatchObject({ kind: 'found', platform: 'nvos' });
    },
  );

  it('says of a system nobody knows what it calls itself', async () => {
    lab = await createLab();
    const reply = { status: 200, body: { hostname: 'x', 'product-name': 'Toaster OS', 'product-release': '1.0' } };
    lab.switch.faults.onRequest({ kind: 'reply', reply }, { path: /\/system\?/ });

    expect(await adopt()).toMatchObject({
      kind: 'failed',
      error: { code: 'WORKFLOW_PRODUCT_UNKNOWN', details: { product: 'Toaster OS' } },
    });
  });

  it('leaves a switch alone that somebody else is changing', async () => {
    lab = await createLab();
    lab.switch.outOfBand.startApply('ann', { system: { hostname: 'changing' } });

    expect(await adopt()).toMatchObject({ kind: 'failed', error: { code: 'WORKFLOW_SWITCH_BUSY' } });
  });

  it('sends no credential to a certificate that was not accepted', async () => {
    lab = await createLab({}, BASE);

    expect(await adopt({ tls: { pins: [`sha256:${'0'.repeat(64)}`] } })).toMatchObject({
      kind: 'failed',
      error: { code: 'DRIVER_IDENTITY_MISMATCH', details: { foundPin: lab.switch.pin } },
    });
    expect(lab.switch.requests()).toEqual([]);
  });
});
