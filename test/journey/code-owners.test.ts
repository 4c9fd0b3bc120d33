import { afterEach, expect, it } from 'vitest';
import { type FleetFiles, replaceOnce } from '../../sandbox/fleets/fleet-files.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

/** The demo's rule for every change asks for code owners, and these are they. */
const owned =
  (codeOwners: string) =>
  (files: FleetFiles): FleetFiles => {
    const rules = replaceOnce(
      'approvals.yaml',
      files.get('approvals.yaml') ?? '',
      'teams: [acme/netops]',
      'code_owners: true',
    );
    return new Map([...files, ['approvals.yaml', rules], ['.github/CODEOWNERS', codeOwners]]);
  };

it('an approval of a code owner releases the run, and one of somebody else does not', async () => {
  journey = await createJourney({ files: owned('* @carl\n/desired-state/devices/ @bea\n') });
  const number = await journey.open(journey.stories.ntpOnOneLeaf);
  await journey.plan(number);
  await journey.approve(number, 'carl');
  await journey.merge(number);

  expect((await journey.reconcile()).code).toBe(3);
  expect(journey.comment(number)).toContain('`carl` approves: does not count as an approval');
  expect(journey.comment(number)).toContain('needs 1 approval from `@bea`, has 0');

  await journey.approve(number, 'bea');

  expect((await journey.reconcile()).code).toBe(0);
});

it('a pull request cannot make anybody an owner, and a file nobody owns is released by nobody', async () => {
  journey = await createJourney({ files: owned('/pointsman.yaml @dora\n') });
  const { ntpOnOneLeaf } = journey.stories;
  const files = new Map([...ntpOnOneLeaf.files, ['.github/CODEOWNERS', '* @bea\n']]);
  const number = await journey.open({ ...ntpOnOneLeaf, files });
  await journey.plan(number);
  await journey.approve(number, 'bea');
  await journey.merge(number);

  expect((await journey.reconcile()).code).toBe(3);
  expect(journey.comment(number)).toContain('CODEOWNERS of the base branch names no account as the owner');
  expect(JSON.stringify(journey.world.switches.get('leaf01')?.applied())).not.toContain('192.168.200.140');
});
