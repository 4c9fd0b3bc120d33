import { code, prose } from '../plans/safe-text.ts';
import type { ApprovalDecision, Requirement, Verdict } from './approval.ts';

/** Where an approval stands, in a few words for a heading. Plain text. */
export function summarizeDecision(decision: ApprovalDecision): string {
  switch (decision.kind) {
    case 'granted':
      return `approved by ${decision.approval.by.join(', ')}`;
    case 'waiting': {
      const missing = Math.max(...decision.missing.map((entry) => entry.missing));
      return `waiting for ${plural(missing)}`;
    }
    case 'rejected':
      return `rejected by ${decision.by.join(', ')}`;
    case 'void':
      return 'the approval does not hold any more';
  }
}

/**
 * What is asked and what was said, as Markdown list items: what is missing and who could give it, then every verdict with
 * whether it counts and why not. Reviews that only comment are no verdicts and are left out.
 */
export function renderDecision(decision: ApprovalDecision): readonly string[] {
  const asked =
    decision.kind === 'waiting'
      ? decision.missing.map(
          ({ requirement, missing }) =>
            `- ${prose(requirement.name)}: needs ${plural(requirement.approvals)} from ${whoMay(requirement)}, has ${requirement.approvals - missing}`,
        )
      : [];
  const said = decision.verdicts.filter(({ review }) => review.state !== 'commented').map(renderVerdict);
  return [...asked, ...said];
}

/** `1 approval from @acme/netops (network)`: who would be asked, before anybody is. Plain text; quotes the rule. */
export function requirementInWords(requirement: Requirement): string {
  return `${plural(requirement.approvals)} from ${namesOf(requirement, (name) => name)} (${requirement.name})`;
}

/** Every verdict, in reviews and comments, counted or not and why, for the ledger. JSON text that ends with a newline. */
export function verdictsJson(decision: ApprovalDecision): string {
  return `${JSON.stringify(decision, undefined, 2)}\n`;
}

function renderVerdict({ review, countsFor, why }: Verdict): string {
  const who = code(review.reviewer);
  const where = review.said === 'comment' ? ' in a comment' : '';
  if (countsFor.length > 0) return `- ${who} approves${where}: counts for ${countsFor.map(prose).join(', ')}`;
  const said = {
    approved: ` approves${where}: does not count as an approval, `,
    'changes-requested': ' ',
    commented: ': ',
    dismissed: ': ',
  };
  return `- ${who}${said[review.state]}${prose(why ?? '')}`;
}

function plural(approvals: number): string {
  return `${approvals} ${approvals === 1 ? 'approval' : 'approvals'}`;
}

function whoMay(requirement: Requirement): string {
  return namesOf(requirement, code);
}

function namesOf({ teams, users, permission }: Requirement, show: (name: string) => string): string {
  const named = [...teams, ...users].map((name) => show(`@${name}`));
  if (permission !== undefined) named.push(`people with ${permission} permission`);
  return named.length === 0 ? 'nobody: the rule names no one' : named.join(' or ');
}
