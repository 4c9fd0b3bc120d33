import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldRun } from '../../ledger/fold-run.ts';
import { runsAt } from '../support/crash-world.ts';
import { createJourney, type Journey, nextSecond } from '../support/journey.ts';
import { pointsman, type Ran, scratchFolder } from './run.ts';

const SLOW = { timeout: 600_000 };

let journey: Journey;
let number: number;
let run: string;
const cache = scratchFolder();
afterAll(() => journey.close());

/** One more merged pull request whose run waits. */
async function begin(server: string): Promise<void> {
  const { branch, files, ...story } = journey.stories.ntpOnOneLeaf;
  const edited = new Map([...files].map(([path, text]) => [path, text?.replaceAll('192.168.200.140', server) ?? null]));
  number = await journey.open({ ...story, branch: `${branch}-${server}`, files: edited });
  await journey.plan(number);
  const commit = await journey.merge(number);
  await journey.reconcile();
  run = `configurationdeploy-pr-${number}-${commit.slice(0, 12)}`;
}

/** At the terminal of somebody, with a token of theirs. */
async function as(login: string, ...args: readonly string[]): Promise<Ran> {
  await nextSecond(journey.clock);
  const { github, environment } = journey.world;
  return pointsman([...args, '--remote', github.remoteUrl, '--cache', join(cache, login)], {
    cwd: cache,
    clock: journey.clock,
    environment: { ...environment, GITHUB_TOKEN: github.tokenFor(login) },
  });
}

const theRun = async () => foldRun(run, (await runsAt(journey.gitDir)).get(run) ?? []);
const reviews = () => journey.world.github.pullRequest(number).reviews;
const leaf01 = () => JSON.stringify(journey.world.switches.get('leaf01')?.applied());

describe('controls at the command line', SLOW, () => {
  beforeAll(async () => {
    journey = await createJourney();
    await journey.reconcile();
    await begin('192.168.200.91');
  });

  it('need a person: the token of an App belongs to nobody, and what works is said', async () => {
    const ran = await as('pointsman[bot]', 'pause', run);

    expect(ran.code).toBe(1);
    expect(ran.said).toContain('CLI_NO_PERSON');
    expect(ran.said).toContain('/pointsman pause on the pull request');
    expect((await theRun())?.status).toBe('RUNNING');
  });

  it('are checked like commands in comments', async () => {
    const ran = await as('bea', 'pause', run);

    expect(ran.code).toBe(1);
    expect(ran.out).toContain('it needs maintain permission on the repository, this person has write');
  });

  it('refuse a reason that hides something', async () => {
    const ran = await as('dora', 'pause', run, '--reason', 'so\u202eso');

    expect(ran).toMatchObject({ code: 1, said: expect.stringContaining('holds what does not show') });
  });

  it('pause and resume: on record with who, when and why', async () => {
    const paused = await as('dora', 'pause', run.slice(-6), '--reason', 'site visit');
    const held = await theRun();
    await journey.reconcile();
    const page = journey.comment(number);
    const resumed = await as('dora', 'resume', run, '--json');

    expect(paused).toMatchObject({ code: 0, out: expect.stringContaining(`done: ${run}: it is paused.`) });
    expect(held?.paused).toEqual({ by: 'dora', at: expect.any(Number), why: 'site visit' });
    expect(page).toContain('paused by `dora`**: site visit');
    expect(JSON.parse(resumed.out)).toMatchObject({ verdict: 'done', by: 'dora' });
    expect((await theRun())?.status).toBe('RUNNING');
  });

  it('retry says why not', async () => {
    const ran = await as('dora', 'retry', run, 'apply_configuration');

    expect(ran.code).toBe(1);
    expect(ran.out).toContain('refused: ');
    expect(ran.out).toContain('apply_configuration is NOT_STARTED, and only what is FAILED is tried again');
  });

  it('approve gives no review where it would not count', async () => {
    const author = await as('ada', 'approve', run);
    const other = await as('dora', 'approve', run);

    expect(author.out).toContain('given by the author of the pull request');
    expect(other.out).toContain('the rules do not name this person');
    expect([author.code, other.code]).toEqual([1, 1]);
    expect(reviews()).toEqual([]);
  });

  it('reject asks for changes in the person’s name, with the reason, and the run ends without touching a switch', async () => {
    const ran = await as('bea', 'reject', run, '--reason', 'wrong server');
    const passed = await journey.reconcile();

    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining(`in #${number}`) });
    expect(reviews()).toMatchObject([
      {
        author: 'bea',
        state: 'CHANGES_REQUESTED',
        body: expect.stringContaining('wrong server\n\nGiven with pointsman reject'),
      },
    ]);
    expect(passed.out).toContain(`${run}: rejected`);
    expect(leaf01()).not.toContain('192.168.200.91');
  });

  it('approve is a review in the person’s name that lets the run go on', async () => {
    await begin('192.168.200.92');
    const ran = await as('bea', 'approve', run);
    const again = await as('carl', 'pause', 'ffffffff');
    const passed = await journey.reconcile();
    const late = await as('carl', 'approve', run);

    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('approved by bea') });
    expect(reviews()).toMatchObject([{ author: 'bea', state: 'APPROVED' }]);
    expect(again.out).toContain('no run is called ffffffff');
    expect(passed.out).toContain(`${run}: completed`);
    expect(leaf01()).toContain('192.168.200.92');
    expect(late).toMatchObject({ code: 1, out: expect.stringContaining('has ended already, COMPLETED') });
  });

  it('terminate says how every switch is left, begins nothing more, and the next pass tells people', async () => {
    await begin('192.168.200.93');
    await journey.approve(number);
    const ran = await as('dora', 'terminate', run, '--reason', 'enough');
    const between = await theRun();
    const passed = await journey.reconcile();

    expect(ran.code).toBe(0);
    expect(ran.out).toContain('- untouched: leaf01');
    expect(ran.out).toContain('perform_configuration_diff: No switch was touched.');
    expect(between?.endWanted).toMatchObject({ by: 'dora', why: 'enough' });
    expect(passed.out).not.toContain('completed');
    expect(await theRun()).toMatchObject({ status: 'TERMINATED', endedBy: 'dora', why: 'terminated by dora: enough' });
    expect(journey.comment(number)).toContain('Terminated: 1 untouched');
    expect(leaf01()).not.toContain('192.168.200.93');
  });
});
