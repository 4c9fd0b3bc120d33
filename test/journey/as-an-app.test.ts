import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { textOf } from '../../sandbox/fleets/fleet-files.ts';
import type { World } from '../../sandbox/world.ts';
import { createJourney, git, type Journey } from '../support/journey.ts';

const BOT = 'pointsman[bot]';
const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();

/** A journey whose product knows no token, only the key of an App. */
async function startAsApp(more: (world: World) => Readonly<Record<string, string | undefined>> = () => ({})) {
  const journey = await createJourney({
    environment: (world) => ({
      GITHUB_TOKEN: undefined,
      POINTSMAN_APP_ID: String(world.github.apps.install(BOT, { privateKey }).appId),
      POINTSMAN_APP_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n'),
      ...more(world),
    }),
  });
  onTestFinished(() => journey.close());
  return journey;
}

async function everythingWritten(journey: Journey, number: number): Promise<string> {
  const { out } = await git(journey.gitDir, ['log', '-p', '--format=%an %B', 'pointsman/ledger']);
  return out + journey.comment(number);
}

describe('signed in as an App', () => {
  it('a change goes its whole way, and no token is left anywhere', async () => {
    const journey = await startAsApp();
    const { github } = journey.world;
    const tokens = new Set<string>();
    github.onExchange(({ path, output }) => {
      if (path.endsWith('/access_tokens')) tokens.add((output as { readonly token: string }).token);
    });

    const number = await journey.open(journey.stories.addVlan);
    const planned = await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);
    const passed = await journey.reconcile();

    expect([planned.code, passed.code]).toEqual([2, 0]);
    expect(github.comments(number)).toMatchObject([{ author: BOT }]);
    expect(passed.said).toMatch(/^GitHub: \d+ requests.* of 5,000 left until \d\d:\d\d UTC$/m);
    const texts = planned.out + planned.said + passed.out + passed.said + (await everythingWritten(journey, number));
    expect(tokens.size).toBeGreaterThanOrEqual(3);
    for (const secret of [...tokens, privateKey.split('\n')[1] ?? '']) expect(texts).not.toContain(secret);
  });

  it('a pass goes on while its tokens end one after the other', async () => {
    const journey = await startAsApp((world) => {
      // So short that none is used for longer than a minute, which is a second here.
      const order = { privateKey, tokensLastMilliseconds: 6 * 60_000 };
      return { POINTSMAN_APP_ID: String(world.github.apps.install(BOT, order).appId) };
    });
    const { github } = journey.world;
    const number = await journey.open(journey.stories.addVlan);
    await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);
    const before = github.requests().length;

    const passed = await journey.reconcile();

    const requests = github.requests().slice(before);
    expect(passed.code).toBe(0);
    expect(requests.filter(({ path }) => path.endsWith('/access_tokens')).length).toBeGreaterThan(4);
    expect(requests.filter(({ status }) => status === 401 || status === 403)).toEqual([]);
  });

  it('one that lacks a permission stops before anything is touched, and says which', async () => {
    const journey = await startAsApp((world) => {
      const permissions = { metadata: 'read', contents: 'write', pull_requests: 'write', checks: 'read' };
      const { appId } = world.github.apps.install(BOT, { privateKey, permissions });
      return { POINTSMAN_APP_ID: String(appId) };
    });
    const number = await journey.open(journey.stories.addVlan);

    const planned = await journey.plan(number);

    expect(planned).toMatchObject({ code: 1, out: '' });
    expect(planned.said).toContain('error FORGE_PERMISSION_MISSING: the App of Pointsman lacks checks: write');
    expect(planned.said).toMatch(/next: Grant checks: write .* accept it at http/);
  });
});

it('the fleet is what the default branch says, whatever it is called', async () => {
  const journey = await createJourney({
    files: (files) =>
      new Map([...files, ['pointsman.yaml', textOf(files, 'pointsman.yaml').replace(/^branch: .*$/m, '')]]),
  });
  onTestFinished(() => journey.close());
  await git(journey.gitDir, ['branch', 'release', 'main']);
  await git(journey.gitDir, ['symbolic-ref', 'HEAD', 'refs/heads/release']);
  await git(journey.gitDir, ['update-ref', '-d', 'refs/heads/main']);

  const passed = await journey.reconcile();

  expect(passed).toMatchObject({ code: 0, out: 'Nothing is due.\n' });
  const tip = (await git(journey.gitDir, ['rev-parse', 'release'])).out.trim();
  expect(JSON.parse((await journey.ledgerFile('ledger.json')) ?? '')).toMatchObject({ startedAtCommit: tip });
});
