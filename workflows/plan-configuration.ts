import pLimit from 'p-limit';
import type { FleetDevice } from '../desired-state/fleet.ts';
import type { Capabilities, Session } from '../drivers/driver.ts';
import { ConfigurationRefusedError, NotPermittedError } from '../drivers/errors.ts';
import { makeChangingDevice, makePlan } from '../plans/make-plan.ts';
import type { DevicePlan, Plan, PlannedChange, PlannedRequest, PlanSource, Rollout } from '../plans/plan.ts';
import { agreesWith, maskChanges, type RememberedSecrets } from '../plans/secrets.ts';
import type { Change } from '../schemas/change.ts';
import type { PointsmanError } from '../schemas/errors.ts';
import { type Comparison, compareSwitch, compareTrees, knownChanges } from './compare-switch.ts';
import { DeployDisabledError, DeviceDisagreesError, ReplaceHazardError, SwitchBusyError } from './errors.ts';
import { foreseen } from './foreseen.ts';
import { openSwitch, type SwitchDeps, type SwitchTarget } from './open-switch.ts';
import { originIn, withOrigins } from './origins.ts';
import { recogniseSecrets } from './recognise-secrets.ts';
import { secretPatternsOf } from './secret-patterns.ts';
import type { Workflow } from './workflow.ts';

/** How many switches are read at the same time. Reading is cheap for a switch and slow only over distance. */
const READS_AT_ONCE = 32;
const READ_LIMIT_MS = 120_000;

/** One device a plan is about. */
export interface PlanSubject extends SwitchTarget {
  readonly fleetDevice: FleetDevice;
  /**
   * Role and labels (of site, role and device) that approval rules are matched with: of the base branch where the switch
   * is known there, by its name or its serial, so that a pull request cannot choose its own rule. `siteBefore`: it stood at
   * another site there.
   */
  readonly governed: Pick<DevicePlan, 'role' | 'labels' | 'siteBefore'>;
  /** Version its image says, when it names one. */
  readonly imageVersion?: string;
  /** Why the switch must not even be contacted. */
  readonly refused?: PointsmanError;
  /** What reviewers should know, beside what its switch shows. */
  readonly notes?: readonly string[];
  /** What a Rollback takes it back to, in words, where that is not what the fleet says now. */
  readonly rolledBackTo?: string;
}

export interface PlanInput {
  readonly workflow: Workflow;
  readonly rollout: Rollout;
  readonly source: PlanSource;
  /** The file that asks for it. */
  readonly request?: PlannedRequest;
  readonly subjects: readonly PlanSubject[];
  /** Devices whose part is known already, or cannot be learned from here. */
  readonly others?: readonly DevicePlan[];
  readonly removed: readonly string[];
  readonly elsewhere: number;
  readonly allowedHazards: readonly string[];
  /** Also lets each switch try the candidate and throws it away, so that a refused leaf is found in review. */
  readonly trial: boolean;
  /** Only to be looked at: secrets that could not be compared are left out, though a deploy would set them again. */
  readonly onlyKnown?: boolean;
  /** Called after each switch, for progress. */
  readonly onRead?: (done: number, of: number) => void;
}

/** What was on a switch when it was planned, needed to tell our candidate from others' later. */
export interface Observation {
  readonly candidates: readonly string[];
  readonly baseToken: string;
}

export interface PlanResult {
  readonly plan: Plan;
  /** By device, for those that change. */
  readonly observations: ReadonlyMap<string, Observation>;
}

/**
 * Asks every subject's switch what it runs and makes the plan. A switch that cannot be asked blocks itself and no other.
 * Nothing is made live.
 */
export async function planConfiguration(deps: SwitchDeps, input: PlanInput, signal: AbortSignal): Promise<PlanResult> {
  const limit = pLimit(READS_AT_ONCE);
  const observations = new Map<string, Observation>();
  const readFrom = deps.clock.now();
  let done = 0;

  const devices = await Promise.all(
    input.subjects.map((subject) =>
      limit(async () => {
        const planned = await planDevice(deps, input, subject, observations, signal);
        done += 1;
        input.onRead?.(done, input.subjects.length);
        return planned;
      }),
    ),
  );

  const plan = makePlan({
    workflow: input.workflow.name,
    stages: input.workflow.stages.map(({ name }) => name),
    rollout: input.rollout,
    ...(input.workflow.kind === 'batches' ? { inBatches: true } : {}),
    ...(input.request ? { request: input.request } : {}),
    source: input.subjects.length === 0 ? input.source : { readFrom, ...input.source, readTo: deps.clock.now() },
    devices: [...devices, ...(input.others ?? [])],
    removed: input.removed,
    elsewhere: input.elsewhere,
  });
  return { plan, observations };
}

async function planDevice(
  deps: SwitchDeps,
  input: PlanInput,
  subject: PlanSubject,
  observations: Map<string, Observation>,
  signal: AbortSignal,
): Promise<DevicePlan> {
  const { device, site, governed } = subject;
  const { platform, flags } = subject.fleetDevice.value;
  const about = { device, site, platform, ...governed };
  const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_LIMIT_MS)]);

  let session: Session | undefined;
  try {
    if (subject.refused) throw subject.refused;
    if (flags?.deploy_enabled === false) throw new DeployDisabledError({ device });
    session = await openSwitch(deps, subject, 'plan', limited);
    const compared = await compareSwitch(deps, subject, session, limited);
    const first = input.onlyKnown ? { ...compared, changes: knownChanges(compared) } : compared;
    if (first.changes.length === 0) return { ...about, kind: 'unchanged' };
    const { running } = first;
    if (running.busyWith) throw new SwitchBusyError({ device, ...running.busyWith });
    refuseHazards(deps, input, subject, first);

    const trial = input.trial
      ? await tryCandidate(deps, subject, session, first, limited)
      : { kind: 'not-asked' as const, comparison: first, recognised: {} };
    const { comparison } = trial;
    const recognised = { ...subject.opaqueSecrets, ...trial.recognised };
    const kept = Object.keys(recognised).length > 0 ? { ...about, recognisedSecrets: recognised } : about;
    if (comparison.changes.length === 0) return { ...kept, kind: 'unchanged' };
    observations.set(device, { candidates: running.candidates, baseToken: running.baseToken });
    return makeChangingDevice({
      ...kept,
      identity: comparison.identity,
      changes: plannedChanges(deps, subject, comparison),
      ...backsUp(deps, subject, comparison),
      baseToken: running.baseToken,
      runningDigest: comparison.runningDigest,
      trial: trial.kind,
      notes: notesFor(deps, subject, comparison, input),
    });
  } catch (error) {
    const known = foreseen(error, device, signal);
    deps.log.info({ device, code: known.code }, 'device blocked in plan');
    return { ...about, kind: 'blocked', error: known.toJSON() };
  } finally {
    await session?.close();
  }
}

function refuseHazards(
  deps: SwitchDeps,
  input: PlanInput,
  subject: PlanSubject,
  { intended, running }: Comparison,
): void {
  const { device, access } = subject;
  const hazards = deps
    .driverFor(access.platform)
    .hazards(intended, running.tree, access.apply.username)
    .filter(({ name }) => !input.allowedHazards.includes(name));
  if (hazards.length === 0) return;
  throw new ReplaceHazardError({
    device,
    hazards: hazards.map(({ name, message, path }) => ({ name, message, ...originIn(subject.intended, path) })),
  });
}

interface Trial {
  readonly kind: 'accepted' | 'not-permitted' | 'not-asked';
  readonly comparison: Comparison;
  readonly recognised: RememberedSecrets;
}

/** Lets the switch look at the candidate, takes it away again, and learns from what the switch said of it. */
async function tryCandidate(
  deps: SwitchDeps,
  subject: PlanSubject,
  session: Session,
  first: Comparison,
  signal: AbortSignal,
): Promise<Trial> {
  try {
    const staged = await session.stage(first.intended, first.running.candidates, signal);
    await session.discard(staged.candidate, signal);
    const recognised = recogniseSecrets(deps, subject, first, staged.deviceChanges);
    const known = { ...subject, opaqueSecrets: { ...subject.opaqueSecrets, ...recognised } };
    const comparison = Object.keys(recognised).length === 0 ? first : compareTrees(deps, known, first);
    refuseDisagreement(deps, subject, comparison, comparison.changes, staged.deviceChanges);
    return { kind: 'accepted', comparison, recognised };
  } catch (error) {
    if (error instanceof NotPermittedError) return { kind: 'not-permitted', comparison: first, recognised: {} };
    if (error instanceof ConfigurationRefusedError) throw withOrigins(subject, error);
    throw error;
  }
}

/** @throws {DeviceDisagreesError} The switch names other changes than `approved`. */
export function refuseDisagreement(
  deps: SwitchDeps,
  { device, access, intended }: SwitchTarget,
  { unknownSecrets, rehashedSecrets }: Pick<Comparison, 'unknownSecrets' | 'rehashedSecrets'>,
  approved: readonly Change[],
  deviceChanges: readonly Change[],
): void {
  const patterns = secretPatternsOf(deps.driverFor(access.platform), intended);
  const masked = maskChanges(deviceChanges, patterns, deps.fingerprint);
  const agreement = agreesWith(approved, masked, [...unknownSecrets, ...rehashedSecrets]);
  if (agreement.agrees) return;
  const { onlyApproved, onlyDevice } = agreement;
  throw new DeviceDisagreesError({ device, onlyApproved, onlyDevice });
}

/** What the switch shares with those it backs up, as it runs now or is to run: they must not be changed together. */
function backsUp(
  deps: SwitchDeps,
  { access }: PlanSubject,
  { intended, running }: Comparison,
): { readonly backsUp?: readonly string[] } {
  const driver = deps.driverFor(access.platform);
  const keys = new Set([...driver.redundancyKeys(intended), ...driver.redundancyKeys(running.tree)]);
  return keys.size === 0 ? {} : { backsUp: [...keys].sort() };
}

function plannedChanges(
  deps: SwitchDeps,
  subject: PlanSubject,
  { changes, running }: Comparison,
): readonly PlannedChange[] {
  const driver = deps.driverFor(subject.access.platform);
  return changes.map((change) => ({
    change,
    marks: driver.mark(change, running.tree),
    ...(change.kind === 'set' ? originIn(subject.intended, change.path) : {}),
  }));
}

function notesFor(
  deps: SwitchDeps,
  { access, imageVersion, notes = [] }: PlanSubject,
  comparison: Comparison,
  { onlyKnown = false }: PlanInput,
): readonly string[] {
  const { capabilities } = deps.driverFor(access.platform);
  const { identity, running, unknownSecrets } = comparison;
  return [
    ...notes,
    ...(running.unsaved
      ? ['runs configuration that is not saved: a reboot before this change would end in something else']
      : []),
    ...(imageVersion !== undefined && imageVersion !== identity.version
      ? [`runs ${identity.version}, its image says ${imageVersion}`]
      : []),
    ...(unknownSecrets.length > 0
      ? [
          `${unknownSecrets.length} secrets are encrypted by the switch and could not be compared; ${onlyKnown ? 'they are left out' : 'they are set again'}`,
        ]
      : []),
    ...CAPABILITY_NOTES.flatMap(([lacks, note]) => (lacks(capabilities) ? [note] : [])),
  ];
}

/** What a reviewer has to know of a platform that cannot do all that is wished for. */
const CAPABILITY_NOTES: readonly (readonly [(can: Capabilities) => boolean, string])[] = [
  [({ atomic }) => !atomic, 'the change is made line by line: for a moment some of it is live and the rest is not'],
  [
    ({ timedConfirm }) => timedConfirm === 'helper',
    'the way back without a confirmation is a helper of ours that waits on the switch',
  ],
  [({ timedConfirm }) => timedConfirm === 'none', 'the platform cannot revert by itself'],
  [
    ({ timedConfirm, revertSurvivesReboot }) => timedConfirm !== 'none' && !revertSurvivesReboot,
    'a reboot before the confirmation keeps the change',
  ],
];
