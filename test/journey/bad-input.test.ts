import { afterEach, describe, expect, it } from 'vitest';
import { PLANTED_MISTAKES } from '../../sandbox/fleets/demo-stories.ts';
import type { FleetEdit } from '../../sandbox/fleets/fleet-files.ts';
import { createJourney, type Journey, type JourneyOptions } from '../support/journey.ts';

let journey: Journey;
const start = async (options?: JourneyOptions) => {
  journey = await createJourney(options);
  return journey;
};
afterEach(() => journey.close());

/** Requests that could have changed a switch. */
const writes = (): readonly string[] =>
  [...journey.world.switches].flatMap(([name, one]) =>
    one
      .requests()
      .filter(({ method }) => method !== 'GET')
      .map(({ method, path }) => `${name} ${method} ${path}`),
  );
const contacts = (): number =>
  [...journey.world.switches.values()].reduce((sum, one) => sum + one.requests().length, 0);
const edit = (path: string, change: (text: string) => string): { title: string; branch: string; files: FleetEdit } => ({
  title: `change ${path}`,
  branch: 'change',
  files: new Map([[path, change(journey.world.files.get(path) ?? '')]]),
});
const ADDRESS_OF_LEAF02 = 'address of leaf02';
const fileOf = (name: string): string => journey.world.files.get(`desired-state/devices/ams1/${name}.yaml`) ?? '';
const DEVICE = 'desired-state/devices/ams1/leaf01.yaml';

describe('a pull request that is wrong', () => {
  it.each([
    { what: 'broken YAML', place: 'data:\n', by: 'data: [\n', says: 'leaf01.yaml:' },
    { what: 'an unknown field', place: 'role: leaf\n', by: 'role: leaf\nrolle: leaf\n', says: 'rolle' },
    { what: 'a reference to a role that is not there', place: 'role: leaf\n', by: 'role: laef\n', says: 'laef' },
    { what: 'the address of another device', place: /address: .*\n/, by: ADDRESS_OF_LEAF02, says: 'leaf02.yaml' },
  ])(
    'with $what is told so in the comment and a failed check, and nothing is contacted',
    async ({ place, by, says }) => {
      await start();
      const text = by === ADDRESS_OF_LEAF02 ? (/address: .*\n/.exec(fileOf('leaf02'))?.[0] ?? '') : by;
      const number = await journey.open(edit(DEVICE, (file) => file.replace(place, text)));

      const ran = await journey.plan(number);

      expect(ran.code).toBe(1);
      expect(ran.out).toContain(says);
      expect(journey.comment(number)).toContain(says);
      const { runs } = journey.world.github.checks(journey.world.github.pullRequest(number).headCommit);
      expect(runs).toMatchObject([
        { name: 'pointsman / plan', conclusion: 'failure' },
        { name: 'pointsman / ready', conclusion: 'failure' },
      ]);
      expect(contacts()).toBe(0);
    },
  );

  it('with an error in a template is told the template and its line', async () => {
    await start();
    const number = await journey.open(
      edit('desired-state/templates/tenants.yaml.j2', (text) => `${text}\n{{ data.nothing_of_that_name.here }}\n`),
    );

    const ran = await journey.plan(number);

    const lines = (journey.world.files.get('desired-state/templates/tenants.yaml.j2') ?? '').split('\n').length;
    expect(ran.code).toBe(1);
    expect(ran.out).toContain(`desired-state/templates/tenants.yaml.j2:${lines + 1}`);
    expect(contacts()).toBe(0);
  });

  it('in many places is told all of them at once, in the order of the files', async () => {
    await start();
    const number = await journey.open(journey.stories.manyProblems);

    const ran = await journey.plan(number);

    const places = [...ran.out.matchAll(/^(\S+\.(?:yaml|j2))[:\d]*: /gm)].map((match) => match[1] ?? '');
    expect(places).toHaveLength(PLANTED_MISTAKES);
    expect(places).toEqual(places.toSorted());
    expect(ran.out).toContain(`${PLANTED_MISTAKES} problems. Nothing was contacted.`);
  });
});

describe('a change the switch refuses', () => {
  it('leaf by leaf is found at plan time, with its own words and the line of the fleet repo behind it', async () => {
    await start();
    const number = await journey.open(journey.stories.wrongValue);

    const ran = await journey.plan(number);

    expect(ran.code).toBe(3);
    expect(journey.comment(number)).toContain('mlag.backup.10.10.10.260');
    expect(journey.comment(number)).toMatch(/desired-state\/[\w/.-]+:\d+/);
    expect(
      journey.world.switches
        .get('leaf02')
        ?.revisions()
        .map(({ state }) => state),
    ).not.toContain('pending');
    expect(writes().filter((line) => line.includes('PATCH /nvue_v1/revision'))).toEqual([]);
  });

  it('only as a whole, when it is applied, ends the run with its words, and the switch runs what it ran', async () => {
    await start();
    const number = await journey.open(journey.stories.semanticError);
    const before = journey.world.switches.get('leaf03')?.applied();
    await journey.plan(number);
    await journey.approve(number, 'bea');
    await journey.approve(number, 'dora');
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(1);
    expect(journey.comment(number)).toContain('BGP requires autonomous-system');
    expect(journey.comment(number)).toContain('untouched');
    expect(journey.world.switches.get('leaf03')?.applied()).toEqual(before);
    expect(
      journey.world.switches
        .get('leaf03')
        ?.revisions()
        .map(({ state }) => state),
    ).not.toContain('invalid');
    expect(await journey.ledgerLog()).toContainEqual(expect.stringContaining('failed, 1 untouched'));
  });
});
