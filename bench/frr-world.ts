import { join } from 'node:path';
import type { LabState } from '../sandbox/lab/lab-state.ts';
import type { WorldAccess } from './bench-world.ts';
import { forkCalls } from './calls.ts';
import type { FrrChange } from './frr-fleet.ts';

/** Routers of a lab, an emulated GitHub and people, in a process of their own. */
export interface FrrWorld {
  /** @param folder Must not be there yet. */
  start(
    size: { readonly spines: number; readonly leaves: number },
    folder: string,
  ): Promise<WorldAccess & { readonly lab: LabState }>;
  /** @returns Number of a new pull request that says so of all routers. */
  open(change: FrrChange): Promise<number>;
  /** @returns Number of a new pull request that asks for all routers as they were at a commit. */
  openRollback(commit: string): Promise<number>;
  /** A request for something that only reads, of all routers, on the fleet's branch. */
  request(workflow: 'ConfigurationDiff' | 'DriftCheck'): Promise<void>;
  /** By somebody else, in a later second than everything before it. @returns The commit it made. */
  approveAndMerge(number: number): Promise<string>;
  stop(): Promise<void>;
}

export function forkFrrWorld(): { readonly world: FrrWorld; end(): void } {
  const { call, stop } = forkCalls<FrrWorld>(join(import.meta.dirname, 'frr-world-process.ts'));
  return {
    world: {
      start: call('start'),
      open: call('open'),
      openRollback: call('openRollback'),
      request: call('request'),
      approveAndMerge: call('approveAndMerge'),
      stop: call('stop'),
    },
    end: stop,
  };
}
