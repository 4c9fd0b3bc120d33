import { verdictsJson } from '../../approvals/render-decision.ts';
import type { RunEvent } from '../../ledger/events.ts';
import type { Run } from '../../ledger/run.ts';
import type { DevicePlan, Plan, PlanSource } from '../../plans/plan.ts';
import { type PlanResult, planConfiguration } from '../../workflows/plan-configuration.ts';
import { advanceBatches, beginBatches } from '../batches/advance-batches.ts';
import { decideFor } from '../decide-for.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { decideHold } from '../hold.ts';
import { lastPublishedPlan } from '../publish-plan.ts';
import { reportPlan } from '../report.ts';
import { runsBeside } from '../runs-beside.ts';
import { EVERYWHERE, planOfShard } from '../shards.ts';
import { runApplyStage } from './apply-stage.ts';
import { inputOf } from './ask-and-apply.ts';
import { askByGate, rejectByClosing, whyUnplanned } from './ask-by-gate.ts';
import { backUpAndFinish } from './back-up-and-finish.ts';
import { decideTargets } from './decide-targets.ts';
import { type Advance, askedOn, type DeployWork, leftToAnother } from './deploy-work.ts';
import { type Deploying, heldWork, partOf } from './deploying.ts';
import { finishRun } from './finish-run.ts';
import { APPLY, askedEvents, BATCHES, DIFF, ended, grantedEvents, moved, nothingAskedEvents } from './run-events.ts';
import { byName, withRecognised } from './subjects.ts';
import { withinDeadline } from './within-deadline.ts';
import { appendUnlessMoved, hasMoved, holdRun, rejectRun, waitForApproval } from './without-apply.ts';
import { withoutSuperseded } from './without-superseded.ts';

/**
 * Asks the switches what would change now, goes on only with an approval of exactly that, and applies it; or asks for the
 * approval, by a gate where no review covers it.
 */
export async function diffAndApply(deps: ReconcilerDeps, deploying: Deploying, signal: AbortSignal): Promise<Advance> {
  const { work, run, view, loaded } = deploying;
  if (run && work.gate?.state === 'closed') return rejectByClosing(deps, work, work.gate, run, signal);
  const stillHeld = run?.hold && decideHold(deploying.rules, heldWork(deploying, toChange(run)), deps.clock.now());
  if (run && stillHeld) return holdRun(deps, run, stillHeld, signal);
  const asked = askedOn(work);
  const whole = asked && (await lastPublishedPlan(view, asked));
  const published = whole && planOfShard(whole, loaded.shardOf, work.shard ?? EVERYWHERE);
  const subjects = await withoutSuperseded(deps, view, work, withRecognised(loaded.subjects, published));
  const ask = (trial: boolean): Promise<PlanResult> =>
    withinDeadline(work.run, DIFF, signal, (limited) =>
      planConfiguration(
        deps.switches,
        {
          workflow: loaded.workflow,
          rollout: loaded.rollout,
          source: sourceOf(work),
          ...(loaded.request ? { request: loaded.request } : {}),
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
    return nothingToApply(deps, deploying, now, signal);
  }

  const targets = published ? decideTargets(published, now, loaded.rollout) : undefined;
  if (!asked || !whole || !published || targets?.kind !== 'as-planned') {
    const why = targets?.kind === 'moved' ? targets.why : whyUnplanned(work);
    const shown = published ? (await ask(true)).plan : now;
    if (!hasChanges(shown)) return nothingToApply(deps, deploying, shown, signal);
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

  if (loaded.workflow.kind === 'batches') {
    const begun = await beginBatches(deps, deploying, published, decision, targets.settled, signal);
    return begun ? advanceBatches(deps, { ...deploying, run: begun }, signal) : leftToAnother(work);
  }

  const hold = decideHold(deploying.rules, heldWork(deploying, targets.change), deps.clock.now());
  if (hold) {
    const asked = await appendUnlessMoved(
      deps,
      work,
      run,
      `${work.run}: approved, and held`,
      askedEvents(deps.clock.now(), work, run, published),
      signal,
    );
    const known = await asked?.run(work.run);
    return known ? holdRun(deps, known, hold, signal) : leftToAnother(work);
  }

  const at = deps.clock.now();
  const applied = await runApplyStage(
    deps,
    inputOf(partOf(deploying, published), {
      approval: decision.approval,
      change: targets.change,
      subjects: byName(subjects),
      observations,
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
    }),
    signal,
  );
  if (applied.kind === 'busy') return { kind: 'waiting', run: work.run, why: applied.why };
  return backUpAndFinish(deps, deploying, applied.view, signal);
}

function toChange({ devices }: Run): Run['devices'] {
  return devices.filter(({ digest }) => digest !== undefined);
}

/** Every switch that could be asked already runs what is intended: nothing to approve, nothing to send. */
async function nothingToApply(
  deps: ReconcilerDeps,
  deploying: Deploying,
  now: Plan,
  signal: AbortSignal,
): Promise<Advance> {
  const { work, run } = deploying;
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
    moved(at, deploying.loaded.workflow.kind === 'batches' ? BATCHES : APPLY, 'UNREACHABLE', 'nothing to apply'),
  ];
  const view = await appendUnlessMoved(deps, work, run, `${work.run}: no switch would change`, events, signal);
  if (!view) return leftToAnother(work);
  if (deploying.loaded.workflow.kind === 'batches') return finishRun(deps, work, signal);
  return backUpAndFinish(deps, deploying, view, signal);
}

function sourceOf({ pullRequest, commit, parent }: DeployWork): PlanSource {
  const from = { base: parent, tree: commit };
  return pullRequest
    ? { ...from, head: pullRequest.head.commit, pullRequest: pullRequest.number }
    : { ...from, head: commit };
}

function hasChanges({ devices }: Plan): boolean {
  return devices.some(({ kind }) => kind === 'changing');
}

/** Nothing is known of the switch, and the next pass may know more. */
function mayPass(device: DevicePlan): boolean {
  return device.kind === 'blocked' && device.error.disposition === 'retry-later';
}
