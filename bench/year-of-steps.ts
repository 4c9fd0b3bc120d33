/** What stands on the ledger of a fleet that is backed up every night and changed every day, step by step. */
import { driverFor } from '../drivers/registry.ts';
import type { DeviceOutcome, RunEvent } from '../ledger/events.ts';
import type { DeviceState, LedgerStep } from '../ledger/ledger.ts';
import { runNameFor, scheduledRunName } from '../ledger/run-name.ts';
import { makeChangingDevice, makePlan } from '../plans/make-plan.ts';
import type { Plan } from '../plans/plan.ts';
import { planToJson } from '../plans/plan-json.ts';
import { renderPlanMarkdown } from '../plans/render-plan-markdown.ts';
import { maskTree } from '../plans/secrets.ts';
import { makeRandom } from '../sandbox/fleets/synthetic-trees.ts';
import { makeSyntheticFleet } from '../sandbox/synthetic-fleet.ts';
import type { Identity } from '../schemas/device.ts';

const SWITCHES = 700;
/** Of the switches, changed every day by one deploy. */
const CHANGED_SHARE = 0.03;
const LINES_CHANGED = 4;
const FIRST_DAY = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEPLOY_STAGES = [
  'load_intended_configuration',
  'perform_configuration_diff',
  'apply_configuration',
  'perform_backup',
];
/** Commits of a nightly backup or a check, and of a deploy. */
const READING_COMMITS = 2;
const DEPLOY_COMMITS = 5;

export interface Days {
  readonly count: number;
  /** Drift checks a day; all switches are in sync. */
  readonly checksADay: number;
}

export const commitsADay = (checksADay: number): number => READING_COMMITS * (1 + checksADay) + DEPLOY_COMMITS;

interface Switch {
  readonly site: string;
  readonly device: string;
  readonly identity: Identity;
  text: string;
}

/** Each step and when it is made, milliseconds since the epoch. The same every time: two ledgers are compared by the same days. */
export function* stepsOfDays({ count, checksADay }: Days): Generator<readonly [LedgerStep, number]> {
  const random = makeRandom(7);
  const switches = makeSwitches(random);
  const first = new Map(switches.map((one) => [backupPath(one), one.text]));
  for (let day = 0; day < count; day++) {
    const midnight = FIRST_DAY + day * DAY_MS;
    const nightly = {
      workflow: 'ConfigurationBackup',
      schedule: 'nightly',
      stages: ['load_running_configuration', 'persist_backup'],
      at: midnight + 2 * HOUR_MS,
    };
    // What a deploy changed it kept itself; only the very first backup finds something new.
    const backups = day === 0 ? first : new Map<string, string>();
    for (const step of readingSteps(nightly, switches, () => ({ kind: 'backed-up', changed: day === 0 }), backups))
      yield [step, nightly.at];

    for (let check = 0; check < checksADay; check++) {
      const at = midnight + Math.floor((check * DAY_MS) / checksADay) + 60_000;
      const stages = ['load_intended_configuration', 'check_drift', 'handle_drift'];
      for (const step of readingSteps({ workflow: 'DriftCheck', schedule: 'hourly', stages, at }, switches, () => ({
        kind: 'in-sync',
      })))
        yield [step, at];
    }

    const noon = midnight + 12 * HOUR_MS;
    const changed = someOf(switches, Math.round(SWITCHES * CHANGED_SHARE), random);
    for (const one of changed) one.text = change(one, random);
    for (const step of deploySteps(changed, noon, random)) yield [step, noon];
  }
}

function someOf(switches: readonly Switch[], count: number, random: () => number): readonly Switch[] {
  const drawn = switches.map((one) => ({ one, lot: random() })).sort((a, b) => a.lot - b.lot);
  return drawn.slice(0, count).map(({ one }) => one);
}

function makeSwitches(random: () => number): readonly Switch[] {
  const driver = driverFor('cumulus');
  const { switches } = makeSyntheticFleet({ devices: SWITCHES, configurationKilobytes: 25 });
  return switches.map(({ site, name, serial, configuration }) => {
    const identity = { hostname: name, serial, model: 'MSN2410', version: '5.11.1', pin: `sha256:${digestOf(random)}` };
    const masked = maskTree(configuration, driver.secretPatterns, (secret) => secret.slice(-16));
    return { site, device: name, identity, text: driver.renderBackup(masked, identity).text };
  });
}

/** A few lines say something else: what a deploy does to a configuration. */
function change({ text }: Switch, random: () => number): string {
  const lines = text.split('\n');
  for (let count = 0; count < LINES_CHANGED; count++) {
    const at = 2 + Math.floor(random() * (lines.length - 3));
    const [, key] = /^( *[\w.-]+:) \S/.exec(lines[at] ?? '') ?? [];
    if (key !== undefined) lines[at] = `${key} changed-${Math.floor(random() * 1e9)}`;
  }
  return lines.join('\n');
}

/** A deploy to some switches: planned, begun, applied, backed up, ended. Each part is a commit. */
function deploySteps(changed: readonly Switch[], at: number, random: () => number): readonly LedgerStep[] {
  const commit = digestOf(random).slice(0, 40);
  const pullRequest = Math.floor(at / DAY_MS);
  const name = runNameFor({ workflow: 'ConfigurationDeploy', pullRequest, commit });
  const plan = planOf(changed, pullRequest, random);
  const { digest } = plan;
  const [load = '', diff = '', apply = '', backup = ''] = DEPLOY_STAGES;
  const moved = (stage: string, ...states: readonly ('IN_PROGRESS' | 'PENDING_APPROVAL' | 'APPROVED' | 'COMPLETE')[]) =>
    states.map((to): RunEvent => ({ at, kind: 'stage-moved', stage, to }));
  const step = (title: string, events: readonly RunEvent[], more: Partial<LedgerStep> = {}): LedgerStep => ({
    title: `${name}: ${title}`,
    events: new Map([[name, events]]),
    ...more,
  });
  const owner = { id: `runner-${commit.slice(0, 8)}`, scope: 'boot', pid: 1, startedTicks: '1' };
  const applied: DeviceOutcome = { kind: 'applied', candidate: '12', probes: ['system-health', 'bgp', 'lldp'] };
  return [
    {
      title: `#${pullRequest}: plan ${digest}`,
      publication: {
        pullRequest,
        publication: { digest, head: plan.source.head, publishedAt: at },
        planJson: planToJson(plan),
        planMarkdown: renderPlanMarkdown(plan),
      },
    },
    step('apply', [
      {
        at,
        kind: 'run-started',
        workflow: 'ConfigurationDeploy',
        stages: DEPLOY_STAGES,
        commit,
        pullRequest,
      },
      ...moved(load, 'IN_PROGRESS', 'COMPLETE'),
      ...moved(diff, 'IN_PROGRESS'),
      { at, kind: 'planned', digest, devices: changed.map((one) => ({ ...place(one), digest: digestOf(random) })) },
      ...moved(diff, 'PENDING_APPROVAL'),
      { at, kind: 'decided', stage: diff, digest, decision: 'granted', by: ['ana', 'max'] },
      ...moved(diff, 'APPROVED', 'COMPLETE'),
      ...moved(apply, 'IN_PROGRESS'),
      {
        ...{
          at,
          kind: 'intent',
          stage: apply,
          digest,
          owner,
          deadline: at + 600_000,
          fence: digestOf(random).slice(0, 40),
        },
        devices: changed.map((one) => ({
          ...place(one),
          attempt: 1,
          candidatesBefore: ['7'],
          baseToken: 'rev_12_apply_3',
        })),
      },
    ]),
    step('outcomes', [
      ...changed.map((one): RunEvent => ({ at, kind: 'device-ended', ...place(one), stage: apply, outcome: applied })),
      ...moved(apply, 'COMPLETE'),
    ]),
    step(
      'backups',
      [
        ...moved(backup, 'IN_PROGRESS'),
        ...changed.map((one): RunEvent => ({ at, kind: 'backed-up', ...place(one), file: backupPath(one) })),
        ...moved(backup, 'COMPLETE'),
      ],
      {
        backups: new Map(changed.map((one) => [backupPath(one), one.text])),
        devices: changed.map((one) => stateOf(one, at, name, commit, random)),
      },
    ),
    step('completed', [{ at, kind: 'run-ended', status: 'COMPLETED', why: `${changed.length} applied` }]),
  ];
}

/** What the pull request of a deploy showed, and was approved. */
function planOf(changed: readonly Switch[], pullRequest: number, random: () => number): Plan {
  const devices = changed.map(({ site, device, identity }) =>
    makeChangingDevice({
      ...{
        site,
        device,
        identity,
        role: 'leaf-compute',
        platform: 'cumulus',
        labels: {},
        trial: 'accepted',
        notes: [],
      },
      changes: Array.from({ length: LINES_CHANGED }, (_, index) => ({
        change: {
          kind: 'set',
          path: ['interface', `swp${index + 1}`, 'description'],
          from: `changed-${Math.floor(random() * 1e9)}`,
          to: `changed-${Math.floor(random() * 1e9)}`,
        },
        marks: [],
        origin: `desired-state/devices/${site}/${device}.yaml:${index + 9}`,
      })),
      baseToken: 'rev_12_apply_3',
      runningDigest: digestOf(random),
    }),
  );
  const [head, base, tree] = [0, 1, 2].map(() => digestOf(random).slice(0, 40));
  return makePlan({
    workflow: 'ConfigurationDeploy',
    stages: DEPLOY_STAGES,
    rollout: { devicesAtOnce: 50, confirmWithinSeconds: 300 },
    source: { pullRequest, head: head ?? '', base: base ?? '', tree: tree ?? '' },
    devices,
    removed: [],
    elsewhere: SWITCHES - changed.length,
  });
}

/** All switches are asked by the clock: begun, then what they said. Each part is a commit. */
function readingSteps(
  {
    workflow,
    schedule,
    stages,
    at,
  }: { readonly workflow: string; readonly schedule: string; readonly stages: readonly string[]; readonly at: number },
  switches: readonly Switch[],
  outcome: (one: Switch) => DeviceOutcome,
  backups: ReadonlyMap<string, string> = new Map(),
): readonly LedgerStep[] {
  const name = scheduledRunName({ workflow, schedule, at });
  const [asks = '', ...rest] = stages;
  const commit = 'c'.repeat(40);
  return [
    {
      title: `${name}: begin`,
      events: new Map([
        [
          name,
          [
            {
              at,
              kind: 'run-started',
              workflow,
              stages,
              commit,
              schedule,
              scheduledFor: at,
              timeoutAt: at + 2 * HOUR_MS,
            },
            { at, kind: 'stage-moved', stage: asks, to: 'IN_PROGRESS', why: `${switches.length} switches` },
          ],
        ],
      ]),
    },
    {
      title: `${name}: completed`,
      backups,
      events: new Map([
        [
          name,
          [
            ...switches.map(
              (one): RunEvent => ({ at, kind: 'device-ended', ...place(one), stage: asks, outcome: outcome(one) }),
            ),
            ...[...backups.keys()].map((file): RunEvent => {
              const [, site = '', device = ''] = file.replace(/\.yaml$/, '').split('/');
              return { at, kind: 'backed-up', site, device, file };
            }),
            { at, kind: 'stage-moved', stage: asks, to: 'COMPLETE', why: `${switches.length} switches asked` },
            ...rest.flatMap((stage): readonly RunEvent[] => [
              { at, kind: 'stage-moved', stage, to: 'IN_PROGRESS' },
              { at, kind: 'stage-moved', stage, to: 'COMPLETE' },
            ]),
            { at, kind: 'run-ended', status: 'COMPLETED', why: `${switches.length} switches asked` },
          ],
        ],
      ]),
    },
  ];
}

const place = ({ site, device }: Switch) => ({ site, device });
const backupPath = ({ site, device }: Switch) => `backups/${site}/${device}.yaml`;
const digestOf = (random: () => number) =>
  Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('');

function stateOf(one: Switch, at: number, run: string, commit: string, random: () => number): DeviceState {
  return {
    ...place(one),
    serial: one.identity.serial,
    version: '5.11.1',
    appliedCommit: commit,
    appliedAt: at,
    run,
    runningDigest: digestOf(random),
    opaqueSecrets: { '/system/aaa/user/cumulus/password': { set: '«secret:1»', shown: '«secret:2»' } },
  };
}
