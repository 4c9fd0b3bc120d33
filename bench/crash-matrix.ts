/**
 * Kills a real process at every border between two effects of a deploy, and lets the next pass go on. Prints a row for each;
 * exits 1 when one ends otherwise than the undisturbed deploy, or sends a switch anything twice.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { boundariesOf, runReference, runRow } from '../test/support/crash-matrix.ts';

const { values } = parseArgs({
  options: {
    /** Only rows whose name holds this. */
    only: { type: 'string', default: '' },
    worlds: { type: 'string', default: String(2 * availableParallelism()) },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const started = performance.now();
const atOnce = pLimit(Number(values.worlds));

const reference = await runReference();
for (const problem of reference.problems) say(`undisturbed: ${problem}`);
say(`An undisturbed deploy to three switches has ${reference.effects.length} effects.\n`);
say(`${'killed'.padEnd(46)} | ${'passes'.padEnd(6)} | ${'same end'.padEnd(8)} | what the later passes did`);
say(`${'-'.repeat(46)} | ${'-'.repeat(6)} | ${'-'.repeat(8)} | ${'-'.repeat(60)}`);
let rows = 0;
let different = reference.problems.length;
const wanted = boundariesOf(reference).filter(({ target, nth, phase }) =>
  `${target} ${nth} ${phase}`.includes(values.only),
);
const running = wanted.map((boundary) => atOnce(() => runRow(reference, boundary)));
for (const one of running) {
  const { title, passes, problems, afterwards } = await one;
  rows++;
  different += problems.length > 0 ? 1 : 0;
  say(
    `${title.padEnd(46)} | ${String(passes).padEnd(6)} | ${(problems.length === 0 ? 'yes' : 'NO').padEnd(8)} | ${afterwards}`,
  );
  for (const problem of problems.slice(0, 8)) say(`    ${problem}`);
}
say(`\n${rows} rows, ${different} different, ${Math.round((performance.now() - started) / 1000)} s`);
process.exitCode = different > 0 ? 1 : 0;
