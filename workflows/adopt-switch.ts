import pLimit from 'p-limit';
import type { DriverDeps, Session, Target } from '../drivers/driver.ts';
import { driverFor, drivers } from '../drivers/registry.ts';
import type { Identity } from '../schemas/device.ts';
import type { PointsmanError } from '../schemas/errors.ts';
import type { Tree } from '../schemas/json.ts';
import { ProductUnknownError, SwitchBusyError } from './errors.ts';
import { foreseen } from './foreseen.ts';

/** A switch that is to be adopted: where it answers, and what proves that it is the one. */
export interface AdoptionTarget extends Target {
  /** Asked for; otherwise the switch is believed. */
  readonly platform?: string;
}

/** A switch as it was found. */
export interface FoundSwitch {
  readonly kind: 'found';
  /** As it was called when it was asked. */
  readonly device: string;
  readonly platform: string;
  readonly identity: Identity;
  /** Of the management interface, where the switch says it. */
  readonly mac?: string;
  /** In the form of its platform, with real secrets: memory only. */
  readonly tree: Tree;
  /** It would boot into something else than it runs. */
  readonly unsaved: boolean;
}

export interface SwitchNotRead {
  readonly kind: 'failed';
  readonly device: string;
  readonly error: PointsmanError;
}

const READ_LIMIT_MS = 120_000;
const READS_AT_ONCE = 32;

/** {@link adoptSwitch} for many, in their order. */
export function adoptSwitches(
  deps: DriverDeps,
  targets: readonly AdoptionTarget[],
  signal: AbortSignal,
  onRead: (done: number) => void = () => {},
): Promise<readonly (FoundSwitch | SwitchNotRead)[]> {
  const limit = pLimit(READS_AT_ONCE);
  let done = 0;
  return Promise.all(
    targets.map((target) =>
      limit(async () => {
        const read = await adoptSwitch(deps, target, signal);
        done += 1;
        onRead(done);
        return read;
      }),
    ),
  );
}

/**
 * Asks a switch that is in no fleet yet who it is and what it runs. Never changes it: what is sent are questions. What goes
 * wrong with one switch is a value, so that it hides no other.
 *
 * @throws The abort of the whole, and bugs.
 */
export async function adoptSwitch(
  deps: DriverDeps,
  target: AdoptionTarget,
  signal: AbortSignal,
): Promise<FoundSwitch | SwitchNotRead> {
  const { device } = target;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_LIMIT_MS)]);
  let session: Session | undefined;
  try {
    session = await driverFor(target.platform ?? ANY_PLATFORM).open(target, deps, limited);
    const identity = await session.identify(limited);
    const { product, platform: said, mac } = await session.introduce(limited);
    const platform = target.platform ?? said;
    if (platform === undefined) throw new ProductUnknownError({ device, product, known: Object.keys(drivers) });
    const { tree, unsaved, busyWith } = await session.read(limited);
    // What is half way in is neither the old configuration nor the new one.
    if (busyWith) throw new SwitchBusyError({ device, ...busyWith });
    return {
      kind: 'found',
      device,
      platform,
      identity,
      ...(mac === undefined ? {} : { mac }),
      tree: driverFor(platform).normalise(tree),
      unsaved,
    };
  } catch (error) {
    return { kind: 'failed', device, error: foreseen(error, device, signal) };
  } finally {
    await session?.close();
  }
}

/** Every platform there is speaks NVUE, so any of them can ask which one it is. */
const ANY_PLATFORM = 'cumulus';
