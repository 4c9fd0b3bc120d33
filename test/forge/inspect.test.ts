import { describe, expect, it } from 'vitest';
import { createGithubInspector } from '../../forge/inspect-repository.ts';
import { fixedToken } from '../../forge/token-source.ts';
import { type Protection, wellProtected } from '../../sandbox/github/protection.ts';
import { type Harness, startHarness } from './harness.ts';

const ROOT = { login: 'root', role: 'admin' } as const;

function inspectorOf({ github, clock, log }: Harness, login = ROOT.login as string) {
  const token = github.tokenFor(login);
  return createGithubInspector({
    repository: 'acme/fleet',
    api: github.apiUrl,
    signIn: { kind: 'token', token },
    tokens: fixedToken(token),
    log,
    clock,
  });
}

async function protectedBy(protection: Partial<Protection>, largestPage = 100) {
  const harness = await startHarness({ users: [ROOT], largestPage });
  harness.github.configure(protection);
  return harness;
}

describe('the guards of a branch', () => {
  it('are its rulesets, each with what it asks and who may do without, over as many pages as there are', async () => {
    const harness = await protectedBy(wellProtected(77), 1);

    const { guards, unread } = await inspectorOf(harness).guards('main', harness.signal);

    expect(unread).toBeUndefined();
    expect(guards).toEqual([
      {
        name: 'ruleset "fleet"',
        pullRequest: { approvals: 1, dismissesStale: true, lastPushApproved: true, codeOwners: true },
        checks: { strict: true, required: [{ name: 'pointsman / ready', appId: 77 }] },
        refusesForcePush: true,
        refusesDeletion: true,
        refusesPush: false,
        bypass: [],
      },
    ]);
  });

  it('are found for a branch with a slash in its name', async () => {
    const harness = await protectedBy(wellProtected(77));

    const { guards } = await inspectorOf(harness).guards('pointsman/ledger', harness.signal);

    expect(guards.map(({ name, refusesPush, bypass }) => ({ name, refusesPush, bypass }))).toEqual([
      { name: 'ruleset "ledger grows"', refusesPush: false, bypass: [] },
      { name: 'ruleset "ledger is Pointsman’s"', refusesPush: true, bypass: [{ who: 'the App 77', appId: 77 }] },
    ]);
  });

  it('are classic protection too, which administrators may bypass unless it says otherwise', async () => {
    const classic = { main: { approvals: 2, enforceAdmins: false, allowForcePushes: true, allowDeletions: false } };
    const harness = await protectedBy({ classic });

    const { guards } = await inspectorOf(harness).guards('main', harness.signal);

    expect(guards).toMatchObject([
      {
        name: 'branch protection',
        pullRequest: { approvals: 2 },
        refusesForcePush: false,
        refusesDeletion: true,
        bypass: [{ who: 'administrators of the repository' }],
      },
    ]);
  });

  it('say that there may be more where our token may not see classic protection, nor who may bypass', async () => {
    const harness = await protectedBy(wellProtected(77));

    const { guards, unread } = await inspectorOf(harness, 'ana').guards('main', harness.signal);

    expect(unread).toContain('classic branch protection could not be read');
    expect(guards[0]).not.toHaveProperty('bypass');
  });

  it('are an error when a page of them does not arrive, never fewer guards', async () => {
    const harness = await protectedBy(wellProtected(77), 1);
    harness.github.inject({ path: /rules\/branches\/.*page=2/ }, { kind: 'status', status: 404 });

    await expect(inspectorOf(harness).guards('main', harness.signal)).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });
});

describe('the token', () => {
  it('is told by its prefix and by what GitHub says of it', async () => {
    const harness = await protectedBy({ scopes: ['repo', 'admin:org'] });

    expect(await inspectorOf(harness).token(harness.signal)).toMatchObject({
      kind: 'classic',
      login: 'root',
      scopes: ['repo', 'admin:org'],
      person: { administrator: true },
    });
    expect(await inspectorOf(harness, 'pointsman[bot]').token(harness.signal)).toMatchObject({
      kind: 'installation',
      login: 'pointsman[bot]',
      app: { permissions: { contents: 'write' } },
    });
  });

  it('comes with the time of the forge, to the second', async () => {
    const harness = await protectedBy({});

    const { forgeTime, ourTime } = await inspectorOf(harness).token(harness.signal);

    expect(Math.abs(forgeTime - ourTime)).toBeLessThan(1_000);
  });
});

describe('the settings of Actions', () => {
  it('do not ask about forks of a public repository, and are an error where they may not be read', async () => {
    const harness = await protectedBy({ visibility: 'public' });

    expect(await inspectorOf(harness).forks(harness.signal)).toBeUndefined();
    await expect(inspectorOf(harness, 'ana').forks(harness.signal)).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });
});
