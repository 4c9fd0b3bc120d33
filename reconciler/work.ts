import type { Targets } from '../schemas/fleet.ts';
import type { DeployWork, RequestOfWork } from './deploy/deploy-work.ts';

/** Switches that are to be read and nothing else: a backup, a diff, a check for drift. */
export interface ReadWork {
  /** Name of its run. */
  readonly run: string;
  readonly workflow: string;
  /** The fleet is taken as it is at this commit of its branch. */
  readonly commit: string;
  /** The site whose own runner does this part; absent for the part of all others. */
  readonly shard?: string;
  /** All switches where nothing is named. */
  readonly targets: Targets | undefined;
  readonly request?: RequestOfWork;
  /** Name of a schedule of `automation.yaml`, or of the request that recurs. */
  readonly schedule?: string;
  /** Milliseconds since the epoch. */
  readonly scheduledFor?: number;
  readonly reason?: string;
  /** Nothing is asked before, milliseconds since the epoch. */
  readonly notBefore?: number;
  /** Whoever asked for it said that it is to be done while automation is paused. */
  readonly evenWhenPaused?: boolean;
  /** The pull request that brought the request. */
  readonly pullRequest?: DeployWork['pullRequest'];
}

/** One run that is due, or under way. */
export type Work = DeployWork | ReadWork;

export function isReadWork(work: Work): work is ReadWork {
  return 'targets' in work;
}
