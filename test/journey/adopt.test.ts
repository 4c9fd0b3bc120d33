import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adoptCommand } from '../../cli/commands/adopt.ts';
import { demoSecrets } from '../../sandbox/fleets/demo-secrets.ts';
import { createJourney, git, type Journey } from '../support/journey.ts';

describe('switches that run already, adopted by a pull request', () => {
  let journey: Journey;
  let secrets: string;
  let opened: number;

  beforeAll(async () => {
    secrets = mkdtempSync(join(tmpdir(), 'pointsman-adopted-'));
    journey = await createJourney();
    // A fleet repo with its settings and rules, and no switch in it.
    const edit = [...journey.world.files.keys()]
      .filter((path) => path.startsWith('desired-state/'))
      .map((path): [string, string | null] => [path, null]);
    const settings = journey.world.files.get('pointsman.yaml') ?? '';
    const moved = settings.replace('/run/secrets/pointsman', secrets);
    await journey.world.github
      .as('dora')
      .push('main', Object.fromEntries([...edit, ['pointsman.yaml', moved]]), 'Begin');
    await journey.reconcile();
  });
  afterAll(async () => {
    await journey.close();
    rmSync(secrets, { recursive: true, force: true });
  });

  const adopt = () => {
    const switches = [...journey.world.switches.values()];
    return journey.run((io) =>
      adoptCommand(
        io,
        switches.map(({ name, host, port }) => `ams1/${name}=${host}:${port}`),
        {
          ...{ fleet: '.', json: false, pr: true, overwrite: false, allowDifferences: false, trustOnFirstUse: false },
          acceptPin: switches.map(({ pin }) => pin),
          secretsOut: secrets,
          remote: journey.world.github.remoteUrl,
          cache: join(secrets, '..', `${secrets.split('/').at(-1)}-cache`),
        },
      ),
    );
  };

  it('come with a pull request that says that nothing changes', async () => {
    const ran = await adopt();

    expect(ran.code).toBe(0);
    const [pull, ...others] = journey.world.github.pullRequests();
    opened = pull?.number ?? 0;
    expect(others).toEqual([]);
    expect(pull).toMatchObject({ title: 'Adopt 6 switches of ams1' });
    expect(pull?.body).toMatch(/^\*\*Merging this changes nothing on any switch\.\*\*/);
    expect(pull?.body).toContain('- `ams1/leaf01-underlay-password`');
    expect(pull?.body).not.toMatch(/\$nvsec\$|\$6\$/);
  });

  it('open one pull request however often they are adopted', async () => {
    const again = await adopt();

    expect(again.code).toBe(0);
    expect(again.out).toContain(`Pull request #${opened}:`);
    expect(journey.world.github.pullRequests()).toHaveLength(1);
  });

  it('are merged, found in sync and backed up, and no write ever reached one of them', async () => {
    await journey.reconcile();
    await journey.approve(opened);
    await journey.merge(opened);
    const passed = await journey.reconcile();

    expect(passed).toMatchObject({ code: 0, out: expect.stringContaining('completed') });
    for (const [name, one] of journey.world.switches) {
      expect(one.requests().filter(({ method }) => method !== 'GET')).toEqual([]);
      expect(await journey.ledgerFile(`backups/ams1/${name}.yaml`)).toContain(name);
    }
    expect(journey.comment(opened)).toContain('Applied: 6 already as intended, of 6 devices');
  });

  it('let one real value take the place of what each encrypted, without a change on any', async () => {
    writeFileSync(join(secrets, 'ams1', 'underlay-password'), `${demoSecrets.get('ams1/bgp-password')}\n`);
    const edit = await Promise.all(
      [...journey.world.switches.keys()].map(async (name): Promise<[string, string]> => {
        const path = `desired-state/devices/ams1/${name}.yaml`;
        const { out } = await git(journey.gitDir, ['show', `main:${path}`]);
        return [path, out.replace(`ams1/${name}-underlay-password`, 'ams1/underlay-password')];
      }),
    );

    const number = await journey.open({ title: 'One password', branch: 'one-password', files: new Map(edit) });
    const planned = await journey.plan(number);

    expect(planned).toMatchObject({ code: 0, out: expect.stringContaining('6 devices already as intended') });
  });
});
