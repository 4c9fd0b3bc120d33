import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../cli/run-program.ts';
import { answerDriftCommand } from '../../reconciler/drift/choose-way.ts';
import type { Way } from '../../reconciler/drift/findings.ts';
import { readProposals } from '../../reconciler/drift/read-proposals.ts';
import { readPeople } from '../../reconciler/people.ts';
import { checkDrift, depsOf, recordDrift, signal, tipOf } from '../support/drift-world.ts';
import { createJourney, git, type Journey, nextSecond } from '../support/journey.ts';

const LEAVES = ['leaf01', 'leaf02', 'leaf03'];
let journey: Journey;
afterEach(() => journey.close());

async function begin(rule: string): Promise<void> {
  journey = await createJourney({
    files: (files) => new Map([...files, ['automation.yaml', `drift:\n  - name: by hand\n${rule}`]]),
  });
  await journey.reconcile();
}

/** Somebody changes what a switch says before a login. */
function greet(device: string, text: string): void {
  journey.world.switches.get(device)?.outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': text } } });
}
function undo(device: string): void {
  journey.world.switches.get(device)?.outOfBand.applyAs('cumulus', { system: { message: null } });
}
const greeting = (device: string) => JSON.stringify(journey.world.switches.get(device)?.applied());
const proposals = () =>
  journey.world.github.pullRequests().filter(({ headBranch }) => headBranch.startsWith('pointsman/drift/'));
const openOnes = () => proposals().filter(({ state }) => state === 'open');
const ways = () => openOnes().map(({ headBranch }) => headBranch.replace(/^.*-/, ''));
const fileAt = async (branch: string, path: string) => (await git(journey.gitDir, ['show', `${branch}:${path}`])).out;
const issues = () => journey.world.github.issues().filter(({ body }) => body.includes('pointsman:alarm:drift'));

async function choose(device: string, way: Way) {
  const deps = await depsOf(journey);
  return answerDriftCommand(deps, { tip: await tipOf(deps) }, { device, way, by: 'bea' }, signal);
}

/** Who had a hand in a pull request, as far as is known. */
async function handsOf(number: number) {
  const deps = await depsOf(journey);
  const isProposal = await readProposals(await deps.ledger.view(signal));
  const pullRequest = await deps.forge.pullRequest(number, signal);
  return (await readPeople(deps, { pullRequest, reviews: [], requirements: [], isProposal }, signal)).hands;
}

describe('drift that is proposed to be taken back', () => {
  beforeEach(() => begin('    policy: propose\n'));

  it('is one pull request for all switches that differ alike, which holds a request for them', async () => {
    greet('leaf01', 'by hand');
    greet('leaf02', 'by hand');
    await checkDrift(journey, LEAVES);
    await checkDrift(journey, LEAVES);

    const [only, ...others] = openOnes();
    expect(others).toEqual([]);
    expect(only?.body).toContain('+ set system message pre-login "by hand"');
    const id = only?.headBranch.slice('pointsman/drift/'.length, -'-revert'.length);
    const request = await fileAt(only?.headBranch ?? '', `requests/revert-drift-${id}.yaml`);
    expect(request).toContain('workflow: ConfigurationDeploy');
    expect(request).toMatch(/devices: .*leaf01.*leaf02/);
  });

  it('follows when another switch differs alike, and closes when nothing does', async () => {
    greet('leaf01', 'by hand');
    await checkDrift(journey, LEAVES);
    greet('leaf03', 'by hand');
    await checkDrift(journey, LEAVES);
    const joined = openOnes().map(({ body }) => body);
    undo('leaf01');
    undo('leaf03');
    await checkDrift(journey, LEAVES);

    expect(joined).toMatchObject([expect.stringContaining('`leaf01`, `leaf03`')]);
    expect(proposals()).toMatchObject([{ state: 'closed' }]);
    expect((await git(journey.gitDir, ['branch', '--list', 'pointsman/drift/*'])).out).toBe('');
  });

  it('is told in one issue that is edited only for something new, and closed when nothing differs', async () => {
    greet('leaf01', 'by hand');
    await checkDrift(journey, LEAVES);
    const first = issues();
    await nextSecond(journey.clock);
    await checkDrift(journey, LEAVES);

    expect(first).toMatchObject([{ state: 'open', title: expect.stringContaining('1 switch runs something else') }]);
    expect(first[0]?.body).toContain(`/pull/${openOnes()[0]?.number}`);
    expect(issues()).toEqual(first);

    undo('leaf01');
    await checkDrift(journey, LEAVES);
    expect(issues()).toMatchObject([{ state: 'closed' }]);
  });

  it('is not proposed again where a person closed it, until somebody asks', async () => {
    greet('leaf01', 'by hand');
    await checkDrift(journey, LEAVES);
    await journey.world.github.as('dora').close(openOnes()[0]?.number ?? 0);
    const handled = await checkDrift(journey, LEAVES);
    const declined = ways();
    const answer = await choose('leaf01', 'revert');

    expect(handled.findings).toMatchObject([{ state: expect.stringContaining('a person closed') }]);
    expect(declined).toEqual([]);
    expect(answer.verdict).toBe('done');
    expect(ways()).toEqual(['revert']);
  });

  it('goes the other way when somebody says so, and stays that way', async () => {
    greet('leaf01', 'by hand');
    await checkDrift(journey, LEAVES);

    const answer = await choose('leaf01', 'adopt');
    await checkDrift(journey, LEAVES);

    expect(answer).toMatchObject({ verdict: 'done' });
    expect(ways()).toEqual(['adopt']);
    expect(proposals().map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  it('is ours as long as its head is what we wrote, and left alone once others pushed to it', async () => {
    greet('leaf01', 'by hand');
    await checkDrift(journey, LEAVES);
    const [{ headBranch, number } = { headBranch: '', number: 0 }] = openOnes();
    const before = await handsOf(number);
    await journey.world.github.as('ada').push(headBranch, { 'notes.md': 'mine' }, 'look into it');
    const after = await handsOf(number);
    undo('leaf01');
    await checkDrift(journey, LEAVES);

    expect(before).toMatchObject({ known: true, value: new Set(['pointsman[bot]']) });
    expect(after).toMatchObject({ known: false, why: expect.stringContaining('belongs to no account') });
    expect(openOnes()).toHaveLength(1);
    expect(await fileAt(headBranch, 'notes.md')).toBe('mine');
  });

  it('is listed by pointsman drift, which opens either pull request as well', async () => {
    greet('leaf01', 'by hand');
    const deps = await depsOf(journey);
    await recordDrift(deps, LEAVES);
    const remote = ['--remote', journey.world.github.remoteUrl, '--cache', `${journey.gitDir}-cli`];

    const listed = await journey.run((io) => runProgram(io, ['drift', ...remote]));
    const adopted = await journey.run((io) => runProgram(io, ['drift', 'adopt', 'leaf01', ...remote]));
    const refused = await journey.run((io) => runProgram(io, ['drift', 'revert', 'leaf03', ...remote]));

    expect(listed).toMatchObject({ code: 2, out: expect.stringContaining('+ set system message pre-login "by hand"') });
    expect(adopted).toMatchObject({ code: 0, out: expect.stringMatching(/^Done: pull request #\d+ makes/) });
    expect(refused).toMatchObject({ code: 1, out: expect.stringMatching(/^Refused: leaf03 is not known/) });
    expect(ways()).toEqual(['adopt']);
  });

  it('says in plain words that a switch does not differ', async () => {
    expect(await choose('leaf01', 'revert')).toMatchObject({
      verdict: 'refused',
      why: expect.stringContaining('leaf01'),
    });
    expect(await choose('nobody', 'adopt')).toMatchObject({
      verdict: 'refused',
      why: expect.stringContaining('nobody'),
    });
  });
});

describe('drift that is proposed to be kept', () => {
  beforeEach(() => begin('    policy: propose\n    propose: adopt\n'));

  it('renders to what runs: the plan of its pull request has nothing to change', async () => {
    greet('leaf01', 'by hand');
    greet('leaf02', 'by hand');
    await checkDrift(journey, LEAVES);
    const [{ number } = { number: 0 }] = openOnes();

    await journey.plan(number);
    expect(journey.comment(number)).toContain('## Plan: nothing changes');
    expect(openOnes()[0]?.body).not.toContain('Not in it');
    await journey.merge(number);
    await journey.reconcile();
    await checkDrift(journey, LEAVES);

    expect(greeting('leaf01')).toContain('by hand');
    expect(proposals()).toMatchObject([{ merge: expect.anything() }]);
    expect(issues()).toMatchObject([{ state: 'closed' }]);
  });
});

it('what is only reported opens no pull request', async () => {
  await begin('    policy: report\n');
  greet('leaf01', 'by hand');
  await checkDrift(journey, LEAVES);

  expect(proposals()).toEqual([]);
  expect(issues()).toMatchObject([{ state: 'open', body: expect.stringContaining('reported only') }]);
});

it('is found by a check, taken back once its pull request is merged and approved, and nothing of it is left', async () => {
  await begin('    policy: propose\n');
  greet('leaf01', 'by hand');
  const check = 'workflow: DriftCheck\nreason: look once\ntargets: { devices: [leaf01] }\n';
  await journey.merge(
    await journey.open({ title: 'Look once', branch: 'look', files: new Map([['requests/look.yaml', check]]) }),
  );
  await journey.reconcile();
  const [{ number } = { number: 0 }] = openOnes();

  await journey.merge(number);
  await journey.reconcile();
  // While it waits for an approval nothing is proposed anew.
  await checkDrift(journey, ['leaf01']);
  const meanwhile = openOnes();
  await journey.approve(number);
  const passed = await journey.reconcile();
  await checkDrift(journey, LEAVES);

  expect(meanwhile).toEqual([]);
  expect(passed.code).toBe(0);
  expect(greeting('leaf01')).not.toContain('by hand');
  expect(await journey.ledgerFile('drift/ams1/leaf01.json')).toBeUndefined();
  expect(openOnes()).toEqual([]);
  expect(issues()).toMatchObject([{ state: 'closed' }]);
});
