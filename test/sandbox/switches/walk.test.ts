import { describe, expect, it } from 'vitest';
import { APPLY, draft, leafConfiguration, startLeaf, stateOf, walkOf } from './fixture.ts';

const TO_RELOADED = ['checking', 'checked', 'verifying', 'verified', 'readying', 'ready', 'reloading', 'reloaded'];

describe('the walk of an apply', () => {
  it.each([
    ['5.9', true, [...TO_RELOADED, 'applied', 'auto_save', 'auto_saving', 'applied_and_saved']],
    ['5.9', false, [...TO_RELOADED, 'applied']],
    ['5.11', true, [...TO_RELOADED, 'check_health', 'applied', 'auto_save', 'auto_saving', 'applied_and_saved']],
    ['5.11', false, [...TO_RELOADED, 'check_health', 'applied']],
  ] as const)('on release %s with auto-save %s shows every state in order', async (release, autoSave, states) => {
    const { leaf, clock, cumulus } = await startLeaf({ release, autoSave });
    const id = await draft(cumulus, { interface: { swp1: { description: 'server' } } });

    const answer = await cumulus.patch(`/revision/${id}`, APPLY);

    expect(answer.body).toMatchObject({ state: 'apply', transition: { issue: {}, progress: '' } });
    expect(walkOf(leaf, clock, id)).toEqual(states);
    expect(leaf.applied()).toMatchObject({ interface: { swp1: { description: 'server' } } });
    expect(leaf.startup() === leaf.applied()).toBe(autoSave);
  });

  it('follows the auto-save leaf of the configuration when nothing else is said', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, { system: { config: { 'auto-save': { enable: 'off' } } } });

    await cumulus.patch(`/revision/${id}`, APPLY);

    expect(walkOf(leaf, clock, id).at(-1)).toBe('applied');
  });

  it('makes nothing live before it reloads', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const before = leaf.applied();
    const id = await draft(cumulus, { system: { message: { 'pre-login': 'hello' } } });

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(650);

    expect(await stateOf(cumulus, id)).toBe('reloading');
    expect(leaf.applied()).toBe(before);
    clock.advance(100);
    expect(leaf.applied()).toMatchObject({ system: { message: { 'pre-login': 'hello' } } });
  });

  it('is over before the answer when states take no time, and the answer still says apply', async () => {
    const { leaf, cumulus } = await startLeaf({ stepMilliseconds: 0 });
    const id = await draft(cumulus, { system: { hostname: 'renamed' } });

    const answer = await cumulus.patch(`/revision/${id}`, APPLY);

    expect(answer.body.state).toBe('apply');
    expect(await stateOf(cumulus, id)).toBe('applied_and_saved');
    expect(leaf.startup()).toMatchObject({ system: { hostname: 'renamed' } });
  });

  it('ends in invalid with location and reason where objects contradict each other, and nothing is live', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, { router: { bgp: { 'router-id': null } } });

    await cumulus.patch(`/revision/${id}`, APPLY);

    expect(walkOf(leaf, clock, id).at(-1)).toBe('invalid');
    const { body } = await cumulus.get(`/revision/${id}`);
    expect(body.transition).toEqual({
      progress: 'Invalid config',
      issue: {
        '0': {
          severity: 'error',
          code: 'config_invalid',
          message:
            'Config invalid at vrf.default.router.bgp.enable: BGP requires router-id to be set globally or in the VRF.\n',
          data: {
            location: 'vrf.default.router.bgp.enable',
            reason: 'BGP requires router-id to be set globally or in the VRF.\n',
          },
        },
      },
    });
    expect(leaf.applied()).toMatchObject({ router: { bgp: { 'router-id': '10.10.10.1' } } });
  });

  it('waits in apply while another revision is being applied, and goes on when that one has ended', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const first = leaf.outOfBand.startApply(
      'noc',
      { system: { message: { 'pre-login': 'one' } } },
      { confirmSeconds: 60 },
    );
    const second = await draft(cumulus, { system: { message: { 'post-login': 'two' } } });

    await cumulus.patch(`/revision/${second}`, APPLY);
    clock.advance(30_000);
    expect(await stateOf(cumulus, first)).toBe('confirm');
    expect(await stateOf(cumulus, second)).toBe('apply');

    clock.advance(40_000);
    expect(await stateOf(cumulus, first)).toBe('confirm_fail');
    expect(await stateOf(cumulus, second)).toBe('applied_and_saved');
  });

  it('of a queued revision is taken back with pending', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.outOfBand.startApply('noc', { system: { message: { 'pre-login': 'one' } } });
    const second = await draft(cumulus, { system: { message: { 'post-login': 'two' } } });
    await cumulus.patch(`/revision/${second}`, APPLY);

    await cumulus.patch(`/revision/${second}`, { state: 'pending' });
    clock.advance(60_000);

    expect(await stateOf(cumulus, second)).toBe('pending');
    expect(leaf.applied()).toMatchObject({ system: { message: { 'pre-login': 'one' } } });
  });

  it('without changes hangs in apply up to 5.9', async () => {
    const { clock, cumulus } = await startLeaf({ release: '5.9' });
    const id = await draft(cumulus, {});

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(3_600_000);

    expect(await stateOf(cumulus, id)).toBe('apply');
  });

  it('without changes ends in an odd state with an issue from 5.10 on', async () => {
    const { clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, {});

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(3_600_000);

    const { body } = await cumulus.get(`/revision/${id}`);
    expect(body.state).toBe('inactive');
    expect(body.transition.issue['0'].message).toBe('config apply executed with no config diff');
  });

  it('goes back to an earlier revision when that one is applied again', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const born = leaf.applied();
    const id = await draft(cumulus, { system: { hostname: 'renamed' } });
    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);
    expect(leaf.applied()).toMatchObject({ system: { hostname: 'renamed' } });

    const answer = await cumulus.patch('/revision/1', APPLY);
    clock.advance(10_000);

    expect(answer.status).toBe(200);
    expect(leaf.applied()).toEqual(born);
    const { body } = await cumulus.get('/revision/applied');
    expect(body['last-apply']['apply-id']).toBe('rev_1_apply_2');
  });

  it('goes back to the point before an apply under its %2F name', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, { system: { hostname: 'renamed' } });
    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);

    await cumulus.patch(`/revision/rev_${id}_apply_1%2Fstart`, APPLY);
    clock.advance(10_000);

    expect(await stateOf(cumulus, `rev_${id}_apply_1/start`)).toBe('applied_and_saved');
    expect(leaf.applied()).toMatchObject({ system: { hostname: 'leaf01' } });
  });
});

describe('asking before an apply goes on', () => {
  const renumber = { router: { bgp: { 'autonomous-system': 65999 } } };

  it('happens for what restarts FRR, and times out to ays_fail with nothing live', async () => {
    const { leaf, clock, cumulus } = await startLeaf({ promptMilliseconds: 30_000 });
    const id = await draft(cumulus, renumber);

    await cumulus.patch(`/revision/${id}`, { state: 'apply' });
    clock.advance(10_000);
    const asked = await cumulus.get(`/revision/${id}`);
    expect(asked.body.state).toBe('ays');
    expect(asked.body.transition.issue['0']).toMatchObject({ severity: 'warning', code: 'frr_restart' });

    clock.advance(30_000);
    const ended = await cumulus.get(`/revision/${id}`);
    expect(ended.body).toMatchObject({ state: 'ays_fail', transition: { progress: 'Aborted apply after warnings' } });
    expect(ended.body.transition.issue['1']).toMatchObject({
      code: 'client_timeout',
      message: 'Timeout while waiting for client response',
    });
    expect(leaf.applied()).toMatchObject({ router: { bgp: { 'autonomous-system': 65101 } } });
    expect((await cumulus.patch(`/revision/${id}`, { state: 'ays_yes' })).status).toBe(409);
  });

  it('goes on after ays_yes and ends after ays_no', async () => {
    const { clock, cumulus } = await startLeaf();
    const yes = await draft(cumulus, renumber);
    await cumulus.patch(`/revision/${yes}`, { state: 'apply' });
    clock.advance(10_000);
    await cumulus.patch(`/revision/${yes}`, { state: 'ays_yes' });
    clock.advance(10_000);
    expect(await stateOf(cumulus, yes)).toBe('applied_and_saved');

    const no = await draft(cumulus, { router: { bgp: { 'autonomous-system': 65000 } } });
    await cumulus.patch(`/revision/${no}`, { state: 'apply' });
    clock.advance(10_000);
    await cumulus.patch(`/revision/${no}`, { state: 'ays_no' });
    expect(await stateOf(cumulus, no)).toBe('ays_no');
  });

  it('happens after somebody edited a managed file, until an apply has overwritten it', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.outOfBand.editManagedFile('/etc/frr/frr.conf');
    const first = await draft(cumulus, { system: { message: { 'pre-login': 'one' } } });
    await cumulus.patch(`/revision/${first}`, { state: 'apply' });
    clock.advance(10_000);
    expect(await stateOf(cumulus, first)).toBe('ays');
    await cumulus.patch(`/revision/${first}`, { state: 'ays_yes' });
    clock.advance(10_000);

    const second = await draft(cumulus, { system: { message: { 'pre-login': 'two' } } });
    await cumulus.patch(`/revision/${second}`, { state: 'apply' });
    clock.advance(10_000);

    expect(await stateOf(cumulus, second)).toBe('applied_and_saved');
  });

  it('does not happen for what interrupts nothing', async () => {
    const { clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, { system: { message: { 'pre-login': 'one' } } });

    await cumulus.patch(`/revision/${id}`, { state: 'apply' });
    clock.advance(10_000);

    expect(await stateOf(cumulus, id)).toBe('applied_and_saved');
  });
});

describe('saving', () => {
  it('is a step of its own when auto-save is off', async () => {
    const { leaf, clock, cumulus } = await startLeaf({ autoSave: false });
    const id = await draft(cumulus, { system: { hostname: 'renamed' } });
    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);
    expect(leaf.startup()).toMatchObject({ system: { hostname: 'leaf01' } });

    const answer = await cumulus.patch('/revision/applied', { state: 'save', 'auto-prompt': { ays: 'ays_yes' } });
    expect(answer.status).toBe(200);
    expect(await stateOf(cumulus, id)).toBe('saving');
    clock.advance(100);

    expect(await stateOf(cumulus, id)).toBe('saved');
    expect(leaf.startup()).toMatchObject({ system: { hostname: 'renamed' } });
  });

  it('is refused for a revision that is not applied', async () => {
    const { leaf, cumulus } = await startLeaf({ autoSave: false });
    const id = await draft(cumulus, { system: { hostname: 'renamed' } });

    const answer = await cumulus.patch(`/revision/${id}`, { state: 'save' });

    expect(answer.status).toBe(409);
    expect(leaf.startup()).toMatchObject({ system: { hostname: 'leaf01' } });
  });
});

describe('a reboot', () => {
  it('ends in what was saved, and answers nothing meanwhile', async () => {
    const { leaf, clock, cumulus } = await startLeaf({ autoSave: false, bootMilliseconds: 60_000 });
    const id = await draft(cumulus, { system: { hostname: 'renamed' } });
    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);

    leaf.reboot();
    await expect(cumulus.get('/system')).rejects.toMatchObject({ code: 'ECONNRESET' });
    clock.advance(60_000);

    expect((await cumulus.get('/system')).body).toMatchObject({ hostname: 'leaf01', uptime: 0 });
    expect(leaf.applied()).toEqual(leaf.startup());
  });

  it('in the confirm window ends in the old configuration', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, { system: { hostname: 'renamed' } });
    await cumulus.patch(`/revision/${id}`, { ...APPLY, 'state-controls': { confirm: 300 } });
    clock.advance(10_000);
    expect(await stateOf(cumulus, id)).toBe('confirm');

    leaf.reboot();
    clock.advance(600_000);

    expect(await stateOf(cumulus, id)).toBe('confirm_fail');
    expect(leaf.applied()).toMatchObject({ system: { hostname: 'leaf01' } });
  });

  it('forgets the queue: what waited in it is pending again', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.outOfBand.startApply('noc', { system: { hostname: 'one' } });
    const queued = leaf.outOfBand.startApply('noc', { system: { hostname: 'two' } });

    leaf.reboot();
    clock.advance(60_000);

    expect(await stateOf(cumulus, queued)).toBe('pending');
    expect(leaf.applied()).toMatchObject({ system: { hostname: 'leaf01' } });
  });

  it('is started by an action with a job id that can be polled afterwards', async () => {
    const { clock, cumulus } = await startLeaf();
    clock.advance(3_600_000);

    const job = await cumulus.post('/system', { '@reboot': { state: 'start', parameters: { 'no-confirm': true } } });
    expect(job).toMatchObject({ status: 201, body: '1' });
    clock.advance(60_000);

    expect((await cumulus.get('/action/1')).body).toMatchObject({ state: 'action_success' });
    expect((await cumulus.get('/system')).body.uptime).toBeLessThan(61);
  });
});

it('the configuration it was started with has its ranges expanded', async () => {
  const { leaf } = await startLeaf();

  expect(Object.keys(leaf.applied()['interface'] ?? {})).toEqual([
    ...['eth0', 'lo', 'swp1', 'swp2', 'swp3', 'swp4', 'swp51', 'swp52'],
  ]);
  expect(leafConfiguration['interface']).toHaveProperty('swp1-4');
});
