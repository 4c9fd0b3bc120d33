import type { Approval } from '../../approvals/approval.ts';
import type { RunEvent } from '../../ledger/events.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import type { ChangingDevice, Plan } from '../../plans/plan.ts';
import type { PointsmanError } from '../../schemas/errors.ts';
import { planConfiguration } from '../../workflows/plan-configuration.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { BatchIncompleteError, NotInPlanError } from '../errors.ts';
import type { LoadedCommit } from '../load-commit.ts';
import { retryPolicyOf } from './after-apply.ts';
import { type ApplyStageInput, type ApplyStageResult, runApplyStage } from './apply-stage.ts';
import { APPLY, DIFF, ended } from './run-events.ts';
import { byName, withRecognised } from './subjects.ts';
import { withinDeadline } from './within-deadline.ts';
import { withoutSuperseded } from './without-superseded.ts';

/** Switches that are changed under one intent: those of a run, or of one of its batches. */
export interface Part {
  /** Name of the run its events go to. */
  readonly run: string;
  readonly workflow: string;
  readonly commit: string;
  /** What was approved; may hold more switches than this part. */
  readonly plan: Plan;
  readonly loaded: LoadedCommit;
  /** A batch: what failed for good does not keep its other switches from being tried again. */
  readonly keepsOpen: boolean;
  readonly mayBegin?: (site: string) => PointsmanError | undefined;
}

export interface PartOrder {
  readonly devices: ReadonlySet<string>;
  readonly approval: Approval;
  readonly eventsBefore: readonly RunEvent[];
  readonly verdictsJson?: string;
  readonly onTaken?: (run: Run, view: LedgerView) => Promise<unknown>;
}

/**
 * Asks switches again right before they are changed, and changes those that still need it. What a switch would change
 * otherwise than approved is found by the apply itself, which then leaves it alone.
 */
export async function askAndApply(
  deps: ReconcilerDeps,
  part: Part,
  { devices, ...order }: PartOrder,
  signal: AbortSignal,
): Promise<ApplyStageResult> {
  const { loaded, plan } = part;
  const view = await deps.ledger.view(signal);
  const mine = withRecognised(loaded.subjects, plan).filter(({ device }) => devices.has(device));
  const subjects = await withoutSuperseded(deps, view, part, mine);
  const { plan: now, observations } = await withinDeadline(part.run, DIFF, signal, (limited) =>
    planConfiguration(
      deps.switches,
      {
        workflow: loaded.workflow,
        rollout: loaded.rollout,
        source: plan.source,
        subjects,
        removed: [],
        elsewhere: 0,
        allowedHazards: loaded.allowedHazards,
        trial: false,
      },
      limited,
    ),
  );

  const at = deps.clock.now();
  const approved = approvedIn(plan);
  const change: ChangingDevice[] = [];
  const settled: RunEvent[] = [];
  for (const device of now.devices) {
    const place = { site: device.site, device: device.device };
    const known = approved.get(device.device);
    if (device.kind === 'unchanged') settled.push(ended(at, { ...place, outcome: { kind: 'in-sync' } }));
    else if (device.kind === 'blocked') {
      settled.push(ended(at, { ...place, outcome: { kind: 'untouched', error: device.error } }));
    } else if (known) change.push(known);
    else {
      const error = new NotInPlanError({ device: device.device }).toJSON();
      settled.push(ended(at, { ...place, outcome: { kind: 'untouched', error } }));
    }
  }
  const begun = plan.rollout.barrier ? whereAllCanBe(at, change, settled) : { change, settled };
  const input = { ...order, change: begun.change, observations, subjects: byName(subjects) };
  const eventsBefore = [...order.eventsBefore, ...begun.settled];
  return runApplyStage(deps, inputOf(part, { ...input, eventsBefore }), signal);
}

/** Switches that are confirmed together or not at all: when one of them cannot be begun, none is. */
function whereAllCanBe(at: number, change: readonly ChangingDevice[], settled: readonly RunEvent[]) {
  const blocked = settled.find((event) => event.kind === 'device-ended' && event.outcome.kind === 'untouched');
  if (blocked?.kind !== 'device-ended' || blocked.outcome.kind !== 'untouched') return { change, settled };
  const { error } = blocked.outcome;
  const left = change.map(({ site, device }) => {
    const why = { device, because: blocked.device, why: error.message };
    const incomplete = new BatchIncompleteError(why).toJSON();
    return ended(at, { site, device, outcome: { kind: 'untouched', error: incomplete } });
  });
  return { change: [], settled: [...settled, ...left] };
}

/** What a process that died left in the middle: the switches know what happened. */
export async function resumePart(
  deps: ReconcilerDeps,
  part: Part,
  run: Run,
  approval: Approval | undefined,
  signal: AbortSignal,
): Promise<ApplyStageResult> {
  const approved = approvedIn(part.plan);
  const open = run.devices.filter(({ unsettled }) => unsettled > 0);
  deps.log.info(
    { run: part.run, devices: open.length, approved: approval !== undefined },
    'interrupted run taken over',
  );
  return runApplyStage(
    deps,
    inputOf(part, {
      ...(approval ? { approval } : {}),
      change: open.flatMap(({ device }) => approved.get(device) ?? []),
      subjects: byName(withRecognised(part.loaded.subjects, part.plan)),
      observations: new Map(),
      eventsBefore: [],
    }),
    signal,
  );
}

type Given = Pick<
  ApplyStageInput,
  'approval' | 'change' | 'subjects' | 'observations' | 'eventsBefore' | 'verdictsJson' | 'onTaken'
>;

/** What every apply of a part has in common. */
export function inputOf({ run, workflow, plan, keepsOpen, mayBegin }: Part, given: Given): ApplyStageInput {
  const { rollout, digest } = plan;
  return {
    run,
    digest,
    devicesAtOnce: rollout.devicesAtOnce,
    confirmWithinSeconds: rollout.confirmWithinSeconds,
    ...(rollout.expectedChanges ? { expectedChanges: rollout.expectedChanges } : {}),
    judgement: { policy: retryPolicyOf(workflow, APPLY, rollout), keepsOpen, barrier: rollout.barrier ?? false },
    ...(mayBegin ? { mayBegin } : {}),
    ...given,
  };
}

function approvedIn({ devices }: Plan): ReadonlyMap<string, ChangingDevice> {
  return new Map(devices.flatMap((device) => (device.kind === 'changing' ? [[device.device, device]] : [])));
}

/** An earlier process wrote an intent and not how it ended. */
export function isInterrupted(run: Run): boolean {
  return run.devices.some(({ unsettled }) => unsettled > 0);
}

/** The apply goes on: it was begun, every switch of it is in nobody's hands, and it has not come to its end. */
export function goesOn(run: Run): boolean {
  return run.stages.find(({ name }) => name === APPLY)?.state === 'IN_PROGRESS' && !isInterrupted(run);
}

/** When what was put off by itself is gone on with, milliseconds since the epoch. */
export function putOffUntil(run: Run): { readonly why: string; readonly until?: number } | undefined {
  const delay = run.stages.find(({ retryDelay }) => retryDelay)?.retryDelay;
  if (delay) return { why: `tried again by itself, ${delay.attempt} of ${delay.of}`, until: delay.until };
  return run.hold;
}
