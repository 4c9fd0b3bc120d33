import type { Fleet } from '../../desired-state/fleet.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { configurationDeploy } from '../../workflows/configuration-deploy.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { OpenProposal } from '../drift/decide-drift.ts';
import type { Finding } from '../drift/findings.ts';
import { isOurs } from '../drift/proposal-branch.ts';
import { proposalBranch } from '../drift/proposal-words.ts';
import { answerTo } from '../drift/read-answered.ts';
import { rolloutOf } from '../load-commit.ts';
import { isInReach } from '../shards.ts';
import { mayEnforce } from './may-enforce.ts';
import { namedWindow, pausedFor, ruleInForce } from './rule-in-force.ts';
import { readEnforced, startEnforcing } from './start-enforcing.ts';

/** What became of a finding whose rule enforces. */
export type Enforced =
  | { readonly kind: 'enforced'; readonly run: Run; readonly rule: string; readonly commit: string }
  /** It goes the way of a proposal; in words why. May quote the fleet repo and a switch. */
  | { readonly kind: 'proposed'; readonly why: string };

export interface EnforceInput {
  readonly fleet: Fleet;
  readonly view: LedgerView;
  readonly findings: readonly Finding[];
  readonly open: readonly OpenProposal[];
  /** Commit of the fleet's branch the switches were last compared with. */
  readonly checked: string;
  /** When that check began to ask, milliseconds since the epoch. */
  readonly checkedAt: number;
}

/**
 * Starts runs for what rules take back by themselves. Of findings that only another runner reaches nothing is said.
 *
 * @returns By finding.
 */
export async function enforceFindings(
  deps: ReconcilerDeps,
  input: EnforceInput,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Enforced>> {
  const became = new Map<string, Enforced>();
  const { view, findings } = input;
  const mine = findings.filter(({ enforce }) => enforce);
  const now = deps.clock.now();
  const since = Math.min(now, ...mine.map((finding) => finding.since));
  const before = mine.length === 0 ? [] : await readEnforced(view, since, now);
  for (const finding of mine) became.set(finding.id, await enforceOne(deps, input, finding, before, signal));
  return became;
}

async function enforceOne(
  deps: ReconcilerDeps,
  { fleet, view, open, checked, checkedAt }: EnforceInput,
  finding: Finding,
  before: readonly Run[],
  signal: AbortSignal,
): Promise<Enforced> {
  const { sites, shard } = finding;
  const rule = ruleInForce(fleet, finding.enforce?.name ?? '');
  const secondsNeeded = rolloutOf(fleet.settings.value).confirmWithinSeconds;
  const now = deps.clock.now();
  const decision = mayEnforce({
    finding,
    rule,
    window: namedWindow(fleet, rule ?? { windows: [] }, { sites, secondsNeeded }, now),
    paused: pausedFor(fleet, { workflow: configurationDeploy.name, sites }),
    answered: await answerTo(deps, view, finding, checked, signal),
    saidNo: await readNo(deps, view, fleet, finding, open, signal),
    before,
    checkedAt,
    now,
  });
  if (decision.kind === 'not') return { kind: 'proposed', why: decision.why };
  if (decision.kind === 'under-way') {
    const { run } = decision;
    return { kind: 'enforced', run, rule: run.enforces?.rule ?? '', commit: run.commit };
  }
  if (!isInReach(deps.reach, shard)) return { kind: 'proposed', why: `the runner of ${shard} has not looked` };
  const by = { rule: decision.rule, commit: fleet.revision };
  const run = await startEnforcing(deps, finding, by, signal);
  return run ? { kind: 'enforced', run, ...by } : { kind: 'proposed', why: 'another run is at one of its switches' };
}

/** Whether a person has said no to taking a finding back, or has taken its pull request over. */
async function readNo(
  deps: ReconcilerDeps,
  view: LedgerView,
  { revision }: Fleet,
  { id }: Finding,
  open: readonly OpenProposal[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const proposal = open.find((one) => one.id === id);
  if (!proposal) return undefined;
  const { way, pullRequest } = proposal;
  if (way === 'adopt') return `#${pullRequest} is to keep it`;
  const ref = `refs/heads/${proposalBranch(id, way)}`;
  const head = (await deps.repository.fetch([ref], signal)).get(ref);
  if (head !== undefined && !(await isOurs(deps, revision, head))) return `others pushed to #${pullRequest}`;
  const reviews = await deps.forge.reviews(pullRequest, signal);
  const commands = await view.commands(pullRequest);
  const isRejected =
    reviews.some(({ state }) => state === 'changes-requested') ||
    [...commands.values()].some(({ verb, verdict }) => verb === 'reject' && verdict === 'done');
  return isRejected ? `#${pullRequest} was rejected` : undefined;
}
