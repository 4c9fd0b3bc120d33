import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunEvent } from '../../ledger/events.ts';
import { parseEvents } from '../../ledger/events-codec.ts';
import type { CrashScene } from './crash-acts.ts';
import { type CrashChild, type Ended, startReconcile } from './crash-child.ts';
import { type Boundary, type Effect, nameOfGithubRequest } from './crash-effects.ts';
import { createRouters } from './crash-routers.ts';
import { DEPLOY } from './crash-scenes.ts';
import { type CrashSwitches, createEmulatedSwitches } from './crash-switches.ts';
import { git, type Journey } from './journey.ts';

const LEDGER = 'pointsman/ledger';

/** A world in which a scene has begun, and everything the product does to it from there on. */
export interface CrashWorld {
  readonly journey: Journey;
  readonly scene: CrashScene;
  readonly switches: CrashSwitches;
  /** Every effect since the scene began, in the order they were performed. */
  readonly effects: readonly Effect[];
  /** Calls `act` when a border is reached, before the world goes on. Once. */
  at(boundary: Boundary, act: () => void | Promise<void>): void;
  /** Kills the process that runs when a border is reached; what it asked for last is not done when the border is before it. */
  killAt(boundary: Boundary): void;
  /** What was against the rules while it happened: a switch touched before its intent was on the ledger. */
  readonly violations: readonly string[];
  /** One `pointsman reconcile` in a process of its own. */
  pass(options?: PassOptions): Promise<Ended>;
  close(): Promise<void>;
}

export interface PassOptions {
  /** Name of its copy of the fleet repo; processes that share a name share the copy. */
  readonly cache?: string;
  /** Whose runner it is; of all sites that name none unless given. */
  readonly site?: string;
}

export async function createCrashWorld(scene: CrashScene = DEPLOY): Promise<CrashWorld> {
  const switches = await (scene.routers ? createRouters(scene) : createEmulatedSwitches(scene));
  const { journey } = switches;
  const { world, gitDir } = journey;
  // Every position the ledger ever had stays known, so that a lost commit can be told from one that never was.
  await git(gitDir, ['config', 'core.logAllRefUpdates', 'always']);
  await scene.arrange(journey);

  const effects: Effect[] = [];
  const violations: string[] = [];
  const intended = new Set<string>();
  const counts = new Map<string, number>();
  const children: CrashChild[] = [];
  const armed = new Map<string, () => void | Promise<void>>();
  let ledgerTip = await tipOf(gitDir);

  const next = (key: string): number => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count;
  };

  async function reach(boundary: Boundary): Promise<void> {
    const act = armed.get(keyOf(boundary));
    armed.delete(keyOf(boundary));
    await act?.();
  }

  switches.watch(async ({ target, phase, what, request, status }) => {
    const nth = next(`${target} ${phase}`);
    if (phase === 'received') {
      if (armed.has(keyOf({ target, nth, phase: 'arrived' }))) return reach({ target, nth, phase: 'arrived' });
      return reach({ target, nth, phase });
    }
    const isTrial = scene.tries && what !== 'apply';
    if (!intended.has(target) && !isTrial) violations.push(`${target}: "${what}" before its intent was on the ledger`);
    effects.push({ target, nth, what, request, status, pass: children.length });
    await reach({ target, nth, phase });
  });

  world.github.onRequest(async ({ phase, mutating, kind, method, path, user }) => {
    if (!mutating || user !== 'pointsman[bot]') return;
    const target = kind === 'git' ? 'git' : 'github';
    const nth = next(`${target} ${phase}`);
    if (phase === 'performed') {
      const what = kind === 'git' ? await notePush() : nameOfGithubRequest(method, path);
      effects.push({ target, nth, what, request: `${method} ${path}`, status: 200, pass: children.length });
    }
    await reach({ target, nth, phase });
  });

  /** @returns The title of the ledger's new commit, without the name of the run. */
  async function notePush(): Promise<string> {
    const tip = await tipOf(gitDir);
    if (tip === ledgerTip) return 'branch';
    ledgerTip = tip;
    for (const event of [...(await runsAt(gitDir)).values()].flat()) {
      if (event.kind === 'intent') for (const { device } of event.devices) intended.add(device);
    }
    const { out } = await git(gitDir, ['log', '-1', '--format=%s', LEDGER]);
    return out
      .trim()
      .replace(/^[a-z]+-\S+: /, '')
      .replace(/ p1:.*/, '');
  }

  return {
    journey,
    scene,
    switches,
    effects,
    violations,
    at: (boundary, act) => void armed.set(keyOf(boundary), act),
    killAt({ target, nth, phase }) {
      armed.set(keyOf({ target, nth, phase }), async () => {
        await children.at(-1)?.kill();
        if (phase !== 'received') return;
        if (switches.names.includes(target)) switches.drop(target);
        else world.github.inject({ mutating: true }, { kind: 'drop-before' });
      });
    },
    async pass({ cache = 'cache-of-children', site } = {}) {
      const folder = dirname(gitDir);
      mkdirSync(folder, { recursive: true });
      const child = startReconcile(world.github.remoteUrl, folder, join(folder, cache), world.environment, site);
      children.push(child);
      return child.ended;
    },
    async close() {
      await Promise.all(children.map((child) => child.kill()));
      await switches.close();
    },
  };
}

function keyOf({ target, nth, phase }: Boundary): string {
  return `${target} ${nth} ${phase}`;
}

async function tipOf(gitDir: string): Promise<string> {
  return (await git(gitDir, ['rev-parse', '--verify', '--quiet', LEDGER])).out.trim();
}

/** Events of every run on the ledger, oldest first, by the run's name. */
export async function runsAt(gitDir: string): Promise<ReadonlyMap<string, readonly RunEvent[]>> {
  const { out } = await git(gitDir, ['ls-tree', '-r', '--name-only', LEDGER, 'runs/']);
  const runs = new Map<string, readonly RunEvent[]>();
  for (const path of out.split('\n').filter((name) => name.endsWith('/events.jsonl'))) {
    const text = (await git(gitDir, ['show', `${LEDGER}:${path}`])).out;
    runs.set(path.split('/').at(-2) ?? '', parseEvents(text, path));
  }
  return runs;
}

/** Events of the one run on the ledger, oldest first; none while there is no run. */
export async function eventsAt(gitDir: string): Promise<readonly RunEvent[]> {
  return [...(await runsAt(gitDir)).values()][0] ?? [];
}
