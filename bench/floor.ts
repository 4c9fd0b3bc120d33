import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BenchWorld, SwitchAddress } from './bench-world.ts';
import { AS_USERS_START_IT, type Cost, difference, type Usage } from './measure.ts';

/** What the process is told: make the change `shared` on all of them, or take it back. */
export interface FloorOrder {
  readonly what: 'make' | 'take-back';
  readonly switches: readonly SwitchAddress[];
  readonly atOnce: number;
  readonly pollMilliseconds: number;
}

export type FloorAnswer =
  | (Usage & { readonly kind: 'done'; readonly wallMs: number })
  | { readonly kind: 'failed'; readonly text: string };

/**
 * The least a deploy of the change `shared` can cost: nothing but the conversation with each switch, by our drivers, without
 * a plan, an approval, a record, a proof or a backup. The switches have to run the change already: it is taken back first, which
 * is not measured and gets the process going.
 */
export async function measureFloor(
  world: BenchWorld,
  how: { readonly devices: number; readonly atOnce: number; readonly pollMilliseconds: number },
): Promise<Cost> {
  const { devices, ...pace } = how;
  const child = fork(join(import.meta.dirname, 'floor-process.ts'), [String(devices)], {
    execArgv: [...AS_USERS_START_IT],
    serialization: 'advanced',
  });
  const perform = async (order: FloorOrder) => {
    const answered = once(child, 'message');
    child.send(order);
    // Either side of the pipe is this room's.
    const [answer] = (await answered) as [FloorAnswer];
    if (answer.kind === 'failed') throw new Error(`the floor failed: ${answer.text}`);
    return answer;
  };
  try {
    await once(child, 'message');
    const switches = await world.addresses();
    await perform({ what: 'take-back', switches, ...pace });
    const before = await world.count();
    const { kind, ...used } = await perform({ what: 'make', switches, ...pace });
    return { ...used, cpuMs: used.ownCpuMs + used.gitCpuMs, ...difference(before, await world.count()) };
  } finally {
    child.kill();
  }
}
