import { cellProse, prose, visible } from '../plans/safe-text.ts';
import { count } from '../plans/words.ts';
import type { Diagnosis, Finding } from './judge.ts';

type Gap = Extract<Finding, { kind: 'gap' }>;
type Unknown = Extract<Finding, { kind: 'unknown' }>;

const HEADINGS = { danger: 'Dangers', weak: 'Weak places' } as const;
/** Lines of one finding that are shown; the rest is counted. */
const MOST_LINES = 10;

/** The verdict in one sentence. */
function verdictOn({ findings, checked }: Diagnosis): string {
  if (findings.length === 0) return `Nothing to find fault with: ${count(checked, 'check')}.`;
  const gaps = gapsIn(findings);
  const dangers = gaps.filter(({ severity }) => severity === 'danger').length;
  const unknown = findings.length - gaps.length;
  const parts = [
    ...(dangers > 0 ? [count(dangers, 'danger')] : []),
    ...(gaps.length > dangers ? [count(gaps.length - dangers, 'weak place')] : []),
    ...(unknown > 0 ? [`${unknown} not established`] : []),
  ];
  return `${parts.join(', ')} (${count(checked, 'check')}).`;
}

/** For a terminal. */
export function renderDiagnosisText(diagnosis: Diagnosis): string {
  const gaps = gapsIn(diagnosis.findings);
  const sections = (['danger', 'weak'] as const).flatMap((severity) => {
    const some = gaps.filter((gap) => gap.severity === severity);
    return some.length === 0 ? [] : ['', HEADINGS[severity], ...some.flatMap((gap) => ['', ...gapText(gap)])];
  });
  const hidden = groupsOf(diagnosis.findings).flatMap(([why, some]) => [
    '',
    `  ${visible(why)}. So it is not known:`,
    ...some.map(({ code, question }) => `    ${question} (${code})`),
    ...nextOf(some).map((next) => `    next: ${next}`),
  ]);
  const advice = eyesWouldHelp(diagnosis.findings) ? ['', `  ${ADVICE}`] : [];
  const unknown = hidden.length === 0 ? [] : ['', 'Not established', ...hidden, ...advice];
  return `${[verdictOn(diagnosis), ...sections, ...unknown].join('\n')}\n`;
}

/** For a pull request: one table, the same facts. */
export function renderDiagnosisMarkdown(diagnosis: Diagnosis): string {
  const gaps = gapsIn(diagnosis.findings);
  const rows = gaps.map(
    ({ severity, what, found, close }) =>
      `| ${severity} | ${what.replace(/\.$/, ':')} ${cellProse(found.slice(0, MOST_LINES).join('; '))} | ${close.replaceAll('|', '│')} |`,
  );
  const table = rows.length === 0 ? [] : ['', '| | What was found | How to close it |', '| --- | --- | --- |', ...rows];
  const hidden = groupsOf(diagnosis.findings).map(
    ([why, some]) =>
      `- ${prose(why)}. So it is not known: ${[...some.map(({ question }) => question), ...nextOf(some)].join(' ')}`,
  );
  const advice = eyesWouldHelp(diagnosis.findings) ? ['', ADVICE] : [];
  const unknown = hidden.length === 0 ? [] : ['', 'Not established:', '', ...hidden, ...advice];
  return [verdictOn(diagnosis), ...table, ...unknown].join('\n');
}

const ADVICE =
  'Set POINTSMAN_ADMIN_TOKEN to a token of somebody who may administer the repository and run it again; only doctor uses it, and only to read.';

function gapText({ code, what, found, allows, close }: Gap): readonly string[] {
  const more = found.length - MOST_LINES;
  return [
    `  ${what} (${code})`,
    ...found.slice(0, MOST_LINES).map((line) => `    found: ${visible(line)}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
    `    allows: ${allows}`,
    `    close: ${close}`,
  ];
}

function gapsIn(findings: readonly Finding[]): readonly Gap[] {
  return findings.filter((finding) => finding.kind === 'gap');
}

/** What would help against a reason, where it is not an administrator. */
function nextOf([first]: readonly Unknown[]): readonly string[] {
  return first?.next === undefined ? [] : [first.next];
}

function eyesWouldHelp(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.kind === 'unknown' && finding.next === undefined);
}

/** One reason often hides several answers; it is told once. */
function groupsOf(findings: readonly Finding[]): readonly (readonly [string, readonly Unknown[]])[] {
  const unknown = findings.filter((finding) => finding.kind === 'unknown');
  return [...Map.groupBy(unknown, ({ why }) => why)];
}
