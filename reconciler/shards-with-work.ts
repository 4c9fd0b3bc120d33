import type { PullRequest } from '../forge/forge.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import { fleetRef, type ReconcilerDeps } from './deps.ts';
import { peekAtScheduledWork } from './due-schedules.ts';
import { findDueWork } from './due-work.ts';
import { BranchMissingError, FleetInvalidError } from './errors.ts';
import { runOfGate } from './gates/gate-words.ts';
import { partsFor } from './plan-parts.ts';
import { lastPublishedPlan } from './publish-plan.ts';
import { loadAsked } from './requests/load-asked.ts';
import { EVERYWHERE } from './shards.ts';
import { readTipRules } from './tip-rules.ts';

/**
 * The sites whose own runner has something to do now: a run that has not ended, or a pull request whose plan lacks what only
 * that runner can read. Contacts no switch and writes nothing.
 */
export async function shardsWithWork(deps: ReconcilerDeps, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const ref = fleetRef(deps.settings);
  const tip = (await deps.repository.fetch([ref], signal)).get(ref);
  if (!tip) throw new BranchMissingError({ ref });
  const view = await deps.ledger.view(signal);
  const due = [
    ...(await findDueWork(deps, view, tip, signal)),
    ...(await peekAtScheduledWork(deps, view, await readTipRules(deps.repository, tip))),
  ];
  const found = new Set(due.flatMap(({ shard }) => shard ?? []));
  for (const pullRequest of await deps.forge.openPullRequests(signal)) {
    if (pullRequest.base.branch !== (deps.settings.branch ?? 'main')) continue;
    if (runOfGate(pullRequest, deps.settings) !== undefined) continue;
    for (const shard of await shardsToAsk(deps, view, pullRequest, tip, signal)) found.add(shard);
  }
  found.delete(EVERYWHERE);
  return found;
}

async function shardsToAsk(
  deps: ReconcilerDeps,
  view: LedgerView,
  pullRequest: PullRequest,
  tip: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ref = `refs/pull/${pullRequest.number}/head`;
  const head = (await deps.repository.fetch([ref], signal)).get(ref);
  const shown = await lastPublishedPlan(view, pullRequest);
  const isFork = pullRequest.head.repository !== deps.settings.forge.repository;
  if (head === undefined || (isFork && !shown)) return [];
  const merged = await deps.repository.mergeTrees(tip, head);
  if (merged.kind === 'conflict') return [];
  try {
    const { loaded } = await loadAsked(deps, view, { before: tip, after: merged.tree, accessFrom: 'before' });
    const current = shown?.source.tree === merged.tree ? shown : undefined;
    const shards = new Set(loaded.subjects.map(({ site }) => loaded.shardOf(site)));
    return [...shards].filter(
      (shard) => !partsFor({ ...deps, reach: { kind: 'sites', sites: [shard] } }, loaded, current).isFresh,
    );
  } catch (error) {
    if (error instanceof FleetInvalidError) return []; // Told on the pull request; there is nothing to ask a switch.
    throw error;
  }
}
