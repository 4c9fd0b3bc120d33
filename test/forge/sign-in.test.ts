import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeAppJwt, readAppKey } from '../../forge/app-jwt.ts';
import { decidePermissions } from '../../forge/app-permissions.ts';
import { createGithubForge } from '../../forge/create-github-forge.ts';
import { createTokenSource } from '../../forge/sign-in.ts';
import { makeKey, privateKey, startAppHarness } from './app.ts';
import { APP } from './harness.ts';

const MINUTE = 60_000;

describe('signed in as an App', () => {
  it('reads, comments and reports checks as the App', async () => {
    const { forge, github, pull, signal } = await startAppHarness();
    const { head } = await forge.pullRequest(pull, signal);

    await forge.writeStickyComment(pull, 'marker', 'marker', signal);
    await forge.reportCheck({ name: 'plan', commit: head.commit, title: 't', summary: 's' }, signal);

    expect(github.comments(pull)).toMatchObject([{ author: APP }]);
    expect(github.checks(head.commit).runs).toMatchObject([{ name: 'plan', app: APP }]);
  });

  it('orders tokens for this repository alone, each for what it is used for', async () => {
    const { tokens, orders, signal } = await startAppHarness();

    for (const purpose of ['read', 'work', 'git'] as const) await tokens.token(purpose, signal);

    expect(orders.map(({ repositories }) => repositories)).toEqual([['fleet'], ['fleet'], ['fleet']]);
    const [read, work, git] = orders.map(({ permissions }) => permissions as Readonly<Record<string, string>>);
    expect(Object.values(read ?? {})).not.toContain('write');
    expect(work).toMatchObject({ pull_requests: 'write', checks: 'write' });
    expect(git).toEqual({ metadata: 'read', contents: 'write' });
  });

  it('looks with a token that may only look', async () => {
    const { forge, github, pull, signal } = await startAppHarness();
    await forge.pullRequest(pull, signal);
    await forge.writeStickyComment(pull, 'marker', 'marker', signal);

    const made = github.requests().filter(({ path }) => path.endsWith('/access_tokens'));

    expect(made).toHaveLength(2);
  });

  it.each(['read', 'work', 'git'] as const)(
    'takes one %s token for all who ask at the same time, and later',
    async (purpose) => {
      const { tokens, orders, signal, clock } = await startAppHarness();

      const some = await Promise.all(Array.from({ length: 20 }, () => tokens.token(purpose, signal)));
      await clock.sleep(54 * MINUTE, signal);
      some.push(await tokens.token(purpose, signal));

      expect(new Set(some).size).toBe(1);
      expect(orders).toHaveLength(1);
    },
  );

  it('takes another token five minutes before one ends', async () => {
    const { tokens, signal, clock } = await startAppHarness();
    const first = await tokens.token('git', signal);

    await clock.sleep(55 * MINUTE, signal);

    expect(await tokens.token('git', signal)).not.toBe(first);
  });

  it('goes on for weeks', async () => {
    const { forge, tokens, pull, signal, clock } = await startAppHarness();

    for (let day = 0; day < 21; day++) {
      await clock.sleep(24 * 60 * MINUTE, signal);
      expect((await forge.pullRequest(pull, signal)).number).toBe(pull);
    }

    // The key and what was good for the last day; not a token for every hour of three weeks.
    expect(tokens.known().length).toBeLessThan(5);
  });

  it('goes on when its token is taken away in the middle', async () => {
    const { forge, github, clock, pull, signal } = await startAppHarness();
    await forge.pullRequest(pull, signal);
    await clock.sleep(2 * MINUTE, signal);
    github.apps.endTokens();

    await forge.writeStickyComment(pull, 'marker', 'marker', signal);

    expect(github.comments(pull)).toHaveLength(1);
  });

  it('waits until a token that was just made is known everywhere', async () => {
    const { forge, github, orders, clock, pull, signal } = await startAppHarness();
    github.inject({ path: '/pulls' }, { kind: 'status', status: 401, message: 'Bad credentials' }, 2);

    expect((await forge.pullRequest(pull, signal)).number).toBe(pull);

    expect(orders).toHaveLength(1);
    expect(clock.slept).toEqual([1000, 2000]);
  });

  it('gives up on a GitHub that takes none of its tokens', async () => {
    const { forge, github, pull, signal } = await startAppHarness();
    github.inject({ path: '/pulls' }, { kind: 'status', status: 401, message: 'Bad credentials' }, 99);

    await expect(forge.pullRequest(pull, signal)).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      details: { status: 401 },
    });
    expect(github.requests().filter(({ path }) => path.includes('/pulls'))).toHaveLength(4);
  });

  it('knows of every token and of its key, so that they can be taken out of texts, and logs neither', async () => {
    const { tokens, log, signal } = await startAppHarness();

    const given = [await tokens.token('read', signal), await tokens.token('git', signal)];

    expect(tokens.known()).toEqual(expect.arrayContaining([...given, privateKey]));
    const body = privateKey.split('\n')[1] ?? '';
    for (const secret of [...given, body]) expect(log.lines.join('\n')).not.toContain(secret);
    expect(log.lines.join('\n')).not.toMatch(/eyJ/);
  });

  it('asks nothing twice when the answer to the order of a token is lost', async () => {
    const { github, tokens, signal } = await startAppHarness();
    github.inject({ path: '/access_tokens' }, { kind: 'drop-after' });

    expect(await tokens.token('git', signal)).toMatch(/^ghs_/);
  });

  it('one who stops waiting does not stop the others', async () => {
    const { tokens, signal } = await startAppHarness();
    const stop = new AbortController();
    const reason = new Error('enough');

    const stopped = tokens.token('read', stop.signal);
    const other = tokens.token('read', signal);
    stop.abort(reason);

    await expect(stopped).rejects.toBe(reason);
    expect(await other).toMatch(/^ghs_/);
  });
});

describe('an App that may not', () => {
  it('is told which permission it lacks, and where it is granted', async () => {
    const { tokens, orders, app, signal } = await startAppHarness({
      metadata: 'read',
      contents: 'write',
      checks: 'read',
    });

    const error = await tokens.token('work', signal).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'FORGE_PERMISSION_MISSING',
      disposition: 'needs-human',
      details: { purpose: 'work', missing: ['pull_requests: write', 'checks: write'] },
    });
    expect((error as { readonly next: string }).next).toMatch(
      new RegExp(`settings of the App.*accept it at http://.*/settings/installations/${app.installationId}`),
    );
    expect(orders).toEqual([]);
  });

  it('goes on as soon as it is granted', async () => {
    const { tokens, github, app, signal } = await startAppHarness({ metadata: 'read' });
    await expect(tokens.token('git', signal)).rejects.toMatchObject({ details: { missing: ['contents: write'] } });

    github.apps.change(app.installationId, { permissions: { metadata: 'read', contents: 'write' } });

    expect(await tokens.token('git', signal)).toMatch(/^ghs_/);
  });

  it('does without what it can do without, and says what is missing when that is needed', async () => {
    const permissions = { metadata: 'read', contents: 'write', pull_requests: 'write', checks: 'write' };
    const { forge, pull, signal } = await startAppHarness(permissions);

    await forge.writeStickyComment(pull, 'marker', 'marker', signal);

    const error = await forge.teamMembers('acme/noc', signal).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'FORGE_REFUSED',
      details: { status: 403, acceptedPermissions: 'members=read' },
    });
    expect((error as { readonly next: string }).next).toContain('settings (Permissions & events)');
  });

  it('is not installed on the repository', async () => {
    const { sourceFor, github, app, signal } = await startAppHarness();
    github.apps.change(app.installationId, { selected: false });
    const details = { appId: String(app.appId), repository: 'acme/fleet', problem: 'not-installed' };

    await expect(sourceFor().token('read', signal)).rejects.toMatchObject({ code: 'FORGE_APP_NOT_INSTALLED', details });
    const named = sourceFor({ installationId: app.installationId });
    await expect(named.token('read', signal)).rejects.toMatchObject({ code: 'FORGE_APP_NOT_INSTALLED', details });
  });

  it('is suspended', async () => {
    const { tokens, github, app, signal } = await startAppHarness();
    github.apps.change(app.installationId, { suspended: true });

    await expect(tokens.token('read', signal)).rejects.toMatchObject({
      code: 'FORGE_APP_NOT_INSTALLED',
      details: { problem: 'suspended' },
    });
  });

  it.each([
    { what: 'the key of another App', signIn: { privateKey: makeKey('pkcs1') } },
    { what: 'the id of an App that is not there', signIn: { appId: '7' } },
  ])('is believed nothing with $what', async ({ signIn }) => {
    const { sourceFor, signal } = await startAppHarness();

    await expect(sourceFor(signIn).token('read', signal)).rejects.toMatchObject({
      code: 'FORGE_SIGN_IN_REFUSED',
      disposition: 'needs-human',
      details: { likely: 'key' },
    });
  });

  it.each([-700, 700])('has a clock that is %i seconds ahead, and is told so', async (seconds) => {
    const { github, app, clock, log, signal, sourceFor } = await startAppHarness();
    const skewed = { now: () => clock.now() + seconds * 1000, sleep: clock.sleep };
    const signIn = { kind: 'app', appId: String(app.appId), privateKey } as const;
    const tokens = createTokenSource({ signIn, api: github.apiUrl, repository: 'acme/fleet', log, clock: skewed });

    await expect(tokens.token('read', signal)).rejects.toMatchObject({
      code: 'FORGE_SIGN_IN_REFUSED',
      details: { likely: 'clock', clockAheadSeconds: seconds },
    });
    expect(await sourceFor().token('read', signal)).toMatch(/^ghs_/);
  });
});

describe('the key of an App', () => {
  it('is taken as GitHub gives it, and as PKCS#8', () => {
    for (const pem of [privateKey, makeKey('pkcs8')]) {
      expect(makeAppJwt('1', readAppKey(pem), 0)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    }
  });

  it.each([
    { what: 'is no key', pem: 'canary', problem: 'it is no private key in PEM form' },
    { what: 'ends early', pem: privateKey.slice(0, 400), problem: 'it is no private key in PEM form' },
    { what: 'is encrypted', pem: makeEncrypted(), problem: 'it is encrypted' },
    { what: 'is of another kind', pem: makeElliptic(), problem: 'it is of kind ec, GitHub Apps have RSA keys' },
  ])('that $what is refused, and is not shown', ({ pem, problem }) => {
    const error = thrownBy(() => readAppKey(pem));

    expect(error).toMatchObject({ code: 'FORGE_KEY_UNUSABLE', details: { problem } });
    expect(JSON.stringify(error)).not.toContain(pem.slice(30, 60) || pem);
    expect((error as Error).cause).toBeUndefined();
  });
});

describe('decidePermissions()', () => {
  it('asks for nothing when something is missing that cannot be done without', () => {
    expect(decidePermissions('git', { contents: 'read', metadata: 'read' }).missing).toEqual(['contents: write']);
  });

  it('takes more for less: write covers read, and is not asked for where read will do', () => {
    const granted = { metadata: 'read', contents: 'write', pull_requests: 'write', checks: 'write', members: 'write' };

    expect(decidePermissions('read', granted)).toEqual({
      wanted: { metadata: 'read', contents: 'read', pull_requests: 'read', checks: 'read', members: 'read' },
      missing: [],
    });
  });

  it.each(['read', 'work', 'git'] as const)(
    'never asks for the right to %s workflows, settings or secrets',
    (purpose) => {
      const all = Object.fromEntries(
        ['metadata', 'contents', 'pull_requests', 'checks', 'administration', 'workflows', 'secrets'].map((name) => [
          name,
          'write',
        ]),
      );

      const { wanted } = decidePermissions(purpose, all);

      expect(wanted).not.toHaveProperty('workflows');
      expect(wanted).not.toHaveProperty('secrets');
      expect(wanted['administration']).not.toBe('write');
    },
  );
});

it('a fine-grained token that may not is told where it is changed', async () => {
  const { github, clock, log, pull, signal } = await startAppHarness();
  const token = github.apps.personalToken('bo', { metadata: 'read' });
  const forge = createGithubForge({ repository: 'acme/fleet', api: github.apiUrl, token, clock, log });

  await expect(forge.pullRequest(pull, signal)).rejects.toMatchObject({
    code: 'FORGE_REFUSED',
    next: expect.stringContaining('pull_requests=read: at GitHub under Settings, Developer settings'),
  });
});

function makeEncrypted(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'canary' } as const;
  return privateKey.export(options).toString();
}

function makeElliptic(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
