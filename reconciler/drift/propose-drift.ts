import type { Fleet } from '../../desired-state/fleet.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { type AdoptionLeft, adoptFinding } from './adopt-finding.ts';
import { computeFindings, type Finding, type Way } from './findings.ts';
import type { PlaceOf } from './place-of.ts';
import { writeProposal } from './proposal-branch.ts';
import { proposalBody, proposalBranch, proposalTitle } from './proposal-words.ts';
import { revertRequest } from './revert-request.ts';

export type Proposed =
  | { readonly kind: 'open'; readonly pullRequest: number }
  /** Nothing of it can be adopted. */
  | { readonly kind: 'nothing'; readonly left: readonly AdoptionLeft[] }
  /** Others pushed to its branch: it is theirs. */
  | { readonly kind: 'foreign' }
  /** Some switch could not be asked, so what there is stays as it is. */
  | { readonly kind: 'kept'; readonly left: readonly AdoptionLeft[] };

export interface ProposeDeps {
  readonly deps: ReconcilerDeps;
  readonly view: LedgerView;
  /** At the tip of its branch. */
  readonly fleet: Fleet;
  readonly placeOf: PlaceOf;
}

/** What a proposal holds, before anything is written. */
export type ProposalMade =
  | { readonly kind: 'made'; readonly files: ReadonlyMap<string, string>; readonly left: readonly AdoptionLeft[] }
  | Extract<Proposed, { readonly kind: 'nothing' | 'kept' }>;

/** @param isOpen There is a pull request already: it is not changed for a switch that cannot be asked just now. */
export async function makeProposal(
  { deps, view, fleet }: ProposeDeps,
  finding: Finding,
  { way, isOpen }: { readonly way: Way; readonly isOpen: boolean },
  signal: AbortSignal,
): Promise<ProposalMade> {
  if (way === 'revert') {
    return { kind: 'made', files: await revertRequest(deps, fleet.revision, finding), left: [] };
  }
  if (finding.wentBack) return { kind: 'nothing', left: finding.devices.map(notAdopted(finding.wentBack)) };
  const { files, left, complete } = await adoptFinding(deps, view, fleet, finding, signal);
  if (isOpen && !complete) return { kind: 'kept', left };
  return files.size === 0 ? { kind: 'nothing', left } : { kind: 'made', files, left };
}

/** What it runs is the fleet of another day with a change on top: as an edit of today's it would be both. */
function notAdopted({ to, run }: NonNullable<Finding['wentBack']>): (device: string) => AdoptionLeft {
  return (device) => ({
    device,
    why: `It was taken back to ${to} by ${run}, so what it runs is not what the branch says, changed by hand.`,
    next: 'Take the change back, or revert on the branch what was taken back; the next check looks again.',
  });
}

/**
 * Opens the pull request about a finding, or brings the one there is up to date, and remembers it. Dying anywhere in it, the
 * next call ends the same: branch and pull request follow from the finding.
 */
export async function openProposal(
  { deps, fleet, placeOf }: ProposeDeps,
  finding: Finding,
  { way, isOpen }: { readonly way: Way; readonly isOpen: boolean },
  made: Extract<ProposalMade, { readonly kind: 'made' }>,
  signal: AbortSignal,
): Promise<Proposed> {
  const branch = proposalBranch(finding.id, way);
  const title = proposalTitle(finding, way);
  const message = `${title}\n\nDrift: ${finding.id}\n`;
  const content = { tip: fleet.revision, files: made.files, message };
  const written = await writeProposal(deps, branch, content, isOpen, signal);
  if (written.kind === 'foreign') return written;
  const { number } = await deps.forge.openPullRequest(
    {
      branch,
      base: deps.settings.branch ?? 'main',
      title: deps.redact(title),
      body: deps.redact(proposalBody(finding, way, made.left)),
    },
    signal,
  );
  const proposed = { pullRequest: number, head: written.head, way };
  await deps.ledger.append(async (view) => {
    const drifting = await view.drifting();
    const now = computeFindings(drifting, placeOf).find(({ id }) => id === finding.id);
    const told = drifting.filter(
      (drift) =>
        now?.devices.includes(drift.device) &&
        (drift.proposed?.pullRequest !== number || drift.proposed.head !== written.head),
    );
    if (told.length === 0) return undefined;
    return { title: `remember pull request #${number} about drift`, drift: told.map((one) => ({ ...one, proposed })) };
  }, signal);
  return { kind: 'open', pullRequest: number };
}
