import type { Observations, Seen } from '../../doctor/observations.ts';
import type { BranchGuard } from '../../forge/inspector.ts';

export const seen = <T>(value: T): Seen<T> => ({ kind: 'seen', value });

/** Our App everywhere here. */
export const APP_ID = 4711;
const NOW = Date.UTC(2026, 10, 21, 9);

export const fleetGuard: BranchGuard = {
  name: 'ruleset "fleet"',
  pullRequest: { approvals: 1, dismissesStale: true, lastPushApproved: true, codeOwners: true },
  checks: { strict: true, required: [{ name: 'pointsman / ready', appId: APP_ID }] },
  refusesForcePush: true,
  refusesDeletion: true,
  refusesPush: false,
  bypass: [],
};

export const growsGuard: BranchGuard = {
  name: 'ruleset "ledger grows"',
  refusesForcePush: true,
  refusesDeletion: true,
  refusesPush: false,
  bypass: [],
};

export const oursGuard: BranchGuard = {
  name: 'ruleset "ledger is ours"',
  refusesForcePush: false,
  refusesDeletion: false,
  refusesPush: true,
  bypass: [{ who: `the App ${APP_ID}`, appId: APP_ID }],
};

/** The first line of a workflow that runs Pointsman on a schedule, with its action pinned. */
export const WORKFLOW = `on:
  schedule:
    - cron: '7 * * * *'
jobs:
  reconcile:
    steps:
      - uses: example/pointsman@${'a'.repeat(40)} # v1
`;

/** A repository in which nothing can be found fault with. */
export function wellKept(changes: Partial<Observations> = {}): Observations {
  return {
    fleetBranch: 'main',
    ledgerBranch: 'pointsman/ledger',
    repository: seen({ name: 'acme/fleet', visibility: 'private', defaultBranch: 'main' }),
    fleetGuards: seen({ guards: [fleetGuard] }),
    ledgerGuards: seen({ guards: [growsGuard, oursGuard] }),
    writingKeys: seen([]),
    token: seen({
      kind: 'installation',
      login: 'pointsman[bot]',
      app: {
        id: APP_ID,
        permissions: {
          actions: 'read',
          checks: 'write',
          contents: 'write',
          deployments: 'write',
          issues: 'write',
          members: 'read',
          metadata: 'read',
          pull_requests: 'write',
        },
      },
      forgeTime: NOW,
      ourTime: NOW + 400,
    }),
    actions: seen({ enabled: true, jobsMayWrite: false, jobsMayApprove: false, anyAction: false, onlyPinned: true }),
    forks: seen({ run: false, getSecrets: false, getWriteTokens: false }),
    environments: seen([{ name: 'pointsman', branches: ['main'], secrets: ['POINTSMAN_APP_PRIVATE_KEY'] }]),
    openSecrets: seen(['UNRELATED']),
    workflows: seen([{ file: '.github/workflows/pointsman.yml', text: WORKFLOW }]),
    codeOwners: seen('* @acme/netops\n'),
    codeOwnersErrors: seen([]),
    scheduledRunAt: seen(NOW - 3_600_000),
    now: NOW,
    fleet: seen({
      problems: 0,
      rules: [{ rule: 'everyone', approvals: 1, people: seen(['ada', 'bea']) }],
      missingSecrets: [],
      fingerprintKeyLength: 64,
    }),
    push: seen({}),
    switches: seen([{ device: 'leaf01', found: { kind: 'answers' } }]),
    ...changes,
  };
}
