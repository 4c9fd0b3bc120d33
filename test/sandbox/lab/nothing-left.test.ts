/** What a lab leaves on the machine: nothing, however it ended. Other labs may be running beside these. */
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { startOf } from '../../../sandbox/lab/hub.ts';
import type { LabState } from '../../../sandbox/lab/lab-state.ts';
import { runProcess } from '../../../sandbox/lab/run-process.ts';
import { startLab } from '../../../sandbox/lab/start-lab.ts';
import { describeInLab, freshFolder, PATIENCE, speaksSsh, startNode } from './fixture.ts';

vi.setConfig({ testTimeout: 150_000 });

const SMALL = { spines: 1, leaves: 1, imageFiles: new Map() };
const root = join(import.meta.dirname, '..', '..', '..');

describeInLab('of a lab', () => {
  it('nothing is left when it was stopped', async () => {
    const lab = await startLab({ ...SMALL, directory: freshFolder() }, AbortSignal.timeout(150_000));
    const traces = readTraces(lab.state);
    expect(traces.processes.length).toBeGreaterThan(15);
    expect(remainsOf(lab.state, traces)).not.toEqual(NOTHING);

    await lab.stop();

    expect(remainsOf(lab.state, traces)).toEqual(NOTHING);
  });

  it('nothing is left when the process that holds it was killed with SIGKILL', async () => {
    const directory = freshFolder();
    const child = startNode(join(root, 'test', 'support', 'lab-child.ts'), [directory], root);
    const state = await new Promise<LabState>((resolve) => {
      child.stdout.once('data', (line: Buffer) => resolve(JSON.parse(line.toString())));
    });
    const traces = readTraces(state);
    expect(await speaksSsh(state.nodes[0]?.address ?? '')).toBe(true);

    child.kill('SIGKILL');

    await expect.poll(() => remainsOf(state, traces), PATIENCE).toEqual(NOTHING);
  });

  it('nothing is left when its start was given up', async () => {
    const stop = new AbortController();
    const directory = freshFolder();
    const starting = startLab({ ...SMALL, directory }, stop.signal);
    const outcome = expect(starting).rejects.toThrow('enough');
    await expect.poll(() => hubsAt(directory), { ...PATIENCE, interval: 5 }).not.toEqual([]);

    stop.abort(new Error('enough'));

    await outcome;
    expect(existsSync(directory)).toBe(false);
    expect(hubsAt(directory)).toEqual([]);
  });

  it('nothing is given up of what stood in its place before', async () => {
    const directory = freshFolder();
    mkdirSync(directory);

    const outcome = startLab({ ...SMALL, directory }, AbortSignal.timeout(150_000));

    await expect(outcome).rejects.toMatchObject({ code: 'SANDBOX_LAB_REFUSED' });
    expect(existsSync(directory)).toBe(true);
    rmSync(directory, { recursive: true });
  });

  it('two at once have nothing in common', async () => {
    const labs = await Promise.all(
      [1, 2].map(() => startLab({ ...SMALL, directory: freshFolder() }, AbortSignal.timeout(150_000))),
    );
    const [one, other] = labs;

    expect(one?.state.block).not.toEqual(other?.state.block);
    const said = await Promise.all(labs.map((lab) => lab.run('leaf01', ['cat', '/etc/pointsman-lab/serial'])));
    expect(said.map(({ stdout }) => stdout.trim())).toEqual(labs.map((lab) => lab.nodes[1]?.serial));
    await one?.stop();
    expect((await other?.run('leaf01', ['hostname']))?.stdout).toBe('leaf01\n');
    expect(await speaksSsh(other?.nodes[1]?.address ?? '')).toBe(true);
    await other?.stop();
  });

  it('the commands start one that stays, show it, break it, and leave nothing', async () => {
    const cwd = freshFolder();
    mkdirSync(cwd);
    const lab = (...args: readonly string[]) =>
      runProcess('sh', ['-c', 'cd "$0" && exec "$@"', cwd, process.execPath, join(root, 'scripts', 'lab.ts'), ...args]);

    expect(await lab('up', '--spines', '1', '--leaves', '1')).toMatchObject({ exitCode: 0, stderr: '' });
    const { state } = JSON.parse(readFileSync(join(cwd, '.pointsman', 'lab', 'lab.json'), 'utf8'));
    const traces = readTraces(state);
    expect(await lab('up')).toMatchObject({ exitCode: 1, stdout: '' });
    expect((await lab('ssh', 'leaf01', 'hostname')).stdout).toBe('leaf01\n');
    expect((await lab('cut', 'leaf01', 'spine01')).exitCode).toBe(0);
    const status = JSON.parse((await lab('status', '--json')).stdout);
    expect(status).toMatchObject({ running: true, missing: [], faults: { dark: [] } });
    expect(status.faults.cut).toHaveLength(1);
    expect(status.kernel).toEqual(expect.objectContaining({ vlan: expect.any(Boolean), netem: expect.any(Boolean) }));
    expect(status.nodes.map(({ name, on }: { name: string; on: boolean }) => [name, on])).toEqual([
      ['spine01', true],
      ['leaf01', true],
    ]);

    expect(await lab('down')).toMatchObject({ exitCode: 0, stdout: 'The lab is down.\n' });

    expect(remainsOf(state, traces)).toEqual(NOTHING);
    expect(await lab('down')).toMatchObject({ exitCode: 0, stdout: 'No lab is running here.\n' });
    expect(existsSync(join(cwd, '.pointsman', 'lab'))).toBe(false);
    rmSync(cwd, { recursive: true });
  });
});

interface Traces {
  /** Processes of the lab with the times of their starts. */
  readonly processes: readonly (readonly [pid: number, startedAt: string])[];
  /** `net:[4026532000]`… of these processes, the machine's own left out. */
  readonly namespaces: ReadonlySet<string>;
  /** The kernel's number of the management interface; another lab's has another one. */
  readonly link: string;
}

const NOTHING = { processes: [], namespaces: [], link: false, mounts: [], folder: false };

/** Everything that lives in the hub's namespaces or below. */
function readTraces(state: LabState): Traces {
  const { hub } = state;
  const own = new Set(namespacesOf('self'));
  const pids = processIds().filter((pid) => pid === hub.pid || ancestorsOf(pid).includes(hub.pid));
  const namespaces = pids.flatMap((pid) => namespacesOf(pid)).filter((namespace) => !own.has(namespace));
  return {
    processes: pids.map((pid) => [pid, startOf(pid) ?? ''] as const),
    namespaces: new Set(namespaces),
    link: linkIndexOf(state),
  };
}

function remainsOf(state: LabState, { processes, namespaces, link }: Traces) {
  const present = new Set(processIds().flatMap((pid) => namespacesOf(pid)));
  return {
    processes: [
      ...processes.filter(([pid, startedAt]) => startOf(pid) === startedAt).map(([pid]) => pid),
      ...hubsAt(state.directory),
    ],
    namespaces: [...namespaces].filter((namespace) => present.has(namespace)),
    link: linkIndexOf(state) === link,
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes('pointsman-') || line.includes(state.directory)),
    folder: existsSync(state.directory),
  };
}

function linkIndexOf({ block }: LabState): string {
  return orNothing(() => readFileSync(`/sys/class/net/${block.link}/ifindex`, 'utf8'))[0] ?? 'none';
}

/** Processes of the machine that name this folder: the one that removes it is the last to go. */
function hubsAt(directory: string): readonly number[] {
  return processIds().filter((pid) => pid !== process.pid && commandOf(pid).includes(directory));
}

function processIds(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function namespacesOf(pid: number | 'self'): readonly string[] {
  return ['net', 'mnt', 'pid', 'uts', 'ipc'].flatMap((kind) =>
    orNothing(() => readlinkSync(`/proc/${pid}/ns/${kind}`)),
  );
}

function ancestorsOf(pid: number): readonly number[] {
  const [status = ''] = orNothing(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  const parent = Number(/^PPid:\t(\d+)$/m.exec(status)?.[1] ?? 0);
  return parent === 0 ? [] : [parent, ...ancestorsOf(parent)];
}

function commandOf(pid: number): string {
  return orNothing(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))[0] ?? '';
}

/** A process can go while it is looked at. */
function orNothing<T>(read: () => T): readonly T[] {
  try {
    return [read()];
  } catch {
    return [];
  }
}
