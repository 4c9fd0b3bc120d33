import { type Answer, refused } from '../commands/answer.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { isInReach } from '../shards.ts';
import type { TipRules } from '../tip-rules.ts';
import type { AdoptionLeft } from './adopt-finding.ts';
import { closeProposal } from './close-proposal.ts';
import { computeFindings, type Finding, type Way } from './findings.ts';
import { lookAtDrift, readOpen } from './handle-drift.ts';
import { leftLine } from './proposal-words.ts';
import { makeProposal, openProposal } from './propose-drift.ts';
import { answerTo } from './read-answered.ts';

/** What a person chose for what differs on one switch. */
export interface WayChosen {
  readonly device: string;
  readonly way: Way;
  /** Who asked. */
  readonly by: string;
  /** Why whoever asked may not, for switches at these sites; everybody may unless given. */
  readonly refuse?: (sites: readonly string[]) => Answer | undefined;
}

/**
 * Opens the pull request that goes the way somebody chose, for the difference a switch has, on all switches that have it;
 * the one that goes the other way is closed. Neither a rule nor an earlier no stands in the way: a person asks. Safe to call
 * again after dying anywhere in it.
 */
export async function answerDriftCommand(
  deps: ReconcilerDeps,
  { tip }: Pick<TipRules, 'tip'>,
  { device, way, by, refuse }: WayChosen,
  signal: AbortSignal,
): Promise<Answer> {
  const propose = await lookAtDrift(deps, tip, signal);
  const { view, fleet, placeOf } = propose;
  const finding = computeFindings(await view.drifting(), placeOf).find(({ devices }) => devices.includes(device));
  const known = fleet.devices.get(device);
  const refusal = refuse?.(finding?.sites ?? (known ? [known.site] : []));
  if (refusal) return refusal;
  if (!known) return refused(`the fleet has no switch called ${device}`, LIST);
  if (!finding) {
    return refused(
      `${device} is not known to differ from the fleet repo, or a rule of automation.yaml ignores it`,
      LIST,
    );
  }
  if (way === 'adopt' && !isInReach(deps.reach, finding.shard)) {
    const next = `Where that runs, say pointsman drift adopt ${device} --site ${finding.shard}.`;
    return refused(`only the runner of ${finding.shard} can ask what ${device} runs`, next);
  }
  if ((await answerTo(deps, view, finding, tip, signal)) === 'under-way') {
    return refused(
      'a pull request about this difference was merged and is being carried out',
      'Wait for its run to end.',
    );
  }

  const proposals = (await readOpen(deps, signal)).filter(({ id }) => id === finding.id);
  const order = { way, isOpen: proposals.some((one) => one.way === way) };
  const made = await makeProposal(propose, finding, order, signal);
  if (made.kind === 'nothing') {
    const answer = refused(
      `nothing that differs on ${device} can be adopted`,
      TAKE_BACK,
      `/pointsman revert ${device}`,
    );
    return { ...answer, lines: linesOf(made.left) };
  }
  if (made.kind === 'kept') {
    return {
      ...refused('not every switch could be asked, so its pull request stays as it is'),
      lines: linesOf(made.left),
    };
  }
  // Closed before the other is opened: at no moment are there two.
  for (const other of proposals.filter((one) => one.way !== way)) {
    await closeProposal(deps, tip, other, 'second', signal);
  }
  const done = await openProposal(propose, finding, order, made, signal);
  if (done.kind !== 'open') {
    return refused(
      'others pushed to the branch of its pull request, so that one is theirs',
      'Close it, then ask again.',
    );
  }
  deps.log.info({ drift: finding.id, way, by, pullRequest: done.pullRequest }, 'a person chose what becomes of drift');
  return {
    verdict: 'done',
    why: saying(finding, way, done.pullRequest),
    ...(made.left.length > 0 ? { lines: linesOf(made.left) } : {}),
  };
}

const LIST = 'pointsman drift lists what differs; the next check may find more.';
const TAKE_BACK = 'Take it back by writing';
const MOST_LEFT = 20;

function saying({ devices }: Finding, way: Way, pullRequest: number): string {
  const who = devices.length === 1 ? devices[0] : `${devices.length} switches`;
  return way === 'revert'
    ? `pull request #${pullRequest} takes back what differs on ${who}, once its plan is approved and it is merged`
    : `pull request #${pullRequest} makes what ${who} ${devices.length === 1 ? 'runs' : 'run'} the intent, once it is merged`;
}

function linesOf(left: readonly AdoptionLeft[]): readonly string[] {
  return left.slice(0, MOST_LEFT).map(leftLine);
}
