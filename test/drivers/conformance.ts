import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Driver, Probe, Session } from '../../drivers/driver.ts';
import { computeChanges } from '../../plans/compute-changes.ts';
import type { Tree } from '../../schemas/json.ts';
import type { Bench } from './bench.ts';
import { never } from './lab.ts';

/** What a platform brings to be held to the contract: a switch it can be tried on, and configurations for it. */
export interface ConformanceFixture {
  /** Says which switch: `cumulus 5.11`. */
  readonly name: string;
  readonly driver: Driver;
  /** Why there is no such switch on this machine; its tests are then skipped, and counted as that. */
  readonly missing?: readonly string[];
  start(): Promise<Bench>;
  /** After the last test. */
  stop?(): Promise<void>;
  /** Differs from what the switch is born with in something harmless. */
  readonly intended: Tree;
  /** Holds a leaf the switch refuses when it is staged, and where. */
  readonly refusedLeaf: { readonly tree: Tree; readonly path: readonly string[] };
  /**
   * Leaves that are fine one by one and do not go together. Where a candidate is atomic the switch refuses it, and names
   * `path`; elsewhere it fails on the way, and is taken back.
   */
  readonly refusedWhole: { readonly tree: Tree; readonly path: readonly string[] };
}

/** What every driver owes its callers, on a switch that speaks the real protocol. */
export function describeConformance(fixture: ConformanceFixture): void {
  const { driver, intended } = fixture;

  describe.skipIf((fixture.missing ?? []).length > 0)(`driver for ${fixture.name}`, () => {
    let bench: Bench;
    let session: Session;

    beforeEach(async () => {
      bench = await fixture.start();
      session = await bench.open();
    });
    afterEach(() => bench.close());
    afterAll(() => fixture.stop?.());

    const running = async () => (await session.read(never)).tree;
    /** In the words of the switch, where it has some of its own. */
    const asItReads = async (tree: Tree) => {
      const written = driver.normalise(tree);
      return session.respell ? session.respell(written, await session.read(never), never) : written;
    };
    const stage = async (tree = intended) => {
      const { candidates } = await session.read(never);
      return session.stage(tree, candidates, never);
    };
    const commit = async () => {
      const { candidate } = await stage();
      await session.commit(candidate, 300, never);
      return candidate;
    };

    it('says who the switch is, and which certificate or host key it showed', async () => {
      const identity = await session.identify(never);

      expect(identity).toEqual({
        ...bench.identity,
        model: expect.any(String),
        version: expect.stringMatching(/\d+\.\d+/),
      });
    });

    it('refuses to connect when nothing says which certificate or host key to expect', async () => {
      await expect(bench.open({ tls: {}, hostKeys: [] })).rejects.toMatchObject({
        code: 'DRIVER_IDENTITY_NOT_CONFIGURED',
      });
    });

    it('says that no login was accepted, and names whom it tried', async () => {
      const username = bench.target.logins[0]?.username ?? '';

      await expect(bench.open({ logins: [{ username, password: 'wrong' }] })).rejects.toMatchObject({
        code: 'DRIVER_AUTHENTICATION_FAILED',
        details: { device: 'leaf01', usernames: [username] },
      });
    });

    it('tries the logins in order until one is accepted', async () => {
      const username = bench.target.logins[0]?.username ?? '';

      const other = await bench.open({ logins: [{ username, password: 'next-password' }, ...bench.target.logins] });

      expect(await other.identify(never)).toMatchObject({ serial: bench.identity.serial });
    });

    it('says that nobody answers', async () => {
      await bench.unplug();

      await expect(bench.open()).rejects.toMatchObject({ code: 'DRIVER_UNREACHABLE', disposition: 'retry-later' });
    });

    it('reads what is running in the form normalise() gives, and changes nothing', async () => {
      const before = await bench.everything();

      const read = await session.read(never);

      expect(driver.normalise(read.tree)).toEqual(read.tree);
      expect(read.tree).toEqual(driver.normalise(await bench.running()));
      expect(read.unsaved).toBe(false);
      expect(await bench.everything()).toEqual(before);
    });

    it('reads another base token after somebody applied something, and the candidates that are there', async () => {
      const first = await session.read(never);
      const foreign = await bench.somebodyElse.applies();

      const second = await session.read(never);

      expect(second.baseToken).not.toBe(first.baseToken);
      expect(second.candidates.filter((id) => !first.candidates.includes(id))).toEqual(foreign);
    });

    it('says who applied what runs now, and when, where it keeps books of that', async () => {
      if (!session.lastChange) return;
      await bench.pass(5_000);
      const at = bench.now();
      await bench.somebodyElse.applies();
      await bench.pass(60_000);

      expect(await session.lastChange(never)).toEqual({ by: 'eve', at });
    });

    it('names the change of somebody else that is under way', async () => {
      const foreign = await bench.somebodyElse.startsToApply();

      const read = await session.read(never);

      expect(read.busyWith).toEqual(foreign);
    });

    it('stages without making anything live, and says what the switch sees in it', async () => {
      const before = await running();
      const everything = await bench.everything();

      const staged = await stage();

      expect(staged.state).toEqual({ kind: 'staged' });
      expect(staged.deviceChanges).toEqual(computeChanges(await asItReads(intended), before));
      expect(await running()).toEqual(before);
      expect(await session.state(staged.candidate, never)).toEqual({ kind: 'staged' });
      expect(everything.includes(staged.candidate)).toBe(false);
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
      const weak = await bench.open({ logins: [bench.weak] });

      await expect(weak.stage(intended, candidates, never)).rejects.toMatchObject({ code: 'DRIVER_NOT_PERMITTED' });
      expect((await session.read(never)).candidates).toEqual(candidates);
    });

    it('stages the candidate of a cut-off attempt again without sending anything twice', async () => {
      const { candidates } = await session.read(never);
      const first = await session.stage(intended, candidates, never);
      await bench.changesSent();

      const later = await bench.open();
      const second = await later.stage(intended, candidates, never);

      expect(second).toEqual(first);
      expect(await bench.changesSent()).toEqual([]);
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
      expect(await running()).toEqual(await asItReads(intended));
      await bench.pass(400_000);
      expect(await session.state(candidate, never)).toMatchObject({ kind: 'reverted' });
      expect(await running()).toEqual(before);
    });

    it('does not ask for an apply that already runs, but follows it', async () => {
      const candidate = await commit();
      await bench.changesSent();

      const again = await (await bench.open()).commit(candidate, 300, never);

      expect(again).toMatchObject({ kind: 'awaiting-confirm' });
      expect(await bench.changesSent()).toEqual([]);
    });

    it('keeps a candidate that is confirmed from a fresh session, and says so again when asked again', async () => {
      const candidate = await commit();

      const fresh = await bench.open();
      const confirmed = await fresh.confirm(candidate, never);
      await bench.changesSent();
      const again = await fresh.confirm(candidate, never);

      expect(confirmed).toMatchObject({ kind: 'live', issues: [] });
      expect(again).toEqual(confirmed);
      expect(await bench.changesSent()).toEqual([]);
      await bench.pass(400_000);
      expect(await running()).toEqual(await asItReads(intended));
    });

    it('makes what runs survive a reboot, and does nothing where it already does', async () => {
      const candidate = await commit();
      await session.confirm(candidate, never);

      await session.save(never);
      await bench.changesSent();
      await session.save(never);

      expect(await bench.changesSent()).toEqual([]);
      expect(await asItReads(await bench.startup())).toEqual(await asItReads(intended));
      expect((await session.read(never)).unsaved).toBe(false);
    });

    it('says why the switch did not take the configuration as a whole; what ran before runs', async () => {
      const before = await running();
      const { candidates } = await session.read(never);
      const { candidate } = await session.stage(fixture.refusedWhole.tree, candidates, never);

      await expect(session.commit(candidate, 300, never)).rejects.toMatchObject(
        driver.capabilities.atomic
          ? {
              code: 'DRIVER_CONFIGURATION_REFUSED',
              details: { refusals: [{ path: fixture.refusedWhole.path, words: expect.stringMatching(/./) }] },
            }
          : {
              code: 'DRIVER_APPLY_FAILED',
              details: { rolledBack: true, issues: expect.arrayContaining([expect.stringMatching(/./)]) },
            },
      );
      expect((await session.state(candidate, never)).kind).toBe(driver.capabilities.atomic ? 'gone' : 'reverted');
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
      expect((await bench.changesSent()).filter((line) => /apply/.test(line))).toEqual([]);
    });

    it('does not apply while somebody else does', async () => {
      const { candidate } = await stage();
      await bench.somebodyElse.startsToApply();

      await expect(session.commit(candidate, 300, never)).rejects.toMatchObject({ code: 'DRIVER_BUSY' });
      expect(bench.somebodyElse.hasApplied(await bench.running())).toBe(true);
    });

    it('does not apply what would now change something else than when it was staged', async () => {
      const { candidate } = await stage();
      await bench.somebodyElse.applies();

      await expect(session.commit(candidate, 300, never)).rejects.toMatchObject({
        code: 'DRIVER_CANDIDATE_CHANGED',
        disposition: 'void-approval',
      });
      expect(bench.somebodyElse.hasApplied(await running())).toBe(true);
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
      await bench.startApply(session, candidate);
      expect(await session.state(candidate, never)).toMatchObject({ kind: 'applying' });

      await session.discard(candidate, never);

      expect(await running()).toEqual(was);
      expect((await session.read(never)).busyWith).toBeUndefined();
    });

    it('leaves alone what is live for good when asked to discard it', async () => {
      const candidate = await commit();
      await session.confirm(candidate, never);
      await bench.changesSent();

      await session.discard(candidate, never);

      expect(await bench.changesSent()).toEqual([]);
      expect(await running()).toEqual(await asItReads(intended));
    });

    it.each(['4711', '0123456789abcdef-7'])(
      'says that the candidate %s, of which it never heard, is gone',
      async (unknown) => {
        expect(await session.state(unknown, never)).toEqual({ kind: 'gone' });
        expect(await session.commit(unknown, 300, never)).toEqual({ kind: 'gone' });
        expect(await session.confirm(unknown, never)).toEqual({ kind: 'gone' });
        await session.discard(unknown, never);
      },
    );

    it('probes the system, its links and its neighbours', async () => {
      const well = await session.health(never);
      const broken = await bench.breakThings();
      const unwell = await session.health(never);

      expect(well.filter(({ ok }) => !ok)).toEqual([]);
      expect(unwell.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(broken);
      // A neighbour behind a cut cable is no longer heard of.
      const heard = ({ name }: Probe) => !name.startsWith('lldp ');
      expect(unwell.filter(heard).map(({ name }) => name)).toEqual(well.filter(heard).map(({ name }) => name));
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
      expect(readBackup(driver, first.text)).toEqual(tree);
    });

    it('finds nothing dangerous in a configuration that keeps what manages the switch', async () => {
      expect(
        driver.hazards(driver.normalise(intended), await running(), bench.target.logins[0]?.username ?? ''),
      ).toEqual([]);
    });

    it('lets no secret into an error or a log', async () => {
      const { candidates } = await session.read(never);
      await session
        .stage(fixture.refusedLeaf.tree, candidates, never)
        .catch((error) => bench.logged.push(JSON.stringify(error)));
      const username = bench.target.logins[0]?.username ?? '';
      await bench.open({ logins: [{ username, password: 'canary-wrong' }] }).catch((error) => {
        bench.logged.push(JSON.stringify(error), String(error.stack));
      });

      expect(bench.logged.filter((line) => line.includes('canary'))).toEqual([]);
      expect(bench.logged.length).toBeGreaterThan(0);
    });
  });
}

/** What a backup holds, as the switch's own loader or our reader of texts reads it. */
function readBackup(driver: Driver, text: string): Tree {
  const blocks: readonly { readonly set?: Tree; readonly text?: Readonly<Record<string, string>> }[] = parse(text);
  const set = blocks.find((block) => block.set)?.set;
  if (set) return set;
  const files = Object.entries(blocks.find((block) => block.text)?.text ?? {}).map(([file, content]) => {
    const parsed = driver.text?.parse(file, content);
    return parsed?.kind === 'parsed' ? parsed.tree : {};
  });
  return Object.assign({}, ...files);
}
