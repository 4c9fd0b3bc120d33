import { describe, expect, it } from 'vitest';
import type { Driver, Target } from '../../drivers/driver.ts';
import { driverFor } from '../../drivers/registry.ts';
import type { Credential } from '../../schemas/fleet.ts';
import { openSwitch } from '../../workflows/open-switch.ts';
import { silent } from '../drivers/silent.ts';

const never = new AbortController().signal;
const values: Readonly<Record<string, string>> = { word: 'hunter2', key: '-----BEGIN\\nabc\\n-----END\\n' };

async function openedWith(plan: Credential, apply: Credential): Promise<Target> {
  const targets: Target[] = [];
  const driver: Driver = {
    ...driverFor('frr'),
    async open(target) {
      targets.push(target);
      throw new Error('not needed');
    },
  };
  const deps = {
    driverFor: () => driver,
    secrets: { read: async (name: string) => values[name] ?? '' },
    clock: { now: () => 0, sleep: async () => {} },
    log: silent,
    fingerprint: (secret: string) => secret,
    pollMilliseconds: 1,
  };
  const access = {
    platform: 'frr',
    host: 'h',
    port: 22,
    serial: 's',
    tls: {},
    hostKeys: ['sha256:00'],
    plan,
    apply,
  } as const;
  await openSwitch(deps, { device: 'leaf01', access }, 'apply', never).catch(() => {});
  const [target] = targets;
  if (!target) throw new Error('nothing was opened');
  return target;
}

describe('openSwitch()', () => {
  it('gives a private key with real newlines, also where it had to stand on one line', async () => {
    const { logins } = await openedWith(
      { username: 'watcher', password: { secret: 'word' } },
      { username: 'pointsman', private_key: { secret: 'key' } },
    );

    expect(logins).toEqual([
      { username: 'pointsman', privateKey: '-----BEGIN\nabc\n-----END\n' },
      { username: 'watcher', password: 'hunter2' },
    ]);
  });

  it('names the host keys the switch may show', async () => {
    const login: Credential = { username: 'pointsman', password: { secret: 'word' } };

    expect((await openedWith(login, login)).hostKeys).toEqual(['sha256:00']);
  });
});
