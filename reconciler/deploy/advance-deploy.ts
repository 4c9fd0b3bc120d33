import { verdictsJson } from '../../approvals/render-decision.ts';
import type { DeviceOutcome, RunEvent } from '../../ledger/events.ts';
import { leaseHolds } from '../../ledger/lease.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import type { DevicePlan, Plan, PlanSource } from '../../plans/plan.ts';
import { planFromJson } from '../../plans/plan-json.ts';
import { configurationDeploy } from '../../workflows/configuration-deploy.ts';
import { type PlanResult, type PlanSubject, planConfiguration } from '../../workflows/plan-configuration.ts';
import { decideFor } from '../decide-for.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { type LoadedCommit, loadCommit } from '../load-commit.ts';
import { isOver } from '../owner.ts';
import { lastPublishedPlan } from '../publish-plan.ts';
import { reportPlan } from '../report.ts';
import { runsBeside } from '../runs-beside.ts';
import { EVERYWHERE, planOfShard } from '../shards.ts';
import { runApplyStage } from './apply-stage.ts';
import { askByGate, rejectByClosing, whyUnplanned } from './ask-by-gate.ts';
import { runBackupStage } from './backup-stage.ts';
import { decideTargets } from './decide-targets.ts';
import { type Advance, askedOn, type DeployWork, leftPaused, leftToAnother } from './deploy-work.ts';
import { finishRun } from './finish-run.ts';
import { APPLY, askedEvents, DIFF, ended, grantedEvents, LOAD, moved, nothingAskedEvents } from './run-events.ts';
import { withinDeadline } from './within-deadline.ts';
import { appendUnlessMoved, failOrLeave, hasMoved, rejectRun, waitForApproval } from './without-apply.ts';
import { withoutSuperseded } from './without-superseded.ts';

/**
 * Takes one deploy as far as it can go now: load, ask the switches, go on only with an approval of exactly what they would
 * change, apply, back up, tell. Safe to call again after dying anywhere in it.
 */
export async function advanceDeploy(deps: ReconcilerDeps, work: DeployWork, signal: AbortSignal): Promise<Advance> {
  const view = await deps.ledger.view(signal);
  const run = await view.run(work.run);
  if (run?.endedAt !== undefined) return { kind: 'ended', run: work.run, status: run.status };
  if (run && isPaused(run.status)) return leftPaused(run);
  if (run?.lease && leaseHolds(run.lease, deps.clock.now(), (owner) => isOver(owner, deps.owner))) {
    const until = new Date(run.lease.deadline).toISOString();
    return { kind: 'waiting', run: work.run, why: `another process works on it, until ${until} at the latest` };
  }

  let loaded: LoadedCommit;
  try {
    const all = await withinDeadline(work.run, LOAD, signal, () =>
      loadCommit(deps, view, { before: work.parent, after: work.commit, accessFrom: 'after' }),
    );
    loaded = onlyShard(all, work);
  } catch (error) {
    return failOrLeave(deps, work, LOAD, error, signal);
  }

  try {
    if (run && isInterrupted(run)) return await resumeApply(deps, work, run, view, loaded, signal);
    if (run && isApplied(run)) return await backUpAndFinish(deps, work, view, loaded, signal);
    return await diffAndApply(deps, work, run, view, loaded, signal);
  } catch (error) {
    return failOrLeave(deps, work, DIFF, error, signal);
  }
}

/** What this run is about: the devices its shard reaches. */
function onlyShard(loaded: LoadedCommit, { shard = EVERYWHERE }: DeployWork): LoadedCommit {
  const subjects = loaded.subjects.filter(({ site }) => loaded.shardOf(site) === shard);
  return subjects.length === loaded.subjects.length ? loaded : { ...loaded, subjects };
}

function sourceOf({ pullRequest, commit, parent }: DeployWork): PlanSource {
  const from = { base: parent, tree: commit };
  return pullRequest
    ? { ...from, head: pullRequest.head.commit, pullRequest: pullRequest.number }
    : { ...from, head: commit };
}

/** What a trial showed when the published plan was made is known again here, where nothing may be tried. */
function withRecognised(subjects: readonly PlanSubject[], published: Plan | undefined): readonly PlanSubject[] {
  const recognised = new Map(published?.devices.map(({ device, recognisedSecrets }) => [device, recognisedSecrets]));
  return subjects.map((subject) => ({
    ...subject,
    opaqueSecrets: { ...recognised.get(subject.device), ...subject.opaqueSecrets },
  }));
}

function byName(subjects: readonly PlanSubject[]): ReadonlyMap<string, PlanSubject> {
  return new Map(subjects.map((subject) => [subject.device, subject]));
}

function hasChanges({ devices }: Plan): boolean {
  return devices.some(({ kind }) => kind === 'changing');
}

/** Nothing is known of the switch, and the next pass may know more. */
function mayPass(device: DevicePlan): boolean {
  return device.kind === 'blocked' && device.error.disposition === 'retry-later';
}

/** An earlier process wrote an intent and not how it ended. */
function isInterrupted(run: Run): boolean {
  return run.devices.some(({ attempts, outcome }) => attempts > 0 && !outcome);
}

/** Every switch has its end; what is missing is the backup and the telling. */
function isApplied(run: Run): boolean {
  const apply = run.stages.find(({ name }) => name === APPLY);
  return apply?.state === 'COMPLETE' || apply?.state === 'FAILED' || apply?.state === 'UNREACHABLE';
}

async function diffAndApply(
  deps: ReconcilerDeps,
  work: DeployWork,
  run: Run | undefined,
  view: LedgerView,
  loaded: LoadedCommit,
  signal: AbortSignal,
): Promise<Advance> {
  if (run && work.gate?.state === 'closed') return rejectByClosing(deps, work, work.gate, run, signal);
  const asked = askedOn(work);
  const whole = asked && (await lastPublishedPlan(view, asked));
  const published = whole && planOfShard(whole, loaded.shardOf, work.shard ?? EVERYWHERE);
  const subjects = await withoutSuperseded(deps, view, work, withRecognised(loaded.subjects, published));
  const ask = (trial: boolean): Promise<PlanResult> =>
    withinDeadline(work.run, DIFF, signal, (limited) =>
      planConfiguration(
        deps.switches,
        {
          workflow: configurationDeploy,
          rollout: loaded.rollout,
          source: sourceOf(work),
          subjects,
          removed: loaded.removed,
          elsewhere: loaded.elsewhere,
          allowedHazards: loaded.allowedHazards,
          trial,
          ...(deps.onProgress ? { onRead: (done, of) => deps.onProgress?.(`${done} of ${of} switches asked`) } : {}),
        },
        limited,
      ),
    );
  // What people saw was tried when it was made. What they will be shown for the first time is tried now.
  const { plan: now, observations } = await ask(published === undefined);

  // Asking takes a while. Where somebody else began meanwhile, what the switches show may be their doing.
  if (hasMoved(run, await (await deps.ledger.view(signal)).run(work.run))) return leftToAnother(work);

  if (!hasChanges(now)) {
    if (now.devices.length > 0 && now.devices.every(mayPass)) {
      return { kind: 'waiting', run: work.run, why: 'no switch could be asked; the next pass tries again' };
    }
    return nothingToApply(deps, work, run, now, loaded, signal);
  }

  const targets = published ? decideTargets(published, now, loaded.rollout) : undefined;
  if (!asked || !whole || !published || targets?.kind !== 'as-planned') {
    const why = targets?.kind === 'moved' ? targets.why : whyUnplanned(work);
    const shown = published ? (await ask(true)).plan : now;
    if (!hasChanges(shown)) return nothingToApply(deps, work, run, shown, loaded, signal);
    return askByGate(
      deps,
      { work, run, now: shown, why, rules: loaded.rulesBefore, ...(whole ? { published: whole } : {}) },
      signal,
    );
  }

  const rules = loaded.rulesBefore;
  const decision = await decideFor(
    deps,
    await deps.ledger.view(signal),
    { pullRequest: asked, plan: whole, rules, ...(work.gate ? { behind: work } : {}) },
    signal,
  );
  if (decision.kind === 'rejected') return rejectRun(deps, work, run, published, decision, signal);
  if (decision.kind !== 'granted') {
    const why = decision.kind === 'void' ? decision.why : 'it waits for approval';
    await reportPlan(deps, { pullRequest: asked, plan: whole, decision, rules }, signal);
    return waitForApproval(deps, work, run, published, decision.kind, why, signal, decision);
  }

  const at = deps.clock.now();
  const applied = await runApplyStage(
    deps,
    {
      run: work.run,
      digest: published.digest,
      approval: decision.approval,
      change: targets.change,
      subjects: byName(subjects),
      observations,
      devicesAtOnce: published.rollout.devicesAtOnce,
      confirmWithinSeconds: published.rollout.confirmWithinSeconds,
      eventsBefore: [
        ...askedEvents(at, work, run, published),
        ...grantedEvents(at, run, decision),
        ...targets.settled.map((settled) => ended(at, settled)),
      ],
      verdictsJson: verdictsJson(decision),
      onTaken: async (taken, current) => {
        const runs = work.gate ? [taken] : await runsBeside(current, taken);
        await reportPlan(deps, { pullRequest: asked, plan: whole, decision, rules, runs }, signal);
      },
    },
    signal,
  );
  if (applied.kind === 'busy') return { kind: 'waiting', run: work.run, why: applied.why };
  return backUpAndFinish(deps, work, applied.view, loaded, signal);
}

/** Goes on where a process died between the intent and the record. The switches know what happened. */
async function resumeApply(
  deps: ReconcilerDeps,
  work: DeployWork,
  run: Run,
  view: LedgerView,
  loaded: LoadedCommit,
  signal: AbortSignal,
): Promise<Advance> {
  const asked = askedOn(work);
  const text = asked && run.digest !== undefined ? await view.plan(asked.number, run.digest) : undefined;
  if (!asked || text === undefined) throw new RangeError(`${work.run} has an intent and no plan`);
  const plan = planFromJson(text);
  // The grant was recorded when the work began: that it would have expired since is no reason to stop half way. A
  // dismissal or a rejection since is.
  const at = run.decision?.at;
  const decision = await decideFor(
    deps,
    view,
    {
      pullRequest: asked,
      plan,
      rules: loaded.rulesBefore,
      ...(work.gate ? { behind: work } : {}),
      ...(at === undefined ? {} : { at }),
    },
    signal,
  );
  const open = new Set(
    run.devices.filter(({ attempts, outcome }) => attempts > 0 && !outcome).map(({ device }) => device),
  );
  deps.log.info({ run: work.run, devices: open.size, decision: decision.kind }, 'interrupted run taken over');

  const applied = await runApplyStage(
    deps,
    {
      run: work.run,
      digest: plan.digest,
      ...(decision.kind === 'granted' ? { approval: decision.approval } : {}),
      change: plan.devices.filter((device) => device.kind === 'changing').filter(({ device }) => open.has(device)),
      subjects: byName(withRecognised(loaded.subjects, plan)),
      observations: new Map(),
      devicesAtOnce: plan.rollout.devicesAtOnce,
      confirmWithinSeconds: plan.rollout.confirmWithinSeconds,
      eventsBefore: [],
    },
    signal,
  );
  if (applied.kind === 'busy') return { kind: 'waiting', run: work.run, why: applied.why };
  return backUpAndFinish(deps, work, applied.view, loaded, signal);
}

async function backUpAndFinish(
  deps: ReconcilerDeps,
  work: DeployWork,
  view: LedgerView,
  loaded: LoadedCommit,
  signal: AbortSignal,
): Promise<Advance> {
  const run = await view.run(work.run);
  const asIntended = new Set(
    run?.devices.filter(({ outcome }) => outcome && AS_INTENDED.has(outcome.kind)).map(({ device }) => device),
  );
  await runBackupStage(
    deps,
    {
      run: work.run,
      commit: work.commit,
      subjects: loaded.subjects.filter(({ device }) => asIntended.has(device)),
      devicesAtOnce: loaded.rollout.devicesAtOnce,
    },
    signal,
  );
  return finishRun(deps, work, signal);
}

/** Outcomes after which the switch runs what the fleet says, so that its configuration is worth keeping. */
const AS_INTENDED: ReadonlySet<DeviceOutcome['kind']> = new Set(['applied', 'faulty', 'in-sync']);

/** Every switch that could be asked already runs what is intended: nothing to approve, nothing to send. */
async function nothingToApply(
  deps: ReconcilerDeps,
  work: DeployWork,
  run: Run | undefined,
  now: Plan,
  loaded: LoadedCommit,
  signal: AbortSignal,
): Promise<Advance> {
  const at = deps.clock.now();
  const events: RunEvent[] = [
    ...askedEvents(at, work, run, now),
    ...nothingAskedEvents(at, run, 'no switch would change'),
    ...now.devices.map(({ site, device, ...rest }) =>
      ended(at, {
        site,
        device,
        outcome: rest.kind === 'blocked' ? { kind: 'untouched', error: rest.error } : { kind: 'in-sync' },
      }),
    ),
    moved(at, APPLY, 'UNREACHABLE', 'nothing to apply'),
  ];
  const view = await appendUnlessMoved(deps, work, run, `${work.run}: no switch would change`, events, signal);
  if (!view) return leftToAnother(work);
  return backUpAndFinish(deps, work, view, loaded, signal);
}
