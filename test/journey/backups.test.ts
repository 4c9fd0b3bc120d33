import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { backupCommand } from '../../cli/commands/backup.ts';
import { readStartup } from '../../desired-state/layer.ts';
import { createFingerprint } from '../../plans/fingerprint.ts';
import { readDemoFabric } from '../../sandbox/demo-fabric.ts';
import { textOf } from '../../sandbox/fleets/fleet-files.ts';
import { startSwitch } from '../../sandbox/switches/emulated-switch.ts';
import type { Tree } from '../../schemas/json.ts';
import { parseYaml } from '../../schemas/parse-yaml.ts';
import { createJourney, git, type Journey, nextSecond } from '../support/journey.ts';
import { type Readings, readingsOf } from '../support/readings.ts';

let journey: Journey;
let readings: Readings;
afterEach(() => journey.close());

const AN_HOUR = 3_600_000;
const leaf = (name = 'leaf01') => {
  const one = journey.world.switches.get(name);
  if (!one) throw new Error(`there is no ${name}`);
  return one;
};

async function begin(rollout: readonly string[] = []): Promise<void> {
  journey = await createJourney({
    files: (files) => {
      const lines = ['rollout:', ...rollout.map((line) => `  ${line}`), ''].join('\n');
      return new Map(files).set('pointsman.yaml', textOf(files, 'pointsman.yaml').replace(/^rollout:\n/m, lines));
    },
  });
  readings = readingsOf(journey);
  await journey.reconcile();
}

/** leaf01 is changed, and does not answer any more from when its backup is taken. @returns The pull request, merged. */
async function deployWithoutBackup(): Promise<number> {
  const number = await journey.open(journey.stories.ntpOnOneLeaf);
  await journey.plan(number);
  await journey.approve(number);
  await journey.merge(number);
  let isChanged = false;
  const stop = leaf().onRequest(({ mutating, request }) => {
    isChanged ||= mutating;
    // Backups are taken by the account for plans; what changes the switch and proves it is another.
    if (!isChanged || request.user !== 'pointsman-plan') return;
    stop();
    leaf().faults.unplugged(true);
  });
  return number;
}

async function say(number: number, text: string): Promise<void> {
  await nextSecond(journey.clock);
  await journey.world.github.as('dora').comment(number, text);
}

const RETRIES = ['retry_count: 1', 'retry_delay_seconds: 3600'];

describe('the backup after a deploy', { timeout: 180_000 }, () => {
  it('is tried again by itself when the switch does not answer, and the run ends well when it does', async () => {
    await begin(RETRIES);
    await deployWithoutBackup();

    const waits = await journey.reconcile();
    const early = await journey.reconcile();
    const run = await readings.run('configurationdeploy-');
    leaf().faults.unplugged(false);
    journey.ahead(AN_HOUR);
    const passed = await journey.reconcile();

    expect([waits.code, early.code, passed.code]).toEqual([3, 3, 0]);
    expect(waits.out).toContain('tried again by itself, 1 of 1');
    expect(run).toMatchObject({ status: 'RUNNING', devices: [{ outcome: { kind: 'applied' } }] });
    expect(run.stages.at(-1)).toMatchObject({ name: 'perform_backup', state: 'IN_PROGRESS', retryDelay: { of: 1 } });
    expect((await readings.run('configurationdeploy-')).status).toBe('COMPLETED');
    expect(await journey.ledgerFile('backups/ams1/leaf01.yaml')).toContain('192.168.200.140');
  });

  it.each([
    { what: 'all at once', rollout: [], stage: 'perform_backup', name: 'configurationdeploy-' },
    { what: 'in batches', rollout: ['batch_size: 1'], stage: 'execute_batches', name: 'multideploy-' },
  ])('stands as failed for a person after its tries, who has it taken again: $what', async (how) => {
    await begin([...RETRIES, ...how.rollout]);
    const number = await deployWithoutBackup();
    await journey.reconcile();
    journey.ahead(AN_HOUR);
    const failed = await journey.reconcile();
    const stands = await journey.reconcile();
    const run = await readings.run(how.name);
    const page = journey.comment(number);
    leaf().faults.unplugged(false);
    await say(number, `/pointsman retry ${run.name} ${how.stage}`);
    const passed = await journey.reconcile();

    expect([failed.code, stands.code, passed.code]).toEqual([1, 1, 0]);
    expect(stands.out).toContain(`/pointsman retry ${run.name} ${how.stage}`);
    expect(run).toMatchObject({ status: 'RUNNING', devices: [{ outcome: { kind: 'applied' } }] });
    expect(run.stages.find(({ name }) => name === how.stage)).toMatchObject({ state: 'FAILED', retries: 0 });
    expect(page).toContain(`/pointsman retry ${run.name} ${how.stage}`);
    expect((await readings.run(how.name)).status).toBe('COMPLETED');
    expect(await journey.ledgerFile('backups/ams1/leaf01.yaml')).toContain('192.168.200.140');
  });
});

const ledgerTip = async (): Promise<string> =>
  (await git(journey.gitDir, ['rev-parse', 'pointsman/ledger'])).out.trim();
const passwordIn = (tree: Tree) => /"peer-group":\{"underlay":.*?"password":"([^"]+)"/.exec(JSON.stringify(tree))?.[1];
const BY_HAND: Tree = {
  interface: { swp1: { link: { mtu: 1500 } } },
  system: { message: { 'pre-login': 'by hand' } },
  vrf: { default: { router: { bgp: { 'peer-group': { underlay: { password: 'of-their-own' } } } } } },
};

describe('a backup of a switch that no deploy ever touched', { timeout: 180_000 }, () => {
  it('is loaded again by a Rollback to it, secrets and all, over what was changed by hand', async () => {
    await begin();
    const before = leaf().applied();
    await readings.ask('keep', 'ConfigurationBackup', 'targets: { devices: [leaf01] }');
    await journey.reconcile();
    const backedUp = await ledgerTip();
    const kept = (await journey.ledgerFile('backups/ams1/leaf01.yaml')) ?? '';
    leaf().outOfBand.applyAs('cumulus', BY_HAND);
    const byHand = leaf().applied();
    // What is newer holds what was done by hand.
    await readings.push({ 'requests/newer.yaml': 'workflow: SiteBackup\nreason: x\ntargets: { sites: [ams1] }\n' });
    await journey.reconcile();

    const request = `workflow: Rollback\nreason: undo\ntargets: { devices: [leaf01] }\ninput: { to: { backup: ${backedUp} } }\n`;
    const files = new Map([['requests/undo.yaml', request]]);
    const number = await journey.open({ title: 'Undo', branch: 'undo', files });
    await journey.plan(number);
    const asked = journey.comment(number);
    await journey.approve(number);
    await journey.merge(number);
    const passed = await journey.reconcile();

    expect(passwordIn(byHand)).not.toEqual(passwordIn(before));
    expect(asked).toContain('could not be compared; they are set again');
    for (const secret of readDemoFabric().secrets.values()) expect(kept).not.toContain(secret);
    expect(passed.code).toBe(0);
    expect(leaf().applied()).toEqual(before);
    expect(await journey.ledgerFile('backups/ams1/leaf01.yaml')).toBe(kept);
  });

  it('is what the switch ran once its secrets are put in, as a file to be loaded by hand', async () => {
    await begin();
    const folder = mkdtempSync(join(tmpdir(), 'pointsman-backup-'));
    const { secrets, switches } = readDemoFabric();
    const fingerprint = createFingerprint(secrets.get('fleet/fingerprint-key') ?? '');

    await journey.run((io) =>
      backupCommand(io, ['leaf01'], {
        ...{ remote: journey.world.github.remoteUrl, cache: join(folder, 'cache'), out: folder },
        json: false,
      }),
    );
    const file = readFileSync(join(folder, 'backups', 'ams1', 'leaf01.yaml'), 'utf8');
    // The same fingerprint is the same secret. What the switch shows encrypted is known by where it stands.
    const known = [...secrets.values()].reduce((text, value) => text.replaceAll(fingerprint(value), value), file);
    const filledIn = known
      .replace(/(?<=readonly-community:\n +)"«secret:\w+»"/, secrets.get('ams1/snmp-community') ?? '')
      .replace(/(?<= password: )"«secret:\w+»"/, secrets.get('ams1/bgp-password') ?? '');
    const parsed = parseYaml(filledIn, 'leaf01.yaml');
    const blocks = parsed.kind === 'valid' ? readStartup(parsed.document.value as never) : undefined;
    const [{ tree = {} } = {}] = Array.isArray(blocks) ? blocks : [];
    const spec = switches.find(({ name }) => name === 'leaf01');
    if (!spec) throw new Error('the demo has no leaf01');
    const replaced = await startSwitch({ ...spec, configuration: tree }, { clock: journey.clock });

    expect(file.match(/# masked$/gm)).toHaveLength(6);
    expect(filledIn).not.toMatch(/«secret:\w/);
    expect(replaced.applied()).toEqual(leaf().applied());
    await replaced.close();
    rmSync(folder, { recursive: true });
  });
});
