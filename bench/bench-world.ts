import { join } from 'node:path';
import { forkCalls } from './calls.ts';

/** What was asked of the outside so far. */
export interface Counts {
  /** To all switches together. */
  readonly switchRequests: number;
  /** The most any one switch got. */
  readonly mostOfOneSwitch: number;
  readonly restCalls: number;
  /** Of these, answered "as before": they cost nothing of the hour. */
  readonly unchanged: number;
  /** Of these, such that change something at GitHub. */
  readonly written: number;
  readonly gitCalls: number;
  readonly ledgerCommits: number;
  readonly comments: number;
  /** Characters of the longest comment. */
  readonly longestComment: number;
  /** Its lines. */
  readonly commentLines: number;
}

export type ChangeName = 'shared' | 'distinct' | 'grouped' | 'one';

export interface WorldSize {
  /** Devices the fleet repo describes. */
  readonly devices: number;
  /** How many of them, from the first on, are there to be spoken to. */
  readonly switches: number;
  /** Switches in a batch of a rollout; all are one batch unless given. */
  readonly batchSize?: number;
  /** As quick as the emulation is unless given: then the product is measured, not the waiting. */
  readonly pace?: Pace;
}

/** How long switches take. */
export interface Pace {
  /** Each state of an apply's walk, of which there are about seven. */
  readonly stepMilliseconds: number;
  /** How often a running apply is looked at. */
  readonly pollMilliseconds: number;
}

/** How to reach one of the switches that are there. */
export interface SwitchAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly pin: string;
}

/** What the product has to be told. */
export interface WorldAccess {
  readonly remoteUrl: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A world in a process of its own, so that what it costs is not counted as the product's. */
export interface BenchWorld {
  /** @param folder Where its repositories are kept. */
  start(size: WorldSize, folder: string): Promise<WorldAccess>;
  /** @returns Number of a new pull request with this change. */
  open(change: ChangeName): Promise<number>;
  /** An approving review, in a later second than everything before it. */
  approve(number: number): Promise<void>;
  merge(number: number): Promise<void>;
  /** Those that are there, in the order of the fleet. */
  addresses(): Promise<readonly SwitchAddress[]>;
  count(): Promise<Counts>;
}

/** Starts an empty world process. One call at a time. */
export function forkWorld(): { readonly world: BenchWorld; stop(): void } {
  const { call, stop } = forkCalls<BenchWorld>(join(import.meta.dirname, 'world-process.ts'));
  return {
    world: {
      start: call('start'),
      open: call('open'),
      approve: call('approve'),
      merge: call('merge'),
      addresses: call('addresses'),
      count: call('count'),
    },
    stop,
  };
}
