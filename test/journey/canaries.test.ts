import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupCommand } from '../../cli/commands/backup.ts';
import { showCommand } from '../../cli/commands/runs.ts';
import { demoPasswordHashes, demoPasswords, demoSecrets } from '../../sandbox/fleets/demo-secrets.ts';
import { createJourney, git, type Journey } from '../support/journey.ts';

/** Secrets that stand on the switches and nowhere in the fleet: nobody handed them to the product. */
const ON_SWITCHES = {
  tacacs: 'Canary-tacacs-71c0ffee',
  community: 'canary-community-93af',
  hash: '$6$canarysalt$uZ9Tt0ghXYvGh1kQmP2vEw7cL1n5rD8sBq3fJ6yHk4aWx0oNiUeMzCpVbRtSdFgHjKlQwErTyUiOpAsDfGhJk0',
};

describe('no secret leaves memory', () => {
  let journey: Journey;
  const printed: string[] = [];
  const keep = ({ out, said }: { readonly out: string; readonly said: string }) => printed.push(out, said);

  beforeAll(async () => {
    journey = await createJourney();
    for (const one of journey.world.switches.values()) {
      one.outOfBand.applyAs('cumulus', {
        system: {
          aaa: {
            tacacs: { server: { 10: { host: '192.168.200.77', secret: ON_SWITCHES.tacacs } } },
            user: { contractor: { 'hashed-password': ON_SWITCHES.hash, role: 'nvue-monitor' } },
          },
          'snmp-server': { 'readonly-community': { [ON_SWITCHES.community]: { access: { any: {} } } } },
        },
      });
    }
    const { world } = journey;

    // Everything the product says and writes on good days and bad ones, at its most talkative.
    const number = await journey.open(journey.stories.addVlan);
    keep(await journey.plan(number));
    await journey.approve(number);
    await journey.approve(number, 'dora');
    world.switches.get('leaf03')?.faults.onRequest(
      {
        kind: 'reply',
        reply: {
          status: 400,
          body: { title: `bad value ${demoPasswords.pointsman} for ${demoSecrets.get('ams1/bgp-password')}` },
        },
      },
      { method: 'PATCH', path: /^\/nvue_v1\/\?rev=/ },
    );
    await journey.merge(number);
    keep(await journey.reconcile());

    const refused = await journey.open(journey.stories.wrongValue);
    keep(await journey.plan(refused));
    const bad = await journey.open(journey.stories.manyProblems);
    keep(await journey.plan(bad));
    const remote = { remote: world.github.remoteUrl, cache: `${journey.gitDir}-other`, json: false };
    keep(await journey.run((io) => backupCommand(io, ['*'], remote)));
    keep(await journey.run((io) => showCommand(io, '', { ...remote, json: true })));
    printed.push(...[number, refused, bad].map((one) => journey.comment(one)));
    for (const one of [number, refused, bad]) {
      const { headCommit, merge } = world.github.pullRequest(one);
      for (const commit of [headCommit, merge?.commit]) {
        if (commit) printed.push(JSON.stringify(world.github.checks(commit)));
      }
    }
    printed.push(
      (
        await git(journey.gitDir, [
          'log',
          '-p',
          '--all',
          '--format=%an %ae %B',
          '--',
          ':!desired-state',
          ':!pointsman.yaml',
        ])
      ).out,
    );
  });
  afterAll(() => journey.close());

  it('and the search would find one: fingerprints stand where they were', () => {
    const all = printed.join('\n');

    expect(all).toContain('«secret:');
    expect(all).toContain('leaf03');
    expect(all.length).toBeGreaterThan(50_000);
  });

  it.each([
    ...[...demoSecrets].map(([name, value]) => ({ what: name, value })),
    ...Object.entries(demoPasswords).map(([user, value]) => ({ what: `the password of ${user}`, value })),
    ...Object.entries(demoPasswordHashes).map(([user, value]) => ({ what: `the hash of ${user}`, value })),
    ...Object.entries(ON_SWITCHES).map(([what, value]) => ({ what: `${what} on the switches`, value })),
  ])('not $what, as it is or as base64', ({ value }) => {
    const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1);

    const where = printed.flatMap((text) => [value, base64].flatMap((form) => contextOf(text, form)));

    expect(where).toEqual([]);
  });

  it('a reference is refused where no switch keeps a secret, because it would be shown there', async () => {
    const path = 'desired-state/roles/leaf.yaml';
    const text = journey.world.files.get(path) ?? '';
    const banner = '  system:\n    message:\n      post-login: { secret: ams1/bgp-password }\n';
    const number = await journey.open({
      title: 'Show the password to everybody',
      branch: 'banner',
      files: new Map([[path, text.replace('  system:\n', banner)]]),
    });

    const ran = await journey.plan(number);

    expect(ran).toMatchObject({ code: 1, out: expect.stringContaining(`${path}:`) });
  });

  it('not the token of the forge', () => {
    const token = journey.world.environment['GITHUB_TOKEN'] ?? '';

    expect(token.length).toBeGreaterThan(8);
    expect(printed.flatMap((text) => contextOf(text, token))).toEqual([]);
  });
});

function contextOf(text: string, canary: string): readonly string[] {
  const at = text.indexOf(canary);
  return at < 0 ? [] : [text.slice(Math.max(0, at - 80), at + 20)];
}
