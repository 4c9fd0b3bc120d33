import { createSign, generateKeyPairSync } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from 'octokit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type EmulatedGithub, startGithub } from '../../../sandbox/github/start-github.ts';
import { git, makeFolder } from './harness.ts';

const BOT = 'pointsman[bot]';
const NOW = Date.UTC(2026, 10, 20, 9);

function makeKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs1', format: 'pem' })
    .toString();
}
const privateKey = makeKey();

async function start(clock = { now: () => NOW }) {
  const users = [
    { login: 'ana', role: 'write' },
    { login: BOT, role: 'write' },
  ] as const;
  const github = await startGithub({ clock, repository: 'acme/fleet', users, teams: { 'acme/noc': ['ana'] } });
  onTestFinished(() => github.close());
  await github.as('ana').push('main', { 'fleet.yaml': 'mtu: 1500\n' }, 'begin');
  return { github, app: github.apps.install(BOT, { privateKey }) };
}

/** Made here, with nothing of the emulator or the product. */
function jwt(claims: Readonly<Record<string, unknown>>, key = privateKey, alg = 'RS256'): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const said = `${part({ alg, typ: 'JWT' })}.${part(claims)}`;
  return `${said}.${createSign('RSA-SHA256').update(said).sign(key, 'base64url')}`;
}

const seconds = NOW / 1000;

async function ask(github: EmulatedGithub, token: string, route: string, body?: unknown) {
  const [method = '', path = ''] = route.split(' ');
  const response = await fetch(`${github.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

async function tokenFor(github: EmulatedGithub, appId: number, installationId: number, order: object = {}) {
  const asApp = jwt({ iss: appId, iat: seconds - 30, exp: seconds + 300 });
  return (await ask(github, asApp, `POST /app/installations/${installationId}/access_tokens`, order)).body.token;
}

describe('an App of the emulated GitHub', () => {
  it('is let in by octokit’s own way of signing in', async () => {
    const { github, app } = await start({ now: () => Date.now() });
    const auth = createAppAuth({
      appId: app.appId,
      privateKey,
      request: new Octokit({ baseUrl: github.apiUrl }).request,
    });

    const { token } = await auth({ type: 'installation', installationId: app.installationId });

    expect((await ask(github, token, 'GET /repos/acme/fleet')).body.full_name).toBe('acme/fleet');
  });

  it.each([
    {
      what: 'signed with another key',
      make: (iss: number) => jwt({ iss, iat: seconds, exp: seconds + 60 }, makeKey()),
      status: 401,
      says: 'A JSON web token could not be decoded',
    },
    {
      what: 'not signed with RS256',
      make: (iss: number) => jwt({ iss, iat: seconds, exp: seconds + 60 }, privateKey, 'none'),
      status: 401,
      says: 'A JSON web token could not be decoded',
    },
    { what: 'no token at all', make: () => 'a.b.c', status: 401, says: 'A JSON web token could not be decoded' },
    {
      what: 'over',
      make: (iss: number) => jwt({ iss, iat: seconds - 600, exp: seconds }),
      status: 401,
      says: "('exp') must be a numeric value",
    },
    {
      what: 'good for longer than ten minutes',
      make: (iss: number) => jwt({ iss, iat: seconds, exp: seconds + 601 }),
      status: 401,
      says: "('exp') is too far in the future",
    },
    {
      what: 'made in the future',
      make: (iss: number) => jwt({ iss, iat: seconds + 1, exp: seconds + 60 }),
      status: 401,
      says: "('iat') must be an Integer",
    },
    {
      what: 'of another App',
      make: () => jwt({ iss: 7, iat: seconds, exp: seconds + 60 }),
      status: 404,
      says: 'Integration not found',
    },
  ])('is not believed when what it shows is $what', async ({ make, status, says }) => {
    const { github, app } = await start();

    const answer = await ask(github, make(app.appId), 'GET /app');

    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(says);
  });

  it('signs in by number and by client id', async () => {
    const { github, app } = await start();

    for (const iss of [app.appId, String(app.appId), app.clientId]) {
      const answer = await ask(github, jwt({ iss, iat: seconds, exp: seconds + 600 }), 'GET /app');
      expect(answer.body).toMatchObject({ id: app.appId, slug: 'pointsman', client_id: app.clientId });
    }
  });

  it('finds its installation by the repository, and nothing by another one', async () => {
    const { github, app } = await start();
    const asApp = jwt({ iss: app.appId, iat: seconds, exp: seconds + 60 });

    const found = await ask(github, asApp, 'GET /repos/acme/fleet/installation');
    expect(found.body).toMatchObject({ id: app.installationId, app_slug: 'pointsman', suspended_at: null });
    expect((await ask(github, asApp, 'GET /repos/acme/other/installation')).status).toBe(404);
  });

  it('may with its token what the token was made for, and is told what it lacks', async () => {
    const { github, app } = await start();
    const order = { repositories: ['fleet'], permissions: { checks: 'read' } };
    const token = await tokenFor(github, app.appId, app.installationId, order);
    const head_sha = 'a'.repeat(40);

    const refused = await ask(github, token, 'POST /repos/acme/fleet/check-runs', { name: 'plan', head_sha });

    expect(refused).toMatchObject({ status: 403, body: { message: 'Resource not accessible by integration' } });
    expect(refused.headers.get('x-accepted-github-permissions')).toBe('checks=write');
    expect((await ask(github, token, 'GET /repos/acme/fleet/commits/main/check-runs')).status).toBe(200);
    expect((await ask(github, token, 'GET /orgs/acme/teams/noc/members')).status).toBe(403);
  });

  it('is not given more than it was granted, nor another repository', async () => {
    const { github, app } = await start();
    github.apps.change(app.installationId, { permissions: { metadata: 'read', checks: 'read' } });
    const asApp = jwt({ iss: app.appId, iat: seconds, exp: seconds + 60 });
    const route = `POST /app/installations/${app.installationId}/access_tokens`;

    expect((await ask(github, asApp, route, { permissions: { checks: 'write' } })).status).toBe(422);
    expect((await ask(github, asApp, route, { repositories: ['other'] })).status).toBe(422);
  });

  it('has a token for an hour', async () => {
    let now = NOW;
    const { github, app } = await start({ now: () => now });
    const token = await tokenFor(github, app.appId, app.installationId);

    now = NOW + 3_599_000;
    expect((await ask(github, token, 'GET /repos/acme/fleet')).status).toBe(200);
    now = NOW + 3_600_000;
    expect((await ask(github, token, 'GET /repos/acme/fleet')).status).toBe(401);
  });

  it('reads and writes the repository over Git as far as contents go', async () => {
    const { github, app } = await start();
    const reader = await tokenFor(github, app.appId, app.installationId, { permissions: { contents: 'read' } });
    const stranger = await tokenFor(github, app.appId, app.installationId, { permissions: { checks: 'write' } });

    const run = async (token: string, ...args: readonly string[]) => {
      const credentials = Buffer.from(`x-access-token:${token}`).toString('base64');
      const header = ['-c', `http.extraHeader=Authorization: Basic ${credentials}`];
      return (await git(await makeFolder(), `--git-dir=${github.gitDir}`, ...header, ...args)).exitCode;
    };

    expect(await run(reader, 'ls-remote', github.remoteUrl)).toBe(0);
    expect(await run(reader, 'push', github.remoteUrl, 'main:refs/heads/new')).not.toBe(0);
    expect(await run(stranger, 'ls-remote', github.remoteUrl)).not.toBe(0);
    const writer = await tokenFor(github, app.appId, app.installationId, { permissions: { contents: 'write' } });
    expect(await run(writer, 'push', github.remoteUrl, 'main:refs/heads/new')).toBe(0);
  });
});

describe('a fine-grained token of a person', () => {
  it('is refused in the words that GitHub has for those', async () => {
    const { github } = await start();
    const token = github.apps.personalToken('ana', { metadata: 'read' });

    expect(await ask(github, token, 'GET /repos/acme/fleet/pulls')).toMatchObject({
      status: 403,
      body: { message: 'Resource not accessible by personal access token' },
    });
  });
});

describe('entity tags', () => {
  it('are good for the token they were given to, as at GitHub', async () => {
    const { github, app } = await start();
    const one = await tokenFor(github, app.appId, app.installationId);
    const other = await tokenFor(github, app.appId, app.installationId);
    const etag = (await ask(github, one, 'GET /repos/acme/fleet')).headers.get('etag') ?? '';
    const again = (token: string, tags: string) =>
      fetch(`${github.apiUrl}/repos/acme/fleet`, {
        headers: { authorization: `Bearer ${token}`, 'if-none-match': tags },
      });

    expect((await again(one, `"other", ${etag}`)).status).toBe(304);
    expect((await again(other, etag)).status).toBe(200);
  });
});

describe('GET /rate_limit', () => {
  it('says what is left and costs nothing', async () => {
    const { github } = await start();
    const token = github.tokenFor('ana');
    await ask(github, token, 'GET /repos/acme/fleet');

    const first = await ask(github, token, 'GET /rate_limit');
    const second = await ask(github, token, 'GET /rate_limit');

    const reset = (NOW + 3_600_000) / 1000;
    expect(first.body.resources.core).toEqual({ limit: 5000, used: 1, remaining: 4999, reset });
    expect(second.body.rate).toEqual(first.body.rate);
  });
});
