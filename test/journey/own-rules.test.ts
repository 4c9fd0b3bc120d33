import { afterEach, describe, expect, it } from 'vitest';
import type { FleetFiles } from '../../sandbox/fleets/fleet-files.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

const LEAF01 = 'desired-state/devices/ams1/leaf01.yaml';
const STRICTER = `
  - name: leads review rack 1
    when:
      labels: { rack: r1 }
    approvals: 1
    by:
      teams: [acme/net-leads]
`;
const withRules = (files: FleetFiles): FleetFiles =>
  new Map([...files, ['approvals.yaml', `${files.get('approvals.yaml')}${STRICTER}`]]);

describe('a pull request can never widen its own rights', () => {
  it.each([
    {
      what: 'takes away the label a stricter rule is about',
      extra: (text: string) => new Map([[LEAF01, text.replace('rack: r1', 'rack: r9')]]),
    },
    {
      what: 'brings a laxer approvals.yaml along',
      extra: (_: string, files: FleetFiles) =>
        new Map([['approvals.yaml', (files.get('approvals.yaml') ?? '').replace(STRICTER, '')]]),
    },
    {
      what: 'allows itself a hazard',
      extra: (_: string, files: FleetFiles) =>
        new Map([
          [
            'pointsman.yaml',
            (files.get('pointsman.yaml') ?? '').replace(
              'rollout:\n',
              'rollout:\n  allow_hazards: [hostname-missing]\n',
            ),
          ],
        ]),
    },
  ])('not one that $what', async ({ extra }) => {
    journey = await createJourney({ files: withRules });
    const { ntpOnOneLeaf } = journey.stories;
    const changed = String(ntpOnOneLeaf.files.get(LEAF01));
    const number = await journey.open({
      ...ntpOnOneLeaf,
      files: new Map([...ntpOnOneLeaf.files, ...extra(changed, journey.world.files)]),
    });
    await journey.plan(number);
    await journey.approve(number, 'bea');
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(journey.comment(number)).toMatch(/leads review rack 1: needs 1 approval from `@acme\/net-leads`, has 0/);
    expect(
      journey.world.switches
        .get('leaf01')
        ?.requests()
        .some(({ body }) => JSON.stringify(body ?? '').includes('"apply"')),
    ).toBe(false);
  });

  it('nor have its credentials sent to an address of its own choosing', async () => {
    journey = await createJourney();
    const text = journey.world.files.get(LEAF01) ?? '';
    const number = await journey.open({
      title: 'Move leaf01',
      branch: 'move',
      files: new Map([
        [
          LEAF01,
          text
            .replace(/^address: .*$/m, 'address: 127.0.0.1:9')
            .replace(/sha256:[0-9a-f]{64}/, `sha256:${'0'.repeat(64)}`)
            .replace('data:\n', 'data:\n  ntp_servers: [192.168.200.140]\n'),
        ],
      ]),
    });

    const planned = await journey.plan(number);

    // Nobody listens at the new address: had it been asked, leaf01 would be blocked.
    expect(planned.code).toBe(2);
    expect(journey.world.switches.get('leaf01')?.requests().length).toBeGreaterThan(0);
  });
});
