import { standingWords } from '../../approvals/standing-approval.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { ObjectId } from '../../git/repository.ts';
import { PointsmanError } from '../../schemas/errors.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { type Enforced, enforceFindings } from '../enforce/enforce-findings.ts';
import { FleetInvalidError } from '../errors.ts';
import { platforms } from '../platforms.ts';
import { ledgerUrl } from '../report.ts';
import { EVERYWHERE, isInReach } from '../shards.ts';
import type { TipRules } from '../tip-rules.ts';
import { closeProposal } from './close-proposal.ts';
import { type Answered, decideDrift, type OpenProposal } from './decide-drift.ts';
import { DRIFT_MARKER, type FindingShown, renderDriftIssue } from './drift-issue.ts';
import { computeFindings, type Finding, type Way } from './findings.ts';
import { createPlaceOf } from './place-of.ts';
import { proposalOf } from './proposal-words.ts';
import { makeProposal, openProposal, type ProposeDeps, type Proposed } from './propose-drift.ts';
import { readAnswered } from './read-answered.ts';

/** A check that has written down what drifts. */
export interface DriftChecked {
  readonly run: string;
  /** Commit of the fleet's branch the switches were compared with. */
  readonly commit: ObjectId;
}

export interface DriftHandled {
  /** What was done about each. */
  readonly findings: readonly FindingShown[];
}

/**
 * Does what the rules of `automation.yaml` say about switches that drift: pull requests are opened, brought up to date and
 * closed, and one issue tells all of it. Safe to call again after dying anywhere in it.
 *
 * @throws What went wrong with one finding, after everything else was done.
 */
export async function handleDrift(
  deps: ReconcilerDeps,
  rules: Pick<TipRules, 'tip'>,
  { run, commit }: DriftChecked,
  signal: AbortSignal,
): Promise<DriftHandled> {
  const propose = await lookAtDrift(deps, rules.tip, signal);
  const { view, placeOf } = propose;
  const drifting = await view.drifting();
  const findings = computeFindings(drifting, placeOf);
  const failures: PointsmanError[] = [];
  const attempt = async (what: () => Promise<void>): Promise<void> => {
    try {
      await what();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PointsmanError)) throw error;
      deps.log.warn({ run, code: error.code }, 'drift not dealt with yet');
      failures.push(error);
    }
  };

  const became = new Map<string, Became>();
  const work = async (finding: Finding, way: Way, pullRequest?: number): Promise<void> => {
    became.set(finding.id, { way, ...(pullRequest === undefined ? {} : { pullRequest }) });
    // Only from where its switches can be asked; a request asks nobody, and any runner may write it.
    if (way === 'adopt' && !isInReach(deps.reach, finding.shard)) return;
    await attempt(async () => {
      const done = await proposeOne(propose, finding, { way, isOpen: pullRequest !== undefined }, signal);
      const number = done.kind === 'open' ? done.pullRequest : pullRequest;
      became.set(finding.id, { way, done, ...(number === undefined ? {} : { pullRequest: number }) });
      deps.log.info({ run, drift: finding.id, way, outcome: done.kind, pullRequest: number }, 'drift dealt with');
    });
  };

  const open = await readOpen(deps, signal);
  const taken = new Set(open.map(({ id }) => id));
  let enforced: ReadonlyMap<string, Enforced> = new Map();
  await attempt(async () => {
    const { fleet } = propose;
    // Where the check is not known, nothing is newer than it.
    const checkedAt = (await view.run(run))?.startedAt ?? 0;
    enforced = await enforceFindings(deps, { fleet, view, findings, open, checked: commit, checkedAt }, signal);
  });
  const isEnforced = ({ id }: Finding): boolean => enforced.get(id)?.kind === 'enforced';
  const first = await decide(new Map(findings.filter(isEnforced).map(({ id }) => [id, 'enforced'])));
  for (const { proposal, why } of first.close) {
    await attempt(() => closeProposal(deps, rules.tip, proposal, why, signal));
  }
  for (const { finding, proposal } of first.update) {
    if (!isEnforced(finding)) await work(finding, proposal.way, proposal.pullRequest);
  }
  let decided = first;
  // What turns out to have nothing to adopt takes no place from those that wait.
  while (decided.open.length > 0) {
    for (const { finding, way } of decided.open) {
      await work(finding, way);
      if (became.get(finding.id)?.done?.kind === 'nothing') decided.answered.set(finding.id, 'nothing');
      else taken.add(finding.id);
    }
    decided = await decide(decided.answered);
  }

  const waiting = new Set(decided.waiting.map(({ id }) => id));
  const shown = findings.map((finding): FindingShown => {
    const one = became.get(finding.id);
    const number = one?.pullRequest;
    return {
      finding,
      state: stateOf(finding, one, decided.answered.get(finding.id), waiting.has(finding.id)),
      ...(number === undefined ? {} : { pullRequest: { number, url: `${deps.forge.webUrl}/pull/${number}` } }),
      ...enforcedShown(deps, enforced.get(finding.id)),
    };
  });
  const tookBack = drifting.filter(({ device, wentBack }) => {
    const place = placeOf(device);
    return wentBack && place && place.rule?.policy !== 'ignore';
  });
  await attempt(() => deps.forge.raiseAlarm(DRIFT_MARKER, redacted(deps, renderDriftIssue(shown, tookBack)), signal));
  if (failures[0]) throw failures[0];
  return { findings: shown };

  async function decide(known: ReadonlyMap<string, Answered>) {
    const answered = await readAnswered(deps, view, { findings, taken, known, checked: commit }, signal);
    // What was opened in this very call is not on the list of open ones yet.
    return { ...decideDrift({ findings, open, taken, answered }), answered: new Map(answered) };
  }
}

function enforcedShown(
  deps: ReconcilerDeps,
  enforced: Enforced | undefined,
): Pick<FindingShown, 'enforced' | 'notEnforced'> {
  if (!enforced) return {};
  if (enforced.kind === 'proposed') return { notEnforced: enforced.why };
  const { run, ...by } = enforced;
  return { enforced: { by: standingWords(by), run: run.name, url: ledgerUrl(deps, run) } };
}

interface Became {
  readonly way: Way;
  readonly done?: Proposed;
  readonly pullRequest?: number;
}

/** @throws {FleetInvalidError} */
export async function lookAtDrift(deps: ReconcilerDeps, tip: ObjectId, signal: AbortSignal): Promise<ProposeDeps> {
  const loaded = await loadFleet({ repository: deps.repository, revision: tip }, { platforms });
  if (loaded.kind === 'invalid') throw new FleetInvalidError({ revision: tip, problems: loaded.problems });
  const view = await deps.ledger.view(signal);
  return { deps, view, fleet: loaded.fleet, placeOf: createPlaceOf(loaded.fleet) };
}

/** Open pull requests about drift. */
export async function readOpen(
  { forge, settings }: Pick<ReconcilerDeps, 'forge' | 'settings'>,
  signal: AbortSignal,
): Promise<readonly OpenProposal[]> {
  return (await forge.openPullRequests(signal)).flatMap((one) => proposalOf(one, settings) ?? []);
}

async function proposeOne(
  propose: ProposeDeps,
  finding: Finding,
  order: { readonly way: Way; readonly isOpen: boolean },
  signal: AbortSignal,
): Promise<Proposed> {
  const made = await makeProposal(propose, finding, order, signal);
  return made.kind === 'made' ? openProposal(propose, finding, order, made, signal) : made;
}

/** Says nothing that is so for a moment only, and nothing that another runner would say otherwise. */
function stateOf(
  { policy, shard, most }: Finding,
  became: Became | undefined,
  answered: Answered | undefined,
  isWaiting: boolean,
): string {
  if (became?.done?.kind === 'foreign') return 'others pushed to its pull request, so it is theirs';
  if (became?.pullRequest !== undefined) return became.way === 'revert' ? 'to be taken back:' : 'to be kept:';
  if (answered === 'declined') return 'nothing: a person closed its pull request';
  if (answered === 'enforced') return 'taken back by its rule';
  if (answered === 'under-way') return 'its pull request was merged and is being carried out';
  if (isWaiting) return `waits: its rule has ${most} pull requests open`;
  if (policy === 'report') return 'reported only';
  if (shard !== EVERYWHERE)
    return `no pull request: nothing of it can be adopted, or the runner of ${shard} has not looked`;
  if (answered !== 'nothing') return 'no pull request yet: the next check tries again';
  const [left] = became?.done?.kind === 'nothing' ? became.done.left : [];
  return `nothing of it can be adopted${left ? `: ${left.why}` : ''}`;
}

function redacted(
  { redact }: Pick<ReconcilerDeps, 'redact'>,
  issue: ReturnType<typeof renderDriftIssue>,
): ReturnType<typeof renderDriftIssue> {
  return issue && { title: redact(issue.title), body: redact(issue.body) };
}
