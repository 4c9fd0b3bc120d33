import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../cli/run-program.ts';
import { createJourney, git, type Journey, type Ran } from '../support/journey.ts';
import { type Readings, readingsOf } from '../support/readings.ts';

const AUTOMATION = [
  'schedules:',
  '  hourly:',
  '    workflow: DriftCheck',
  '    schedule: { cron: "0 * * * *" }',
  'drift:',
  '  - name: by hand',
  '    policy: propose',
  '',
].join('\n');
const HOUR_MS = 3_600_000;
/** On a busy machine a switch has to be confirmed in its time all the same. */
const SPEED = 20;
const GREETING = '+ set system message pre-login "by hand"';

/** What there is to be seen after one check. */
interface Seen {
  readonly ran: Ran;
  readonly page: string;
  readonly listed: Ran;
  readonly open: readonly { readonly number: number; readonly body: string; readonly headBranch: string }[];
  readonly issue: string | undefined;
}

let journey: Journey;
let readings: Readings;
let earlier: string;
let rollback: string;
const seen: Record<'back' | 'drifting' | 'mended' | 'over', Seen> = {} as never;
let request: string;
let plan: string;
let afterRollback: unknown;
let restored: unknown;
let refused: readonly string[];

beforeAll(async () => {
  journey = await createJourney({
    speed: SPEED,
    files: (files) => new Map([...files, ['automation.yaml', AUTOMATION]]),
  });
  readings = readingsOf(journey);
  await journey.reconcile();
  earlier = await tip();
  await carryOut(await journey.open(journey.stories.ntpOnOneLeaf));
  await carryOut(
    await ask('back', `workflow: Rollback\ntargets: { devices: [leaf01] }\ninput: { to: { commit: ${earlier} } }\n`),
  );
  rollback = `rollback-for-back-${(await tip()).slice(0, 12)}`;
  afterRollback = runs();
  seen.back = await check();

  journey.world.switches
    .get('leaf01')
    ?.outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': 'by hand' } } });
  // Another backup, with what was done by hand in it: not what it was taken back to.
  await journey.merge(await ask('keep', 'workflow: ConfigurationBackup\ntargets: { devices: [leaf01] }\n'));
  await journey.reconcile();
  seen.drifting = await check();
  const { number, headBranch } = seen.drifting.open[0] ?? { number: 0, headBranch: '' };
  const id = headBranch.slice('pointsman/drift/'.length, -'-revert'.length);
  request = (await git(journey.gitDir, ['show', `${headBranch}:requests/revert-drift-${id}.yaml`])).out;
  await journey.world.github.as('dora').comment(number, '/pointsman adopt leaf01');
  await journey.reconcile();
  refused = journey.world.github.comments(number).map(({ body }) => body);
  await carryOut(number);
  plan = journey.comment(number);
  restored = runs();
  seen.mended = await check();

  // The next deploy that touches it says again what the branch says.
  await carryOut(await ask('forward', 'workflow: ConfigurationDeploy\ntargets: { devices: [leaf01] }\n'));
  seen.over = await check();
}, 600_000);
afterAll(() => journey.close());

const tip = async () => (await git(journey.gitDir, ['rev-parse', 'main'])).out.trim();
const runs = () => journey.world.switches.get('leaf01')?.applied();
const driftFile = () => journey.ledgerFile('drift/ams1/leaf01.json');

async function ask(name: string, text: string): Promise<number> {
  const file = new Map([[`requests/${name}.yaml`, `reason: packets are dropped\n${text}`]]);
  return journey.open({ title: name, branch: name, files: file });
}

async function carryOut(number: number): Promise<void> {
  await journey.plan(number);
  await journey.approve(number);
  await journey.merge(number);
  expect(await journey.reconcile()).toMatchObject({ code: 0 });
}

async function check(): Promise<Seen> {
  journey.ahead(HOUR_MS);
  const ran = await journey.reconcile();
  const checks = (await readings.runs()).filter(({ workflow }) => workflow === 'DriftCheck');
  const [last] = checks.toSorted((a, b) => b.startedAt - a.startedAt);
  const remote = ['--remote', journey.world.github.remoteUrl, '--cache', `${journey.gitDir}-cli`];
  const { github } = journey.world;
  const [issue] = github.issues().filter(({ body, state }) => state === 'open' && body.includes('alarm:drift'));
  return {
    ran,
    page: last?.stages.some(({ name }) => name === 'handle_drift')
      ? await readings.artifact(last.name, 'drift.md')
      : '',
    listed: await journey.run((io) => runProgram(io, ['drift', ...remote])),
    open: github
      .pullRequests()
      .filter(({ headBranch, state }) => headBranch.startsWith('pointsman/drift/') && state === 'open'),
    issue: issue?.body,
  };
}

describe('a switch that was taken back', () => {
  it('is no drift: no issue, no pull request, and the check says by which run it runs something else', () => {
    const { ran, page, listed, open, issue } = seen.back;

    expect(ran.code).toBe(0);
    expect({ open, issue }).toEqual({ open: [], issue: undefined });
    expect(page).toContain('# No drift');
    expect(page).toContain(
      `## Taken back\n\n- \`leaf01\`: taken back to commit \`${earlier.slice(0, 12)}\` by \`${rollback}\``,
    );
    expect(page).toMatch(
      /differs from the branch in 1 setting: `service\.ntp\.mgmt\.server\.192\.168\.200\.140\.iburst`/,
    );
    expect(listed.code).toBe(0);
    expect(listed.out).toContain(
      `leaf01: taken back to commit ${earlier.slice(0, 12)} by ${rollback}; differs from the branch`,
    );
  });

  it('drifts from what it was taken back to, and from nothing else', () => {
    const { page, listed, open, issue } = seen.drifting;

    expect(listed.code).toBe(2);
    expect(listed.out).toContain(`compared with commit ${earlier.slice(0, 12)}, to which ${rollback} took it back`);
    expect(page).toContain('# 1 of 6 switches drifts');
    expect(open).toHaveLength(1);
    expect(open[0]?.body.match(/^```diff\n[\s\S]*?\n```$/m)?.[0]).toBe(`\`\`\`diff\n${GREETING}\n\`\`\``);
    expect(issue).toContain(`from commit \`${earlier.slice(0, 12)}\`, to which \`${rollback}\` took it back`);
  });

  it('is taken back once more, to exactly what the Rollback left, where somebody changed it since', () => {
    expect(request).toContain('workflow: Rollback');
    expect(request).toMatch(/backup: '?"?[0-9a-f]{40}/);
    expect(plan).toContain('- unset system message pre-login');
    expect(plan).toContain('1 applied');
    expect(restored).toEqual(afterRollback);
  });

  it('cannot be adopted: what it runs is two things at once', () => {
    expect(refused).toContainEqual(expect.stringContaining('Nothing that differs on leaf01 can be adopted'));
  });

  it('is taken back still when that is mended, until a deploy touches it', async () => {
    expect(seen.mended.page).toContain('## Taken back');
    expect(seen.mended).toMatchObject({ open: [], issue: undefined });
    expect(seen.over.listed.out).not.toContain('leaf01');
    expect(await driftFile()).toBeUndefined();
  });
});
