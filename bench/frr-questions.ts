/**
 * What each question of a deploy costs one real FRR router and us: wall time, and CPU time of the whole machine, so nobody else may
 * use it. As root, with what the lab needs. `[--rounds 10]`
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Session } from '../drivers/driver.ts';
import type { Tree } from '../schemas/json.ts';
import { BASE_CONF, confTree, type FrrNode, missing, startNode } from '../test/drivers/frr/node.ts';

const { values: asked } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });
const ROUNDS = Number(asked.rounds);
const CONFIRM_WITHIN_SECONDS = 120;
const TOOL = '/usr/lib/frr/frr-reload.py --stdout --log-level warning';
const never = new AbortController().signal;

interface Spent {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly ourCpuMs: number;
}

/** Runs something and adds what it took to the line of that name. */
type Asking = <T>(what: string, ask: () => Promise<T>) => Promise<T>;

/** From the look before the first switch to the backup, as a deploy asks it. */
async function deployOnce(node: FrrNode, intended: Tree, ask: Asking): Promise<void> {
  await inConversation(node, 'look', ask, (session) => compare(session, 'look', intended, ask));
  const candidate = await inConversation(node, 'apply', ask, async (session) => {
    const { candidates } = await compare(session, 'apply', intended, ask);
    const staged = await ask('apply: stage', () => session.stage(intended, candidates, never));
    await ask('apply: health', () => session.health(never));
    await ask('apply: commit', () => session.commit(staged.candidate, CONFIRM_WITHIN_SECONDS, never));
    return staged.candidate;
  });
  await inConversation(node, 'proof', ask, async (session) => {
    await ask('proof: state', () => session.state(candidate, never));
    await compare(session, 'proof', intended, ask);
    await ask('proof: health', () => session.health(never));
    await ask('proof: confirm, save, state', async () => {
      await session.confirm(candidate, never);
      await session.save(never);
      await session.state(candidate, never);
    });
  });
  await inConversation(node, 'backup', ask, async (session) => {
    await session.identify(never);
    await ask('backup: read', () => session.read(never));
  });
}

async function inConversation<T>(
  node: FrrNode,
  name: string,
  ask: Asking,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await ask(`${name}: log in`, () => node.open());
  const result = await use(session);
  await session.close();
  return result;
}

async function compare(session: Session, name: string, intended: Tree, ask: Asking) {
  await session.identify(never);
  const running = await ask(`${name}: read`, () => session.read(never));
  await ask(`${name}: try`, async () => session.respell?.(intended, running, never));
  return running;
}

/** The same change by FRR's tool alone, at the console. */
async function reloadOnce(node: FrrNode, conf: string, ask: Asking): Promise<void> {
  await node.sh('cat > /tmp/bench.conf', conf);
  await ask('frr-reload.py --test', () => node.sh(`${TOOL} --test /tmp/bench.conf`));
  await ask('frr-reload.py --reload', () => node.sh(`${TOOL} --reload /tmp/bench.conf`));
}

function countInto(spent: Map<string, Spent[]>): Asking {
  return async (what, ask) => {
    const before = { wall: performance.now(), cpu: machineCpuMs(), our: ourCpuMs() };
    const result = await ask();
    const row = {
      wallMs: performance.now() - before.wall,
      cpuMs: machineCpuMs() - before.cpu,
      ourCpuMs: ourCpuMs() - before.our,
    };
    spent.set(what, [...(spent.get(what) ?? []), row]);
    return result;
  };
}

/** Of all processors: user, nice, system, irq and softirq, which Linux counts in hundredths of a second. Source: proc(5). */
function machineCpuMs(): number {
  const [, ...ticks] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).map(Number);
  return [0, 1, 2, 5, 6].reduce((sum, index) => sum + (ticks[index] ?? 0), 0) * 10;
}

function ourCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function mean(all: readonly Spent[]): Spent {
  const of = (key: keyof Spent) => all.reduce((sum, row) => sum + row[key], 0) / all.length;
  return { wallMs: of('wallMs'), cpuMs: of('cpuMs'), ourCpuMs: of('ourCpuMs') };
}

function shown(what: string, { wallMs, cpuMs, ourCpuMs }: Spent) {
  return { what, 'wall ms': Math.round(wallMs), 'CPU ms': Math.round(cpuMs), 'of which ours': Math.round(ourCpuMs) };
}

if (import.meta.main) {
  if (missing.length > 0) throw new Error(missing.join('\n'));
  const node = await startNode();
  const [ours, alone] = [new Map<string, Spent[]>(), new Map<string, Spent[]>()];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const conf = `${BASE_CONF}ip route 10.${round}.0.0/16 blackhole\nip prefix-list BENCH seq 10 permit 10.${round}.0.0/16\n`;
      const intended = confTree(conf);
      await node.reset();
      // The plan asked before, and what FRR said of it is kept.
      await inConversation(node, 'plan', countInto(new Map()), (session) =>
        compare(session, 'plan', intended, countInto(new Map())),
      );
      await deployOnce(node, intended, countInto(ours));
      await node.reset();
      await reloadOnce(node, conf, countInto(alone));
    }
  } finally {
    await node.stop();
  }
  const rows = [...ours].map(([what, all]) => [what, mean(all)] as const);
  const sum = (key: keyof Spent) => rows.reduce((total, [, row]) => total + row[key], 0);
  const all = { wallMs: sum('wallMs'), cpuMs: sum('cpuMs'), ourCpuMs: sum('ourCpuMs') };
  const others = [...alone].map(([what, spent]) => [what, mean(spent)] as const);
  console.table([...rows, ['all', all] as const, ...others].map(([what, spent]) => shown(what, spent)));
}
