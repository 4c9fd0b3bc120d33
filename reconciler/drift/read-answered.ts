import type { PullRequest } from '../../forge/forge.ts';
import type { ObjectId } from '../../git/repository.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { Answered } from './decide-drift.ts';
import type { Finding } from './findings.ts';
import { proposalBranch } from './proposal-words.ts';

type Deps = Pick<ReconcilerDeps, 'forge' | 'repository'>;

/**
 * What came of the last pull request about each finding that could have one now. The forge is asked only until each rule has
 * as many as it may open: of the others nothing has to be known.
 *
 * @param checked Commit of the fleet's branch the switches were last compared with.
 */
export async function readAnswered(
  deps: Deps,
  view: LedgerView,
  {
    findings,
    taken,
    known,
    checked,
  }: {
    readonly findings: readonly Finding[];
    /** Findings that have an open pull request. */
    readonly taken: ReadonlySet<string>;
    /** What was asked before. */
    readonly known: ReadonlyMap<string, Answered>;
    readonly checked: ObjectId;
  },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Answered>> {
  const answered = new Map(known);
  const openOf = new Map<string | undefined, number>();
  const count = ({ rule }: Finding): void => void openOf.set(rule, (openOf.get(rule) ?? 0) + 1);
  for (const finding of findings) if (taken.has(finding.id)) count(finding);
  for (const finding of findings) {
    if (finding.policy !== 'propose' || taken.has(finding.id) || answered.has(finding.id)) continue;
    if ((openOf.get(finding.rule) ?? 0) >= finding.most) continue;
    const answer = await answerTo(deps, view, finding, checked, signal);
    if (answer) answered.set(finding.id, answer);
    else count(finding);
  }
  return answered;
}

/** What came of the last pull request about a finding, where nothing more is to be proposed because of it. */
export async function answerTo(
  deps: Deps,
  view: LedgerView,
  finding: Finding,
  checked: ObjectId,
  signal: AbortSignal,
): Promise<Answered | undefined> {
  const last = await lastProposal(deps, finding, signal);
  if (last?.state === 'merged') return (await isUnderWay(deps, view, last, checked)) ? 'under-way' : undefined;
  if (last?.state !== 'closed') return undefined;
  // What began after the no is another time, though it looks the same.
  if (last.closedAt !== undefined && last.closedAt < finding.since) return undefined;
  const by = await deps.forge.closedBy(last.number, signal);
  // We close ours when they are not needed any more; that is no answer.
  return by === last.author ? undefined : 'declined';
}

async function lastProposal({ forge }: Deps, { id }: Finding, signal: AbortSignal): Promise<PullRequest | undefined> {
  const found = await Promise.all([
    forge.pullRequestFrom(proposalBranch(id, 'revert'), signal),
    forge.pullRequestFrom(proposalBranch(id, 'adopt'), signal),
  ]);
  return found.filter((one) => one !== undefined).sort((a, b) => b.number - a.number)[0];
}

/** The last check knew nothing of the merge, or what it started has not ended. */
async function isUnderWay(
  { repository }: Deps,
  view: LedgerView,
  { mergeCommit }: PullRequest,
  checked: ObjectId,
): Promise<boolean> {
  if (mergeCommit === undefined) return false;
  const isHere = (await repository.resolve(`${mergeCommit}^{commit}`)) !== undefined;
  if (!isHere || (await repository.mergeBase(checked, mergeCommit)) !== mergeCommit) return true;
  return (await view.openRuns()).some(({ commit }) => commit === mergeCommit);
}
