import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeReconciler } from '../../cli/compose.ts';
import { connect } from '../../cli/connect.ts';
import type { Io } from '../../cli/io.ts';
import { type PassReport, runPass } from '../../reconciler/pass.ts';
import { createRealClock, type SandboxClock } from '../../sandbox/clock.ts';
import { applyEdit, type Endpoint, withEndpoints } from '../../sandbox/fleets/fleet-files.ts';
import { makeSyntheticFleet } from '../../sandbox/synthetic-fleet.ts';
import { createWorld, type World } from '../../sandbox/world.ts';
import { git } from '../support/journey.ts';

const SWITCHES = 1_000;
const GROUPS = 40;
/** GitHub takes no comment that is longer. */
const LONGEST_COMMENT = 65_536;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** One pass, and what it asked for. */
interface Looked {
  readonly report: PassReport;
  readonly requests: ReturnType<World['github']['requests']>;
  readonly switchRequests: number;
  readonly ledgerCommits: number;
}

const folder = mkdtempSync(join(tmpdir(), 'pointsman-thousand-'));
const clock = createPassingClock(5 * MINUTE_MS);
let world: World;
let number: number;
let io: Io;
const looks: Record<'first' | 'second' | 'third' | 'elsewhere', Looked> = {} as never;

beforeAll(async () => {
  world = await createThousand();
  io = {
    environment: { ...world.environment, PATH: process.env['PATH'], HOME: folder },
    cwd: folder,
    out() {},
    say() {},
    isTerminal: false,
    color: false,
    clock,
    signal: new AbortController().signal,
  };
  const here = await lookingFrom('cache');
  looks.first = await here();
  looks.second = await here();
  looks.third = await here();
  looks.elsewhere = await (await lookingFrom('another-cache'))();
}, 10 * MINUTE_MS);
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

describe(`a pull request that changes ${SWITCHES} switches in ${GROUPS} ways`, () => {
  const comments = () => world.github.comments(number);
  const comment = () => comments()[0]?.body ?? '';

  it('is planned in one comment that GitHub takes, with its verdict, a row for each way, and what to do next', () => {
    const rows = [...comment().matchAll(/^\| \*\*[A-Z]+\*\* .*\| 25: `leaf\d+` … `leaf\d+` \| 20 \| 0 \| 0 \|/gm)];

    expect(looks.first.report).toMatchObject({ failures: [], pullRequests: [{ kind: 'planned', number }] });
    expect(comments()).toHaveLength(1);
    expect(comment().length).toBeLessThan(LONGEST_COMMENT);
    expect(comment().split('\n')[1]).toBe('## Plan: 1,000 devices change, waiting for 1 approval');
    expect(rows).toHaveLength(GROUPS);
    expect(comment()).toContain('**Next:** approve this pull request');
  });

  it('says what the comment leaves out, and links to the page of the ledger that has all of it', async () => {
    const path = /\/blob\/pointsman\/ledger\/(plans\/[^)\s]+\.md)/.exec(comment())?.[1] ?? '';
    const page = (await git(world.github.gitDir, ['show', `pointsman/ledger:${path}`])).out;

    expect(comment()).toContain('the diffs of some groups');
    expect(page.length).toBeGreaterThan(LONGEST_COMMENT);
    expect([...page.matchAll(/^<details><summary>Group /gm)]).toHaveLength(GROUPS);
  });

  it('costs at most 30 requests to GitHub, and two ledger commits with the one that starts the ledger', () => {
    expect(rest(looks.first).length).toBeLessThanOrEqual(30);
    expect(looks.first.ledgerCommits).toBe(2);
  });

  it.each(['second', 'third', 'elsewhere'] as const)('is left alone at the %s look: nothing is new', (which) => {
    const { report, requests, switchRequests, ledgerCommits } = looks[which];

    expect(report).toMatchObject({ failures: [], runs: [], pullRequests: [{ kind: 'current', number }] });
    expect(requests.filter(({ mutating }) => mutating)).toEqual([]);
    expect({ switchRequests, ledgerCommits }).toEqual({ switchRequests: 0, ledgerCommits: 0 });
  });

  it('is no reason to ask who somebody is, as long as nobody has given a verdict', () => {
    const people = /\/teams\/|\/collaborators\/|\/activity|\/pulls\/\d+\/commits/;

    expect(rest(looks.second).filter(({ path }) => people.test(path))).toEqual([]);
  });

  it('is told "as before" by GitHub wherever nothing has changed since the last look', () => {
    const written = /comments|check-runs/;
    const anew = ({ requests }: Looked) =>
      requests.filter(({ kind, method, status }) => kind === 'rest' && method === 'GET' && status !== 304);

    // What the first look wrote after it had read it.
    expect(anew(looks.second).filter(({ path }) => !written.test(path))).toEqual([]);
    expect(anew(looks.third)).toEqual([]);
  });
});

/** Real time, a while after the hour: what is asked by the hour is asked the same at each look here. */
function createPassingClock(afterTheHour: number): SandboxClock & { readonly pass: (milliseconds: number) => void } {
  const real = createRealClock();
  let ahead = afterTheHour - (real.now() % HOUR_MS);
  return {
    ...real,
    now: () => real.now() + ahead,
    pass(milliseconds) {
      ahead += milliseconds;
    },
  };
}

function rest({ requests }: Looked): Looked['requests'] {
  return requests.filter(({ kind }) => kind === 'rest');
}

/** Passes of one process: it remembers what GitHub answered. */
async function lookingFrom(cacheName: string): Promise<() => Promise<Looked>> {
  const options = { remote: world.github.remoteUrl, cache: join(folder, cacheName) };
  const connection = await connect(io, options);
  return async () => {
    const requestsBefore = world.github.requests().length;
    const [switchesBefore, commitsBefore] = [switchRequests(), await ledgerCommits()];
    clock.pass(MINUTE_MS);
    const report = await runPass(await composeReconciler(io, options, undefined, connection), io.signal);
    return {
      report,
      requests: world.github.requests().slice(requestsBefore),
      switchRequests: switchRequests() - switchesBefore,
      ledgerCommits: (await ledgerCommits()) - commitsBefore,
    };
  };
}

function switchRequests(): number {
  return [...world.switches.values()].reduce((sum, one) => sum + one.requests().length, 0);
}

async function ledgerCommits(): Promise<number> {
  const { code, out } = await git(world.github.gitDir, ['rev-list', '--count', 'refs/heads/pointsman/ledger']);
  return code === 0 ? Number(out) : 0;
}

/** The smallest configurations there are: how long one takes to compare is not the question here. */
async function createThousand(): Promise<World> {
  const fleet = makeSyntheticFleet({ devices: SWITCHES, configurationKilobytes: 6 });
  const running = new Map(fleet.switches.map(({ name, configuration }) => [name, configuration]));
  const made = await createWorld({
    clock,
    folder: join(folder, 'world'),
    files: fleet.files,
    switches: fleet.switches,
    secrets: fleet.secrets,
    configurationsAt: async () => running,
  });
  const ada = made.github.as('ada');
  const endpoints = new Map(
    [...made.switches].map(([name, { host, port, pin }]): [string, Endpoint] => [
      name,
      { address: `${host}:${port}`, pin },
    ]),
  );
  const edited = withEndpoints(applyEdit(fleet.files, fleet.change.grouped), endpoints);
  const paths = [...fleet.change.grouped.keys()];
  await ada.push('tenants', Object.fromEntries(paths.map((path) => [path, edited.get(path) ?? ''])), 'Add tenants');
  number = await ada.openPullRequest({ title: 'Add tenants', head: 'tenants' });
  return made;
}
