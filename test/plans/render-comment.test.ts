import { describe, expect, it } from 'vitest';
import type { ApprovalView, CommentContext, RunView } from '../../plans/comment-context.ts';
import type { InvalidFleet, Plan } from '../../plans/plan.ts';
import { renderCheckSummary } from '../../plans/render-check-summary.ts';
import { renderComment, STICKY_MARKER } from '../../plans/render-comment.ts';
import { renderPlanMarkdown } from '../../plans/render-plan-markdown.ts';
import { renderPlanText } from '../../plans/render-plan-text.ts';
import type { ErrorDocument } from '../../schemas/errors.ts';
import { aBlocked, aChanging, anUnchanged, aPlan, planned, set, unset } from './build.ts';

const steps = [
  'Reads the fleet at the merged commit and renders the intended configuration of every switch it changes.',
  'Asks every switch what it runs now; goes on only where the changes are still exactly the approved ones.',
  'Stages the configuration, makes it live under a revert timer, checks it from a fresh connection, then confirms and saves.',
  'Reads the running configuration back and keeps it on the ledger.',
];
const waiting: ApprovalView = {
  kind: 'waiting',
  summary: 'waiting for 1 approval',
  lines: ['- network: needs 1 approval from `@acme/noc`, has 0'],
  expiresAfterHours: 24,
};
const context: CommentContext = {
  pullRequest: 412,
  approval: waiting,
  steps,
  fullPlanUrl: 'https://github.com/acme/fleet/blob/pointsman/ledger/plans/pr-412/05a6.md',
};

const names = (prefix: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${prefix}-${String(from + index).padStart(2, '0')}`);

const vlan = [
  planned(set('bridge domain br_default vlan 120', {}), { origin: 'desired-state/roles/leaf.yaml:12' }),
  planned(set('interface swp12 bridge domain br_default vlan 120', {}), { origin: 'desired-state/roles/leaf.yaml:31' }),
  planned(set('interface swp12 description', 'rack 4, "core" link'), { origin: 'desired-state/roles/leaf.yaml:32' }),
];
const asn = [
  planned(set('router bgp autonomous-system', 65102, 65101), {
    origin: 'desired-state/devices/ams1/spine-01.yaml:9',
    marks: [{ kind: 'disruptive', reason: 'the BGP ASN changes: FRR restarts' }],
  }),
  planned(set('service ntp default server 192.0.2.5', {}), { origin: 'desired-state/roles/spine.yaml:4' }),
  planned(unset('service ntp default server 192.0.2.4', {})),
];
const management = [
  planned(set('interface eth0 ip address 192.0.2.9/24', {}), { origin: 'desired-state/devices/ams1/oob-01.yaml:14' }),
  planned(unset('interface eth0 ip address 192.0.2.8/24', {}), {
    marks: [{ kind: 'management', reason: 'an address of eth0 goes away' }],
  }),
  planned(set('system aaa user ana password', '«secret:3f9a3f9a3f9a3f9a»', '«secret:0011001100110011»'), {
    origin: 'desired-state/sites/ams1.yaml:22',
  }),
];

const fleetPlan = aPlan({
  devices: [
    ...names('leaf', 1, 18).map((name) => aChanging(name, { changes: vlan })),
    aChanging('spine-01', { role: 'spine', changes: asn, notes: ['runs 5.11.0, its image says 5.11.1'] }),
    aChanging('oob-01', { role: 'oob', changes: management }),
    ...names('leaf', 19, 30).map(anUnchanged),
    aBlocked('leaf-44'),
  ],
  removed: ['leaf-99'],
  elsewhere: 84,
});

const failure = (code: string, message: string, next: string): ErrorDocument => ({
  code,
  disposition: 'needs-human',
  message,
  next,
  details: {},
});
const smallPlan = aPlan({ devices: names('leaf', 1, 6).map((name) => aChanging(name, { changes: vlan })) });
const run = (extra: Partial<RunView>): RunView => ({
  name: 'configurationdeploy-pr-412-77e0f12a3b4c',
  status: 'RUNNING',
  startedAt: Date.UTC(2026, 10, 20, 11, 2),
  stages: [],
  devices: names('leaf', 1, 6).map((device) => ({ site: 'ams1', device })),
  ...extra,
});
const granted: ApprovalView = {
  kind: 'granted',
  summary: 'approved by ana',
  lines: ['- `ana` approves: counts for network'],
  expiresAfterHours: 24,
};

const outcomes = (failed: boolean): RunView['devices'] =>
  names('leaf', 1, 6).map((device, index) => {
    const outcome = ((): RunView['devices'][number]['outcome'] => {
      if (failed && index === 2)
        return {
          kind: 'reverted',
          error: failure(
            'WORKFLOWS_MANAGEMENT_LOST',
            'leaf-03 did not answer for 295 s after the change',
            'Fix what cut management off in a new pull request.',
          ),
        };
      if (failed && index === 3)
        return {
          kind: 'unknown',
          error: failure(
            'WORKFLOWS_STATE_UNKNOWN',
            'what leaf-04 runs could not be established: it did not answer',
            'Look at the switch on its console, then plan again.',
          ),
        };
      if (failed && index === 4)
        return {
          kind: 'untouched',
          error: failure(
            'WORKFLOWS_DIFF_CHANGED',
            'leaf-05 would change otherwise than approved',
            'Approve the new plan.',
          ),
        };
      return { kind: 'applied' };
    })();
    return {
      site: 'ams1',
      device,
      ...(outcome ? { outcome } : {}),
      ...(outcome?.kind === 'applied' ? { backup: 'backups/ams1/leaf.yaml' } : {}),
    };
  });

const invalid: InvalidFleet = {
  source: { head: 'a1b2c3d4e5f6', base: '77e0f12a3b4c', tree: '0f1e2d3c4b5a', pullRequest: 412 },
  problems: [
    {
      file: 'desired-state/devices/ams1/leaf-01.yaml',
      line: 3,
      column: 1,
      code: 'SCHEMAS_UNKNOWN_FIELD',
      message: 'unknown field "rol"',
      hint: 'did you mean "role"?',
      excerpt: 'rol: leaf',
    },
    {
      file: 'desired-state/roles/spine.yaml',
      code: 'DESIRED_STATE_ROLE_MISSING',
      message: 'role "spine" is named by spine-01 and does not exist',
    },
  ],
};

describe('renderComment(), as reviewers read it', () => {
  it.each<{ file: string; subject: Plan | InvalidFleet; context: CommentContext }>([
    { file: 'plan-waiting', subject: fleetPlan, context },
    { file: 'plan-approved', subject: smallPlan, context: { ...context, approval: granted } },
    {
      file: 'plan-void',
      subject: smallPlan,
      context: {
        ...context,
        replaces: { digest: `p1:${'9'.repeat(64)}`, why: 'leaf-03 would change otherwise than the plan says' },
        approval: {
          kind: 'void',
          summary: 'the approval does not hold any more',
          lines: ['- `ana` approves: does not count as an approval, it was given before this plan was published'],
          expiresAfterHours: 24,
        },
      },
    },
    {
      file: 'plan-rejected',
      subject: smallPlan,
      context: {
        ...context,
        approval: {
          kind: 'rejected',
          summary: 'rejected by bo',
          lines: ['- `bo` asks for changes'],
          expiresAfterHours: 24,
        },
      },
    },
    {
      file: 'plan-nothing',
      subject: aPlan({ devices: [anUnchanged('leaf-01')], elsewhere: 99 }),
      context: { pullRequest: 412 },
    },
    { file: 'plan-blocked', subject: aPlan({ devices: [aBlocked('leaf-44')] }), context: { pullRequest: 412 } },
    { file: 'fleet-invalid', subject: invalid, context: { pullRequest: 412 } },
    {
      file: 'run-in-progress',
      subject: smallPlan,
      context: {
        ...context,
        approval: granted,
        run: run({
          devices: run({}).devices.map((device, index) =>
            index < 2 ? { ...device, outcome: { kind: 'applied' } } : device,
          ),
          lease: { stage: 'apply_configuration', devices: ['ams1/leaf-03', 'ams1/leaf-04'] },
        }),
      },
    },
    {
      file: 'run-applied',
      subject: smallPlan,
      context: {
        ...context,
        approval: granted,
        run: run({ status: 'COMPLETED', endedAt: Date.UTC(2026, 10, 20, 11, 6), devices: outcomes(false) }),
        links: [
          {
            label: 'record of the run',
            url: 'https://github.com/acme/fleet/blob/pointsman/ledger/runs/2026/11/x/README.md',
          },
        ],
      },
    },
    {
      file: 'run-failed',
      subject: smallPlan,
      context: {
        ...context,
        approval: granted,
        run: run({
          status: 'FAILED',
          why: '3 of 6 devices were not changed',
          endedAt: Date.UTC(2026, 10, 20, 11, 9),
          devices: outcomes(true),
        }),
      },
    },
  ])('$file', async ({ file, subject, context: shown }) => {
    await expect(renderComment(subject, shown)).toMatchFileSnapshot(`./golden/${file}.md`);
  });

  it('says the same for the same facts, so that nothing is edited without news', () => {
    expect(renderComment(fleetPlan, context)).toBe(renderComment(structuredClone(fleetPlan), structuredClone(context)));
  });

  it('carries its marker in the first line and the digest in full once more', () => {
    const [first, ...rest] = renderComment(fleetPlan, context).split('\n');

    expect(first).toBe(`<!-- ${STICKY_MARKER} v1 pr=412 digest=${fleetPlan.digest} -->`);
    expect(rest.join('\n')).toContain(fleetPlan.digest);
  });
});

it('renderPlanMarkdown() shows the whole plan and the evidence', async () => {
  await expect(renderPlanMarkdown(fleetPlan)).toMatchFileSnapshot('./golden/ledger-page.md');
});

it('renderCheckSummary() shows the table and what is blocked, without diffs', async () => {
  await expect(renderCheckSummary(fleetPlan)).toMatchFileSnapshot('./golden/check-summary.md');
});

it('renderPlanText() shows the plan in a terminal', async () => {
  await expect(renderPlanText(fleetPlan, { color: false })).toMatchFileSnapshot('./golden/terminal.txt');
});

it('renderPlanText() says with colours nothing that it does not say in words', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  const plain = renderPlanText(fleetPlan, { color: true }).replace(/\u001b\[\d+m/g, '');

  expect(plain).toBe(renderPlanText(fleetPlan, { color: false }));
});

it('renderComment() names a blocked device once, also where its reason begins with the name', () => {
  const blocked = aBlocked('leaf-44', { message: 'leaf-44: eth0 would lose its address' });

  const comment = renderComment(aPlan({ devices: [blocked] }), { pullRequest: 412 });

  expect(comment).toContain('- `leaf-44`: eth0 would lose its address');
});
