import type { Diagnosis } from '../../doctor/judge.ts';
import { renderDiagnosisMarkdown } from '../../doctor/render-diagnosis.ts';
import { code } from '../../plans/safe-text.ts';
import { count } from '../../plans/words.ts';
import type { Answers } from './answers.ts';
import type { Writing } from './decide-writing.ts';
import type { Base } from './propose.ts';

export interface ProposalPage {
  readonly answers: Answers;
  readonly writing: Writing;
  readonly base: Base;
  readonly diagnosis: Diagnosis;
}

/** The pull request that begins it all, explained to those who find it. */
export function renderProposal({ answers, writing, base, diagnosis }: ProposalPage): string {
  const { site, role, device, team, approvals } = answers;
  const kept = writing.kept.map((path) => `- ${code(path)} was there already and stays as it is.`);
  return [
    '**Nothing happens until this is merged, and then no switch is touched either.** This adds files that say what our',
    'switches should be, who approves changes to them, and the workflows that carry approved changes out.',
    '',
    '### What this adds',
    '',
    '| File | Says |',
    '| --- | --- |',
    '| `pointsman.yaml` | where secrets come from and how switches are reached |',
    `| \`approvals.yaml\` | every change needs ${count(approvals, 'approval')} by \`${team}\` |`,
    `| \`desired-state/\` | a first site \`${site}\`, role \`${role}\`, and an example device \`${device}\` that is never deployed |`,
    '| `.github/workflows/` | plans pull requests, carries out what was approved and merged |',
    `| \`.github/CODEOWNERS\` | \`${team}\` reviews what decides who decides |`,
    '| `.vscode/` | schemas, so that editors complete and check the files |',
    '',
    `${count(writing.missing.size, 'file')} in all.`,
    ...(kept.length > 0 ? ['', ...kept] : []),
    '',
    '### What was read',
    '',
    `The branch ${code(base.branch)} at ${code(base.commit.slice(0, 12))}, the rules of its branches, and how GitHub Actions may run here. No switch was contacted.`,
    '',
    '### How safe this repository is now',
    '',
    renderDiagnosisMarkdown(diagnosis),
    '',
    '### What to do next',
    '',
    `1. Make an environment \`pointsman\` that only \`${answers.branch}\` may use, and put the secrets there: the key of the App, \`fleet/fingerprint-key\`, \`fleet/plan-password\`, \`fleet/apply-password\`.`,
    '2. Close what the table above names, as far as it can be closed before the merge.',
    '3. Merge this.',
    `4. Bring your switches in as they are with \`pointsman adopt\`; remove ${code(device)}.`,
    '5. Run `pointsman doctor` again.',
    '',
    'To say no, close this pull request and delete its branch.',
    '',
  ].join('\n');
}
