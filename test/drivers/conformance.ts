import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Driver, Session } from '../../drivers/driver.ts';
import { computeChanges } from '../../plans/compute-changes.ts';
import type { Tree } from '../../schemas/json.ts';
import { type Lab, MONITOR, never } from './lab.ts';

/** What a platform brings to be held to the contract: a switch it can be tried on, and three configurations for it. */
export interface ConformanceFixture {
  /** Says which switch: `cumulus 5.11`. */
  readonly name: string;
  readonly driver: Driver;
  start(): Promise<Lab>;
  /** Differs from what the switch is born with in something harmless. */
  readonly intended: Tree;
  /** Holds a leaf the switch refuses when it is staged, and where. */
  readonly refusedLeaf: { readonly tree: Tree; readonly path: readonly string[] };
  /** Leaves that are fine one by one and contradict each other. */
  readonly refusedWhole: { readonly tree: Tree; readonly path: readonly string[] };
}

/** What every driver owes its callers, on a switch that speaks the real protocol. */
export function describeConformance(fixture: ConformanceFixture): void {
  const { driver, intended } = fixture;

  describe(`driver for ${fixture.name}`, () => {
    let lab: Lab;
    let session: Session;

    beforeEach(async () => {
      lab = await fixture.start();
      session = await lab.open();
    });
    afterEach(() => lab.close());

    const running = async () => (await session.read(never)).tree;
    const stage = async (tree = intended) => {
      const { candidates } = await session.read(never);
      return session.stage(tree, candidates, never);
    };
    const commit = async () => {
      const { candidate } = await stage();
      await session.commit(candidate, 300, never);
      return candidate;
    };

    it('says who the switch is, and which certificate it showed', async () => {
      const identity = await session.identify(never);

      expect(identity).toEqual({
        hostname: 'leaf01',
        serial: 'MT0001',
        model: expect.stringMatching(/./),
        version: expect.stringMatching(/^\d+\.\d+/),
        pin: lab.switch.pin,
      });
    });

    it('refuses to connect when nothing says which certificate to expect', async () => {
      await expect(lab.open({ tls: {} })).rejects.toMatchObject({ code: 'DRIVER_IDENTITY_NOT_CONFIGURED' });
    });

    it('says that no login was accepted, and names whom it tried', async () => {
      const logins = [{ username: 'cumulus', password: 'wrong' }];

      await expect(lab.open({ logins })).rejects.toMatchObject({
        code: 'DRIVER_AUTHENTICATION_FAILED',
        details: { device: 'leaf01', usernames: ['cumulus'] },
      });
    });

    it('tries the logins in order until one is accepted', async () => {
      const [login] = lab.target.logins;
      const logins = [{ username: 'cumulus', password: 'next-password' }, ...(login ? [login] : [])];

      const other = await lab.open({ logins });

      expect(await other.identify(never)).toMatchObject({ serial: 'MT0001' });
    });

    it('says that nobody answers', async () => {
      lab.switch.faults.unplugged(true);

      await expect(lab.open()).rejects.toMatchObject({ code: 'DRIVER_UNREACHABLE', disposition: 'retry-later' });
    });

    it('reads what is running in the form normalise() gives, and changes nothing', async () => {
      const before = lab.switch.revisions();

      const read = await session.read(never);

      expect(driver.normalise(read.tree)).toEqual(read.tree);
      expect(read.tree).toEqual(driver.normalise(lab.switch.applied()));
      expect(read.unsaved).toBe(false);
      expect(lab.switch.revisions()).toEqual(before);
    });

    it('reads another base token after somebody applied something, and the candidates that are there', async () => {
      const first = await session.read(never);
      const foreign = lab.switch.outOfBand.applyAs('eve', { system: { hostname: 'leaf99' } });

      const second = await session.read(never);

      expect(second.baseToken).not.toBe(first.baseToken);
      expect(second.candidates).toContain(foreign);
      expect(first.candidates).not.toContain(foreign);
    });

    it('says who applied what runs now, and when, where it keeps books of that', async () => {
      if (!session.lastChange) return;
      lab.clock.advance(5_000);
      const at = lab.clock.now();
      lab.switch.outOfBand.applyAs('eve', { system: { hostname: 'leaf99' } });
      lab.clock.advance(60_000);

      expect(await session.lastChange(never)).toEqual({ by: 'eve', at });
    });

    it('names the change of somebody else that is under way', async () => {
      const foreign = lab.switch.outOfBand.startApply(
        'eve',
        { system: { hostname: 'leaf99' } },
        { confirmSeconds: 600 },
      );
      lab.clock.advance(10_000);

      const read = await session.read(never);

      expect(read.busyWith).toEqual({ candidate: foreign, state: 'confirm' });
    });

    it('stages without making anything live, and says what the switch sees in it', async () => {
      const before = await running();

      const staged = await stage();

      expect(staged.state).toEqual({ kind: 'staged' });
      expect(staged.deviceChanges).toEqual(computeChanges(driver.normalise(intended), before));
      expect(await running()).toEqual(before);
      expect(await session.state(staged.candidate, never)).toEqual({ kind: 'staged' });
    });

    it('says which leaf the switch refused, and leaves no candidate behind', async () => {
      const { candidates } = await session.read(never);

      await expect(session.stage(fixture.refusedLeaf.tree, candidates, never)).rejects.toMatchObject({
        code: 'DRIVER_CONFIGURATION_REFUSED',
        disposition: 'needs-human',
        details: { refusals: [{ path: fixture.refusedLeaf.path, words: expect.stringMatching(/./) }] },
      });
      expect((await session.read(never)).candidates).toEqual(candidates);
    });

    it('says that these credentials may not stage, and leaves no candidate behind', async () => {
      const { candidates } = await session.read(never);
      const weak = await lab.open({ logins: [MONITOR] });

      await expect(weak.stage(intended, candidates, never)).rejects.toMatchObject({ code: 'DRIVER_NOT_PERMITTED' });
      expect((await session.read(never)).candidates).toEqual(candidates);
    });

    it('stages the candidate of a cut-off attempt again without sending anything twice', async () => {
      const { candidates } = await session.read(never);
      const first = await session.stage(intended, candidates, never);
      lab.wire();

      const later = await lab.open();
      const second = await later.stage(intended, candidates, never);

      expect(second).toEqual(first);
      expect(mutations(lab)).toEqual([]);
    });

    it('leaves a candidate alone that was there before', async () => {
      const first = await stage();

      const second = await stage();

      expect(second.candidate).not.toBe(first.candidate);
    });

    it('makes a candidate live until confirmed, and takes it back by itself when it is not', async () => {
      const before = await running();

      const candidate = await commit();

      expect(await session.state(candidate, never)).toMatchObject({ kind: 'awaiting-confirm' });
      expect(await running()).toEqual(driver.normalise(intended));
      lab.clock.advance(400_000);
      expect(await session.state(candidate, never)).toMatchObject({ kind: 'reverted' });
      expect(await running()).toEqual(before);
    });

    it('does not ask for an apply that already runs, but follows it', async () => {
      const candidate = await commit();
      lab.wire();

      const again = await (await lab.open()).commit(candidate, 300, never);

      expect(again).toMatchObject({ kind: 'awaiting-confirm' });
      expect(mutations(lab)).toEqual([]);
    });

    it('keeps a candidate that is confirmed from a fresh session, and says so again when asked again', async () => {
      const candidate = await commit();

      const fresh = await lab.open();
      const confirmed = await fresh.confirm(candidate, never);
      lab.wire();
      const again = await fresh.confirm(candidate, never);

      expect(confirmed).toMatchObject({ kind: 'live', issues: [] });
      expect(again).toEqual(confirmed);
      expect(mutations(lab)).toEqual([]);
      lab.clock.advance(400_000);
      expect(await running()).toEqual(driver.normalise(intended));
    });

    it('makes what runs survive a reboot, and does nothing where it already does', async () => {
      const candidate = await commit();
      await session.confirm(candidate, never);

      await session.save(never);
      lab.wire();
      await session.save(never);

      expect(mutations(lab)).toEqual([]);
      expect(driver.normalise(lab.switch.startup())).toEqual(driver.normalise(intended));
      expect((await session.read(never)).unsaved).toBe(false);
    });

    it('says why the switch refused the configuration as a whole; nothing is live and no candidate is left', async () => {
      const before = await running();
      const { candidates } = await session.read(never);
      const { candidate } = await session.stage(fixture.refusedWhole.tree, candidates, never);

      await expect(session.commit(candidate, 300, never)).rejects.toMatchObject({
        code: 'DRIVER_CONFIGURATION_REFUSED',
        details: { refusals: [{ path: fixture.refusedWhole.path, words: expect.stringMatching(/./) }] },
      });
      expect(await session.state(candidate, never)).toEqual({ kind: 'gone' });
      expect(await running()).toEqual(before);
    });

    it('never applies nothing', async () => {
      const before = await running();
      const staged = await stage(before);
      expect(staged.deviceChanges).toEqual([]);

      await expect(session.commit(staged.candidate, 300, never)).rejects.toMatchObject({
        code: 'DRIVER_NOTHING_TO_APPLY',
      });
      expect(await session.state(staged.candidate, never)).toEqual({ kind: 'gone' });
      expect(lab.wire().filter((line) => line.includes('"apply"'))).toEqual([]);
    });

    it('does not apply while somebody else does', async () => {
      const { candidate } = await stage();
      lab.switch.outOfBand.startApply('eve', { system: { hostname: 'leaf99' } }, { confirmSeconds: 600 });
      lab.clock.advance(10_000);

      await expect(session.commit(candidate, 300, never)).rejects.toMatchObject({ code: 'DRIVER_BUSY' });
      expect(lab.switch.applied()).toMatchObject({ system: { hostname: 'leaf99' } });
    });

    it('does not apply what would now change something else than when it was staged', async () => {
      const { candidate } = await stage();
      lab.switch.outOfBand.applyAs('eve', { system: { hostname: 'leaf99' } });

      await expect(session.commit(candidate, 300, never)).rejects.toMatchObject({
        code: 'DRIVER_CANDIDATE_CHANGED',
        disposition: 'void-approval',
      });
      expect(await running()).toMatchObject({ system: { hostname: 'leaf99' } });
      expect(await session.state(candidate, never)).toEqual({ kind: 'gone' });
    });

    it.each([
      { moment: 'staged', before: stage },
      { moment: 'waiting for the confirmation', before: commit },
    ])('takes back a candidate that is $moment', async ({ before }) => {
      const was = await running();
      const made = await before();
      const candidate = typeof made === 'string' ? made : made.candidate;

      await session.discard(candidate, never);
      await session.discard(candidate, never);

      expect(['gone', 'reverted']).toContain((await session.state(candidate, never)).kind);
      expect(await running()).toEqual(was);
      expect((await session.read(never)).busyWith).toBeUndefined();
    });

    it('takes back a candidate in the middle of its apply', async () => {
      const was = await running();
      const { candidate } = await stage();
      await startApplyOf(lab, session, candidate);

      await session.discard(candidate, never);

      expect(await running()).toEqual(was);
      expect((await session.read(never)).busyWith).toBeUndefined();
    });

    it('leaves alone what is live for good when asked to discard it', async () => {
      const candidate = await commit();
      await session.confirm(candidate, never);
      lab.wire();

      await session.discard(candidate, never);

      expect(mutations(lab)).toEqual([]);
      expect(await running()).toEqual(driver.normalise(intended));
    });

    it('says that a candidate it never heard of is gone', async () => {
      expect(await session.state('4711', never)).toEqual({ kind: 'gone' });
      expect(await session.commit('4711', 300, never)).toEqual({ kind: 'gone' });
      expect(await session.confirm('4711', never)).toEqual({ kind: 'gone' });
      await session.discard('4711', never);
    });

    it('probes the system, its links and its neighbours', async () => {
      const well = await session.health(never);
      lab.switch.faults.linkDown('swp1');
      lab.switch.faults.peerDown('swp1');
      lab.switch.faults.unwell('fan1 is broken');
      const unwell = await session.health(never);

      expect(well.filter(({ ok }) => !ok)).toEqual([]);
      expect(unwell.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
        'system-health',
        'interface swp1',
        'bgp swp1',
      ]);
      expect(unwell.map(({ name }) => name)).toEqual(well.map(({ name }) => name));
    });

    it('stops at once when told to, with the reason it was given', async () => {
      const reason = new Error('the pass is over');

      await expect(session.read(AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    it('renders a backup that reads back as what was running, and is the same text as long as nothing changes', async () => {
      const identity = await session.identify(never);
      const tree = await running();

      const first = driver.renderBackup(tree, identity);
      const again = driver.renderBackup(await running(), await session.identify(never));

      expect(again).toEqual(first);
      const blocks: readonly { readonly set?: Tree }[] = parse(first.text);
      expect(blocks.find(({ set }) => set)?.set).toEqual(tree);
    });

    it('finds nothing dangerous in a configuration that keeps what manages the switch', async () => {
      expect(driver.hazards(driver.normalise(intended), await running(), 'cumulus')).toEqual([]);
    });

    it('lets no secret into an error or a log', async () => {
      const { candidates } = await session.read(never);
      await session
        .stage(fixture.refusedLeaf.tree, candidates, never)
        .catch((error) => lab.logged.push(JSON.stringify(error)));
      await lab.open({ logins: [{ username: 'cumulus', password: 'canary-wrong' }] }).catch((error) => {
        lab.logged.push(JSON.stringify(error), String(error.stack));
      });

      expect(lab.logged.filter((line) => line.includes('canary'))).toEqual([]);
      expect(lab.logged.length).toBeGreaterThan(0);
    });
  });
}

function mutations(lab: Lab): readonly string[] {
  return lab.wire().filter((line) => !line.startsWith('GET'));
}

/** Cut off right after the apply was sent: the switch is on its way, and nobody waits for it. */
async function startApplyOf(lab: Lab, session: Session, candidate: string): Promise<void> {
  const cut = new AbortController();
  const stop = lab.switch.onRequest(({ phase, request }) => {
    if (phase === 'performed' && request.method === 'PATCH') cut.abort(new Error('killed'));
  });
  await expect(session.commit(candidate, 300, cut.signal)).rejects.toThrow('killed');
  stop();
  expect(await session.state(candidate, never)).toMatchObject({ kind: 'applying' });
}
