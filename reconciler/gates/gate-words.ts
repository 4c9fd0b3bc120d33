import type { PullRequest } from '../../forge/forge.ts';
import type { Settings } from '../../schemas/fleet.ts';

/**
 * A gate after the merge is a pull request of ours: approving it is *Approve*, closing it is *Reject*. Everything about it
 * follows from the name of its run, so that it is never opened twice.
 */

const PREFIX = 'pointsman/gate/';

export function gateBranch(run: string): string {
  return `${PREFIX}${run}`;
}

/** Name of the run a pull request asks for; `undefined` for everybody else's pull requests. */
export function runOfGate({ head }: PullRequest, { forge }: Pick<Settings, 'forge'>): string | undefined {
  const ours = head.repository === forge.repository && head.branch.startsWith(PREFIX);
  return ours ? head.branch.slice(PREFIX.length) : undefined;
}

/** Where the file stands that the gate adds; it is there to be looked at, and nothing reads it. */
export function gatePath(run: string, stage: string): string {
  return `approvals/${run}/${stage}.yaml`;
}

export interface GateAsked {
  readonly run: string;
  readonly stage: string;
  readonly digest: string;
  readonly commit: string;
  /** The pull request that was merged; absent for a direct push. */
  readonly origin?: number;
  /** Why what was approved before, if anything was, does not hold. Our own words; may name switches. */
  readonly why: string;
}

export function gateFile({ run, stage, digest, commit }: GateAsked): string {
  return [
    '# Approving this pull request approves exactly this digest. Closing it rejects it. Nothing reads this file.',
    `run: ${run}`,
    `stage: ${stage}`,
    `commit: ${commit}`,
    `digest: ${digest}`,
    '',
  ].join('\n');
}

export function gateTitle({ origin, commit }: GateAsked): string {
  return origin === undefined
    ? `Approve what ${commit.slice(0, 12)} changes on switches`
    : `Approve what #${origin} would change now`;
}

/** @param why Already safe to show. */
export function gateBody({ origin, commit, run }: GateAsked, why: string): string {
  const subject = origin === undefined ? `Commit ${commit} waits` : `#${origin} is merged and waits`;
  return [
    `${subject}: ${why}.`,
    '',
    'The comment below shows exactly what would change on which switch.',
    '',
    '- **Approve** this pull request to let it go on. The approval is of the digest in the comment, and of nothing else.',
    '- **Close** it to reject: no switch is touched, and what was merged stays merged but not applied.',
    '- Merging it does nothing by itself; there is no need to.',
    '',
    `Run \`${run}\`. This pull request is closed and its branch deleted when the run has ended.`,
  ].join('\n');
}
