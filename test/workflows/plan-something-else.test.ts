import { describe, expect, it } from 'vitest';
import type { IntendedConfiguration } from '../../desired-state/fleet.ts';
import type { ChangingDevice } from '../../plans/plan.ts';
import { createManualClock } from '../../sandbox/clock.ts';
import { type PlanSubject, planConfiguration } from '../../workflows/plan-configuration.ts';
import { rollback } from '../../workflows/rollback.ts';
import { BASE, changed, drivenClock, never } from '../drivers/lab.ts';
import { startBatch } from './batch.ts';

/** The plan of a switch that runs BASE and is to run something that is not what the fleet says today. */
async function planOf(intended: Partial<IntendedConfiguration>, more: Partial<PlanSubject> = {}) {
  const clock = createManualClock();
  const { deps, of } = await startBatch({ clock, waits: drivenClock(clock) });
  const { target } = of('leaf01').input;
  const subject: PlanSubject = {
    ...target,
    intended: { ...target.intended, ...intended },
    governed: { role: 'leaf', labels: {} },
    fleetDevice: {
      name: 'leaf01',
      site: 'ams1',
      file: 'desired-state/devices/ams1/leaf01.yaml',
      value: { platform: 'cumulus', role: 'leaf', address: target.access.host, serial: target.access.serial },
    },
    ...more,
  };
  const { plan } = await planConfiguration(
    deps,
    {
      workflow: rollback,
      rollout: { devicesAtOnce: 1, confirmWithinSeconds: 300 },
      source: { head: 'a', base: 'b', tree: 'c' },
      subjects: [subject],
      removed: [],
      elsewhere: 0,
      allowedHazards: [],
      trial: true,
    },
    never,
  );
  const [device] = plan.devices;
  if (device?.kind !== 'changing') throw new Error(JSON.stringify(device));
  return device satisfies ChangingDevice;
}

const MTU = ['interface', 'swp1', 'link', 'mtu'];
const other = changed(BASE, ['interface', 'swp1-2', 'link', 'mtu'], 1500);

describe('the plan of a switch that is to run something else than the fleet says', () => {
  it('says of each line where it stands, and at which commit', async () => {
    const origin = { file: 'desired-state/roles/leaf.yaml', line: 12, at: '1234abcd5678' };

    const { changes } = await planOf({ tree: other, originOf: () => origin });

    expect(changes.find(({ change }) => change.path.join() === MTU.join())?.origin).toBe(
      'desired-state/roles/leaf.yaml:12 at 1234abcd5678',
    );
  });

  it('says of a backup which file it is', async () => {
    const origin = { file: 'backups/ams1/leaf01.yaml', at: '1234abcd5678' };

    const { changes } = await planOf({ tree: other, originOf: () => origin });

    expect(changes[0]?.origin).toBe('backups/ams1/leaf01.yaml at 1234abcd5678');
  });

  it('has the notes of whoever asks before those of the switch', async () => {
    const { notes } = await planOf({ tree: other }, { notes: ['it then runs something else'], imageVersion: '5.99' });

    expect(notes).toEqual(['it then runs something else', 'runs 5.11.1, its image says 5.99']);
  });

  it('shows no secret of today’s fleet that the switch has and that is to go', async () => {
    const hostname = ['system', 'hostname'];
    const tree = changed(BASE, hostname, 'another');

    const shown = await planOf({ tree });
    const masked = await planOf({ tree, alsoSecret: [{ path: hostname, at: 'value' }] });

    expect(JSON.stringify(shown.changes)).toContain('leaf01');
    expect(JSON.stringify(masked.changes)).not.toContain('leaf01');
  });
});
