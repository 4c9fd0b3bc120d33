import type { ApprovalDecision } from '../approvals/approval.ts';
import { summarizeDecision } from '../approvals/render-decision.ts';
import type { CheckConclusion } from '../forge/forge.ts';
import type { RunView } from '../plans/comment-context.ts';
import type { DevicePlan, InvalidFleet, NotPlanned, Plan } from '../plans/plan.ts';
import { renderCheckSummary } from '../plans/render-check-summary.ts';
import type { Requested } from '../plans/simulation.ts';
import { count } from '../plans/words.ts';
import type { ReconcilerDeps } from './deps.ts';
import type { NotYetMergedError } from './errors.ts';
import { isWaitingForRunner } from './shards.ts';

/** What checks say. None of them is ever read back: they are views, and no gate of ours depends on one. */

const PLAN_CHECK = 'pointsman / plan';
const DEPLOY_CHECK = 'pointsman / deploy';
/** The one to require: it always reports, on heads of pull requests and in the merge queue. */
const READY_CHECK = 'pointsman / ready';

/** What there is to say of a head. */
export type Said =
  | { readonly kind: 'plan'; readonly plan: Plan; readonly decision: ApprovalDecision }
  | { readonly kind: 'invalid'; readonly invalid: InvalidFleet }
  | { readonly kind: 'not-planned'; readonly notPlanned: NotPlanned }
  | { readonly kind: 'requested'; readonly requested: Requested };

interface Verdict {
  /** Absent while it is not settled. */
  readonly conclusion?: CheckConclusion;
  readonly title: string;
}

/** Both checks on a head. */
export async function checkHead(
  deps: ReconcilerDeps,
  commit: string,
  said: Said,
  detailsUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const summary = deps.redact(summaryOf(said));
  await deps.forge.reportCheck({ name: PLAN_CHECK, commit, ...planVerdict(said), summary, detailsUrl }, signal);
  await checkReady(deps, commit, readyVerdict(said), detailsUrl, signal);
}

/** The aggregate alone, for a commit that has no page of its own. */
export async function checkReady(
  deps: ReconcilerDeps,
  commit: string,
  { title, ...verdict }: Verdict,
  detailsUrl: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const summary =
    'This check sums up what Pointsman has to say of this commit, and always reports. The comment on the pull request has the rest.';
  await deps.forge.reportCheck(
    {
      name: READY_CHECK,
      commit,
      ...verdict,
      title: deps.redact(title),
      summary,
      ...(detailsUrl ? { detailsUrl } : {}),
    },
    signal,
  );
}

/** How the runs of a commit ended, on that commit: one check for all its parts, so that none hides another. */
export async function checkEnd(
  deps: ReconcilerDeps,
  commit: string,
  run: RunView,
  detailsUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const conclusion = conclusionOf(run);
  await deps.forge.reportCheck(
    {
      name: DEPLOY_CHECK,
      commit,
      ...(conclusion === undefined ? {} : { conclusion }),
      title: deps.redact(`${run.status.toLowerCase()}: ${run.why ?? ''}`),
      summary:
        conclusion === undefined
          ? 'Some switches of the merged commit are still to come. The comment on the pull request tells each switch’s state.'
          : conclusion === 'success'
            ? 'Every switch runs what the merged commit says.'
            : 'Not every switch runs what the merged commit says. The comment on the pull request tells each switch’s state and what to do.',
      detailsUrl,
    },
    signal,
  );
}

/** Whether a head may be merged as far as we are concerned. */
export function readyVerdict(said: Said): Verdict {
  switch (said.kind) {
    case 'invalid':
      return planVerdict(said);
    case 'not-planned':
      return said.notPlanned.reason === 'fork'
        ? { conclusion: 'action_required', title: 'from a fork: a maintainer has to allow a plan of this head' }
        : { conclusion: 'neutral', title: 'merging this reaches no switch' };
    case 'requested':
      return { conclusion: 'success', title: 'reads only: nothing to approve' };
    case 'plan': {
      const { changing, blocked } = countsOf(said.plan);
      if (waitsForRunners(said.plan)) return { title: 'waits for the runners of some sites' };
      if (blocked > 0) return { conclusion: 'failure', title: `${count(blocked, 'device')} blocked: see the comment` };
      if (changing === 0) {
        const fresh = said.plan.devices.filter(isNotYetMerged).length;
        const title = fresh > 0 ? `${count(fresh, 'new device')}: planned after the merge` : 'nothing to change';
        return { conclusion: 'success', title };
      }
      const title = summarizeDecision(said.decision);
      const conclusions = {
        granted: 'success',
        waiting: 'action_required',
        void: 'action_required',
        rejected: 'failure',
      } as const;
      return { conclusion: conclusions[said.decision.kind], title };
    }
  }
}

function planVerdict(said: Said): Verdict {
  switch (said.kind) {
    case 'invalid':
      return { conclusion: 'failure', title: `${count(said.invalid.problems.length, 'problem')} in the fleet` };
    case 'not-planned':
      return { conclusion: 'neutral', title: 'not planned, see the comment' };
    case 'requested':
      return { conclusion: 'success', title: titleOfRequested(said.requested) };
    case 'plan': {
      const { plan, decision } = said;
      const { changing, blocked } = countsOf(plan);
      if (waitsForRunners(plan)) return { title: 'waits for the runners of some sites' };
      const where = changing > 0 ? `, ${summarizeDecision(decision)}` : '';
      return {
        // No green with a partial failure: a device nothing can be said about is a reason to look.
        conclusion: blocked > 0 ? 'failure' : 'success',
        title: `${changing} to change, ${blocked} blocked: ${plan.digest.slice(0, 15)}${where}`,
      };
    }
  }
}

function summaryOf(said: Said): string {
  switch (said.kind) {
    case 'plan':
      return renderCheckSummary(said.plan);
    case 'invalid':
      return renderCheckSummary(said.invalid);
    case 'not-planned':
      return 'The fleet at this commit is valid. No switch was asked; the comment on the pull request says why.';
    case 'requested':
      return 'The fleet at this commit is valid. Its requests only read; the comment on the pull request says what they would do.';
  }
}

function titleOfRequested({ simulations }: Requested): string {
  const switches = simulations.reduce((sum, { dispatched }) => sum + dispatched.reads, 0);
  return `${count(simulations.length, 'request')}, ${count(switches, 'switch', 'switches')} to read, none to change`;
}

/** Some switches are still to be asked, and nothing else is wrong. */
function waitsForRunners({ devices }: Plan): boolean {
  const blocked = devices.filter(({ kind }) => kind === 'blocked');
  return blocked.length > 0 && blocked.every(isWaitingForRunner);
}

/** A new device holds nothing up: it is planned as soon as its address stands on the base branch, and asks by a gate then. */
function countsOf({ devices }: Plan): { readonly changing: number; readonly blocked: number } {
  const changing = devices.filter(({ kind }) => kind === 'changing').length;
  const blocked = devices.filter((device) => device.kind === 'blocked' && !isNotYetMerged(device)).length;
  return { changing, blocked };
}

function isNotYetMerged(device: DevicePlan): boolean {
  return device.kind === 'blocked' && device.error.code === NOT_YET_MERGED;
}

const NOT_YET_MERGED: NotYetMergedError['code'] = 'RECONCILER_NOT_YET_MERGED';

/** @returns `undefined` while a part of it is under way. */
function conclusionOf({ status }: RunView): CheckConclusion | undefined {
  if (status === 'COMPLETED') return 'success';
  if (status === 'RUNNING' || status === 'PAUSED') return undefined;
  return status === 'REJECTED' || status === 'TERMINATED' ? 'cancelled' : 'failure';
}
