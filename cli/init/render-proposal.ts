import type { Diagnosis } from '../../doctor/judge.ts';
import { renderDiagnosisMarkdown } from '../../doctor/render-diagnosis.ts';
import { code } from '../../plans/safe-text.ts';
import { count } from '../../plans/words.ts';
import type { Answers } from './answers.ts';
import { type Writing, workflowsWithoutRelease } from './decide-writing.ts';
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
  const callers = workflowsWithoutRelease(writing.missing);
  return [
    '**Nothing happens until this is merged, and then no switch is touched either.** This adds files that say what our',
    'switches should be, who approves changes to them, and the workflows that carry approved changes out.',
    '',
    ...(callers.length > 0 ? [...nameARelease(callers), ''] : []),
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
    renderDiagnosisMarkdown(asMerged(diagnosis, writing)),
    '',
    'Of the token that Pointsman will work with nothing is said here: this was opened with somebody else’s.',
    '',
    '### What to do next',
    '',
    ...[
      ...(callers.length > 0 ? ['Name a release in the workflows, as said above.'] : []),
      'Make a GitHub App, install it on this repository alone, and store its number as the Actions variable `POINTSMAN_APP_ID`.',
      `Make an environment \`pointsman\` that only \`${answers.branch}\` may use. Its secrets: \`POINTSMAN_APP_PRIVATE_KEY\`, and \`POINTSMAN_SECRETS\` with a line for each of ${secretNames(
        answers,
      )
        .map((name) => `\`${name}=…\``)
        .join(', ')}${answers.platform === 'frr' ? ', the newlines of a key written as `\\n`' : ''}.`,
      'Close what the table above names, as far as it can be closed before the merge.',
      'Have this approved, and merge it.',
      'Run `pointsman doctor`: it looks at all of this again.',
      answers.platform === 'frr'
        ? `Describe your routers in device files beside ${code(device)}, which goes away then; what each needs stands in \`docs/frr.md\`.`
        : `Bring your switches in as they are with \`pointsman adopt\`; ${code(device)} goes away then.`,
    ].map((step, index) => `${index + 1}. ${step}`),
    '',
    'Each step in detail: `docs/getting-started.md` of Pointsman.',
    '',
    'To say no, close this pull request and delete its branch.',
    '',
  ].join('\n');
}

function secretNames({ platform }: Answers): readonly string[] {
  const proofs =
    platform === 'frr' ? ['fleet/plan-key', 'fleet/apply-key'] : ['fleet/plan-password', 'fleet/apply-password'];
  return ['fleet/fingerprint-key', ...proofs];
}

function nameARelease(callers: readonly string[]): readonly string[] {
  return [
    '**First: name a release of Pointsman.** The workflows here cannot run yet. The copy of Pointsman that made this does not',
    `know its release, so they name none (40 zeros). Put \`<owner>/<name>\` and the commit of a release into the line \`uses:\` of ${callers.map(code).join(', ')};`,
    'or close this, delete its branch, and run `pointsman init` again with `--action <owner/name>@<commit>`.',
  ];
}

/** Without what merging this closes, and without our token: it is that of a person here, and will not be then. */
function asMerged({ findings, checked }: Diagnosis, { missing }: Writing): Diagnosis {
  const closed = ['DOCTOR_FLEET_ABSENT', ...(missing.has('.github/CODEOWNERS') ? ['DOCTOR_CODE_OWNERS_MISSING'] : [])];
  const left = findings.filter(({ code: found }) => !found.startsWith('DOCTOR_TOKEN_') && !closed.includes(found));
  return { findings: left, checked: checked - (findings.length - left.length) };
}
