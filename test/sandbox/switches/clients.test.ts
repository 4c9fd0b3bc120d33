import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../sandbox/clock.ts';
import { startSwitches } from '../../../sandbox/switches/emulated-switch.ts';
import { callerOf, leafConfiguration, leafSpec, startLeaf, stateOf } from './fixture.ts';

describe('clients as they are seen in the wild', () => {
  it('the ansible collection sets one path and polls for applied, which auto-save makes pass by', async () => {
    const { leaf, clock, cumulus } = await startLeaf({ release: '5.9', autoSave: false });

    const created = await cumulus.send('POST', '/revision', [], { 'transfer-encoding': 'chunked' });
    const [id = ''] = Object.keys(created.body);
    await cumulus.patch(`/system/message?rev=${id}`, { 'pre-login': 'hello' });
    await cumulus.patch(`/revision/${encodeURIComponent(id)}`, {
      state: 'apply',
      'auto-prompt': { ays: 'ays_yes', ignore_fail: 'ignore_fail_yes' },
    });
    clock.advance(10_000);

    expect(await stateOf(cumulus, id)).toBe('applied');
    expect(leaf.applied()).toMatchObject({ system: { message: { 'pre-login': 'hello' } } });
  });

  it('the replace-and-confirm trace ends saved, step by step', async () => {
    const { clock, cumulus } = await startLeaf();
    const intended = {
      ...leafConfiguration,
      system: { ...(leafConfiguration['system'] as object), timezone: 'Etc/UTC' },
    };

    expect(Object.values((await cumulus.get('/revision')).body)).toMatchObject([{ state: 'applied_and_saved' }]);
    expect((await cumulus.get('/revision/applied')).body['last-apply']['apply-id']).toBe('rev_1_apply_1');
    const applied = (await cumulus.get('/?rev=applied&filled=false')).body;
    expect((await cumulus.get('/?rev=startup&filled=false')).body).toEqual(applied);
    expect((await cumulus.post('/revision', {})).status).toBe(201);
    await cumulus.delete('/?rev=2');
    expect((await cumulus.patch('/?rev=2', intended)).status).toBe(200);
    expect((await cumulus.get('/?rev=2&diff=applied&filled=false')).body).toEqual({ system: { timezone: 'Etc/UTC' } });
    expect((await cumulus.get('/?rev=applied&diff=2&filled=false')).body).toEqual({ system: { timezone: null } });
    await cumulus.patch('/revision/2', {
      state: 'apply',
      'auto-prompt': { ays: 'ays_yes' },
      'state-controls': { confirm: 300 },
    });
    clock.advance(5_000);
    expect(await stateOf(cumulus, '2')).toBe('confirm');
    expect((await cumulus.get('/?rev=applied&filled=false')).body.system.timezone).toBe('Etc/UTC');
    await cumulus.patch('/revision/2', { state: 'confirm_yes' });
    clock.advance(5_000);

    expect(await stateOf(cumulus, '2')).toBe('applied_and_saved');
    expect((await cumulus.get('/?rev=startup&filled=false')).body.system.timezone).toBe('Etc/UTC');
  });
});

describe('many switches in one process', () => {
  it('start, answer each for itself, and stop', async () => {
    const clock = createManualClock();
    const specs = Array.from({ length: 100 }, (_, index) => ({
      ...leafSpec,
      name: `leaf${index}`,
      serial: `S${index}`,
    }));

    const switches = await startSwitches(specs, { clock, recordBodies: false });
    try {
      const serials = await Promise.all(
        switches.map(async (one) => (await callerOf(one).get('/platform')).body['serial-number']),
      );
      expect(serials).toEqual(specs.map(({ serial }) => serial));
      expect(new Set(switches.map(({ pin }) => pin)).size).toBe(100);
      expect(new Set(switches.map(({ port }) => port)).size).toBe(100);
    } finally {
      await Promise.all(switches.map((one) => one.close()));
    }
  });
});
