/** `npm run bench [-- <line>…]`: what the journey costs at scale, beside the numbers that are wanted. Exit code 1 when one does not hold. */
import { cpus, totalmem } from 'node:os';
import { batchLines, deployLine, idlePassLine } from './deploy.ts';
import type { LineResult, Row, Wanted } from './line.ts';
import { oneDeviceLine, planLines } from './plan.ts';
import { openPullRequestsLine, secondLookLine } from './second-look.ts';

const LINES = [
  ...planLines,
  oneDeviceLine,
  deployLine,
  ...batchLines,
  idlePassLine,
  secondLookLine,
  openPullRequestsLine,
];

const HEAD = [
  'what',
  'wall s',
  'CPU s',
  'of it git',
  'per switch ms',
  'peak MB',
  'requests/switch',
  'REST',
  'of it 304',
  'writes',
  'git',
  'ledger commits',
  'comment',
  'its lines',
];

const asked = process.argv.slice(2);
const strangers = asked.filter((name) => !LINES.some((line) => line.name === name));
if (strangers.length > 0) {
  console.error(`There is no ${strangers.join(', ')}. There are: ${LINES.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}

const gigabytes = Math.round(totalmem() / 1024 ** 3);
console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${gigabytes} GB, Node ${process.version}\n`);

const results: LineResult[] = [];
for (const line of LINES.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  console.error(`${line.name} …`);
  const measured = await line.measure();
  // Said at once: who ends a long run in the middle keeps what was measured.
  console.error(table(HEAD, measured.rows.map(cells)));
  results.push(measured);
}

const rows = results.flatMap(({ rows }) => rows);
console.log(table(HEAD, rows.map(cells)));
const wanted = results.flatMap(({ wanted }) => wanted);
if (wanted.length > 0) console.log(`\n${table(['wanted', 'at most', 'measured', ''], wanted.map(verdict))}`);
process.exitCode = wanted.every(({ holds }) => holds) ? 0 : 1;

function cells({ what, switches, measured: m }: Row): readonly string[] {
  const each = (value: number): string => (switches === 0 ? '-' : (value / switches).toFixed(0));
  return [
    what,
    seconds(m.wallMs),
    seconds(m.cpuMs),
    seconds(m.gitCpuMs),
    each(m.cpuMs),
    m.peakMegabytes.toFixed(0),
    each(m.switchRequests),
    String(m.restCalls),
    String(m.unchanged),
    String(m.written),
    String(m.gitCalls),
    String(m.ledgerCommits),
    String(m.longestComment),
    String(m.commentLines),
  ];
}

function verdict({ what, atMost, measured, holds }: Wanted): readonly string[] {
  return [what, String(atMost), String(Math.round(measured * 100) / 100), holds ? 'holds' : 'DOES NOT HOLD'];
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

/** A Markdown table, so that a run can be kept in the README as it is. */
function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...body.map(line)].join('\n');
}
