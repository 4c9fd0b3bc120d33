import type { PullRequest } from '../../forge/forge.ts';
import type { Enforces, RunStatus } from '../../ledger/events.ts';
import type { Run } from '../../ledger/run.ts';

/** A file in `requests/` that asks for a run, as it stands at the commit the run is for. */
export interface RequestOfWork {
  readonly name: string;
  /** `requests/<name>.yaml` */
  readonly path: string;
}

/** A commit on the fleet's branch whose changes have to reach the switches. */
export interface DeployWork {
  /** Name of its run. */
  readonly run: string;
  readonly workflow: string;
  /** What the run says of itself from its start; as the workflow says where it is not said. */
  readonly about?: {
    readonly reason?: string;
    readonly timeoutSeconds?: number;
    readonly evenWhenPaused?: boolean;
  };
  /** The file in `requests/` that asks for it; what changed on the branch is asked for by itself. */
  readonly request?: RequestOfWork;
  /** Drift that a rule takes back: no pull request asks for it, and `parent` is `commit`. */
  readonly enforces?: Enforces;
  readonly commit: string;
  /** The commit before it on the branch: what the switches are expected to run. */
  readonly parent: string;
  /** The site whose own runner does this part of the commit; absent for the part of all others. */
  readonly shard?: string;
  /** The pull request that put it there. Absent for a direct push. */
  readonly pullRequest?: PullRequest;
  /** The pull request of ours that asks for the approval, where the merged one cannot. */
  readonly gate?: PullRequest;
}

/** The pull request whose reviews release this work, and which shows its plan. */
export function askedOn({ gate, pullRequest }: Pick<DeployWork, 'gate' | 'pullRequest'>): PullRequest | undefined {
  return gate ?? pullRequest;
}

/** How far a run got in this pass. */
export type Advance =
  | { readonly kind: 'ended'; readonly run: string; readonly status: RunStatus }
  /** `next`: what a person does about it; absent where nobody has to do anything. */
  | {
      readonly kind: 'waiting';
      readonly run: string;
      readonly why: string;
      readonly next?: string;
      /** When it goes on by itself, milliseconds since the epoch; absent where that is not known. */
      readonly until?: number;
      /** Something failed, and a person has to say what is done about it. */
      readonly failed?: true;
    };

/** Somebody holds the run. Nothing is begun in it until it is resumed. */
export function leftPaused({ name, paused }: Run): Advance {
  const why = `paused by ${paused?.by}${paused?.why === undefined ? '' : `: ${paused.why}`}`;
  // What the kill switch holds goes on by itself.
  if (paused?.automatic) return { kind: 'waiting', run: name, why };
  return { kind: 'waiting', run: name, why, next: `Comment /pointsman resume ${name}.` };
}

/** Somebody wants the run to end: nothing is begun in it any more, and it ends before this pass does. */
export function leftToEnd({ name, endWanted }: Run): Advance {
  return { kind: 'waiting', run: name, why: `${endWanted?.by} wants it ended` };
}

/** Another process is at work on the same run. What it does to the switches is not ours to judge. */
export function leftToAnother({ run }: DeployWork): Advance {
  return { kind: 'waiting', run, why: 'another process went on with it meanwhile; the next pass looks again' };
}
