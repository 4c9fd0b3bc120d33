/** The process `floor.ts` starts: changes switches by the drivers alone. */
import pLimit from 'p-limit';
import { machineClock } from '../cli/clock.ts';
import type { DriverDeps, Session } from '../drivers/driver.ts';
import { driverFor } from '../drivers/registry.ts';
import { demoPasswords } from '../sandbox/fleets/demo-secrets.ts';
import { mergePatch } from '../sandbox/switches/tree.ts';
import { makeSyntheticFleet } from '../sandbox/synthetic-fleet.ts';
import type { Log } from '../schemas/log.ts';
import type { SwitchAddress } from './bench-world.ts';
import { cpuTimeSoFar } from './cpu-time.ts';
import type { FloorAnswer, FloorOrder } from './floor.ts';

const PLATFORM = 'cumulus';
/** As deploys have it unless a fleet says otherwise. */
const CONFIRM_WITHIN_SECONDS = 300;

const driver = driverFor(PLATFORM);
const { signal } = new AbortController();
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const fleet = makeSyntheticFleet({ devices: Number(process.argv[2]) });
const running = new Map(fleet.switches.map(({ name, configuration }) => [name, configuration]));

async function perform({ what, switches, atOnce, pollMilliseconds }: FloorOrder): Promise<FloorAnswer> {
  const deps: DriverDeps = { clock: machineClock, log: silent, pollMilliseconds };
  const limit = pLimit(atOnce);
  const { ownCpuMs, gitCpuMs } = cpuTimeSoFar();
  const start = performance.now();
  await Promise.all(switches.map((one) => limit(() => changeOne(deps, one, what))));
  const wallMs = performance.now() - start;
  const used = cpuTimeSoFar();
  return {
    kind: 'done',
    wallMs,
    ownCpuMs: used.ownCpuMs - ownCpuMs,
    gitCpuMs: used.gitCpuMs - gitCpuMs,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

/** Read, staged and made live in one conversation, confirmed and saved in another, as every driver asks for. */
async function changeOne(deps: DriverDeps, one: SwitchAddress, what: FloorOrder['what']): Promise<void> {
  const before = running.get(one.name) ?? {};
  const intended = driver.normalise(what === 'make' ? mergePatch(before, fleet.sharedTree) : before);
  const candidate = await talk(deps, one, async (session) => {
    const { candidates } = await session.read(signal);
    const staged = await session.stage(intended, candidates, signal);
    await session.commit(staged.candidate, CONFIRM_WITHIN_SECONDS, signal);
    return staged.candidate;
  });
  await talk(deps, one, async (session) => {
    const { kind } = await session.confirm(candidate, signal);
    if (kind !== 'live') throw new Error(`${one.name} is ${kind}`);
    await session.save(signal);
  });
}

async function talk<Result>(
  deps: DriverDeps,
  { name, host, port, pin }: SwitchAddress,
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  const logins = [{ username: 'pointsman', password: demoPasswords.pointsman }];
  const session = await driver.open({ device: name, host, port, tls: { pins: [pin] }, logins }, deps, signal);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

process.on('message', (order: FloorOrder) => {
  const answer = (value: FloorAnswer): void => void process.send?.(value);
  perform(order).then(answer, (error: unknown) => answer({ kind: 'failed', text: String(error) }));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
