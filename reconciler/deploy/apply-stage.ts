import pLimit from 'p-limit';
import type { Approval } from '../../approvals/approval.ts';
import type { DeviceOutcome, RunEvent } from '../../ledger/events.ts';
import { deviceKey, foldEvent } from '../../ledger/fold-run.ts';
import { conflictsWith, leaseHolds } from '../../ledger/lease.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { hasEnded, isPaused } from '../../ledger/legal-moves.ts';
import type { DeviceRecord, Run } from '../../ledger/run.ts';
import type { ChangingDevice } from '../../plans/plan.ts';
import type { PointsmanError } from '../../schemas/errors.ts';
import { applyToSwitch } from '../../workflows/apply-to-switch.ts';
import { lookWithoutApproval } from '../../workflows/look-without-approval.ts';
import type { Observation, PlanSubject } from '../../workflows/plan-configuration.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { AttemptsExhaustedError } from '../errors.ts';
import { isOver } from '../owner.ts';
import { type ApplyJudgement, decideAfterApply, eventsAfterApply } from './after-apply.ts';
import { isOurs, keepLease, LEASE_MS } from './lease-keeper.ts';
import { unlessEnded } from './unless-ended.ts';

const STAGE = 'apply_configuration';
/** Tries of one switch in one run that may end without a record, which only a dying process causes. */
const MOST_ATTEMPTS = 3;

export interface ApplyStageInput {
  readonly run: string;
  readonly digest: string;
  /** Absent when the approval was withdrawn while a process was dead: switches are then only looked at. */
  readonly approval?: Approval;
  readonly change: readonly ChangingDevice[];
  readonly subjects: ReadonlyMap<string, PlanSubject>;
  /** From the diff of this pass; empty for switches an earlier process has an intent for. */
  readonly observations: ReadonlyMap<string, Observation>;
  readonly devicesAtOnce: number;
  readonly confirmWithinSeconds: number;
  readonly expectedChanges?: readonly string[];
  /** How what failed is gone on with. */
  readonly judgement: Omit<ApplyJudgement, 'now'>;
  /** Asked of each switch right before it is begun: why it must not be any more. It then stays as it is, to be done later. */
  readonly mayBegin?: (site: string) => PointsmanError | undefined;
  /** What happened in this run before the intent and goes into the same commit. */
  readonly eventsBefore: readonly RunEvent[];
  /** Every review and whether it counted, for the ledger. */
  readonly verdictsJson?: string;
  /** Called once the lease is ours, before a switch is touched. What it throws does not stop the work. */
  readonly onTaken?: (run: Run, view: LedgerView) => Promise<unknown>;
}

export type ApplyStageResult =
  | { readonly kind: 'done'; readonly view: LedgerView }
  /** Another process works on these switches now, or somebody said meanwhile that the run is to hold or to end. */
  | { readonly kind: 'busy'; readonly why: string };

/**
 * The stage that touches switches: writes the intent, changes every switch under its own revert timer, writes the outcomes.
 *
 * Left by a crash: the intent without outcomes. The next pass takes the lease over and asks each switch.
 */
export async function runApplyStage(
  deps: ReconcilerDeps,
  input: ApplyStageInput,
  signal: AbortSignal,
): Promise<ApplyStageResult> {
  if (input.change.length === 0) return { kind: 'done', view: await recordSettled(deps, input, signal) };
  const deadline = deps.clock.now() + LEASE_MS;
  const taken = await takeLease(deps, input, deadline, signal);
  if (taken.kind === 'busy') return taken;

  // People may hear of it late; the switches do not wait for that.
  await input
    .onTaken?.(taken.run, taken.view)
    .catch((error: unknown) => deps.log.warn({ run: input.run, err: error }, 'progress not reported'));

  const keeper = keepLease(deps, input.run, deadline, signal);
  const ended: { readonly site: string; readonly device: string; readonly outcome: DeviceOutcome }[] = [];
  const limit = pLimit(input.devicesAtOnce);
  const settled = await Promise.allSettled(
    input.change.map((approved) =>
      limit(async () => {
        const record = recordOf(taken.before, approved);
        const target = subjectOf(input, approved);
        const changing = { run: taken.run, approved, target, begunBefore: (record?.unsettled ?? 0) > 0 };
        const outcome = await unlessEnded(deps, changing, keeper, (limited) =>
          changeOne(deps, input, approved, record, limited),
        );
        ended.push({ site: approved.site, device: approved.device, outcome });
        deps.onProgress?.(`${approved.device}: ${outcome.kind} (${ended.length} of ${input.change.length})`);
      }),
    ),
  );
  await keeper.stop();
  const view = await writeOutcomes(deps, input, ended, signal);
  // A bug or a lost lease on one switch must not hide how the others came out, so it leaves only after they are written.
  const failure = settled.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
  const after = await view.run(input.run);
  const why = after && whyNoFurther(after);
  return why === undefined ? { kind: 'done', view } : { kind: 'busy', why };
}

/** What somebody said while switches were being changed counts now that each has its outcome. */
function whyNoFurther({ status, paused, endWanted }: Run): string | undefined {
  if (endWanted) return `${endWanted.by} wants it ended`;
  return isPaused(status) ? `paused by ${paused?.by}` : undefined;
}

/** One commit that holds the write-ahead line and the lease of every switch this stage will touch. */
async function takeLease(
  deps: ReconcilerDeps,
  input: ApplyStageInput,
  deadline: number,
  signal: AbortSignal,
): Promise<
  | { readonly kind: 'taken'; readonly before: Run | undefined; readonly run: Run; readonly view: LedgerView }
  | { readonly kind: 'busy'; readonly why: string }
> {
  const isDead = (owner: Parameters<typeof isOver>[0]) => isOver(owner, deps.owner);
  let before: Run | undefined;
  let why = 'another process';

  const view = await deps.ledger.append(async (current) => {
    const now = deps.clock.now();
    before = await current.run(input.run);
    if (before && (hasEnded(before.status) || isPaused(before.status))) {
      why = `somebody ended or paused it meanwhile: ${before.status}`;
      return undefined;
    }
    const mayTake = new Set(before?.lease?.devices);
    if (before?.endWanted && !input.change.map(deviceKey).every((device) => mayTake.has(device))) {
      why = `${before.endWanted.by} wants it ended`;
      return undefined;
    }
    if (before?.lease && leaseHolds(before.lease, now, isDead)) {
      why = `${input.run} is being worked on until ${new Date(before.lease.deadline).toISOString()}`;
      return undefined;
    }
    const devices = input.change.map(deviceKey);
    const [conflict] = conflictsWith(await current.openRuns(), { run: input.run, devices, now, isDead });
    if (conflict) {
      why = `${conflict.device} is being worked on by ${conflict.run} until ${new Date(conflict.lease.deadline).toISOString()}`;
      return undefined;
    }
    const found = before;
    const intent: RunEvent = {
      kind: 'intent',
      at: now,
      stage: STAGE,
      digest: input.digest,
      owner: deps.owner,
      deadline,
      fence: current.tip ?? '',
      devices: input.change.map((approved) => intendedDevice(input, approved, recordOf(found, approved))),
    };
    return {
      title: `${input.run}: intend to change ${input.change.length} switches`,
      events: new Map([
        [input.run, [...input.eventsBefore, { kind: 'stage-moved', at: now, stage: STAGE, to: 'IN_PROGRESS' }, intent]],
      ]),
      ...(input.verdictsJson === undefined
        ? {}
        : { verdicts: { run: input.run, stage: 'perform_configuration_diff', json: input.verdictsJson } }),
    };
  }, signal);

  const run = await view.run(input.run);
  return run && isOurs(deps, run) ? { kind: 'taken', before, run, view } : { kind: 'busy', why };
}

/** No switch has to be changed after all: what is known of each is written, and with it what follows. */
async function recordSettled(deps: ReconcilerDeps, input: ApplyStageInput, signal: AbortSignal): Promise<LedgerView> {
  return deps.ledger.append(async (view) => {
    const run = await view.run(input.run);
    if (!run || hasEnded(run.status) || isPaused(run.status)) return undefined;
    const at = deps.clock.now();
    const events: RunEvent[] = [...input.eventsBefore, { kind: 'stage-moved', at, stage: STAGE, to: 'IN_PROGRESS' }];
    const after = events.reduce<Run>((before, event) => foldEvent(input.run, before, event), run);
    events.push(...eventsAfterApply(at, decideAfterApply(after, { ...input.judgement, now: at })));
    return { title: `${input.run}: nothing to send`, events: new Map([[input.run, events]]) };
  }, signal);
}

function intendedDevice(
  input: ApplyStageInput,
  { site, device, baseToken }: ChangingDevice,
  record: DeviceRecord | undefined,
) {
  const seen = input.observations.get(device);
  const takenOver = (record?.unsettled ?? 0) > 0;
  return {
    site,
    device,
    attempt: (record?.attempts ?? 0) + 1,
    // What was there before the *first* intent tells our own candidate from others' after any number of crashes.
    candidatesBefore: takenOver ? (record?.candidatesBefore ?? []) : (seen?.candidates ?? []),
    baseToken: takenOver ? (record?.baseToken ?? baseToken) : (seen?.baseToken ?? baseToken),
  };
}

function subjectOf({ subjects }: ApplyStageInput, { device }: ChangingDevice): PlanSubject {
  const target = subjects.get(device);
  if (!target) throw new RangeError(`${device} is planned and not in the fleet`);
  return target;
}

async function changeOne(
  deps: ReconcilerDeps,
  input: ApplyStageInput,
  approved: ChangingDevice,
  record: DeviceRecord | undefined,
  signal: AbortSignal,
): Promise<DeviceOutcome> {
  const { device } = approved;
  const target = subjectOf(input, approved);
  const attempts = record?.unsettled ?? 0;
  const tooLate = attempts === 0 ? input.mayBegin?.(approved.site) : undefined;
  if (tooLate) return { kind: 'untouched', error: tooLate.toJSON() };
  if (attempts >= MOST_ATTEMPTS) {
    return { kind: 'unknown', error: new AttemptsExhaustedError({ device, attempts }).toJSON() };
  }
  if (!input.approval) return lookWithoutApproval(deps.switches, target, approved, signal);
  return applyToSwitch(
    deps.switches,
    {
      target,
      approved,
      approval: input.approval,
      candidatesBefore: intendedDevice(input, approved, record).candidatesBefore,
      takenOver: attempts > 0,
      confirmWithinSeconds: input.confirmWithinSeconds,
    },
    signal,
  );
}

async function writeOutcomes(
  deps: ReconcilerDeps,
  input: ApplyStageInput,
  ended: readonly { readonly site: string; readonly device: string; readonly outcome: DeviceOutcome }[],
  signal: AbortSignal,
): Promise<LedgerView> {
  return deps.ledger.append(async (view) => {
    const run = await view.run(input.run);
    const at = deps.clock.now();
    const fresh = ended.filter(({ site, device }) => !recordOf(run, { site, device })?.outcome);
    if (fresh.length === 0) return undefined;
    const events: RunEvent[] = fresh.map((device) => ({ kind: 'device-ended', at, stage: STAGE, ...device }));
    const after = events.reduce<Run | undefined>((before, event) => foldEvent(input.run, before, event), run);
    // One that has none yet is in nobody's hands now: the next pass looks at it.
    if (after?.devices.every(({ unsettled }) => unsettled === 0)) {
      events.push(...eventsAfterApply(at, decideAfterApply(after, { ...input.judgement, now: at })));
    }
    return {
      title: `${input.run}: ${tally(ended.map(({ outcome }) => outcome.kind))}`,
      events: new Map([[input.run, events]]),
    };
  }, signal);
}

function recordOf(
  run: Run | undefined,
  { site, device }: { readonly site: string; readonly device: string },
): DeviceRecord | undefined {
  return run?.devices.find((record) => record.site === site && record.device === device);
}

/** `3 applied, 1 reverted` */
export function tally(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'nothing to do';
}
