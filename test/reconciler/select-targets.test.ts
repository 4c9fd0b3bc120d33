import { describe, expect, it } from 'vitest';
import { mostDevices, selectTargets } from '../../reconciler/requests/select-targets.ts';
import type { Targets } from '../../schemas/fleet.ts';
import { device, edited, fleetOf, smallFleet } from '../desired-state/fleet-repo.ts';

const fleet = await fleetOf(
  edited(smallFleet, {
    'desired-state/devices/ams1/leaf03.yaml': device('10.0.0.3', 'labels: { rack: r1 }\ntenant: acme\n'),
  }),
);
const select = (targets: Targets | undefined, most?: number) =>
  selectTargets(fleet, {
    revision: 'a'.repeat(40),
    file: 'requests/r1.yaml',
    targets,
    ...(most === undefined ? {} : { most }),
  }).map(({ name }) => name);
const problemOf = (targets: Targets, most?: number) => {
  try {
    return select(targets, most);
  } catch (error) {
    return error;
  }
};

describe('selectTargets()', () => {
  it('takes all switches where nothing is named', () => {
    expect(select(undefined)).toEqual(['leaf01', 'leaf02', 'leaf03']);
  });

  it('takes only what all that is named fits', () => {
    expect(select({ devices: ['leaf0?'], labels: { rack: 'r*' } })).toEqual(['leaf03']);
  });

  it.each([
    { targets: { devices: ['leef01'] }, words: 'devices leef01', hint: 'did you mean "leaf01"?' },
    { targets: { sites: ['ams2'] }, words: 'sites ams2', hint: 'did you mean "ams1"?' },
    { targets: { tenants: ['acne'] }, words: 'tenants acne', hint: 'did you mean "acme"?' },
    { targets: { labels: { rak: '*' } }, words: 'label rak=*', hint: 'did you mean "rack"?' },
  ])('refuses $words, which are no switch, and says what was probably meant', ({ targets, words, hint }) => {
    expect(problemOf(targets)).toMatchObject({
      code: 'RECONCILER_FLEET_INVALID',
      details: {
        problems: [
          {
            file: 'requests/r1.yaml',
            code: 'RECONCILER_REQUEST_TARGETS',
            message: `its targets are no switch of the fleet: ${words}`,
            hint,
          },
        ],
      },
    });
  });

  it('has no hint where each name is somebody’s and nobody has all', () => {
    const error = problemOf({ devices: ['leaf01', 'leaf?2'], tenants: ['acme'] });

    expect(error).toMatchObject({ details: { problems: [expect.not.objectContaining({ hint: expect.anything() })] } });
  });

  it.each([
    { targets: { devices: ['leaf*'], at_most: 2 }, most: 500, allowed: 2 },
    { targets: { devices: ['leaf*'], at_most: 9 }, most: 1, allowed: 1 },
  ])('refuses more than the smaller of both limits: $allowed', ({ targets, most, allowed }) => {
    const message = `its targets are 3 switches, and ${allowed} are allowed: devices leaf*`;

    expect(problemOf(targets, most)).toMatchObject({ details: { problems: [{ message }] } });
  });

  it('allows 500 unless the settings say otherwise', async () => {
    const settings = `${smallFleet['pointsman.yaml']}requests: { most_devices: 7 }\n`;

    expect(mostDevices(fleet)).toBe(500);
    expect(mostDevices(await fleetOf(edited(smallFleet, { 'pointsman.yaml': settings })))).toBe(7);
  });
});
