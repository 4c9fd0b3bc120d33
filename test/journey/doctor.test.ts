import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorCommand } from '../../cli/commands/doctor.ts';
import type { Diagnosis, Finding } from '../../doctor/judge.ts';
import { createJourney, type Journey } from '../support/journey.ts';

describe('pointsman doctor --switches', () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await createJourney({ speed: 1 });
  });
  afterAll(() => journey.close());

  async function examine(): Promise<readonly Finding[]> {
    const options = {
      remote: journey.world.github.remoteUrl,
      cache: `${journey.gitDir}.doctor`,
      switches: true,
      json: true,
    };
    const ran = await journey.run((io) => doctorCommand(io, options));
    return (JSON.parse(ran.out) as Diagnosis).findings.filter(({ code }) => code.startsWith('DOCTOR_SWITCH'));
  }

  it('has nothing to say of switches that answer and are who they should be, and writes to none', async () => {
    const requests = () => [...journey.world.switches.values()].flatMap((one) => one.requests());
    const before = requests().length;

    expect(await examine()).toEqual([]);

    const sent = requests().slice(before);
    expect(sent.length).toBeGreaterThanOrEqual(journey.world.switches.size);
    expect(sent.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('leaves a switch alone that is not to be deployed', async () => {
    const { files, github, switches } = journey.world;
    const path = 'desired-state/devices/ams1/leaf04.yaml';
    const text = files.get(path) ?? '';
    const asked = () => switches.get('leaf04')?.requests().length;
    const before = asked();
    await github.as('dora').push('main', { [path]: `${text}\nflags:\n  deploy_enabled: false\n` }, 'Rest');

    expect(await examine()).toEqual([]);

    expect(asked()).toBe(before);
    await github.as('dora').push('main', { [path]: text }, 'Work');
  });

  it('tells another serial, a certificate that is not pinned, and a switch that is gone apart', async () => {
    const { files, github, switches } = journey.world;
    const edit = (device: string, change: (text: string) => string) => {
      const path = `desired-state/devices/ams1/${device}.yaml`;
      return [path, change(files.get(path) ?? '')] as const;
    };
    await github
      .as('dora')
      .push(
        'main',
        Object.fromEntries([
          edit('leaf01', (text) => text.replace(/^serial: .*$/m, 'serial: NOT-THIS-ONE')),
          edit('leaf02', (text) => text.replace(/sha256:[0-9a-f]{64}/, `sha256:${'0'.repeat(64)}`)),
        ]),
        'Point at others',
      );
    await switches.get('leaf03')?.close();

    const found = await examine();

    expect(found).toMatchObject([
      { code: 'DOCTOR_SWITCH_IMPOSTOR', severity: 'danger', kind: 'gap' },
      { code: 'DOCTOR_SWITCH_UNREACHABLE', severity: 'weak', kind: 'gap' },
    ]);
    const [impostors, unreachable] = found.map((finding) => (finding.kind === 'gap' ? finding.found : []));
    expect(impostors?.map((line) => line.slice(0, 6))).toEqual(['leaf01', 'leaf02']);
    expect(unreachable?.map((line) => line.slice(0, 6))).toEqual(['leaf03']);
  });
});
