import { foldRun } from '../../ledger/fold-run.ts';
import type { Json } from '../../schemas/json.ts';
import { type CrashWorld, runsAt } from './crash-world.ts';
import { git } from './journey.ts';

/** What is left when all is over, without what differs between any two worlds: times, ids, addresses, digests. */
export type Snapshot = Readonly<Record<string, Json>>;

const LEDGER = 'pointsman/ledger';

/** Derived from the rest, or told from the events, of which a process that died leaves more. */
const TOLD_OTHERWISE = /^(README\.md|runs\/|plans\/.*\/p?[0-9a-f]+\.(json|md)$)/;

export async function snapshotOf({ journey, switches }: CrashWorld): Promise<Snapshot> {
  const { world, gitDir } = journey;
  const tip = (await git(gitDir, ['rev-parse', 'main'])).out.trim();
  const steady = (text: string): string => withoutChance(text.replaceAll(tip, '<tip>'));
  const facts: Record<string, Json> = { ...(await switches.facts()) };

  for (const [name, events] of await runsAt(gitDir)) {
    const run = foldRun(name, events);
    const stages = run?.stages.map((stage) => `${stage.name} ${stage.state}`) ?? [];
    const devices = run?.devices.map(({ device, outcome, backup }) => ({
      device,
      outcome: outcome?.kind ?? 'none',
      backup: backup ?? 'none',
    }));
    facts[steady(`run ${name}`)] = {
      ...{ status: run?.status ?? 'none', why: run?.why ?? '', lease: run?.lease ? 'held' : 'free' },
      ...{ gate: run?.gate ?? 0, decision: run?.decision?.decision ?? 'none', stages },
      devices: JSON.parse(JSON.stringify(devices ?? [])),
    };
  }

  const { out: files } = await git(gitDir, ['ls-tree', '-r', '--name-only', LEDGER]);
  for (const path of files.trim().split('\n')) {
    if (!TOLD_OTHERWISE.test(path)) facts[`ledger ${steady(path)}`] = (await journey.ledgerFile(path)) ?? 'missing';
  }
  facts['commits of backups'] = await commitsTo(gitDir, 'backups');
  facts['commits of drift'] = await commitsTo(gitDir, 'drift');
  facts['branches'] = (await git(gitDir, ['for-each-ref', '--format=%(refname)', 'refs/heads'])).out;

  const { github } = world;
  const checksOf = (commit: string): readonly string[] =>
    github
      .checks(commit)
      .runs.map(({ name, status, conclusion, title, summary }) =>
        steady([name, status, conclusion, title, summary].join(' | ')),
      );
  for (const { number, state, title, body, headCommit } of github.pullRequests()) {
    facts[`#${number}`] = `${state}: ${title}`;
    facts[`text of #${number}`] = body;
    facts[`checks of #${number}`] = [...checksOf(headCommit)];
    facts[`comments on #${number}`] = github.comments(number).map(({ id, author, body }) => ({
      said: `${author}: ${body.replace(/<!-- pointsman:command \d+ -->/, '')}`,
      reactions: github.reactions(id).map(({ content }) => content),
    }));
  }
  facts['issues'] = github.issues().map(({ state, title, body }) => `${state}: ${title}\n${body}`);
  facts['checks of the branch'] = [...checksOf(tip)];
  // Sites that are deployed at the same time are told of in any order.
  for (const { environment, payload, statuses } of github.deployments()) {
    facts[steady(`deployment to ${environment} ${JSON.stringify(payload)}`)] = statuses.map(
      ({ state, description }) => `${state}: ${description}`,
    );
  }
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, JSON.parse(steady(JSON.stringify(fact)))]),
  );
}

async function commitsTo(gitDir: string, folder: string): Promise<number> {
  return Number((await git(gitDir, ['rev-list', '--count', LEDGER, '--', folder])).out);
}

/** A span of time that goes over midnight is two whole times. */
function withoutChance(text: string): string {
  return text
    .replace(/\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(–\d{2}:\d{2})?(Z| UTC)?/g, '<time>')
    .replace(/\b\d{8}t\d{4}z\b/g, '<time>')
    .replace(/<time>–<time>/g, '<time>')
    .replace(/127\.0\.0\.1:\d+|\b10\.99\.\d+\.\d+\b/g, '<host>')
    .replace(/#issuecomment-\d+/g, '<comment>')
    .replace(/\\"comment\\":\d+/g, '<comment>')
    .replace(/\b[0-9a-f]{7,64}\b/g, '<hex>');
}

/** Names of the facts that differ, with the two values cut short. */
export function differences(expected: Snapshot, found: Snapshot): readonly string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return names.flatMap((name) => {
    const [a, b] = [JSON.stringify(expected[name]), JSON.stringify(found[name])];
    return a === b ? [] : [`${name}: ${aroundDifference(a ?? 'absent', b ?? 'absent')}`];
  });
}

function aroundDifference(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const cut = (text: string): string => text.slice(Math.max(0, at - 30), at + 60);
  return `expected …${cut(a)}…, found …${cut(b)}…`;
}

/** How often a switch that changes may have seen what makes a change live, and what makes it stay. */
export interface Counts {
  readonly apply: number;
  readonly confirm: number;
}

const ONCE: Counts = { apply: 1, confirm: 1 };
const NEVER: Counts = { apply: 0, confirm: 0 };

/**
 * What must hold whatever happened on the way: nothing sent twice, one apply and one confirm for each switch that changes,
 * no ledger commit lost.
 *
 * @param counts Where it is otherwise: one that was taken back by its timer is applied to again, or left alone.
 */
export async function brokenPromises(
  { effects, violations, journey, scene, switches }: CrashWorld,
  counts: (device: string) => Counts = () => ONCE,
): Promise<readonly string[]> {
  const broken = [...violations];
  for (const name of switches.names) {
    const own = effects.filter(({ target }) => target === name);
    const wanted = scene.changed.includes(name) ? counts(name) : NEVER;
    for (const what of ['apply', 'confirm'] as const) {
      const times = own.filter((effect) => effect.what === what).length;
      if (times !== wanted[what]) broken.push(`${name}: ${times} times "${what}", expected ${wanted[what]}`);
    }
    const changed = (await switches.timesChanged?.(name)) ?? wanted.apply;
    if (changed !== wanted.apply) broken.push(`${name}: changed ${changed} times, expected ${wanted.apply}`);
    const seen = new Set<string>();
    for (const { request, what } of own) {
      if (seen.has(request) && wanted.apply === 1 && !(scene.tries && what === 'new draft'))
        broken.push(`${name}: "${what}" sent twice`);
      seen.add(request);
    }
  }
  return [...broken, ...(await lostCommits(journey.gitDir))];
}

/** Every position the ledger ever had must still be under its tip, in one line. */
async function lostCommits(gitDir: string): Promise<readonly string[]> {
  const list = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await git(gitDir, args)).out.split('\n').filter((line) => line !== '');
  const history = new Set(await list('rev-list', LEDGER));
  const ever = await list('reflog', '--format=%H', LEDGER);
  const merges = await list('rev-list', '--min-parents=2', LEDGER);
  return [
    ...ever.filter((commit) => !history.has(commit)).map((commit) => `ledger lost ${commit.slice(0, 12)}`),
    ...(ever.length < 2 ? ['the ledger’s positions were not recorded'] : []),
    ...(merges.length > 0 ? [`the ledger forked ${merges.length} times`] : []),
  ];
}
