import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldRun } from '../../ledger/fold-run.ts';
import type { Run } from '../../ledger/run.ts';
import { runsAt } from '../support/crash-world.ts';
import { createJourney, type Journey, nextSecond } from '../support/journey.ts';
import { withSecondSite } from '../support/second-site.ts';

let journey: Journey;
let number: number;
let commit: string;
afterAll(() => journey.close());

const HOUR = 3_600_000;
const APPLIED = '192.168.200.140';
const leaf01 = () => JSON.stringify(journey.world.switches.get('leaf01')?.applied());
const nameOf = (of: string, page = number) => `configurationdeploy-pr-${page}-${of.slice(0, 12)}`;
const runNamed = async (name: string): Promise<Run | undefined> =>
  foldRun(name, (await runsAt(journey.gitDir)).get(name) ?? []);
const theRun = () => runNamed(nameOf(commit));

async function automation(text: string | null): Promise<void> {
  await journey.world.github.as('dora').push('main', { 'automation.yaml': text }, 'Automation');
}

async function say(by: string, text: string): Promise<string> {
  await nextSecond(journey.clock);
  const comment = await journey.world.github.as(by).comment(number, text);
  await journey.reconcile();
  const marker = `<!-- pointsman:command ${comment} -->`;
  return journey.world.github.comments(number).find(({ body }) => body.startsWith(marker))?.body ?? '';
}

describe('the kill switch', () => {
  beforeAll(async () => {
    journey = await createJourney();
    await journey.reconcile();
    number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    await journey.approve(number);
    await automation('paused: true\nreason: storm over Amsterdam\n');
    commit = await journey.merge(number);
  });

  it('puts on record what was merged and approved, and holds it, with the reason on its page', async () => {
    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(passed.out).toContain(`${nameOf(commit)}: waits, paused by automation.yaml: storm over Amsterdam`);
    expect(await theRun()).toMatchObject({
      status: 'PAUSED',
      paused: { by: 'automation.yaml', why: 'storm over Amsterdam', automatic: true },
    });
    expect(journey.comment(number)).toContain(
      'paused by `automation.yaml`**: storm over Amsterdam. It goes on by itself',
    );
    expect(leaf01()).not.toContain(APPLIED);
  });

  it('is not overruled by a resume, which names the file', async () => {
    const answer = await say('dora', '/pointsman resume');

    expect(answer).toMatch(
      /\*\*Refused:\*\*[\s\S]*automation.yaml says that nothing automatic is done now: storm over Amsterdam/,
    );
    expect((await theRun())?.status).toBe('PAUSED');
  });

  it('writes nothing more while it stays on', async () => {
    const before = (await journey.ledgerLog()).length;
    await journey.reconcile();

    expect((await journey.ledgerLog()).length).toBe(before);
  });

  it('lets go by itself when it is taken back, but not what a person holds meanwhile', async () => {
    await say('dora', '/pointsman pause I am on site');
    await automation(null);
    const held = await journey.reconcile();
    const after = await theRun();
    const answer = await say('dora', '/pointsman resume');

    expect(held.out).toContain('paused by dora: I am on site');
    expect(after?.paused).toMatchObject({ by: 'dora' });
    expect(answer).toContain('**Done:**');
    expect(leaf01()).toContain(APPLIED);
    expect(await theRun()).toMatchObject({ status: 'COMPLETED' });
  });

  it('on one site holds what is about that site and nothing else, and goes on when that is over', async () => {
    await automation('sites:\n  ams1: { paused: true, reason: power works }\n');
    const page = await journey.open(journey.stories.bgpAsnChange);
    await journey.plan(page);
    await journey.approve(page);
    await journey.approve(page, 'dora');
    const merged = await journey.merge(page);
    const held = await journey.reconcile();
    await automation('sites:\n  ams1: { paused: false }\n');
    const passed = await journey.reconcile();

    expect(held.out).toContain('paused by automation.yaml: power works');
    expect(passed.out).toContain(`${nameOf(merged, page)}: completed`);
  });

  it('that cannot be read holds everything, and says so', async () => {
    await automation('paused: perhaps\n');
    const { files, ...story } = journey.stories.ntpOnOneLeaf;
    const edited = new Map(
      [...files].map(([path, text]) => [path, text?.replaceAll(APPLIED, '192.168.200.141') ?? null]),
    );
    const page = await journey.open({ ...story, branch: 'another-server', files: edited });
    const merged = await journey.merge(page);
    const held = await journey.reconcile();

    expect(held.out).toContain('paused by automation.yaml: what it says is not known');
    expect(await runNamed(nameOf(merged, page))).toMatchObject({ status: 'PAUSED' });
  });
});

describe('the kill switch and what people ask for', { timeout: 180_000 }, () => {
  let asking: Journey;
  let clocked: Journey;
  afterAll(() => Promise.all([asking.close(), clocked.close()]));

  it('holds a request, and lets one be done that says so itself', async () => {
    asking = await createJourney();
    await asking.reconcile();
    const request = (more: string) =>
      `workflow: ConfigurationBackup\nreason: before the move\ntargets: { devices: [leaf01] }\n${more}`;
    const dora = asking.world.github.as('dora');
    const files = {
      'automation.yaml': 'sites:\n  ams1: { paused: true, reason: power works }\n',
      'requests/held.yaml': request(''),
      'requests/urgent.yaml': request('even_when_paused: true\n'),
    };
    await dora.push('main', files, 'Ask');
    const passed = await asking.reconcile();
    const between = await asking.reconcile();
    await dora.push('main', { 'automation.yaml': null }, 'Go on');
    const after = await asking.reconcile();

    expect(passed.out).toMatch(/configurationbackup-for-urgent-[0-9a-f]+: completed/);
    expect(passed.out).not.toMatch(/configurationbackup-for-held-[0-9a-f]+: completed/);
    expect(between.out).not.toMatch(/completed/);
    expect(after.out).toMatch(/configurationbackup-for-held-[0-9a-f]+: completed/);
  });

  it('goes on with what the clock asks for at other sites, also of a site with a runner of its own', async () => {
    clocked = await createJourney({ files: withSecondSite });
    const schedule = 'schedules:\n  hourly:\n    workflow: ConfigurationBackup\n    schedule: { cron: "0 * * * *" }\n';
    const text = `sites: { fra1: { paused: true, reason: power works } }\n${schedule}`;
    await clocked.reconcile();
    await clocked.world.github.as('dora').push('main', { 'automation.yaml': text }, 'Back up');
    await clocked.reconcile();
    clocked.ahead(HOUR);
    const first = [await clocked.reconcile(), await clocked.reconcile('fra1')];
    clocked.ahead(HOUR);
    const second = [await clocked.reconcile(), await clocked.reconcile('fra1')];

    expect([...first, ...second].map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    for (const { out } of [first[0], second[0]].flatMap((ran) => ran ?? [])) expect(out).toContain('completed');
    expect(clocked.world.switches.get('leaf03')?.requests()).toEqual([]);
    expect(clocked.world.switches.get('leaf02')?.requests()).not.toEqual([]);
  });
});
