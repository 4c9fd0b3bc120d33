import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEvents } from '../../ledger/events-codec.ts';
import { replaceOnce, textOf } from '../../sandbox/fleets/fleet-files.ts';
import { type CrashChild, type Ended, startReconcile } from './crash-child.ts';
import { type Boundary, type Effect, nameOfGithubRequest, nameOfSwitchRequest } from './crash-effects.ts';
import { createJourney, git, type Journey } from './journey.ts';

/** The switches every deploy here is for. */
export const CHANGED = ['leaf01', 'leaf02', 'leaf03'] as const;

const LEDGER = 'pointsman/ledger';

/** A world in which a pull request for three switches was planned, approved and merged, and nothing was deployed yet. */
export interface CrashWorld {
  readonly journey: Journey;
  readonly pullRequest: number;
  /** The commit that merged it. */
  readonly merged: string;
  /** Every effect since the merge, in the order they were performed. */
  readonly effects: readonly Effect[];
  /** Calls `act` when a border is reached, before the world goes on. Once. */
  at(boundary: Boundary, act: () => void | Promise<void>): void;
  /** What was against the rules while it happened: a switch touched before its intent was on the ledger. */
  readonly violations: readonly string[];
  /**
   * One `pointsman reconcile` in a process of its own, killed at a boundary when one is given.
   *
   * @param cache Name of its copy of the fleet repo; processes that share a name share the copy.
   */
  pass(options?: { readonly killAt?: Boundary; readonly cache?: string }): Promise<Ended>;
  close(): Promise<void>;
}

export interface CrashWorldOptions {
  /** 3 unless given. */
  readonly devicesAtOnce?: number;
}

export async function createCrashWorld({ devicesAtOnce = 3 }: CrashWorldOptions = {}): Promise<CrashWorld> {
  const journey = await createJourney({
    speed: 1,
    // One that is saved by us, so that saving is an effect too.
    switches: (spec) => ({ ...spec, stepMilliseconds: 10, autoSave: spec.name !== 'leaf03' }),
    pace: { devicesAtOnce, confirmWithinSeconds: 30, pollMilliseconds: 20 },
  });
  const { world, gitDir } = journey;
  // Every position the ledger ever had stays known, so that a lost commit can be told from one that never was.
  await git(gitDir, ['config', 'core.logAllRefUpdates', 'always']);

  const pullRequest = await journey.open(thirdTimeServer(journey));
  await journey.plan(pullRequest);
  await journey.approve(pullRequest);
  const merged = await journey.merge(pullRequest);

  const effects: Effect[] = [];
  const violations: string[] = [];
  const intended = new Set<string>();
  const counts = new Map<string, number>();
  const children: CrashChild[] = [];
  let pass = 0;
  const armed = new Map<string, () => void | Promise<void>>();

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

  /** SIGKILL to the process; what it asked for last is not done when the border is before it. */
  const killing =
    (child: CrashChild, { target, phase }: Boundary) =>
    async () => {
      await child.kill();
      if (phase === 'performed') return;
      const one = world.switches.get(target);
      if (one) one.faults.onRequest({ kind: 'drop-before' });
      else world.github.inject({ mutating: true }, { kind: 'drop-before' });
    };

  for (const [target, one] of world.switches) {
    one.onRequest(async ({ phase, mutating, request }) => {
      if (!mutating) return;
      const nth = next(`${target} ${phase}`);
      if (phase === 'performed') {
        const { method, path, body, status = 0 } = request;
        const what = nameOfSwitchRequest(method, path, body);
        if (!intended.has(target)) violations.push(`${target}: "${what}" before its intent was on the ledger`);
        effects.push({ target, nth, what, request: `${method} ${path} ${JSON.stringify(body ?? {})}`, status, pass });
      }
      await reach({ target, nth, phase });
    });
  }

  world.github.onRequest(async ({ phase, mutating, kind, method, path, user }) => {
    if (!mutating || user !== 'pointsman[bot]') return;
    const target = kind === 'git' ? 'ledger' : 'github';
    const nth = next(`${target} ${phase}`);
    if (phase === 'performed') {
      const what = kind === 'git' ? await notePush() : nameOfGithubRequest(method, path);
      effects.push({ target, nth, what, request: `${method} ${path}`, status: 200, pass });
    }
    await reach({ target, nth, phase });
  });

  /** @returns The title of the commit at the tip, without the name of the run. */
  async function notePush(): Promise<string> {
    for (const event of await eventsAt(gitDir)) {
      if (event.kind === 'intent') for (const { device } of event.devices) intended.add(device);
    }
    const { out } = await git(gitDir, ['log', '-1', '--format=%s', LEDGER]);
    return out.trim().replace(/^configurationdeploy-\S+: /, '');
  }

  return {
    journey,
    pullRequest,
    merged,
    effects,
    violations,
    at: (boundary, act) => void armed.set(keyOf(boundary), act),
    async pass({ killAt, cache = 'cache-of-children' } = {}) {
      pass++;
      const folder = dirname(gitDir);
      mkdirSync(folder, { recursive: true });
      const child = startReconcile(world.github.remoteUrl, folder, join(folder, cache), world.environment);
      children.push(child);
      if (killAt) armed.set(keyOf(killAt), killing(child, killAt));
      return child.ended;
    },
    async close() {
      await Promise.all(children.map((child) => child.kill()));
      await journey.close();
    },
  };
}

function keyOf({ target, nth, phase }: Boundary): string {
  return `${target} ${nth} ${phase}`;
}

/** Events of the one run on the ledger, oldest first; none while there is no run. */
export async function eventsAt(gitDir: string, commit = LEDGER) {
  const { out } = await git(gitDir, ['ls-tree', '-r', '--name-only', commit, 'runs/']);
  const path = out.split('\n').find((name) => name.endsWith('/events.jsonl'));
  if (path === undefined) return [];
  return parseEvents((await git(gitDir, ['show', `${commit}:${path}`])).out, path);
}

/** One more time server on three leaves: three switches change, each in a leaf of its own. */
function thirdTimeServer({ world }: Journey): Parameters<Journey['open']>[0] {
  const files = CHANGED.map((name, index) => {
    const path = `desired-state/devices/ams1/${name}.yaml`;
    const servers = `data:\n  ntp_servers: [192.168.200.123, 192.168.200.124, 192.168.200.14${index}]\n`;
    return [path, replaceOnce(path, textOf(world.files, path), 'data:\n', servers)] as const;
  });
  return { title: 'Ask the clocks in the racks', branch: 'rack-clocks', files: new Map(files) };
}
