import { LabRefusal } from './errors.ts';
import { createLabFaults, type LabFaults } from './faults.ts';
import { findHub, type Hub } from './hub.ts';
import type { LabNode, LabState } from './lab-state.ts';
import { findInit, switchOff, switchOn, waitUntilReady } from './power.ts';
import { type ProcessResult, runProcess } from './run-process.ts';

/** A routing fabric that runs, whoever started it. */
export interface RunningLab {
  readonly state: LabState;
  readonly nodes: readonly LabNode[];
  /**
   * Runs a program on a node as root, past SSH and past the product: a second operator at the console.
   *
   * @param argv Program and arguments; no shell is between.
   * @throws {LabRefusal} There is no such node, or it is off.
   */
  run(name: string, argv: readonly string[], stdin?: string): Promise<ProcessResult>;
  readonly faults: LabFaults;
  /** A power cut: the disk stays. Returns when the node is ready again. */
  reboot(name: string): Promise<void>;
  /** As the plug is pulled; `reboot` puts it back. */
  powerOff(name: string): Promise<void>;
  /** Whether it has power. */
  isOn(name: string): boolean;
}

export interface Lab extends RunningLab {
  /** Ends everything and removes `directory`. Leaves nothing on the machine. */
  stop(): Promise<void>;
  /** Resolves when the lab has ended, by `stop` or because it was killed. */
  readonly ended: Promise<void>;
}

const READY_WITHIN_SECONDS = 60;

/** Finds a lab that another process started. @returns Nothing when it has ended. */
export function findLab(state: LabState): RunningLab | undefined {
  const hub = findHub(state.hub);
  return hub && createRunningLab(hub, state);
}

export function createRunningLab(hub: Hub, state: LabState): RunningLab {
  const nodeAt = (name: string): LabNode => {
    const node = state.nodes.find((one) => one.name === name);
    if (node) return node;
    throw new LabRefusal({
      asked: `The node ${name}`,
      found: `there are ${state.nodes.map((one) => one.name).join(', ')}`,
    });
  };
  const run: RunningLab['run'] = async (name, argv, stdin = '') => {
    const pid = findInit(hub, nodeAt(name).name);
    if (pid === undefined) throw new LabRefusal({ asked: `${argv[0]} on ${name}`, found: 'the node is off' });
    const enter = ['-t', `${pid}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--'];
    return runProcess('nsenter', [...enter, ...argv], { input: stdin });
  };
  return {
    state,
    nodes: state.nodes,
    run,
    faults: createLabFaults(hub, state, run),
    async reboot(name) {
      const node = nodeAt(name);
      if (findInit(hub, name) !== undefined) await switchOff(hub, state, name);
      await switchOn(hub, state, [name]);
      await waitUntilReady(hub, [node], READY_WITHIN_SECONDS, new AbortController().signal);
    },
    async powerOff(name) {
      if (findInit(hub, nodeAt(name).name) !== undefined) await switchOff(hub, state, name);
    },
    isOn: (name) => findInit(hub, nodeAt(name).name) !== undefined,
  };
}
