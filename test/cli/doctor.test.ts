import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Io } from '../../cli/io.ts';
import type { Diagnosis } from '../../doctor/judge.ts';
import { readDemoFabric } from '../../sandbox/demo-fabric.ts';
import { BADLY_PROTECTED, type Protection, wellProtected } from '../../sandbox/github/protection.ts';
import { type EmulatedGithub, startGithub } from '../../sandbox/github/start-github.ts';
import { pointsman, type Ran, scratchFolder } from './run.ts';

const APP = 'pointsman[bot]';
const PINNED = `example/pointsman@${'a'.repeat(40)}`;
const WORKFLOW = `name: pointsman\non: [push]\njobs:\n  pass:\n    steps:\n      - uses: ${PINNED}\n`;
const OWNERS = '* @acme/netops\n';

interface Clinic {
  readonly github: EmulatedGithub;
  /** Of the App that Pointsman signs in as. */
  readonly appId: number;
  /** `pointsman doctor` as the App, with the eyes of an administrator unless `alone`. */
  examine(args?: readonly string[], options?: { readonly alone?: boolean } & Partial<Io>): Promise<Ran>;
  /** The same, read. */
  diagnose(options?: { readonly alone?: boolean } & Partial<Io>): Promise<Ran & { readonly diagnosis: Diagnosis }>;
}

/** A repository with the demo fleet, a workflow and CODEOWNERS, and its secrets in the environment. */
async function openClinic(files: Readonly<Record<string, string | null>> = {}): Promise<Clinic> {
  const github = await startGithub({
    clock: { now: () => Date.now() },
    repository: 'acme/fleet',
    users: [
      { login: 'ada', role: 'write' },
      { login: 'bea', role: 'write' },
      { login: 'erin', role: 'admin' },
      { login: 'dora', role: 'maintain' },
      { login: 'fred', role: 'write' },
      { login: APP, role: 'write' },
    ],
    teams: { 'acme/netops': ['ada', 'bea'], 'acme/net-leads': ['dora', 'fred'] },
  });
  onTestFinished(() => github.close());
  const fabric = readDemoFabric();
  await github.as('erin').push(
    'main',
    {
      ...Object.fromEntries(fabric.files),
      '.github/workflows/pointsman.yml': WORKFLOW,
      '.github/CODEOWNERS': OWNERS,
      ...files,
    },
    'Describe the fleet',
  );
  const secrets = Object.fromEntries(
    [...fabric.secrets].map(([name, value]) => [
      `POINTSMAN_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`,
      value,
    ]),
  );
  const cache = scratchFolder();
  const examine: Clinic['examine'] = (args = [], { alone = false, environment, ...io } = {}) =>
    pointsman(['doctor', '--remote', github.remoteUrl, '--cache', cache, ...args], {
      environment: {
        ...secrets,
        POINTSMAN_GITHUB_TOKEN: github.tokenFor(APP),
        ...(alone ? {} : { POINTSMAN_ADMIN_TOKEN: github.tokenFor('erin') }),
        ...environment,
      },
      ...io,
    });
  return {
    github,
    appId: await readAppId(github),
    examine,
    async diagnose(options) {
      const ran = await examine(['--json'], options);
      return { ...ran, diagnosis: JSON.parse(ran.out) as Diagnosis };
    },
  };
}

/** By its page, as everybody may see it. */
async function readAppId(github: EmulatedGithub): Promise<number> {
  const headers = { authorization: `Bearer ${github.tokenFor(APP)}`, 'user-agent': 'a test' };
  const answer = await fetch(`${github.apiUrl}/apps/pointsman`, { headers });
  return ((await answer.json()) as { readonly id: number }).id;
}

describe('pointsman doctor', () => {
  it('finds nothing in a repository that is set up as the documentation advises', async () => {
    const { github, appId, examine } = await openClinic();
    github.configure(wellProtected(appId));

    const ran = await examine();

    expect(ran).toMatchObject({ code: 0, said: '' });
    expect(ran.out).toMatch(/^Nothing to find fault with: \d+ checks\.\n$/);
  });

  it('finds ten things and more in a repository that is set up badly, dangers first, each with how to close it', async () => {
    const { github, examine, diagnose } = await openClinic({ '.github/CODEOWNERS': null });
    github.configure(BADLY_PROTECTED);

    const ran = await examine();
    const { diagnosis, code } = await diagnose();

    expect([ran.code, code]).toEqual([1, 1]);
    expect(diagnosis.findings.length).toBeGreaterThanOrEqual(10);
    expect(diagnosis.findings.filter(({ kind }) => kind === 'unknown')).toEqual([]);
    expect(diagnosis.findings.map(({ code: found }) => found)).toMatchInlineSnapshot(`
      [
        "DOCTOR_REPOSITORY_PUBLIC",
        "DOCTOR_APPROVAL_NOT_REQUIRED",
        "DOCTOR_STALE_APPROVALS_KEPT",
        "DOCTOR_LAST_PUSH_UNREVIEWED",
        "DOCTOR_FORCE_PUSH_ALLOWED",
        "DOCTOR_DELETION_ALLOWED",
        "DOCTOR_FLEET_BYPASS",
        "DOCTOR_LEDGER_FORCE_PUSH_ALLOWED",
        "DOCTOR_LEDGER_DELETION_ALLOWED",
        "DOCTOR_LEDGER_WRITABLE",
        "DOCTOR_ACTIONS_MAY_APPROVE",
        "DOCTOR_SECRETS_FOR_EVERY_BRANCH",
        "DOCTOR_ENVIRONMENT_OPEN",
        "DOCTOR_CODE_OWNERS_NOT_REQUIRED",
        "DOCTOR_READY_NOT_REQUIRED",
        "DOCTOR_DEPLOY_KEY_WRITES",
        "DOCTOR_ACTIONS_WRITE_BY_DEFAULT",
        "DOCTOR_ACTIONS_UNRESTRICTED",
        "DOCTOR_CODE_OWNERS_MISSING",
      ]
    `);
    for (const { code: found, close } of diagnosis.findings) {
      expect(ran.out).toContain(`(${found})`);
      expect(ran.out).toContain(`close: ${close}`);
    }
  });

  it('says what it cannot see with our own token alone, why, and whose token would help', async () => {
    const { github, appId, examine, diagnose } = await openClinic();
    github.configure(wellProtected(appId));

    const ran = await examine([], { alone: true });
    const { diagnosis } = await diagnose({ alone: true });

    expect(ran.code).toBe(3);
    expect(diagnosis.findings.every(({ kind }) => kind === 'unknown')).toBe(true);
    expect(diagnosis.findings.map(({ code }) => code)).toContain('DOCTOR_FLEET_BYPASS');
    expect(ran.out).toContain('Not established');
    expect(ran.out).toContain('POINTSMAN_ADMIN_TOKEN');
  });

  it.each<readonly [string, Partial<Protection>, readonly string[]]>([
    ['a deploy key that may push', { deployKeys: [{ title: 'x', readOnly: false }] }, ['DOCTOR_DEPLOY_KEY_WRITES']],
    [
      'a line GitHub cannot read',
      { codeOwnersErrors: [{ line: 3, kind: 'Unknown owner' }] },
      ['DOCTOR_CODE_OWNERS_BROKEN'],
    ],
  ])('ends with 3 when all it finds is weak: %s', async (_what, protection, codes) => {
    const { github, appId, diagnose } = await openClinic();
    github.configure({ ...wellProtected(appId), ...protection });

    const { code, diagnosis } = await diagnose();

    expect(code).toBe(3);
    expect(diagnosis.findings.map((finding) => finding.code)).toEqual(codes);
  });

  it('names everybody who may do without the rules, and not us', async () => {
    const { github, appId, diagnose } = await openClinic();
    const good = wellProtected(appId);
    const bypass = [
      { actor_id: 5, actor_type: 'RepositoryRole', bypass_mode: 'always' },
      { actor_id: appId, actor_type: 'Integration', bypass_mode: 'always' },
      { actor_id: 77, actor_type: 'Team', bypass_mode: 'pull_request' },
    ] as const;
    github.configure({
      ...good,
      rulesets: good.rulesets.map((ruleset) => (ruleset.name === 'fleet' ? { ...ruleset, bypass } : ruleset)),
    });

    const { diagnosis } = await diagnose();

    expect(diagnosis.findings).toMatchObject([
      {
        code: 'DOCTOR_FLEET_BYPASS',
        found: [
          'everybody with the role admin may bypass ruleset "fleet"',
          'the team 77, on pull requests may bypass ruleset "fleet"',
        ],
      },
    ]);
  });

  it('judges our own token, not the one that was lent for looking', async () => {
    const { github, appId, diagnose } = await openClinic();
    github.configure(wellProtected(appId));

    const { diagnosis } = await diagnose({ environment: { POINTSMAN_GITHUB_TOKEN: github.tokenFor('erin') } });

    const codes = diagnosis.findings.map(({ code }) => code);
    expect(codes).toContain('DOCTOR_TOKEN_CLASSIC');
    expect(codes).toContain('DOCTOR_TOKEN_TOO_POWERFUL');
    expect(codes).toContain('DOCTOR_LEDGER_BYPASS');
  });

  it('knows what our App was given on this repository when we sign in as one', async () => {
    const { github, diagnose } = await openClinic();
    const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs1', format: 'pem' })
      .toString();
    const { appId } = github.apps.install(APP, {
      privateKey,
      permissions: {
        actions: 'read',
        checks: 'write',
        contents: 'write',
        issues: 'write',
        members: 'read',
        metadata: 'read',
        pull_requests: 'write',
        secrets: 'write',
      },
    });
    github.configure(wellProtected(appId));
    const environment = {
      POINTSMAN_GITHUB_TOKEN: '',
      POINTSMAN_APP_ID: String(appId),
      POINTSMAN_APP_PRIVATE_KEY: privateKey,
    };

    const { diagnosis, said } = await diagnose({ environment });

    expect(said).toBe('');
    expect(diagnosis.findings).toMatchObject([
      { code: 'DOCTOR_TOKEN_TOO_POWERFUL', found: ['secrets: write (replaces secrets of workflows)'] },
      {
        code: 'DOCTOR_TOKEN_TOO_WEAK',
        found: ['deployments: write (the page that shows which commit runs at which site)'],
      },
    ]);
  });

  it('notices that our clock is wrong by the forge’s own', async () => {
    const { github, appId, diagnose } = await openClinic();
    github.configure(wellProtected(appId));
    const clock = { now: () => Date.now() + 5 * 60_000, sleep: async () => {} };

    const { diagnosis } = await diagnose({ clock });

    // The forge tells whole seconds, and takes a moment to answer.
    const found = [expect.stringMatching(/^our clock is (?:299|30[0-9]) s ahead$/)];
    expect(diagnosis.findings).toMatchObject([{ code: 'DOCTOR_CLOCK_SKEWED', found }]);
  });

  it('says which secrets have no value, and shows none that have', async () => {
    const { github, appId, examine } = await openClinic();
    github.configure(wellProtected(appId));

    const { out, said } = await examine([], {
      environment: {
        POINTSMAN_SECRET_FLEET_PLAN_PASSWORD: '',
        POINTSMAN_SECRET_FLEET_FINGERPRINT_KEY: 'tooshort-canary',
      },
    });

    expect(out).toContain('fleet/plan-password');
    expect(out).toContain('DOCTOR_FINGERPRINT_KEY_SHORT');
    expect(out + said).not.toContain('tooshort-canary');
    expect(out + said).not.toContain(github.tokenFor('erin'));
  });

  it('goes on when the forge does not answer one question', async () => {
    const { github, appId, diagnose } = await openClinic();
    github.configure(wellProtected(appId));
    github.inject({ path: '/actions/permissions/workflow' }, { kind: 'status', status: 403 }, Number.POSITIVE_INFINITY);

    const { diagnosis } = await diagnose();

    expect(diagnosis.findings.map(({ code, kind }) => `${code} ${kind}`)).toEqual([
      'DOCTOR_ACTIONS_MAY_APPROVE unknown',
      'DOCTOR_ACTIONS_WRITE_BY_DEFAULT unknown',
      'DOCTOR_ACTIONS_UNRESTRICTED unknown',
    ]);
  });

  it('examines the repository also when the fleet in it is not valid', async () => {
    const { github, appId, diagnose } = await openClinic({ 'pointsman.yaml': 'forge: 1\n' });
    github.configure(wellProtected(appId));

    const { code, diagnosis } = await diagnose();

    expect(code).toBe(3);
    expect(diagnosis.findings.map((finding) => finding.code)).toEqual(['DOCTOR_FLEET_INVALID']);
  });

  it('says of a repository without files, or without a commit, how a fleet comes to be', async () => {
    const { github, appId, examine } = await openClinic({
      ...Object.fromEntries([...readDemoFabric().files.keys()].map((path) => [path, null])),
    });
    github.configure(wellProtected(appId));
    const bare = await startGithub({
      clock: { now: () => Date.now() },
      repository: 'acme/fleet',
      users: [{ login: 'erin', role: 'admin' }],
    });
    onTestFinished(() => bare.close());

    const withoutFleet = await examine();
    const empty = await pointsman(['doctor', '--remote', bare.remoteUrl, '--cache', scratchFolder()], {
      environment: { POINTSMAN_GITHUB_TOKEN: bare.tokenFor('erin') },
    });

    expect(withoutFleet.code).toBe(3);
    for (const { out, said } of [withoutFleet, empty]) {
      expect(said).toBe('');
      expect(out).toContain('(DOCTOR_FLEET_ABSENT)');
      expect(out).toContain('pointsman init --pr');
    }
    expect(empty.out).toContain('the remote has no branch main');
    expect(empty.out).not.toContain('Git refuses a push');
    expect(empty.out).not.toContain('POINTSMAN_ADMIN_TOKEN');
  });

  it('says in whose name a push is refused, on one line', async () => {
    const { github, examine } = await openClinic();

    const { out } = await examine([], {
      environment: { POINTSMAN_GITHUB_TOKEN: github.apps.personalToken('ada', { metadata: 'read', contents: 'read' }) },
    });

    expect(out).toMatch(/found: Git refuses a push: .*denied to ada\.?\n/);
  });

  it('says of a proxy that answers in place of GitHub that it does', async () => {
    const { github, examine } = await openClinic();
    const page = { kind: 'text', status: 200, contentType: 'text/html', text: '<html>Sign in' } as const;
    github.inject({ path: '/actions/' }, page, Number.POSITIVE_INFINITY);

    const { out } = await examine([], { clock: { now: () => Date.now(), sleep: async () => {} } });

    expect(out).toContain('a web page came in place of an answer');
    expect(out).toContain('next: The next pass asks again.');
    expect(out).not.toContain('Set POINTSMAN_ADMIN_TOKEN');
  });

  it('changes nothing: not one request that writes is sent', async () => {
    const { github, examine } = await openClinic();
    const before = github.requests().length;

    await examine();

    const sent = github.requests().slice(before);
    expect(sent.length).toBeGreaterThan(15);
    expect(sent.filter(({ mutating }) => mutating)).toEqual([]);
  });
});
