import { CODE_OWNERS_PATHS, ownersOf, withCodeOwners } from '../approvals/code-owners.ts';
import { deviceAccess } from '../desired-state/device-access.ts';
import type { Fleet, FleetDevice, IntendedConfiguration } from '../desired-state/fleet.ts';
import { concernsFleet } from '../desired-state/fleet-layout.ts';
import { loadChange } from '../desired-state/load-change.ts';
import { renderDevice } from '../desired-state/render-device.ts';
import { deviceLabels } from '../desired-state/select-devices.ts';
import type { ObjectId, Repository } from '../git/repository.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import type { PlannedRequest, Rollout } from '../plans/plan.ts';
import type { ApprovalRules, Request, Settings } from '../schemas/fleet.ts';
import { configurationDeploy } from '../workflows/configuration-deploy.ts';
import { multiDeploy } from '../workflows/multi-deploy.ts';
import type { PlanSubject } from '../workflows/plan-configuration.ts';
import type { Workflow } from '../workflows/workflow.ts';
import { FleetInvalidError, NotYetMergedError } from './errors.ts';
import { platforms } from './platforms.ts';
import { EVERYWHERE } from './shards.ts';

/** What changes between two commits, ready to be planned. */
export interface LoadedCommit {
  /** Devices whose intended configuration differs, sorted by name. */
  readonly subjects: readonly PlanSubject[];
  readonly removed: readonly string[];
  readonly elsewhere: number;
  /** As the base says: a pull request cannot widen its own rights. */
  readonly rollout: Rollout;
  /** What carries it out. */
  readonly workflow: Workflow;
  readonly request?: PlannedRequest;
  readonly allowedHazards: readonly string[];
  readonly rulesBefore: ApprovalRules;
  /** The site itself where it has a runner of its own, otherwise {@link EVERYWHERE}. */
  readonly shardOf: (site: string) => string;
}

export interface LoadInput {
  /** Commit the switches are expected to run. */
  readonly before: ObjectId;
  /** Commit or tree they should run. */
  readonly after: ObjectId;
  /**
   * Whose addresses, pins and credentials are used. `before` while nobody has approved anything: a pull request must not
   * be able to have credentials sent to an address of its own choosing.
   */
  readonly accessFrom: 'before' | 'after';
}

/** @throws {FleetInvalidError} With every problem at once. */
export async function loadCommit(
  { repository }: { readonly repository: Repository },
  view: LedgerView | undefined,
  { before, after, accessFrom }: LoadInput,
): Promise<LoadedCommit> {
  const change = await loadChange({ repository, before, after, platforms });
  if (change.kind === 'invalid') throw new FleetInvalidError({ revision: after, problems: change.problems });

  // Where the base is not valid, what it would allow is not known: the strictest of everything holds.
  const base = change.before;
  const accessOf = accessFrom === 'after' ? change.after : change.before;
  const subjects = await Promise.all(
    change.changed.map((device) =>
      subjectFor({ after: change.after, before: change.before, access: accessOf }, device, view),
    ),
  );
  const rollout = rolloutOf(base?.settings.value ?? {});
  return {
    subjects,
    removed: change.removed,
    elsewhere: change.elsewhere,
    rollout,
    workflow: workflowOfRollout(rollout),
    allowedHazards: base?.settings.value.rollout?.allow_hazards ?? [],
    rulesBefore: await namingOwners(repository, base?.approvals ?? { rules: [] }, { before, after }),
    shardOf: (site) => (accessOf?.sites.get(site)?.value.runner ? site : EVERYWHERE),
  };
}

/** Rules that ask for code owners say who these are: by CODEOWNERS as it was before the change. */
export async function namingOwners(
  repository: Repository,
  rules: ApprovalRules,
  { before, after }: Pick<LoadInput, 'before' | 'after'>,
): Promise<ApprovalRules> {
  if (!rules.rules.some(({ by }) => by.code_owners)) return rules;
  const [files, changes] = await Promise.all([
    repository.readFiles(before, CODE_OWNERS_PATHS),
    repository.changedFiles(before, after),
  ]);
  const text = CODE_OWNERS_PATHS.map((path) => files.get(path)).find((found) => found !== undefined);
  const changed = changes.map(({ path }) => path).filter(concernsFleet);
  return withCodeOwners(rules, ownersOf(text, changed));
}

const DEFAULT_DEVICES_AT_ONCE = 10;
const DEFAULT_CONFIRM_SECONDS = 300;

type RolloutText = NonNullable<Settings['rollout']> | NonNullable<Request['rollout']>;

/** @param over Of a request: what it says counts, the settings say the rest. */
export function rolloutOf({ rollout }: Pick<Settings, 'rollout'>, over: RolloutText = {}): Rollout {
  const said = { ...rollout, ...over };
  const given = {
    batchSize: said.batch_size,
    batchPercentage: said.batch_percentage,
    canaryPercentage: said.canary_percentage,
    canarySuccessThreshold: said.canary_success_threshold,
    gate: said.gate === 'none' ? undefined : said.gate,
    barrier: said.barrier || undefined,
    apart: said.apart,
    expectedChanges: said.expected_changes,
    retryCount: said.retry_count,
    retryDelaySeconds: said.retry_delay_seconds,
    timeoutSeconds: said.timeout_seconds,
  };
  return {
    devicesAtOnce: said.devices_at_once ?? DEFAULT_DEVICES_AT_ONCE,
    confirmWithinSeconds: said.confirm_within_seconds ?? DEFAULT_CONFIRM_SECONDS,
    ...withoutUndefined(given),
  };
}

/** What carries out a change that was merged: batch by batch as soon as the settings say anything about batches. */
export function workflowOfRollout({ batchSize, batchPercentage, canaryPercentage, gate, barrier }: Rollout): Workflow {
  const inBatches = [batchSize, batchPercentage, canaryPercentage, gate, barrier].some((said) => said !== undefined);
  return inBatches ? multiDeploy : configurationDeploy;
}

function withoutUndefined<T extends object>(value: T): { readonly [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}

/** The same fleet as it was, as it becomes, and as its switches are to be reached. */
export interface FleetViews {
  readonly before: Fleet | undefined;
  readonly after: Fleet;
  readonly access: Fleet | undefined;
}

export async function subjectFor(
  { before, after, access }: FleetViews,
  fleetDevice: FleetDevice,
  view: LedgerView | undefined,
): Promise<PlanSubject> {
  const { name: device, site } = fleetDevice;
  const reached = access?.devices.get(device);
  const image = fleetDevice.value.image ?? after.roles.get(fleetDevice.value.role)?.value.image;
  const imageVersion = image === undefined ? undefined : after.images[image]?.version;
  return {
    device,
    site,
    fleetDevice,
    governed: governedBy(before, fleetDevice) ??
      governedBy(after, fleetDevice) ?? { role: fleetDevice.value.role, labels: {} },
    access: access && reached ? deviceAccess(access, reached) : deviceAccess(after, fleetDevice),
    intended: renderedWhenAsked(after, fleetDevice),
    opaqueSecrets: (await view?.device(site, device))?.opaqueSecrets ?? {},
    ...(imageVersion === undefined ? {} : { imageVersion }),
    ...(reached ? {} : { refused: new NotYetMergedError({ device }) }),
  };
}

/** A switch is the one that carries its serial, whatever the fleet calls it now: another name chooses no other rules. */
function governedBy(fleet: Fleet | undefined, { name, site, value }: FleetDevice): PlanSubject['governed'] | undefined {
  const known = fleet && [...fleet.devices.values()];
  const device = known?.find((one) => one.value.serial === value.serial) ?? fleet?.devices.get(name);
  if (!fleet || !device) return undefined;
  const moved = device.site === site ? {} : { siteBefore: device.site };
  return { role: device.value.role, labels: deviceLabels(fleet, device), ...moved };
}

/**
 * A thousand configurations at once would fill the memory, and only the switches that are being spoken to need theirs: each
 * is rendered when it is used, and again when it was forgotten meanwhile.
 *
 * @throws {FleetInvalidError} On use. `loadChange` has tried every device it returns, so none of these throws.
 */
export function renderedWhenAsked(fleet: Fleet, device: FleetDevice): IntendedConfiguration {
  const configuration = (): IntendedConfiguration => {
    const rendered = renderDevice(fleet, device, platforms);
    if (rendered.kind === 'rendered') return rendered.configuration;
    throw new FleetInvalidError({ revision: fleet.revision, problems: rendered.problems });
  };
  return {
    device: device.name,
    get tree() {
      return configuration().tree;
    },
    get secrets() {
      return configuration().secrets;
    },
    originOf: (path) => configuration().originOf(path),
  };
}
