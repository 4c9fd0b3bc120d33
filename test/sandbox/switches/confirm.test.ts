import { describe, expect, it } from 'vitest';
import type { Tree } from '../../../schemas/json.ts';
import { APPLY, callerOf, draft, startLeaf, stateOf } from './fixture.ts';

const CONFIRM = { ...APPLY, 'state-controls': { confirm: 300 } };
const renamed = { system: { hostname: 'renamed' } };

describe('an apply that has to be confirmed', () => {
  it('waits in confirm, live but not saved, and says how long it still waits', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, renamed);

    await cumulus.patch(`/revision/${id}`, CONFIRM);
    clock.advance(10_000);

    const { body } = await cumulus.get(`/revision/${id}`);
    expect(body.state).toBe('confirm');
    expect(body['confirm-status']).toBe('291');
    expect(leaf.applied()).toMatchObject(renamed);
    expect(leaf.startup()).toMatchObject({ system: { hostname: 'leaf01' } });
    expect((await cumulus.get('/system?rev=applied&filled=false')).body.hostname).toBe('renamed');
  });

  it('is kept and saved after confirm_yes, and the timer does nothing any more', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, renamed);
    await cumulus.patch(`/revision/${id}`, CONFIRM);
    clock.advance(10_000);

    const answer = await cumulus.patch(`/revision/${id}`, { state: 'confirm_yes' });
    expect(answer).toMatchObject({ status: 200, body: { state: 'confirm_yes' } });
    clock.advance(600_000);

    expect(await stateOf(cumulus, id)).toBe('applied_and_saved');
    expect(leaf.startup()).toMatchObject(renamed);
  });

  it('goes back by itself when nobody confirms, to the second', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const before = leaf.applied();
    const id = await draft(cumulus, renamed);
    await cumulus.patch(`/revision/${id}`, CONFIRM);
    clock.advance(900); // Nine states of 100 ms; the window opens here.
    expect(await stateOf(cumulus, id)).toBe('confirm');

    clock.advance(299_999);
    expect(await stateOf(cumulus, id)).toBe('confirm');
    clock.advance(101);

    const { body } = await cumulus.get(`/revision/${id}`);
    expect(body.state).toBe('confirm_fail');
    expect(leaf.applied()).toBe(before);
    expect((await cumulus.get('/revision/applied')).body['last-apply']['apply-id']).toBe('rev_1_apply_1');
  });

  it.each(['confirm_no', 'confirm_fail'])('goes back at once after %s', async (answer) => {
    const { leaf, clock, cumulus } = await startLeaf();
    const before = leaf.applied();
    const id = await draft(cumulus, renamed);
    await cumulus.patch(`/revision/${id}`, CONFIRM);
    clock.advance(10_000);

    await cumulus.patch(`/revision/${id}`, { state: answer });
    clock.advance(100);

    expect(await stateOf(cumulus, id)).toBe('confirm_fail');
    expect(leaf.applied()).toBe(before);
  });

  it('is not protected at all when the answer was sent along', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, renamed);

    await cumulus.patch(`/revision/${id}`, { ...CONFIRM, 'auto-prompt': { ays: 'ays_yes', confirm: 'confirm_yes' } });
    clock.advance(10_000);

    expect(await stateOf(cumulus, id)).toBe('applied_and_saved');
    expect(leaf.startup()).toMatchObject(renamed);
  });

  it('is neither confirmed by another revision nor before it waits', async () => {
    const { clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, renamed);
    const other = await draft(cumulus, renamed);
    await cumulus.patch(`/revision/${id}`, CONFIRM);

    expect((await cumulus.patch(`/revision/${id}`, { state: 'confirm_yes' })).status).toBe(409);
    clock.advance(10_000);
    expect((await cumulus.patch(`/revision/${other}`, { state: 'confirm_yes' })).status).toBe(409);

    expect(await stateOf(cumulus, id)).toBe('confirm');
  });

  it('cannot be edited, deleted or applied again while it waits', async () => {
    const { clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, renamed);
    await cumulus.patch(`/revision/${id}`, CONFIRM);
    clock.advance(10_000);

    expect((await cumulus.patch(`/?rev=${id}`, { system: { hostname: 'other' } })).status).toBe(422);
    expect((await cumulus.delete(`/revision/${id}`)).status).toBe(422);
    expect((await cumulus.patch(`/revision/${id}`, APPLY)).status).toBe(409);
    expect(await stateOf(cumulus, id)).toBe('confirm');
  });

  it('may be deleted, or opened again with pending, once it went back', async () => {
    const { clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, renamed);
    await cumulus.patch(`/revision/${id}`, CONFIRM);
    clock.advance(600_000);

    await cumulus.patch(`/revision/${id}`, { state: 'pending' });
    expect(await stateOf(cumulus, id)).toBe('pending');

    expect((await cumulus.delete(`/revision/${id}`)).status).toBe(204);
    expect((await cumulus.get(`/revision/${id}`)).status).toBe(404);
  });
});

describe('a change that cuts management off', () => {
  const ways: readonly (readonly [string, Parameters<typeof draft>[1]])[] = [
    ['takes the address of eth0 away', { interface: { eth0: { ip: { address: { '192.168.200.11/24': null } } } } }],
    [
      'gives eth0 another address',
      { interface: { eth0: { ip: { address: { '192.168.200.11/24': null, '192.168.200.99/24': {} } } } } },
    ],
    ['takes eth0 away', { interface: { eth0: null } }],
    ['shuts eth0', { interface: { eth0: { link: { state: { down: {} } } } } }],
    ['moves eth0 to another VRF', { interface: { eth0: { ip: { vrf: 'default' } } } }],
    ['takes the gateway away', { interface: { eth0: { ip: { gateway: null } } } }],
    ['disables the API', { system: { api: { state: 'disabled' } } }],
    ['moves the API to another port', { system: { api: { port: 8888 } } }],
  ];

  it.each(ways)('because it %s is answered no more until the switch has gone back', async (_words, patch) => {
    const { leaf, clock, cumulus } = await startLeaf();
    const before = leaf.applied();
    const id = await draft(cumulus, patch);
    await cumulus.patch(`/revision/${id}`, CONFIRM);
    clock.advance(10_000);

    expect(leaf.unreachable()).toBeDefined();
    await expect(cumulus.get('/system')).rejects.toMatchObject({ code: 'ECONNRESET' });

    clock.advance(300_000);
    expect(await stateOf(cumulus, id)).toBe('confirm_fail');
    expect(leaf.applied()).toBe(before);
  });

  it('breaks the connection that is open, too', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, { interface: { eth0: null } });
    leaf.faults.onRequest({ kind: 'hang' }, { path: /health/ });
    const received = new Promise<void>((resolve) => {
      leaf.onRequest(({ request }) => {
        if (request.path.includes('health')) resolve();
      });
    });
    const hanging = expect(cumulus.get('/system/health')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await received;
    await cumulus.patch(`/revision/${id}`, CONFIRM);

    clock.advance(10_000);

    await hanging;
  });
});

describe('accounts and the applied configuration', () => {
  const user = (changes: Tree): Tree => ({ system: { aaa: { user: changes } } });

  it('that changes our own hash refuses the old password from then on, during the same apply', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, user({ cumulus: { 'hashed-password': '$6$a$other' } }));
    await cumulus.patch(`/revision/${id}`, CONFIRM);
    clock.advance(10_000);

    expect((await cumulus.get(`/revision/${id}`)).status).toBe(401);
    expect(await stateOf(callerOf(leaf, 'cumulus:changed'), id)).toBe('confirm');

    clock.advance(600_000);
    expect(await stateOf(cumulus, id)).toBe('confirm_fail');
  });

  it('that would delete the account it is applied by fails, and nothing is live', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const before = leaf.applied();
    const id = await draft(cumulus, user({ cumulus: null }));

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);

    const { body } = await cumulus.get(`/revision/${id}`);
    expect(body.state).toBe('apply_error');
    expect(body.transition.issue['0']).toMatchObject({ severity: 'error', data: { user: 'cumulus' } });
    expect(leaf.applied()).toBe(before);
  });

  it('that deletes another account refuses it from then on', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, user({ viewer: null }));

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);

    expect((await callerOf(leaf, 'viewer:look').get('/system')).status).toBe(401);
  });

  it('let nobody in by a hash whose password is not known', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, user({ viewer: { 'hashed-password': '$6$a$unheard' } }));

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);

    expect((await callerOf(leaf, 'viewer:look').get('/system')).status).toBe(401);
    expect((await callerOf(leaf, 'viewer:undefined').get('/system')).status).toBe(401);
  });
});
