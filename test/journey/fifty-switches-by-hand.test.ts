import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tree } from '../../schemas/json.ts';
import { git, nextSecond, type Ran } from '../support/journey.ts';
import { createSyntheticSandbox, type SyntheticSandbox } from '../support/synthetic-journey.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const AUTOMATION = `schedules:
  hourly:
    workflow: DriftCheck
    schedule: { cron: "0 * * * *" }
drift:
  - name: by hand
    policy: propose
    most_pull_requests: 2
`;

/** What somebody did to ten switches each, and what takes it back. */
const WAYS: readonly { readonly what: string; readonly byHand: Tree; readonly undone: Tree }[] = [
  {
    what: '+ set system message pre-login "Moved to hall 3"',
    byHand: { system: { message: { 'pre-login': 'Moved to hall 3' } } },
    undone: { system: { message: null } },
  },
  {
    what: '+ set service ntp mgmt server 10.9.9.9',
    byHand: { service: { ntp: { mgmt: { server: { '10.9.9.9': {} } } } } },
    undone: { service: { ntp: { mgmt: { server: { '10.9.9.9': null } } } } },
  },
  {
    what: '+ set interface swp51 link mtu 1500',
    byHand: { interface: { swp51: { link: { mtu: 1500 } } } },
    undone: { interface: { swp51: { link: { mtu: 9216 } } } },
  },
  {
    what: '- unset service syslog mgmt server 10.0.0.200 port 514',
    byHand: { service: { syslog: { mgmt: { server: { '10.0.0.200': { port: null } } } } } },
    undone: { service: { syslog: { mgmt: { server: { '10.0.0.200': { port: 514 } } } } } },
  },
  {
    what: '+ set system timezone Etc/UTC',
    byHand: { system: { timezone: 'Etc/UTC' } },
    undone: { system: { timezone: 'Europe/Amsterdam' } },
  },
];
const TEN = 10;
const tenOf = (way: number): readonly string[] =>
  Array.from({ length: TEN }, (_, index) => `leaf${String(way * TEN + index + 1).padStart(5, '0')}`);

/** What there is to be seen after one check. */
interface Seen {
  readonly ran: Ran;
  readonly open: readonly ReturnType<SyntheticSandbox['world']['github']['pullRequests']>[number][];
  readonly issues: ReturnType<SyntheticSandbox['world']['github']['issues']>;
}

let sandbox: SyntheticSandbox;
const seen: Record<'found' | 'again' | 'chosen' | 'decided' | 'undone' | 'after', Seen> = {} as never;
const plans: Record<'adopt' | 'revert', string> = {} as never;
let adopted: number;
let reverted: number;
let untouched: Tree[] = [];

beforeAll(async () => {
  sandbox = await createSyntheticSandbox({
    devices: WAYS.length * TEN,
    rollout: [],
    files: { 'automation.yaml': AUTOMATION },
  });
  await sandbox.reconcile();
  untouched = tenOf(1).map(runs);
  for (const [way, { byHand }] of WAYS.entries()) apply(way, byHand);

  seen.found = await check();
  seen.again = await check();

  // A person decides about two of the five, whether or not they are among those the rule had pull requests opened for.
  await sandbox.say('dora', seen.found.open[0]?.number ?? 0, `/pointsman adopt ${tenOf(0)[0]}`);
  await sandbox.say('dora', seen.found.open[0]?.number ?? 0, `/pointsman revert ${tenOf(1)[0]}`);
  await sandbox.reconcile();
  seen.chosen = await check();
  adopted = numberFor(0);
  reverted = numberFor(1);
  plans.adopt = sandbox.comment(adopted);
  plans.revert = sandbox.comment(reverted);

  await sandbox.world.github.as('ada').merge(adopted);
  await nextSecond(sandbox.clock);
  await sandbox.world.github.as('bea').approve(reverted);
  await sandbox.world.github.as('ada').merge(reverted);
  await sandbox.reconcile();
  seen.decided = await check();

  for (const [way, { undone }] of WAYS.entries()) if (way > 1) apply(way, undone);
  seen.undone = await check();
  seen.after = await check();
}, 15 * MINUTE_MS);
afterAll(() => sandbox.close());

function runs(name: string): Tree {
  return sandbox.of(name).applied();
}

function apply(way: number, patch: Tree): void {
  for (const name of tenOf(way)) sandbox.of(name).outOfBand.applyAs('cumulus', patch);
}

/** The next hour, the pass that is made in it, and what it leaves. */
async function check(): Promise<Seen> {
  sandbox.ahead(HOUR_MS);
  const ran = await sandbox.reconcile();
  return { ran, open: proposals().filter(({ state }) => state === 'open'), issues: issues() };
}

const proposals = () =>
  sandbox.world.github.pullRequests().filter(({ headBranch }) => headBranch.startsWith('pointsman/drift/'));
const issues = () => sandbox.world.github.issues().filter(({ body }) => body.includes('pointsman:alarm:drift'));
const driftFiles = async () =>
  (await git(sandbox.gitDir, ['ls-tree', '-r', '--name-only', 'pointsman/ledger', 'drift/'])).out.trim();

function numberFor(way: number): number {
  const [found, ...others] = proposals().filter(
    ({ state, body }) => state === 'open' && body.includes(WAYS[way]?.what ?? ''),
  );
  if (!found || others.length > 0) throw new Error(`no pull request about ${WAYS[way]?.what}, or several`);
  return found.number;
}

describe('fifty switches that were changed by hand in five ways', () => {
  it('are five findings in one issue, of which as many are proposed as the rule allows', () => {
    const { ran, open, issues } = seen.found;

    expect(ran.code).toBe(0);
    expect(open.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^Take back .* changed by hand on 10 switches$/),
      expect.stringMatching(/^Take back .* changed by hand on 10 switches$/),
    ]);
    expect(issues).toMatchObject([
      { state: 'open', title: 'Pointsman: 50 switches run something else than the fleet repo says' },
    ]);
    expect(rowsOf(issues)).toHaveLength(WAYS.length);
    for (const { what } of WAYS) expect(issues[0]?.body).toContain(what);
    expect(rowsOf(issues).filter((row) => row.includes('waits: its rule has 2 pull requests open'))).toHaveLength(3);
  });

  it('are told in an issue of few lines, none of them long', () => {
    const lines = seen.found.issues[0]?.body.split('\n') ?? [];

    expect(lines.filter((line) => line.trim() !== '').length).toBeLessThan(40);
    expect(Math.max(...rowsOf(seen.found.issues).map(({ length }) => length))).toBeLessThan(180);
  });

  it('get no second issue and no second pull request by further checks', () => {
    expect(seen.again.ran.code).toBe(0);
    expect(seen.again.issues).toEqual(seen.found.issues);
    expect(seen.again.open).toEqual(seen.found.open);
    expect(proposals().map(({ headBranch }) => headBranch)).toEqual([
      ...new Set(proposals().map(({ headBranch }) => headBranch)),
    ]);
  });

  it('are kept by a comment, in a pull request for one way and ten switches that renders to no change', () => {
    const { body } = seen.chosen.open.find(({ number }) => number === adopted) ?? { body: '' };

    expect(body).toContain('**Merging this keeps it:**');
    expect(body).not.toContain('Not in it');
    expect(plans.adopt).toContain('## Plan: nothing changes');
    expect(plans.adopt).toContain('10 devices already as intended');
    expect(tenOf(0).map((name) => JSON.stringify(runs(name)))).toEqual(
      Array(TEN).fill(expect.stringContaining('Moved to hall 3')),
    );
  });

  it('are taken back by a comment, approved and merged, as if nothing had happened', () => {
    expect(plans.revert).toContain('## Plan: 10 devices change, waiting for 1 approval');
    expect(tenOf(1).map(runs)).toEqual(untouched);
  });

  it('do not stand in the way of each other: a person may ask for more than the rule allows, and once decided the next comes up', () => {
    expect(waysOf(seen.chosen)).toEqual(['adopt', 'revert', 'revert']);
    expect(waysOf(seen.decided)).toEqual(['revert', 'revert']);
    expect(rowsOf(seen.decided.issues)).toHaveLength(3);
  });

  it('close what is left when somebody undoes it at the switches, and the issue with it', async () => {
    for (const { ran, open, issues } of [seen.undone, seen.after]) {
      expect(ran.code).toBe(0);
      expect(open).toEqual([]);
      expect(issues).toMatchObject([{ state: 'closed' }]);
    }
    expect(await driftFiles()).toBe('');
    expect((await git(sandbox.gitDir, ['branch', '--list', 'pointsman/drift/*-revert'])).out).not.toContain(
      seen.decided.open[0]?.headBranch,
    );
  });
});

const rowsOf = ([issue]: Seen['issues']): readonly string[] => issue?.body.match(/^\| `[0-9a-f]{12}` .*$/gm) ?? [];
const waysOf = ({ open }: Seen): readonly string[] =>
  open.map(({ headBranch }) => headBranch.replace(/^.*-/, '')).toSorted();
