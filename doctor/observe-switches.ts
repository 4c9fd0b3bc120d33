import pLimit from 'p-limit';
import { deviceAccess } from '../desired-state/device-access.ts';
import type { FleetDevice, Platforms } from '../desired-state/fleet.ts';
import { loadFleet } from '../desired-state/load-fleet.ts';
import type { Repository } from '../git/repository.ts';
import { PointsmanError } from '../schemas/errors.ts';
import { openSwitch, type SwitchDeps } from '../workflows/open-switch.ts';
import type { SwitchFacts } from './observations.ts';

export interface AskSwitchesDeps {
  readonly repository: Repository;
  readonly platforms: Platforms;
  readonly switches: SwitchDeps;
  readonly onAsked?: (done: number, of: number) => void;
}

const AT_ONCE = 20;
const ANSWER_WITHIN_MS = 30_000;

/** Asks every switch that may be deployed who it is, with the credentials for planning: address, certificate, account, serial. */
export async function askSwitches(
  deps: AskSwitchesDeps,
  commit: string,
  signal: AbortSignal,
): Promise<readonly SwitchFacts[]> {
  const { repository, platforms, switches, onAsked } = deps;
  const loaded = await loadFleet({ repository, revision: commit }, { platforms });
  if (loaded.kind === 'invalid') return []; // Another check says so.
  const { fleet } = loaded;
  const limit = pLimit(AT_ONCE);
  // The others are neither planned nor changed; the example that `pointsman init` writes is one.
  const devices = [...fleet.devices.values()].filter(({ value }) => value.flags?.deploy_enabled !== false);
  let done = 0;
  return Promise.all(
    devices.map((device) =>
      limit(async () => {
        const facts = await askSwitch(switches, device, deviceAccess(fleet, device), signal);
        done++;
        onAsked?.(done, devices.length);
        return facts;
      }),
    ),
  );
}

async function askSwitch(
  deps: SwitchDeps,
  { name: device }: FleetDevice,
  access: ReturnType<typeof deviceAccess>,
  signal: AbortSignal,
): Promise<SwitchFacts> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const session = await openSwitch(deps, { device, access }, 'plan', within);
    try {
      const { serial } = await session.identify(within);
      if (serial === access.serial) return { device, found: { kind: 'answers' } };
      return { device, found: { kind: 'other-serial', expected: access.serial, serial } };
    } finally {
      await session.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PointsmanError) {
      return { device, found: { kind: 'failed', code: error.code, message: error.message } };
    }
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      const message = `no answer within ${ANSWER_WITHIN_MS / 1000} s`;
      return { device, found: { kind: 'failed', code: 'DRIVER_UNREACHABLE', message } };
    }
    throw error;
  }
}
