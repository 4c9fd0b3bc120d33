import { foldRun } from '../../ledger/fold-run.ts';
import type { Json } from '../../schemas/json.ts';
import type { CrashWorld } from './crash-world.ts';
import { CHANGED, eventsAt } from './crash-world.ts';
import { git } from './journey.ts';

/** What is left when all is over, without what differs between any two worlds: times, ids, addresses, digests. */
export type Snapshot = Readonly<Record<string, Json>>;

export async function snapshotOf({ journey, pullRequest, merged }: CrashWorld): Promise<Snapshot> {
  const { world, gitDir } = journey;
  const run = foldRun('the run', await eventsAt(gitDir));
  const facts: Record<string, Json> = {};
  for (const [name, one] of world.switches) {
    facts[`${name} runs`] = one.applied();
    facts[`${name} would boot`] = one.startup();
    facts[`${name} drafts`] = one.revisions().filter(({ state }) => !/^applied|^saved$|^inactive$/.test(state)).length;
  }
  for (const name of CHANGED) {
    facts[`backup of ${name}`] = (await journey.ledgerFile(`backups/ams1/${name}.yaml`)) ?? 'missing';
    const state = JSON.parse((await journey.ledgerFile(`devices/ams1/${name}.json`)) ?? 'null');
    facts[`ledger on ${name}`] = state && { ...state, appliedAt: 0, appliedCommit: state.appliedCommit === merged };
  }
  facts['run'] = run?.status ?? 'none';
  facts['run why'] = run?.why ?? '';
  for (const { name, state } of run?.stages ?? []) facts[`stage ${name}`] = state;
  for (const { device, outcome, backup } of run?.devices ?? []) {
    facts[`outcome of ${device}`] = outcome?.kind ?? 'none';
    facts[`backup file of ${device}`] = backup ?? 'none';
  }
  facts['lease'] = run?.lease ? 'held' : 'free';
  facts['comment'] = steady(journey.comment(pullRequest));
  facts['checks'] = world.github
    .checks(merged)
    .runs.map(({ name, status, conclusion, title, summary }) =>
      steady([name, status, conclusion, title, summary].join(' | ')),
    );
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, JSON.parse(steady(JSON.stringify(fact)))]),
  );
}

function steady(text: string): string {
  return text
    .replace(/\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(–\d{2}:\d{2})?(Z| UTC)?/g, '<time>')
    .replace(/127\.0\.0\.1:\d+/g, '<host>')
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

/**
 * What must hold whatever happened on the way: nothing sent twice, one apply and one confirm for each switch, no ledger
 * commit lost.
 *
 * @param applies How many applies each switch may have seen: one, unless one was taken back by its timer.
 */
export async function brokenPromises(
  { effects, violations, journey }: CrashWorld,
  applies: (device: string) => number = () => 1,
): Promise<readonly string[]> {
  const broken = [...violations];
  for (const [name] of journey.world.switches) {
    const own = effects.filter(({ target }) => target === name);
    const wanted = CHANGED.some((changed) => changed === name) ? applies(name) : 0;
    for (const what of ['apply', 'confirm']) {
      const times = own.filter((effect) => effect.what === what).length;
      // What was taken back by the timer was applied and never confirmed.
      const allowed = what === 'confirm' ? Math.min(wanted, 1) : wanted;
      if (times !== allowed) broken.push(`${name}: ${times} times "${what}", expected ${allowed}`);
    }
    const seen = new Set<string>();
    for (const { request, what } of own) {
      if (seen.has(request) && wanted === 1) broken.push(`${name}: "${what}" sent twice`);
      seen.add(request);
    }
  }
  return [...broken, ...(await lostCommits(journey.gitDir))];
}

/** Every position the ledger ever had must still be under its tip, in one line. */
async function lostCommits(gitDir: string): Promise<readonly string[]> {
  const ref = 'pointsman/ledger';
  const list = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await git(gitDir, args)).out.split('\n').filter((line) => line !== '');
  const history = new Set(await list('rev-list', ref));
  const ever = await list('reflog', '--format=%H', ref);
  const merges = await list('rev-list', '--min-parents=2', ref);
  return [
    ...ever.filter((commit) => !history.has(commit)).map((commit) => `ledger lost ${commit.slice(0, 12)}`),
    ...(ever.length < 2 ? ['the ledger’s positions were not recorded'] : []),
    ...(merges.length > 0 ? [`the ledger forked ${merges.length} times`] : []),
  ];
}
