import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../doctor/all-checks.ts';
import { judge } from '../../doctor/judge.ts';
import type { Observations } from '../../doctor/observations.ts';
import type { BranchGuard } from '../../forge/inspector.ts';
import { APP_ID, fleetGuard, growsGuard, oursGuard, seen, WORKFLOW, wellKept } from './build.ts';

const codesOf = (changes: Partial<Observations>): readonly string[] =>
  judge(wellKept(changes)).findings.map(({ code, kind }) => (kind === 'gap' ? code : `${code}?`));

const token = (changes: object) => {
  const { token: base } = wellKept();
  if (base.kind === 'unknown') throw new TypeError('the builder has a token');
  return seen({ ...base.value, ...changes });
};
const fleet = (changes: object) => {
  const { fleet: base } = wellKept();
  if (base?.kind !== 'seen') throw new TypeError('the builder has a fleet');
  return seen({ ...base.value, ...changes });
};
const actions = (changes: object) =>
  seen({ enabled: true, jobsMayWrite: false, jobsMayApprove: false, anyAction: false, onlyPinned: true, ...changes });
const guarded = (changes: Partial<BranchGuard>) => seen({ guards: [{ ...fleetGuard, ...changes }] });
const pulls = (changes: object) => {
  const { pullRequest: asked } = fleetGuard;
  return guarded(asked ? { pullRequest: { ...asked, ...changes } } : {});
};
const { pullRequest: _pullRequest, ...withoutPullRequest } = fleetGuard;
const { checks: _checks, ...withoutChecks } = fleetGuard;
const { bypass: _bypass, ...withoutBypass } = fleetGuard;
const needed = { checks: 'write', contents: 'write', deployments: 'write', issues: 'write', metadata: 'read' };
const enough = { ...needed, actions: 'read', members: 'read', pull_requests: 'write' };

describe('the judgement', () => {
  it('finds no fault with a repository that is kept well', () => {
    expect(judge(wellKept()).findings).toEqual([]);
  });

  it.each<readonly [string, Partial<Observations>, readonly string[]]>([
    [
      'a public repository',
      { repository: seen({ name: 'a/b', visibility: 'public', defaultBranch: 'main' }) },
      ['DOCTOR_REPOSITORY_PUBLIC'],
    ],
    [
      'another default branch',
      { repository: seen({ name: 'a/b', visibility: 'private', defaultBranch: 'dev' }) },
      ['DOCTOR_DEFAULT_BRANCH_OTHER'],
    ],
    ['no approvals asked for', { fleetGuards: pulls({ approvals: 0 }) }, ['DOCTOR_APPROVAL_NOT_REQUIRED']],
    ['approvals kept after a push', { fleetGuards: pulls({ dismissesStale: false }) }, ['DOCTOR_STALE_APPROVALS_KEPT']],
    ['a last push nobody saw', { fleetGuards: pulls({ lastPushApproved: false }) }, ['DOCTOR_LAST_PUSH_UNREVIEWED']],
    ['code owners not asked', { fleetGuards: pulls({ codeOwners: false }) }, ['DOCTOR_CODE_OWNERS_NOT_REQUIRED']],
    ['force pushes', { fleetGuards: guarded({ refusesForcePush: false }) }, ['DOCTOR_FORCE_PUSH_ALLOWED']],
    ['deletion', { fleetGuards: guarded({ refusesDeletion: false }) }, ['DOCTOR_DELETION_ALLOWED']],
    ['no required check', { fleetGuards: seen({ guards: [withoutChecks] }) }, ['DOCTOR_READY_NOT_REQUIRED']],
    [
      'a check from anybody',
      { fleetGuards: guarded({ checks: { strict: true, required: [{ name: 'pointsman / ready' }] } }) },
      ['DOCTOR_READY_FROM_ANYBODY'],
    ],
    [
      'a check from another App',
      { fleetGuards: guarded({ checks: { strict: true, required: [{ name: 'pointsman / ready', appId: 1 }] } }) },
      ['DOCTOR_READY_FROM_ANYBODY'],
    ],
    [
      'a check that need not be up to date',
      { fleetGuards: guarded({ checks: { strict: false, required: [{ name: 'pointsman / ready', appId: APP_ID }] } }) },
      ['DOCTOR_READY_NOT_STRICT'],
    ],
    ['a bypass for a team', { fleetGuards: guarded({ bypass: [{ who: 'the team 7' }] }) }, ['DOCTOR_FLEET_BYPASS']],
    [
      'a ledger that can be rewritten',
      { ledgerGuards: seen({ guards: [{ ...growsGuard, refusesForcePush: false }, oursGuard] }) },
      ['DOCTOR_LEDGER_FORCE_PUSH_ALLOWED'],
    ],
    [
      'a ledger that can be deleted',
      { ledgerGuards: seen({ guards: [{ ...growsGuard, refusesDeletion: false }, oursGuard] }) },
      ['DOCTOR_LEDGER_DELETION_ALLOWED'],
    ],
    ['a ledger open to all', { ledgerGuards: seen({ guards: [growsGuard] }) }, ['DOCTOR_LEDGER_WRITABLE']],
    [
      'a ledger another App may push to',
      { ledgerGuards: seen({ guards: [growsGuard, { ...oursGuard, bypass: [{ who: 'the App 9', appId: 9 }] }] }) },
      ['DOCTOR_LEDGER_BYPASS'],
    ],
    ['a deploy key that writes', { writingKeys: seen(['laptop']) }, ['DOCTOR_DEPLOY_KEY_WRITES']],
    [
      'a classic token',
      {
        token: token({
          kind: 'classic',
          login: 'ada',
          app: undefined,
          person: { id: 5, administrator: false },
          scopes: ['repo'],
        }),
      },
      ['DOCTOR_LEDGER_BYPASS', 'DOCTOR_TOKEN_CLASSIC'],
    ],
    [
      'the token of a job',
      { token: token({ login: 'github-actions[bot]', app: { id: APP_ID, permissions: enough } }) },
      ['DOCTOR_TOKEN_SHARED'],
    ],
    [
      'a token that may change workflows',
      { token: token({ app: { id: APP_ID, permissions: { ...enough, workflows: 'write' } } }) },
      ['DOCTOR_TOKEN_TOO_POWERFUL'],
    ],
    [
      'a token of an administrator',
      { token: token({ person: { id: 5, administrator: true } }) },
      ['DOCTOR_TOKEN_TOO_POWERFUL'],
    ],
    [
      'a token that lacks something',
      { token: token({ app: { id: APP_ID, permissions: needed } }) },
      ['DOCTOR_TOKEN_TOO_WEAK'],
    ],
    ['jobs that approve', { actions: actions({ jobsMayApprove: true }) }, ['DOCTOR_ACTIONS_MAY_APPROVE']],
    ['jobs that write', { actions: actions({ jobsMayWrite: true }) }, ['DOCTOR_ACTIONS_WRITE_BY_DEFAULT']],
    [
      'any action, by any name',
      { actions: actions({ anyAction: true, onlyPinned: false }) },
      ['DOCTOR_ACTIONS_UNRESTRICTED'],
    ],
    [
      'a workflow with an action by its tag',
      { workflows: seen([{ file: 'x.yml', text: `${WORKFLOW}      - uses: actions/checkout@v4\n` }]) },
      ['DOCTOR_ACTIONS_UNPINNED'],
    ],
    [
      'forks that get secrets',
      { forks: seen({ run: true, getSecrets: true, getWriteTokens: false }) },
      ['DOCTOR_FORK_WORKFLOWS'],
    ],
    ['secrets for every branch', { openSecrets: seen(['POINTSMAN_X']) }, ['DOCTOR_SECRETS_FOR_EVERY_BRANCH']],
    [
      'an environment for every branch',
      { environments: seen([{ name: 'pointsman', branches: 'any', secrets: [] }]) },
      ['DOCTOR_ENVIRONMENT_OPEN'],
    ],
    ['an environment that is not there', { environments: seen([]) }, ['DOCTOR_ENVIRONMENT_OPEN']],
    ['no CODEOWNERS', { codeOwners: seen(undefined) }, ['DOCTOR_CODE_OWNERS_MISSING']],
    ['rules without an owner', { codeOwners: seen('/.github/ @ada\n') }, ['DOCTOR_CODE_OWNERS_MISSING']],
    [
      'drift that is taken back by a file without an owner',
      { fleet: fleet({ enforcing: true }), codeOwners: seen('* @ada\n/automation.yaml\n') },
      ['DOCTOR_AUTOMATION_UNOWNED'],
    ],
    ['an unreadable CODEOWNERS', { codeOwnersErrors: seen(['line 1: Unknown owner']) }, ['DOCTOR_CODE_OWNERS_BROKEN']],
    ['no rules', { fleet: fleet({ rules: [] }) }, ['DOCTOR_NO_APPROVAL_RULES']],
    [
      'as many people as approvals',
      { fleet: fleet({ rules: [{ rule: 'a', approvals: 1, people: seen(['ada']) }] }) },
      ['DOCTOR_APPROVERS_TOO_FEW'],
    ],
    ['a clock ahead', { token: token({ forgeTime: 0, ourTime: 60_001 }) }, ['DOCTOR_CLOCK_SKEWED']],
    ['a clock behind', { token: token({ forgeTime: 60_001, ourTime: 0 }) }, ['DOCTOR_CLOCK_SKEWED']],
    ['a schedule that never fired', { scheduledRunAt: seen(undefined) }, ['DOCTOR_SCHEDULE_SILENT']],
    ['a schedule that is silent', { scheduledRunAt: seen(0) }, ['DOCTOR_SCHEDULE_SILENT']],
    ['a token that Git refuses', { push: seen({ refused: 'denied to rob' }) }, ['DOCTOR_TOKEN_TOO_WEAK']],
    [
      'a workflow that calls no release',
      {
        workflows: seen([
          { file: 'x.yml', text: WORKFLOW.replace('a'.repeat(40), '0'.repeat(40)) },
          { file: 'y.yml', text: WORKFLOW },
        ]),
      },
      ['DOCTOR_ACTIONS_WITHOUT_RELEASE'],
    ],
    ['an invalid fleet', { fleet: fleet({ problems: 3 }) }, ['DOCTOR_FLEET_INVALID']],
    ['a secret without a value', { fleet: fleet({ missingSecrets: ['x'] }) }, ['DOCTOR_SECRET_MISSING']],
    ['a short key', { fleet: fleet({ fingerprintKeyLength: 31 }) }, ['DOCTOR_FINGERPRINT_KEY_SHORT']],
    [
      'another switch',
      { switches: seen([{ device: 'leaf01', found: { kind: 'other-serial', expected: 'A', serial: 'B' } }]) },
      ['DOCTOR_SWITCH_IMPOSTOR'],
    ],
    [
      'a switch that does not answer',
      { switches: seen([{ device: 'leaf01', found: { kind: 'failed', code: 'DRIVER_UNREACHABLE', message: 'no' } }]) },
      ['DOCTOR_SWITCH_UNREACHABLE'],
    ],
  ])('names %s, and nothing else', (_what, changes, codes) => {
    expect(codesOf(changes)).toEqual(codes);
  });

  it('names a branch without any guard by everything that is then open', () => {
    expect(codesOf({ fleetGuards: seen({ guards: [] }) })).toEqual([
      'DOCTOR_PULL_REQUEST_NOT_REQUIRED',
      'DOCTOR_APPROVAL_NOT_REQUIRED',
      'DOCTOR_STALE_APPROVALS_KEPT',
      'DOCTOR_LAST_PUSH_UNREVIEWED',
      'DOCTOR_FORCE_PUSH_ALLOWED',
      'DOCTOR_DELETION_ALLOWED',
      'DOCTOR_CODE_OWNERS_NOT_REQUIRED',
      'DOCTOR_READY_NOT_REQUIRED',
    ]);
  });

  it('takes what one guard asks of everybody as safe, whoever may bypass another that asks the same', () => {
    const classic = { ...fleetGuard, name: 'branch protection', bypass: [{ who: 'administrators' }] };

    expect(codesOf({ fleetGuards: seen({ guards: [classic, fleetGuard] }) })).toEqual([]);
    expect(codesOf({ fleetGuards: seen({ guards: [classic, { ...withoutPullRequest }] }) })).toEqual([
      'DOCTOR_FLEET_BYPASS',
    ]);
  });

  it('takes a push that could not be tried for unknown, and not for refused', () => {
    expect(codesOf({ push: { kind: 'unknown', why: 'no answer' } })).toEqual(['DOCTOR_TOKEN_TOO_WEAK?']);
  });

  it('says of a repository without a fleet that there is none', () => {
    const { fleet: _fleet, ...withoutFleet } = wellKept();

    expect(judge(withoutFleet).findings.map(({ code }) => code)).toEqual(['DOCTOR_FLEET_ABSENT']);
  });

  it('does not take a bypass it may not see for none', () => {
    expect(codesOf({ fleetGuards: seen({ guards: [withoutBypass] }) })).toEqual(['DOCTOR_FLEET_BYPASS?']);
  });

  it('does not take an App for a stranger, nor for us, while it is not known which App we are', () => {
    expect(codesOf({ token: token({ app: undefined }) })).toEqual(['DOCTOR_LEDGER_BYPASS?', 'DOCTOR_TOKEN_TOO_WEAK?']);
  });

  it('does not call missing what may be asked for where it may not look', () => {
    const found = judge(wellKept({ fleetGuards: seen({ guards: [], unread: 'not for you' }) })).findings;

    expect(found.length).toBeGreaterThan(5);
    expect(found.every(({ kind }) => kind === 'unknown')).toBe(true);
  });

  it('does not count a rule as satisfiable whose team it could not read', () => {
    const rules = [{ rule: 'a', approvals: 1, people: { kind: 'unknown', why: 'no' } }];

    expect(codesOf({ fleet: fleet({ rules }) })).toEqual(['DOCTOR_APPROVERS_TOO_FEW?']);
  });

  it('puts dangers before weak places', () => {
    const { findings } = judge(
      wellKept({
        openSecrets: seen(['POINTSMAN_X']),
        repository: seen({ name: 'a/b', visibility: 'public', defaultBranch: 'dev' }),
      }),
    );

    expect(findings.map(({ severity }) => severity)).toEqual(['danger', 'danger', 'weak']);
  });

  it('says of whatever it could not look at that it is not established', () => {
    const keys = Object.entries(wellKept()).flatMap(([key, value]) =>
      typeof value === 'object' && 'kind' in value ? [key] : [],
    );
    fc.assert(
      fc.property(fc.subarray(keys, { minLength: 1 }), (hidden) => {
        const unknown = Object.fromEntries(hidden.map((key) => [key, { kind: 'unknown', why: `not ${key}` }]));
        const { findings } = judge(wellKept(unknown));
        const whys = findings.map((finding) => (finding.kind === 'unknown' ? finding.why : ''));
        // Scheduled runs only matter where there is a schedule, and that may be hidden itself.
        const expected = hidden.filter((key) => key !== 'scheduledRunAt' || !hidden.includes('workflows'));
        for (const key of expected) expect(whys.join('\n') + findings.map(linesOf).join('\n')).toContain(`not ${key}`);
      }),
    );
  });

  it('has a code of its own for every check', () => {
    const codes = Object.values(CHECKS)
      .flat()
      .map(({ code }) => code);

    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => !/^DOCTOR_[A-Z_]+$/.test(code))).toEqual([]);
  });
});

function linesOf(finding: ReturnType<typeof judge>['findings'][number]): string {
  return finding.kind === 'gap' ? finding.found.join('\n') : '';
}
