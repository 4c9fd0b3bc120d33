/**
 * Fifty real FRR routers of a lab: plan, deploy, backup and looking, beside Ansible, ssh and FRR's own tool. As root, with
 * `apt-get install --no-install-recommends ansible` done. `[--nodes 50] [--collections 3] [--deploys 1]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findLab, type RunningLab } from '../sandbox/lab/lab.ts';
import { missingForLab } from '../sandbox/lab/missing.ts';
import type { WorldAccess } from './bench-world.ts';
import { createFrrPeers } from './frr-peers.ts';
import { type FrrWorld, forkFrrWorld } from './frr-world.ts';
import { type Wanted, wantAtMost } from './line.ts';
import { type Ended, measureCommand, type Taken } from './measure.ts';
import type { TreeTaken } from './process-tree.ts';

const SPINES = 2;
const FEW = 4;
const { values: asked } = parseArgs({
  options: {
    nodes: { type: 'string', default: '50' },
    collections: { type: 'string', default: '3' },
    deploys: { type: 'string', default: '1' },
  },
});
const [MANY, COLLECTIONS, DEPLOYS] = [Number(asked.nodes), Number(asked.collections), Number(asked.deploys)];
const CHANGES = 2;
const WANTED = { backupWall: 1.1, ofAnsibleWall: 0.25, ofAnsibleCpu: 0.2, deployWall: 1.2 } as const;
/** What only the change that is deployed brings. */
const CHANGE = 'FROM-FABRIC';

interface Row {
  readonly what: string;
  readonly wallMs: number;
  readonly cpuMs?: number;
  readonly peakMegabytes?: number;
}

interface Started {
  readonly world: FrrWorld;
  readonly lab: RunningLab;
  readonly folder: string;
  /** A command of the product, with one cache for all of them. */
  run(args: readonly string[], expected?: readonly number[]): Promise<Taken & Ended>;
}

async function withFrrWorld<Result>(nodes: number, use: (started: Started) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-bench-frr-'));
  const { world, end } = forkFrrWorld();
  try {
    console.error(`a lab of ${nodes} …`);
    const access = await world.start({ spines: SPINES, leaves: nodes - SPINES }, join(folder, 'world'));
    const lab = findLab(access.lab);
    if (!lab) throw new Error('the lab has ended');
    try {
      return await use({ world, lab, folder, run: commandsWith(access, folder) });
    } finally {
      await world.stop();
    }
  } finally {
    end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function commandsWith({ remoteUrl, environment }: WorldAccess, folder: string): Started['run'] {
  const here = ['--remote', remoteUrl, '--cache', join(folder, 'cache')];
  return async (args, expected = [0]) =>
    told(`pointsman ${args.join(' ')}`, await measureCommand({ args: [...args, ...here], environment, expected }));
}

/** So that a run that is cut short was not for nothing. */
function told<T extends { readonly wallMs: number; readonly cpuMs?: number }>(what: string, taken: T): T {
  console.error(what, inSeconds({ what, ...taken }));
  return taken;
}

/** The whole road of one change. */
async function deploy(started: Started, change: Parameters<FrrWorld['open']>[0]): Promise<Deployed> {
  return merged(started, await started.world.open(change), CHANGES);
}

async function merged({ world, run }: Started, number: number, exitCode: number): Promise<Deployed> {
  const planned = await run(['plan', '--pr', String(number)], [exitCode]);
  const commit = await world.approveAndMerge(number);
  const passed = await run(['reconcile']);
  return { planned, passed, commit };
}

interface Deployed {
  readonly planned: Taken;
  readonly passed: Taken;
  readonly commit: string;
}

/** A pass over all that finds every router as intended. */
async function lookAt(started: Started, workflow: 'ConfigurationDiff' | 'DriftCheck'): Promise<Taken> {
  await started.world.request(workflow);
  return started.run(['reconcile']);
}

function middle<T extends { readonly wallMs: number }>(all: readonly T[]): T {
  const found = all.toSorted((a, b) => a.wallMs - b.wallMs)[Math.floor(all.length / 2)];
  if (!found) throw new Error('nothing was measured');
  return found;
}

const row = (what: string, { wallMs, cpuMs, peakMegabytes }: TreeTaken): Row => ({
  what,
  wallMs,
  cpuMs,
  ...(peakMegabytes === undefined ? {} : { peakMegabytes }),
});

async function requireAll(peers: ReturnType<typeof createFrrPeers>): Promise<void> {
  const without = await peers.without(CHANGE);
  if (without.length > 0) throw new Error(`${without.join(', ')} did not take the change`);
}

interface Measured {
  readonly rows: readonly Row[];
  readonly looks: readonly Row[];
  readonly wanted: readonly Wanted[];
}

async function measureMany(): Promise<Measured> {
  return withFrrWorld(MANY, async (started) => {
    const peers = createFrrPeers(started.lab, join(started.folder, 'peers'));
    const first = await deploy(started, 'bring-up');
    const before = await peers.savedTexts();

    const collected: { readonly ours: Taken; readonly ansible: TreeTaken; readonly ssh: TreeTaken }[] = [];
    for (let round = 0; round < COLLECTIONS; round += 1) {
      const ours = await started.run(['backup', '--all']);
      const ansible = told('Ansible', await peers.collectByAnsible(false));
      collected.push({ ours, ansible, ssh: told('ssh and xargs', await peers.collectBySsh(false)) });
    }
    const [backup, ansibleCollect, sshCollect] = [
      middle(collected.map(({ ours }) => ours)),
      middle(collected.map(({ ansible }) => ansible)),
      middle(collected.map(({ ssh }) => ssh)),
    ];
    const { peakMegabytes: ansibleMegabytes = 0 } = await peers.collectByAnsible(true);
    const { peakMegabytes: sshMegabytes = 0 } = await peers.collectBySsh(true);
    const looks = [
      row(`ConfigurationDiff of ${MANY}`, await lookAt(started, 'ConfigurationDiff')),
      row(`DriftCheck of ${MANY}`, await lookAt(started, 'DriftCheck')),
    ];

    const deployed: { readonly ours: Deployed; readonly ansible: TreeTaken; readonly floor: number }[] = [];
    for (let round = 0; round < DEPLOYS; round += 1) {
      if (round > 0) await deploy(started, 'bring-up');
      const ours = await deploy(started, 'accept-less');
      await requireAll(peers);
      const after = await peers.savedTexts();
      await peers.restore(before);
      const ansible = told('Ansible', await peers.deployByAnsible(after, false));
      await requireAll(peers);
      await peers.restore(before);
      const floor = told('frr-reload.py', { wallMs: await peers.reloadOnRouters(after) });
      deployed.push({ ours, ansible, floor: floor.wallMs });
      await requireAll(peers);
      await peers.restore(after);
    }
    const ours = middle(deployed.map(({ ours }) => ours.passed));
    const planned = middle(deployed.map(({ ours }) => ours.planned));
    const ansible = middle(deployed.map(({ ansible }) => ansible));
    const floor = middle(deployed.map(({ floor }) => ({ wallMs: floor }))).wallMs;
    const { peakMegabytes: deployMegabytes = 0 } = await peers.deployByAnsible(await peers.savedTexts(), true);

    return {
      rows: [
        row('plan of the first change', first.planned),
        row('deploy of the first change', first.passed),
        row('backup', backup),
        row('the same collected by Ansible', { ...ansibleCollect, peakMegabytes: ansibleMegabytes }),
        row('the same collected by ssh and xargs', { ...sshCollect, peakMegabytes: sshMegabytes }),
        row('plan of a small change', planned),
        row('deploy of a small change', ours),
        row('the same by Ansible', { ...ansible, peakMegabytes: deployMegabytes }),
        { what: 'frr-reload.py alone, --test and --reload', wallMs: floor },
      ],
      looks,
      wanted: [
        wantAtMost('backup: wall, times that of ssh and xargs', WANTED.backupWall, backup.wallMs / sshCollect.wallMs),
        wantAtMost('backup: wall, times that of Ansible', WANTED.ofAnsibleWall, backup.wallMs / ansibleCollect.wallMs),
        wantAtMost('backup: CPU, times that of Ansible', WANTED.ofAnsibleCpu, backup.cpuMs / ansibleCollect.cpuMs),
        wantAtMost('deploy: wall, times that of frr-reload.py alone', WANTED.deployWall, ours.wallMs / floor),
      ],
    };
  });
}

function measureFew(): Promise<readonly Row[]> {
  const start = performance.now();
  return withFrrWorld(FEW, async (started) => {
    const up = { what: `a lab of ${FEW} and a fleet of them`, wallMs: performance.now() - start };
    const first = await deploy(started, 'bring-up');
    const established = await untilEstablished(started.lab);
    const backups: Taken[] = [];
    for (let round = 0; round < COLLECTIONS; round += 1) backups.push(await started.run(['backup', '--all']));
    const looks = [
      row(`ConfigurationDiff of ${FEW}`, await lookAt(started, 'ConfigurationDiff')),
      row(`DriftCheck of ${FEW}`, await lookAt(started, 'DriftCheck')),
    ];
    const policy = await deploy(started, 'accept-less');
    const back = await merged(started, await started.world.openRollback(first.commit), CHANGES);
    return [
      up,
      row('plan of the first change', first.planned),
      row('deploy of the first change', first.passed),
      { what: 'and until all sessions are established', wallMs: established },
      row('plan of a policy', policy.planned),
      row('deploy of a policy', policy.passed),
      row('plan of a Rollback', back.planned),
      row('deploy of a Rollback', back.passed),
      row(`backup of ${FEW}`, middle(backups)),
      ...looks,
    ];
  });
}

/** @returns ms */
async function untilEstablished(lab: RunningLab): Promise<number> {
  const start = performance.now();
  await Promise.all(
    lab.nodes.map(async ({ name }) => {
      const { exitCode } = await lab.run(name, ['sh', '-c', ALL_ESTABLISHED]);
      if (exitCode !== 0) throw new Error(`sessions of ${name} did not come up`);
    }),
  );
  return performance.now() - start;
}

const ALL_ESTABLISHED = `
for i in $(seq 300); do
  vtysh -c 'show bgp summary json' > /tmp/bgp
  grep -q '"state":"Established"' /tmp/bgp && ! grep '"state":' /tmp/bgp | grep -qv Established && exit 0
  sleep 0.2
done
exit 1`;

if (import.meta.main) {
  const missing = missingForLab();
  if (missing.length > 0) throw new Error(missing.join('\n'));
  const { rows, looks, wanted } = await measureMany();
  const few = await measureFew();
  console.table([...few, ...looks, ...rows].map(inSeconds));
  console.table(
    wanted.map(({ what, atMost, measured, holds }) => {
      return { what, 'at most': atMost, measured: measured.toFixed(2), holds };
    }),
  );
}

function inSeconds({ what, wallMs, cpuMs, peakMegabytes }: Row): Readonly<Record<string, string | number>> {
  return {
    what,
    'wall s': (wallMs / 1000).toFixed(2),
    'CPU s': cpuMs === undefined ? '-' : (cpuMs / 1000).toFixed(2),
    'peak MB': peakMegabytes === undefined ? '-' : Math.round(peakMegabytes),
  };
}
