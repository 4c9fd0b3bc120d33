import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../drivers/driver.ts';
import type { Json, Tree } from '../../../schemas/json.ts';
import { BASE, changed, createLab, type Lab, never } from '../lab.ts';

/** Releases leave things out, wrap them, or say what nobody has heard of. */
describe('a switch that answers otherwise', () => {
  let lab: Lab;
  let session: Session;
  const intended = changed(BASE, ['interface', 'swp1-2', 'link', 'mtu'], 9000);

  beforeEach(async () => {
    lab = await createLab();
    session = await lab.open();
  });
  afterEach(() => lab.close());

  const answer = (path: RegExp, body: Json, { times = 1, nth = 1, method = 'GET', status = 200 } = {}) =>
    lab.switch.faults.onRequest({ kind: 'reply', reply: { status, body } }, { method, path, times, nth });
  const stage = async () => session.stage(intended, (await session.read(never)).candidates, never);
  const mutations = () => lab.wire().filter((line) => !line.startsWith('GET'));

  it('with a revision wrapped in a map of one is understood', async () => {
    answer(/revision\/12$/, { '12': { state: 'confirm', transition: { issue: {}, progress: '' } } });

    expect(await session.state('12', never)).toMatchObject({ kind: 'awaiting-confirm' });
  });

  it.each([null, {}, [], 'applied', { state: 7 }, { transition: {} }])(
    'with a revision that is %j is not understood',
    async (body) => {
      answer(/revision\/12$/, body);

      await expect(session.state('12', never)).rejects.toMatchObject({ code: 'DRIVER_REPLY_UNREADABLE' });
    },
  );

  it.each([
    { what: 'the revisions', path: /revision$/ },
    { what: 'what is applied', path: /rev=applied&filled/ },
    { what: 'what it would boot', path: /rev=startup/ },
  ])('with no map for $what is not read as empty', async ({ path }) => {
    answer(path, null);

    await expect(session.read(never)).rejects.toMatchObject({ code: 'DRIVER_REPLY_UNREADABLE' });
  });

  it.each([
    { what: 'nobody', lastApply: {}, found: undefined },
    { what: 'an account and no time', lastApply: { user: 'eve' }, found: { by: 'eve' } },
    {
      what: 'an account and something that is no time',
      lastApply: { user: 'eve', 'apply-date': 'soon' },
      found: { by: 'eve' },
    },
    { what: 'no text for an account', lastApply: { user: 7 }, found: undefined },
  ])('that names $what for its last change is believed no more than that', async ({ lastApply, found }) => {
    answer(/revision\/applied$/, { state: 'applied', 'last-apply': lastApply });

    expect(await session.lastChange?.(never)).toEqual(found);
  });

  it('without the applied configuration is not read as empty', async () => {
    answer(/rev=applied&filled/, { detail: 'not here' }, { status: 404 });

    await expect(session.read(never)).rejects.toMatchObject({ code: 'DRIVER_REPLY_UNREADABLE' });
  });

  it('that names a new draft by a bare number is understood', async () => {
    const foreign = lab.switch.outOfBand.draftAs('us', {});
    answer(/revision$/, Number(foreign), { method: 'POST', status: 201 });

    expect((await session.stage(intended, ['1', foreign], never)).candidate).toBe(foreign);
  });

  it('in a state nobody knows is not confirmed', async () => {
    const { candidate } = await stage();
    lab.wire();
    answer(/revision\/2$/, { state: 'pondering' }, { times: 10 });

    await expect(session.commit(candidate, 300, never)).rejects.toMatchObject({
      code: 'DRIVER_STATE_UNKNOWN',
      details: { candidate, state: 'pondering' },
    });
    await expect(session.confirm(candidate, never)).rejects.toMatchObject({ code: 'DRIVER_STATE_UNKNOWN' });

    expect(mutations().filter((line) => line.includes('confirm_yes'))).toEqual([]);
  });

  it('that lists revisions by their other names too has no more candidates for it', async () => {
    answer(/revision$/, { applied: { state: 'applied' }, startup: { state: 'applied' }, '7': { state: 'pending' } });

    expect(await session.read(never)).toMatchObject({ candidates: ['7'] });
  });

  it('that takes its time to go back is waited for until it names what it went back to', async () => {
    const { candidate } = await stage();
    const target = { '0': { severity: 'warning', code: 'x', data: { rollback_target: 'rev_2_apply_1/start' } } };
    answer(/revision\/2$/, { state: 'apply' }, { method: 'PATCH', times: 2 });
    answer(/revision\/2$/, { state: 'ignore_fail' });
    answer(/revision\/2$/, { state: 'ignore_fail_no' }, { nth: 2, times: 3 });
    answer(/revision\/2$/, { state: 'apply_fail', transition: { issue: target } }, { nth: 5 });
    answer(/rev_2_apply_1/, { state: 'applied' });

    await expect(session.commit(candidate, 300, never)).rejects.toMatchObject({
      code: 'DRIVER_APPLY_FAILED',
      details: { state: 'ignore_fail', rolledBack: true },
    });
    expect(lab.wire()).toContain('GET /revision/rev_2_apply_1%2Fstart');
  });

  it('whose default password was never changed says so', async () => {
    lab.switch.faults.defaultPasswordUnchanged(true);

    await expect(lab.open()).rejects.toMatchObject({
      code: 'DRIVER_NOT_PERMITTED',
      details: { words: expect.stringContaining('default password') },
    });
  });

  it('that restarts its API in the middle of the apply is followed to the end', async () => {
    const tree = changed(intended, ['system', 'api'], { state: 'enabled' });
    const { candidate } = await session.stage(tree, (await session.read(never)).candidates, never);

    expect(await session.commit(candidate, 300, never)).toMatchObject({ kind: 'awaiting-confirm' });
    expect(await (await lab.open()).confirm(candidate, never)).toMatchObject({ kind: 'live' });
  });

  it('with older words for version, links and neighbours is understood', async () => {
    const old: Tree = {
      swp1: { link: { state: { up: {} } } },
      swp2: {
        link: { state: { down: {} } },
        lldp: {
          neighbor: {
            stale: { age: '900', chassis: { 'system-name': 'moved' }, port: { name: 'swp9' } },
            fresh: { age: '12', chassis: { 'system-name': 'spine02' }, port: { name: 'swp1' } },
          },
        },
      },
      swp3: { link: { 'oper-status': 'down', 'admin-status': 'down' } },
    };
    answer(/interface/, old as Json);
    answer(/bgp\/neighbor/, { detail: 'none' }, { status: 404 });
    answer(/mlag/, { 'peer-alive': false });

    const probes = await session.health(never);

    expect(probes.slice(1)).toEqual([
      { name: 'interface swp1', ok: true, found: 'up' },
      { name: 'interface swp2', ok: false, found: 'down' },
      { name: 'lldp swp2', ok: true, found: 'spine02 swp1' },
      { name: 'mlag-peer', ok: false, found: 'peer-alive false' },
    ]);
  });

  it.each([
    { system: { hostname: 'leaf01', 'product-release': '5.11.1', build: 'x' }, version: '5.11.1' },
    { system: { hostname: 'leaf01', version: { 'product-release': '5.14.0' } }, version: '5.14.0' },
    { system: { hostname: 'leaf01', build: 'Cumulus Linux 5.6.0' }, version: '5.6.0' },
  ])('calling itself $system.hostname tells its version as $version', async ({ system, version }) => {
    answer(/system\?/, system as Json);
    const other = await lab.open();

    expect(await other.identify(never)).toMatchObject({ version });
  });

  it('without a serial number is nobody', async () => {
    answer(/platform/, { 'product-name': 'VX' });

    await expect(session.identify(never)).rejects.toMatchObject({ code: 'DRIVER_REPLY_UNREADABLE' });
  });

  it('that repeats our password in its errors does not get it into ours', async () => {
    const [login] = lab.target.logins;
    answer(/revision$/, { detail: `not for cumulus with ${login?.password}` }, { status: 403 });

    await expect(session.read(never)).rejects.toMatchObject({ details: { words: 'not for cumulus with «secret»' } });
  });

  it('that repeats our secrets in its errors does not get them into ours', async () => {
    const secret = 'canary-bgp-password';
    const tree = changed(BASE, ['vrf', 'default', 'router', 'bgp', 'neighbor', 'swp1', 'password'], secret);
    answer(
      /\?rev=/,
      {
        detail: 'x',
        validation: { selected_errors: [{ error: `'${secret}' is weak`, instanceLocation: `/vrf/${secret}` }] },
      },
      { method: 'PATCH', status: 400 },
    );

    const error = await session.stage(tree, (await session.read(never)).candidates, never).catch((failure) => failure);

    expect(error).toMatchObject({ code: 'DRIVER_CONFIGURATION_REFUSED' });
    expect(JSON.stringify(error) + error.stack + error.cause?.stack + lab.logged.join('\n')).not.toContain('canary');
  });
});
