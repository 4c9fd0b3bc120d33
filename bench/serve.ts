/** `node bench/serve.ts`: 2,000 webhooks in a minute, the service killed and started again in the middle; its memory, answers and passes. */
import { playStorm, type StormReport } from '../test/support/storm.ts';

const WEBHOOKS = 2_000;
const MINUTE_MS = 60_000;
/** Memory goes up and down with every pass; flat is when its middle does not move. */
const MOST_GROWTH = 1.1;

const report = await playStorm({ webhooks: WEBHOOKS, overMilliseconds: MINUTE_MS, mergeAt: [0.1, 0.43, 0.47, 0.7] });

const third = Math.floor(report.resident.length / 3);
const early = median(report.resident.slice(0, third));
const late = median(report.resident.slice(-third));
const wanted: readonly (readonly [what: string, found: string, holds: boolean])[] = [
  ['merges unprocessed', `${report.unprocessed.length} of ${report.merged.length}`, report.unprocessed.length === 0],
  ['webhooks sent', String(report.sent), report.sent === WEBHOOKS],
  ['answers', describeAnswers(report), true],
  [
    'answered within, ms (middle, longest)',
    `${quantile(report.answerTimes, 0.5)}, ${quantile(report.answerTimes, 1)}`,
    true,
  ],
  ['the first service', `ended by ${report.killed}`, report.killed === 'SIGKILL'],
  ['the second service', `ended with ${report.ended}`, report.ended === 0],
  ['passes of the second service', String(report.passes), report.passes < WEBHOOKS / 20],
  [
    'resident, MB (early, late, most)',
    `${mb(early)}, ${mb(late)}, ${mb(Math.max(...report.resident))}`,
    late <= early * MOST_GROWTH,
  ],
];
for (const [what, found, holds] of wanted) console.log(`| ${what} | ${found} | ${holds ? 'holds' : 'DOES NOT HOLD'} |`);
process.exitCode = wanted.every(([, , holds]) => holds) ? 0 : 1;

function describeAnswers({ answers }: StormReport): string {
  return Object.entries(answers)
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function quantile(values: readonly number[], part: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN).toFixed(0);
}

function mb(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}
