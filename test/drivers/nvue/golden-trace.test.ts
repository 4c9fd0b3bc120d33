import { afterEach, describe, expect, it } from 'vitest';
import type { SwitchSpec } from '../../../sandbox/switches/switch-spec.ts';
import { BASE, changed, createLab, type Lab, never } from '../lab.ts';

/**
 * What goes over the wire, request by request. Source: the golden trace "replace + confirm + auto-save" of the NVUE notes;
 * a change here is a change of what switches see and should be looked at as one.
 */
describe('the wire', () => {
  let lab: Lab;
  afterEach(() => lab.close());

  const intended = changed(BASE, ['interface', 'swp1-2', 'link', 'mtu'], 9000);

  async function walk(spec: Partial<SwitchSpec>) {
    lab = await createLab({ ...spec, stepMilliseconds: 250 });
    const session = await lab.open();
    const { candidates } = await session.read(never);
    const read = lab.wire();
    const { candidate } = await session.stage(intended, candidates, never);
    const staged = lab.wire();
    await session.commit(candidate, 300, never);
    const committed = lab.wire();
    const fresh = await lab.open();
    await fresh.health(never);
    const proved = lab.wire();
    await fresh.confirm(candidate, never);
    const confirmed = lab.wire();
    await fresh.save(never);
    return { read, staged, committed, proved, confirmed, saved: lab.wire() };
  }

  it('carries exactly this for a replace that is confirmed and saves itself', async () => {
    const wire = await walk({ release: '5.11' });

    expect(wire).toEqual({
      read: [
        'GET /system?rev=operational',
        'GET /revision',
        'GET /revision/applied',
        'GET /?rev=applied&filled=false',
        'GET /?rev=startup&filled=false',
      ],
      staged: [
        'GET /revision',
        'POST /revision',
        'DELETE /?rev=2',
        'PATCH /?rev=2 <tree>',
        'GET /?rev=2&diff=applied&filled=false',
        'GET /?rev=applied&diff=2&filled=false',
      ],
      committed: [
        'GET /revision',
        'GET /?rev=2&diff=applied&filled=false',
        'GET /?rev=applied&diff=2&filled=false',
        'PATCH /revision/2 {"state":"apply","auto-prompt":{"ays":"ays_yes"},"state-controls":{"confirm":300}}',
        'GET /revision/2',
        'GET /revision/2',
        'GET /revision/2',
      ],
      proved: [
        'GET /system?rev=operational',
        'GET /system/health?rev=operational',
        'GET /interface?include=/*/type&include=/*/link/state&include=/*/link/oper-status' +
          '&include=/*/link/admin-status&include=/*/lldp/neighbor&rev=operational',
        'GET /vrf?include=/*/router/bgp/neighbor&rev=operational',
        'GET /mlag?rev=operational',
      ],
      confirmed: ['GET /revision/2', 'PATCH /revision/2 {"state":"confirm_yes"}', 'GET /revision/2'],
      saved: ['GET /revision/applied', 'GET /?rev=startup&filled=false', 'GET /?rev=applied&filled=false'],
    });
    expect(lab.switch.revisions().at(-1)).toEqual({ id: '2', state: 'applied_and_saved' });
  });

  it('carries an explicit save where the switch does not save itself', async () => {
    const { confirmed, saved } = await walk({ release: '5.9', autoSave: false });

    expect(confirmed.slice(0, 2)).toEqual(['GET /revision/2', 'PATCH /revision/2 {"state":"confirm_yes"}']);
    expect(saved.filter((line) => line.startsWith('PATCH'))).toEqual([
      'PATCH /revision/applied {"state":"save","auto-prompt":{"ays":"ays_yes"}}',
    ]);
    expect(saved.slice(-2)).toEqual(['GET /?rev=startup&filled=false', 'GET /?rev=applied&filled=false']);
    expect(lab.switch.startup()).toEqual(lab.switch.applied());
  });

  it('never carries an answer to the confirm question in advance, nor a yes to a failure', async () => {
    await walk({ release: '5.11' });

    const bodies = JSON.stringify(lab.switch.requests().map(({ body }) => body));
    expect(bodies).not.toContain('"confirm":"confirm_yes"');
    expect(bodies).not.toContain('ignore_fail_yes');
  });

  it('carries at most two requests a second while an apply is watched', async () => {
    await walk({ release: '5.11' });

    const polls = lab.switch.requests().filter(({ method, path }) => method === 'GET' && /\/revision\/\d+$/.test(path));
    const busiest = polls.map(({ at }) => polls.filter((other) => other.at >= at && other.at < at + 1000).length);
    expect(Math.max(...busiest)).toBeLessThanOrEqual(2);
  });

  it('writes slashes in revision ids as %2F', async () => {
    lab = await createLab();
    const session = await lab.open();
    lab.wire();

    await session.state('changeset/cumulus/2026-11-20_09.00.00_AAAA', never);

    expect(lab.wire()).toEqual(['GET /revision/changeset%2Fcumulus%2F2026-11-20_09.00.00_AAAA']);
  });

  it('carries every interface with the type its name implies, and no range', async () => {
    lab = await createLab();
    const session = await lab.open();
    const { candidates } = await session.read(never);

    await session.stage({ ...BASE, interface: { 'swp1-2': {}, lo: {} } }, candidates, never);

    const sent = lab.switch.requests().find(({ method }) => method === 'PATCH')?.body;
    expect(sent).toMatchObject({
      interface: { swp1: { type: 'swp' }, swp2: { type: 'swp' }, lo: { type: 'loopback' } },
    });
  });
});
