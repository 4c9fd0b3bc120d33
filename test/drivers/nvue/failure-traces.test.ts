import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../drivers/driver.ts';
import { ADMIN, BASE, changed, createLab, type Lab, never } from '../lab.ts';

/** The bad days of the golden trace: what the driver asks, what it never asks, and how the switch is left. */
describe('when the apply goes wrong', () => {
  const intended = changed(BASE, ['interface', 'swp1-2', 'link', 'mtu'], 9000);
  const APPLY = 'PATCH /revision/2 {"state":"apply","auto-prompt":{"ays":"ays_yes"},"state-controls":{"confirm":300}}';
  let lab: Lab;
  let session: Session;

  async function begin(spec: Parameters<typeof createLab>[0] = {}, tree = intended) {
    lab = await createLab(spec);
    session = await lab.open();
    const { candidates } = await session.read(never);
    await session.stage(tree, candidates, never);
    lab.wire();
  }
  const sent = () => lab.wire().filter((line) => !line.startsWith('GET'));
  const revisionOf = (id: string) => lab.switch.revisions().find((revision) => revision.id === id);

  beforeEach(() => begin());
  afterEach(() => lab.close());

  it('an invalid configuration is reported with its place, its draft is deleted, nothing is live', async () => {
    lab.switch.faults.onApply({
      kind: 'invalid',
      location: 'interface.swp1.link.mtu',
      reason: 'too small for VXLAN\n',
    });

    await expect(session.commit('2', 300, never)).rejects.toMatchObject({
      code: 'DRIVER_CONFIGURATION_REFUSED',
      details: {
        candidate: '2',
        refusals: [{ path: ['interface', 'swp1', 'link', 'mtu'], words: 'too small for VXLAN' }],
      },
    });

    expect(sent()).toEqual([APPLY, 'DELETE /revision/2']);
    expect(lab.switch.applied()).toMatchObject({ interface: { swp1: { link: { mtu: 9216 } } } });
    expect(lab.switch.revisions().map(({ id }) => id)).toEqual(['1']);
  });

  it('a question asked in spite of the answer sent along is answered with no, and reported', async () => {
    lab.switch.faults.onApply({ kind: 'ays', answerable: false });

    await expect(session.commit('2', 300, never)).rejects.toMatchObject({
      code: 'DRIVER_APPLY_FAILED',
      details: { state: 'ays', issues: [expect.stringMatching(/^\[warning\]/)], rolledBack: true },
    });

    expect(sent()).toEqual([APPLY, 'PATCH /revision/2 {"state":"ays_no"}', 'DELETE /revision/2']);
    expect(lab.switch.applied()).toMatchObject({ interface: { swp1: { link: { mtu: 9216 } } } });
  });

  it('a switch out of reach after the apply is not confirmed, and goes back by itself', async () => {
    lab.switch.faults.onApply({ kind: 'lose-management' });

    await expect(session.commit('2', 300, never)).rejects.toMatchObject({ code: 'DRIVER_UNREACHABLE' });

    expect(sent()).toEqual([APPLY]);
    lab.clock.advance(120_000);
    const later = await lab.open();
    expect(await later.state('2', never)).toMatchObject({ kind: 'reverted', state: 'confirm_fail' });
    expect((await later.read(never)).tree).toMatchObject({ interface: { swp1: { link: { mtu: 9216 } } } });
    expect(sent()).toEqual([]);
  });

  it('a switch that went back while nobody could reach it is reported as that', async () => {
    lab.switch.faults.onApply({ kind: 'lose-management' });

    await expect(session.commit('2', 60, never)).rejects.toMatchObject({
      code: 'DRIVER_CONFIRM_EXPIRED',
      details: { candidate: '2', confirmWithinSeconds: 60 },
    });

    expect(lab.switch.applied()).toMatchObject({ interface: { swp1: { link: { mtu: 9216 } } } });
    expect(sent()).toEqual([
      'PATCH /revision/2 {"state":"apply","auto-prompt":{"ays":"ays_yes"},"state-controls":{"confirm":60}}',
      'DELETE /revision/2',
    ]);
  });

  it('a failed reload is not ignored: the answer is no, and the rollback is waited for', async () => {
    lab.switch.faults.onApply({ kind: 'ignore-fail' });

    await expect(session.commit('2', 300, never)).rejects.toMatchObject({
      code: 'DRIVER_APPLY_FAILED',
      details: {
        state: 'ignore_fail',
        issues: expect.arrayContaining([expect.stringContaining('systemctl')]),
        rolledBack: true,
      },
    });

    const wire = lab.wire();
    expect(wire.filter((line) => !line.startsWith('GET')).slice(0, 2)).toEqual([
      APPLY,
      'PATCH /revision/2 {"state":"ignore_fail_no"}',
    ]);
    expect(wire.some((line) => /^GET \/revision\/rev_2_apply_\d+%2Fstart$/.test(line))).toBe(true);
    expect(lab.switch.applied()).toMatchObject({ interface: { swp1: { link: { mtu: 9216 } } } });
  });

  it('an apply that fails by itself is reported when the switch is back where it was', async () => {
    lab.switch.faults.onApply({ kind: 'apply-fail' });

    await expect(session.commit('2', 300, never)).rejects.toMatchObject({
      code: 'DRIVER_APPLY_FAILED',
      details: { state: 'apply_fail', rolledBack: true },
    });

    expect(lab.switch.applied()).toMatchObject({ interface: { swp1: { link: { mtu: 9216 } } } });
  });

  it.each(['ready-error', 'verify-error'] as const)('%s ends the apply with the switch unchanged', async (kind) => {
    lab.switch.faults.onApply({ kind });

    await expect(session.commit('2', 300, never)).rejects.toMatchObject({
      code: 'DRIVER_APPLY_FAILED',
      details: { state: kind.replace('-', '_'), rolledBack: true },
    });

    expect(sent()).toEqual([APPLY, 'DELETE /revision/2']);
  });

  it('a lost answer to the apply is looked for and not sent again', async () => {
    lab.switch.faults.onRequest({ kind: 'drop-after' }, { method: 'PATCH', path: /revision\/2/ });

    expect(await session.commit('2', 300, never)).toMatchObject({ kind: 'awaiting-confirm', state: 'confirm' });

    const wire = lab.wire();
    expect(wire.slice(wire.indexOf(APPLY), wire.indexOf(APPLY) + 2)).toEqual([APPLY, 'GET /revision/2']);
    expect(wire.filter((line) => line === APPLY)).toHaveLength(1);
  });

  it('an apply that never arrived is not sent again: the next pass looks', async () => {
    lab.switch.faults.onRequest({ kind: 'drop-before' }, { method: 'PATCH', path: /revision\/2/ });

    await expect(session.commit('2', 300, never)).rejects.toMatchObject({
      code: 'DRIVER_OUTCOME_UNKNOWN',
      disposition: 'retry-later',
    });

    expect(sent()).toEqual([APPLY]);
    expect(await session.state('2', never)).toEqual({ kind: 'staged' });
  });

  it('nginx answering in HTML for twenty seconds does not end the watch', async () => {
    const stop = lab.switch.onRequest(({ phase, request }) => {
      if (phase === 'performed' && request.method === 'PATCH') lab.switch.faults.badGatewayFor(20_000);
    });

    expect(await session.commit('2', 300, never)).toMatchObject({ kind: 'awaiting-confirm' });
    stop();

    expect(lab.switch.requests().filter(({ status }) => status === 502).length).toBeGreaterThan(15);
  });

  it('a change of our own password between apply and confirm does not lock us out', async () => {
    await lab.close();
    const hash = '$6$canarysalt$canarynext';
    const next = { username: ADMIN.username, password: 'canary-n3xt-passw0rd' };
    const tree = changed(BASE, ['system', 'aaa', 'user', 'cumulus', 'hashed-password'], hash);
    await begin({ hashes: { $6$canarysalt$canaryhash: ADMIN.password, [hash]: next.password } }, tree);
    const both = await lab.open({ logins: [next, ADMIN] });

    expect(await both.commit('2', 300, never)).toMatchObject({ kind: 'awaiting-confirm' });
    const fresh = await lab.open({ logins: [ADMIN, next] });
    expect(await fresh.confirm('2', never)).toMatchObject({ kind: 'live' });

    expect(lab.switch.applied()).toMatchObject({ system: { aaa: { user: { cumulus: { 'hashed-password': hash } } } } });
  });

  it('a login refused for a moment during the apply is tried again, and not for ever', async () => {
    const stop = lab.switch.onRequest(({ phase, request }) => {
      if (phase === 'performed' && request.method === 'PATCH') lab.switch.faults.refuseLoginsFor(3_000);
    });
    expect(await session.commit('2', 300, never)).toMatchObject({ kind: 'awaiting-confirm' });
    stop();

    lab.switch.faults.refuseLoginsFor(60_000);
    const before = lab.switch.requests().length;
    await expect(session.confirm('2', never)).rejects.toMatchObject({ code: 'DRIVER_AUTHENTICATION_FAILED' });
    expect(lab.switch.requests().length - before).toBeLessThanOrEqual(5);
  });

  it('logins refused for long are not tried for as long: that would lock the account', async () => {
    const stop = lab.switch.onRequest(({ phase, request }) => {
      if (phase === 'performed' && request.method === 'PATCH') lab.switch.faults.refuseLoginsFor(200_000);
    });

    await expect(session.commit('2', 300, never)).rejects.toMatchObject({ code: 'DRIVER_AUTHENTICATION_FAILED' });
    stop();

    expect(lab.switch.requests().filter(({ status }) => status === 401)).toHaveLength(5);
  });

  it('a switch that saves itself is followed through applied until it has', async () => {
    await lab.close();
    await begin({ stepMilliseconds: 1500 });
    await session.commit('2', 300, never);
    const states: (string | undefined)[] = [];
    lab.switch.onRequest(({ phase, request }) => {
      if (phase === 'performed' && request.method === 'GET') states.push(revisionOf('2')?.state);
    });

    expect(await session.confirm('2', never)).toEqual({ kind: 'live', saved: true, issues: [] });

    expect(states).toContain('applied');
  });

  it('a success state with an error issue is live, and says so', async () => {
    lab.switch.faults.onApply({ kind: 'error-issue' });
    await session.commit('2', 300, never);

    const state = await (await lab.open()).confirm('2', never);

    expect(state).toMatchObject({ kind: 'live', issues: [expect.stringMatching(/^\[error\]/)] });
  });

  it('a slow reload is waited for, within the time there is', async () => {
    lab.switch.faults.onApply({ kind: 'slow', state: 'reloading', milliseconds: 100_000 });

    expect(await session.commit('2', 300, never)).toMatchObject({ kind: 'awaiting-confirm' });
  });

  it('a reload that takes longer than there is time is left to the switch, unconfirmed', async () => {
    lab.switch.faults.onApply({ kind: 'slow', state: 'reloading', milliseconds: 3_600_000 });

    await expect(session.commit('2', 300, never)).rejects.toMatchObject({
      code: 'DRIVER_APPLY_UNFINISHED',
      details: { state: 'reloading', waitedSeconds: 270 },
    });
    expect(sent()).toEqual([APPLY]);
  });

  it('a confirmation whose answer is lost is not repeated', async () => {
    await session.commit('2', 300, never);
    lab.wire();
    lab.switch.faults.onRequest({ kind: 'drop-after' }, { method: 'PATCH' });

    expect(await session.confirm('2', never)).toMatchObject({ kind: 'live', saved: true });

    expect(sent()).toEqual(['PATCH /revision/2 {"state":"confirm_yes"}']);
  });

  it('a confirmation that never arrived is sent again only after the switch was seen to still ask', async () => {
    await session.commit('2', 300, never);
    lab.wire();
    lab.switch.faults.onRequest({ kind: 'drop-before' }, { method: 'PATCH' });

    expect(await session.confirm('2', never)).toMatchObject({ kind: 'live' });

    const wire = lab.wire();
    const [first, second] = wire.flatMap((line, index) => (line.includes('confirm_yes') ? [index] : []));
    expect(wire.slice((first ?? 0) + 1, second)).toContain('GET /revision/2');
  });

  it('a confirmation that comes too late says that the switch went back', async () => {
    await session.commit('2', 300, never);
    lab.clock.advance(400_000);

    expect(await session.confirm('2', never)).toMatchObject({ kind: 'reverted', state: 'confirm_fail' });
    expect(sent().filter((line) => line.includes('confirm_yes'))).toEqual([]);
  });

  it('an account that may only look is told so before anything is live', async () => {
    const weak = await lab.open({ logins: [{ username: 'watcher', password: 'canary-M0nitor' }] });

    await expect(weak.commit('2', 300, never)).rejects.toMatchObject({ code: 'DRIVER_NOT_PERMITTED' });

    expect(revisionOf('2')).toEqual({ id: '2', state: 'pending' });
  });

  it('a discard whose answer is lost leaves nothing behind', async () => {
    lab.switch.faults.onRequest({ kind: 'drop-after' }, { method: 'DELETE' });

    await session.discard('2', never);

    expect(revisionOf('2')).toBeUndefined();
  });

  it('a discard the switch refuses leaves it alone, and is no error', async () => {
    const reply = { status: 409, body: { detail: 'this revision is immutable' } };
    lab.switch.faults.onRequest({ kind: 'reply', reply }, { method: 'DELETE' });

    await session.discard('2', never);

    expect(sent()).toEqual(['DELETE /revision/2']);
  });

  it('a discard never reaches a revision by one of its other names', async () => {
    await session.discard('pending', never);
    await session.discard('applied', never);
    await session.discard('startup', never);

    expect(sent()).toEqual([]);
  });

  it('a failed save is an error, not a green run', async () => {
    await lab.close();
    await begin({ autoSave: false });
    await session.commit('2', 300, never);
    expect(await session.confirm('2', never)).toEqual({ kind: 'live', saved: false, issues: [] });
    expect(await session.read(never)).toMatchObject({ unsaved: true });
    lab.switch.faults.onRequest({ kind: 'drop-before' }, { method: 'PATCH' });

    await expect(session.save(never)).rejects.toMatchObject({ code: 'DRIVER_SAVE_FAILED' });
  });
});
