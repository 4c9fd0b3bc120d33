/**
 * Kills a real process at every border between two effects of a deploy, lets the next pass go on, and starts two processes on
 * the same merge many times. Prints a row for each; exits 1 when one ends otherwise than the undisturbed deploy, or sends a
 * switch anything twice.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { boundariesOf, type Row, runExpiry, runReference, runRow } from '../test/support/crash-matrix.ts';
import { runRace } from '../test/support/crash-race.ts';

const { values } = parseArgs({
  options: {
    /** Only rows whose border holds this: `leaf02 4`, `received`. `-` for none. */
    only: { type: 'string', default: '' },
    /** How often two processes are started together. */
    races: { type: 'string', default: '20' },
    /** Worlds at the same time. */
    worlds: { type: 'string', default: String(2 * availableParallelism()) },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const started = performance.now();
const atOnce = pLimit(Number(values.worlds));
let bad = 0;

function report(columns: readonly (readonly [text: string, width: number])[], problems: readonly string[]): void {
  bad += problems.length > 0 ? 1 : 0;
  say(columns.map(([text, width]) => text.padEnd(width)).join(' | '));
  for (const problem of problems.slice(0, 8)) say(`    ${problem}`);
}

const reference = await runReference();
say(`An undisturbed deploy to three switches has ${reference.effects.length} effects.\n`);
report([['undisturbed', 0]], reference.problems);

const boundaries = boundariesOf(reference).filter(({ target, nth, phase }) =>
  `${target} ${nth} ${phase}`.includes(values.only),
);
const rows: readonly Promise<Row>[] = [
  ...boundaries.map((boundary) => atOnce(() => runRow(reference, boundary))),
  ...(values.only === '' ? [atOnce(() => runExpiry(reference))] : []),
];
const races = Array.from({ length: Number(values.races) }, (_, index) =>
  atOnce(() => runRace(reference, index % 2 === 1)),
);

say('');
const head = [['killed', 46] as const, ['passes', 6] as const, ['same end', 8] as const];
report([...head, ['what the later passes did', 0]], []);
for (const row of rows) {
  const { title, passes, problems, afterwards } = await row;
  const same = problems.length === 0 ? 'yes' : 'NO';
  report(
    [
      [title, 46],
      [String(passes), 6],
      [same, 8],
      [afterwards, 0],
    ],
    problems,
  );
}

say('');
const raceHead = ['race', 'exit codes', 'passes', 'applies', 'same end'];
report(
  raceHead.map((name) => [name, 18]),
  [],
);
for (const [index, race] of races.entries()) {
  const { ended, passes, applies, problems } = await race;
  const same = problems.length === 0 ? 'yes' : 'NO';
  const copies = index % 2 === 1 ? 'one copy' : 'two copies';
  const cells = [`${index + 1}, ${copies}`, ended.join(' and '), String(passes), applies.join(' '), same];
  report(
    cells.map((cell) => [cell, 18]),
    problems,
  );
}
const seconds = Math.round((performance.now() - started) / 1000);
say(`\n${rows.length} kills, ${races.length} races, ${bad} with problems, ${seconds} s`);
process.exitCode = bad > 0 ? 1 : 0;
