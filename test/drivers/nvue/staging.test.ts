import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../drivers/driver.ts';
import type { Tree } from '../../../schemas/json.ts';
import { BASE, changed, createLab, type Lab, never } from '../lab.ts';

/** Staging, cut off and taken up again, with answers lost on the way. */
describe('stage()', () => {
  const intended = changed(BASE, ['interface', 'swp1-2', 'link', 'mtu'], 9000);
  let lab: Lab;
  let session: Session;
  let before: readonly string[];

  async function begin(spec: Parameters<typeof createLab>[0] = {}, base = BASE) {
    lab = await createLab(spec, base);
    session = await lab.open();
    before = (await session.read(never)).candidates;
    lab.wire();
  }
  const sent = () => lab.wire().filter((line) => !line.startsWith('GET'));
  const drafts = () => lab.switch.revisions().filter(({ state }) => state === 'pending');

  /** Ends the attempt the way a killed process would: right after the switch did what the request said. */
  async function cutAfter(method: string, path: RegExp) {
    const cut = new AbortController();
    const stop = lab.switch.onRequest(({ phase, request }) => {
      if (phase !== 'performed' || request.method !== method || !path.test(request.path)) return;
      cut.abort(new Error('killed'));
      // A killed process cleans nothing up.
      return session.close();
    });
    void session.stage(intended, before, cut.signal).catch(() => {});
    await until(() => cut.signal.aborted);
    stop();
    lab.wire();
  }

  beforeEach(() => begin());
  afterEach(() => lab.close());

  it.each([
    {
      moment: 'its draft was made',
      method: 'POST',
      path: /revision/,
      left: ['DELETE /?rev=2', 'PATCH /?rev=2 <tree>'],
    },
    { moment: 'its draft was emptied', method: 'DELETE', path: /\?rev=/, left: ['PATCH /?rev=2 <tree>'] },
    { moment: 'its draft was filled', method: 'PATCH', path: /\?rev=/, left: [] },
  ])('goes on where it was when it was killed after $moment', async ({ method, path, left }) => {
    await cutAfter(method, path);

    const later = await lab.open();
    const staged = await later.stage(intended, before, never);

    expect(sent()).toEqual(left);
    expect(staged).toMatchObject({ candidate: '2', state: { kind: 'staged' } });
    expect(staged.deviceChanges).toHaveLength(2);
    expect(drafts()).toHaveLength(1);
  });

  it.each([
    { what: 'apply', state: { kind: 'awaiting-confirm' }, confirm: false },
    { what: 'confirmation', state: { kind: 'live', saved: true }, confirm: true },
  ])('finds its candidate after the $what, and sends nothing', async ({ state, confirm }) => {
    const { candidate } = await session.stage(intended, before, never);
    await session.commit(candidate, 300, never);
    if (confirm) await session.confirm(candidate, never);
    lab.wire();

    const later = await lab.open();
    const staged = await later.stage(intended, before, never);

    expect(staged).toMatchObject({ candidate, state });
    expect(sent()).toEqual([]);
  });

  it('finds its candidate that the switch took back', async () => {
    const { candidate } = await session.stage(intended, before, never);
    await session.commit(candidate, 300, never);
    lab.clock.advance(400_000);
    lab.wire();

    const staged = await (await lab.open()).stage(intended, before, never);

    expect(staged).toMatchObject({ candidate, state: { kind: 'reverted', state: 'confirm_fail' } });
    expect(sent()).toEqual([]);
  });

  it('takes up no draft that holds something else', async () => {
    const foreign = lab.switch.outOfBand.draftAs('eve', { system: { hostname: 'leaf99' } });

    const staged = await session.stage(intended, before, never);

    expect(staged.candidate).not.toBe(foreign);
    expect(drafts().map(({ id }) => id)).toContain(foreign);
  });

  it('takes up the candidate that has come furthest when there are several', async () => {
    const empty = lab.switch.outOfBand.draftAs('us', {});
    const { candidate } = await session.stage(intended, [...before, empty], never);
    lab.wire();

    const staged = await session.stage(intended, before, never);

    expect(staged.candidate).toBe(candidate);
    expect(sent()).toEqual([]);
  });

  it('takes up no revision of somebody else that is live', async () => {
    const foreign = lab.switch.outOfBand.applyAs('eve', { system: { hostname: 'leaf99' } });

    const staged = await session.stage(intended, before, never);

    expect(staged.candidate).not.toBe(foreign);
    expect(staged.state).toEqual({ kind: 'staged' });
  });

  it('looks for the draft when the answer to POST is lost, and makes no second one', async () => {
    lab.switch.faults.onRequest({ kind: 'drop-after' }, { method: 'POST' });

    const staged = await session.stage(intended, before, never);

    expect(staged.candidate).toBe('2');
    expect(sent()).toEqual(['POST /revision', 'DELETE /?rev=2', 'PATCH /?rev=2 <tree>']);
  });

  it('does not take up somebody else’s draft that came while the answer to POST was lost', async () => {
    let foreign = '';
    const stop = lab.switch.onRequest(({ phase, request }) => {
      if (phase !== 'received' || request.method !== 'POST') return;
      foreign = lab.switch.outOfBand.draftAs('eve', { system: { hostname: 'leaf99' } });
    });
    lab.switch.faults.onRequest({ kind: 'drop-after' }, { method: 'POST' });

    const staged = await session.stage(intended, before, never);
    stop();

    expect(staged.candidate).not.toBe(foreign);
    expect(drafts()).toHaveLength(2);
  });

  it('says that it does not know when a POST left no trace, and does not send another', async () => {
    lab.switch.faults.onRequest({ kind: 'drop-before' }, { method: 'POST' });

    await expect(session.stage(intended, before, never)).rejects.toMatchObject({ code: 'DRIVER_OUTCOME_UNKNOWN' });

    expect(sent()).toEqual(['POST /revision']);
  });

  it.each([
    { method: 'DELETE', fault: 'drop-after', times: 1 },
    { method: 'PATCH', fault: 'drop-after', times: 1 },
    { method: 'DELETE', fault: 'drop-before', times: 2 },
    { method: 'PATCH', fault: 'drop-before', times: 2 },
  ] as const)('looks at the draft when the answer to $method is lost ($fault)', async ({ method, fault, times }) => {
    lab.switch.faults.onRequest({ kind: fault }, { method, path: /\?rev=/ });

    const staged = await session.stage(intended, before, never);

    expect(staged.deviceChanges).toHaveLength(2);
    expect(sent().filter((line) => line.startsWith(`${method} /?rev=`))).toHaveLength(times);
  });

  it('deletes its draft when it cannot go on', async () => {
    lab.switch.faults.onRequest({ kind: 'drop-before' }, { method: 'PATCH', path: /\?rev=/, times: 5 });

    await expect(session.stage(intended, before, never)).rejects.toMatchObject({ code: 'DRIVER_OUTCOME_UNKNOWN' });

    expect(drafts()).toEqual([]);
  });

  it('names every place the switch refused', async () => {
    const tree = changed(changed(BASE, ['interface', 'swp1', 'ip'], { address: { nonsense: {} } }), ['zebra'], {
      a: 1,
    });

    const failure = await session.stage(tree, before, never).catch((error) => error);

    expect(failure.details.refusals.map(({ path }: { path: readonly string[] }) => path.join('.')).sort()).toEqual([
      '',
      'interface.swp1.ip.address.nonsense',
    ]);
    expect(failure.message).toContain('zebra');
  });

  describe('on a switch that encrypts secrets', () => {
    const withSecrets = (community: string, password: string): Tree =>
      changed(
        changed(BASE, ['system', 'snmp-server', 'readonly-community'], { [community]: { access: { any: {} } } }),
        ['vrf', 'default', 'router', 'bgp', 'neighbor', 'swp1', 'password'],
        password,
      );

    beforeEach(async () => {
      await lab.close();
      await begin({ release: '5.11' }, withSecrets('canary-community', 'canary-bgp'));
    });

    it('sees no change in secrets that are the same', async () => {
      const staged = await session.stage(withSecrets('canary-community', 'canary-bgp'), before, never);

      expect(staged.deviceChanges).toEqual([]);
    });

    it('sees a changed secret in the switch’s words', async () => {
      const staged = await session.stage(withSecrets('canary-community', 'canary-other'), before, never);

      expect(staged.deviceChanges).toEqual([
        {
          kind: 'set',
          path: ['vrf', 'default', 'router', 'bgp', 'neighbor', 'swp1', 'password'],
          to: expect.stringMatching(/^\$nvsec\$/),
          from: expect.stringMatching(/^\$nvsec\$/),
        },
      ]);
    });

    it('knows its own draft again though the switch shows other text', async () => {
      const tree = withSecrets('canary-next-community', 'canary-other');
      const first = await session.stage(tree, before, never);
      lab.wire();

      const second = await (await lab.open()).stage(tree, before, never);

      expect(second.candidate).toBe(first.candidate);
      expect(sent()).toEqual([]);
    });
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
