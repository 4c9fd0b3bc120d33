import type { Run } from '../../ledger/run.ts';
import { planFromJson } from '../../plans/plan-json.ts';
import { decideFor } from '../decide-for.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { runApplyStage } from './apply-stage.ts';
import { backUpAndFinish } from './back-up-and-finish.ts';
import { type Advance, askedOn } from './deploy-work.ts';
import type { Deploying } from './diff-and-apply.ts';
import { byName, withRecognised } from './subjects.ts';

/** Goes on where a process died between the intent and the record. The switches know what happened. */
export async function resumeApply(
  deps: ReconcilerDeps,
  { work, run, view, loaded }: Deploying & { readonly run: Run },
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
