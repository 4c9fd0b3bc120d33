import type { Finding, Way } from './findings.ts';

/** A pull request of ours about a finding that is open. */
export interface OpenProposal {
  /** Of the finding it was opened for. */
  readonly id: string;
  readonly way: Way;
  readonly pullRequest: number;
}

/**
 * `declined`: a person closed the last one. `under-way`: it was merged, and what follows from that has not ended. `nothing`:
 * nothing of it can be adopted. `enforced`: a rule takes it back.
 */
export type Answered = 'declined' | 'under-way' | 'nothing' | 'enforced';

export interface DriftSituation {
  readonly findings: readonly Finding[];
  readonly open: readonly OpenProposal[];
  /** Findings that have one, also one that was opened just now. */
  readonly taken?: ReadonlySet<string>;
  /** By finding: why nothing is to be proposed. */
  readonly answered: ReadonlyMap<string, Answered>;
}

export interface DriftDecision {
  readonly open: readonly { readonly finding: Finding; readonly way: Way }[];
  /** Those there are, to say what is so now. */
  readonly update: readonly { readonly finding: Finding; readonly proposal: OpenProposal }[];
  readonly close: readonly { readonly proposal: OpenProposal; readonly why: 'gone' | 'second' }[];
  /** Their rule has as many pull requests open as it may. */
  readonly waiting: readonly Finding[];
}

/**
 * What is to become of pull requests about drift. A finding has at most one, whichever way it goes; a rule has at most as
 * many as it says, and those seen first come first.
 */
export function decideDrift({ findings, open, taken = new Set(), answered }: DriftSituation): DriftDecision {
  const known = new Map(findings.map((finding) => [finding.id, finding]));
  const kept = new Map<string, OpenProposal>();
  // Of two for one finding the newer one is the way somebody chose last.
  for (const proposal of open.toSorted((a, b) => a.pullRequest - b.pullRequest)) {
    if (known.has(proposal.id)) kept.set(proposal.id, proposal);
  }
  const update = findings.flatMap((finding) => {
    const proposal = kept.get(finding.id);
    return proposal ? [{ finding, proposal }] : [];
  });
  const close = open
    .filter((proposal) => kept.get(proposal.id) !== proposal)
    .map((proposal) => ({ proposal, why: known.has(proposal.id) ? ('second' as const) : ('gone' as const) }));

  const openOf = new Map<string | undefined, number>();
  const hasOne = ({ id }: Finding): boolean => kept.has(id) || taken.has(id);
  for (const { rule } of findings.filter(hasOne)) openOf.set(rule, (openOf.get(rule) ?? 0) + 1);
  const opened: Finding[] = [];
  const waiting: Finding[] = [];
  for (const finding of findings) {
    if (finding.policy !== 'propose' || hasOne(finding) || answered.has(finding.id)) continue;
    const already = openOf.get(finding.rule) ?? 0;
    const list = already < finding.most ? opened : waiting;
    list.push(finding);
    if (list === opened) openOf.set(finding.rule, already + 1);
  }
  return { open: opened.map((finding) => ({ finding, way: finding.propose })), update, close, waiting };
}
