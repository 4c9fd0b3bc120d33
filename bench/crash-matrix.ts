/**
 * Kills a real process at every border between two effects of every scene (a deploy, a gate, a command, a request, sites
 * with runners of their own), lets the next pass go on, and starts two processes on the same merge many times. Prints a row for each;
 * exits 1 when one ends otherwise than the undisturbed scene, or sends a switch anything twice.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { missingForLab } from '../sandbox/lab/missing.ts';
import {
  boundariesOf,
  type Reference,
  type Row,
  runExpiry,
  runReference,
  runRow,
} from '../test/support/crash-matrix.ts';
import { ONE_COPY, type Race, runRace, TWO_COPIES, TWO_RUNNERS } from '../test/support/crash-race.ts';
import { ROUTER_DAYS, runRouterDay } from '../test/support/crash-router-days.ts';
import { DEPLOY, ROUTERS, SCENES, TWO_SITES } from '../test/support/crash-scenes.ts';

const { values } = parseArgs({
  options: {
    /** Only scenes whose name holds this. */
    scene: { type: 'string', default: '' },
    /** Only rows whose border fits this pattern: `leaf02 4`, `received`, `^git.* performed`. `-` for none. */
    only: { type: 'string', default: '' },
    /** How often two processes are started together: on one deploy, and for two sites. */
    races: { type: 'string', default: '20' },
    /** Worlds at the same time. */
    worlds: { type: 'string', default: String(2 * availableParallelism()) },
    /** Labs of real routers at the same time: each is three machines. */
    labs: { type: 'string', default: String(Math.max(1, Math.floor(availableParallelism() / 2))) },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const started = performance.now();
const worldsAtOnce = pLimit(Number(values.worlds));
const labsAtOnce = pLimit(Number(values.labs));
const missing = missingForLab();
const total = { kills: 0, races: 0, bad: 0 };

function report(columns: readonly (readonly [text: string, width: number])[], problems: readonly string[]): void {
  total.bad += problems.length > 0 ? 1 : 0;
  say(columns.map(([text, width]) => text.padEnd(width)).join(' | '));
  for (const problem of problems.slice(0, 8)) say(`    ${problem}`);
}

async function reportKills(reference: Reference): Promise<void> {
  const only = new RegExp(values.only);
  const atOnce = reference.scene.routers ? labsAtOnce : worldsAtOnce;
  const boundaries = boundariesOf(reference).filter(({ target, nth, phase }) => only.test(`${target} ${nth} ${phase}`));
  const days = reference.scene.routers ? ROUTER_DAYS.filter(({ name }) => only.test(name)) : [];
  const rows: readonly Promise<Row>[] = [
    ...boundaries.map((boundary) => atOnce(() => runRow(reference, boundary))),
    ...(values.only === '' && [DEPLOY, ROUTERS].includes(reference.scene) ? [atOnce(() => runExpiry(reference))] : []),
    ...days.map((day) => atOnce(() => runRouterDay(reference, day))),
  ];
  const head = ['killed', 'passes', 'same end', 'what the later passes did'];
  const widths = [46, 6, 8, 0];
  report(
    head.map((name, index) => [name, widths[index] ?? 0]),
    [],
  );
  for (const row of rows) {
    const { title, passes, problems, afterwards } = await row;
    const cells = [title, String(passes), problems.length === 0 ? 'yes' : 'NO', afterwards];
    report(
      cells.map((cell, index) => [cell, widths[index] ?? 0]),
      problems,
    );
  }
  total.kills += rows.length;
}

async function reportRaces(reference: Reference): Promise<void> {
  const kinds =
    reference.scene === TWO_SITES
      ? [{ name: 'two sites', racers: TWO_RUNNERS }]
      : [
          { name: 'two copies', racers: TWO_COPIES },
          { name: 'one copy', racers: ONE_COPY },
        ];
  const races = Array.from({ length: Number(values.races) }, (_, index) => {
    const { name, racers } = kinds[index % kinds.length] ?? { name: 'two copies', racers: TWO_COPIES };
    return { name, race: worldsAtOnce((): Promise<Race> => runRace(reference, racers)) };
  });
  say('');
  const columns = (cells: readonly string[]) => cells.map((cell) => [cell, 18] as const);
  report(columns(['race', 'exit codes', 'passes', 'applies', 'same end']), []);
  for (const [index, { name, race }] of races.entries()) {
    const { ended, passes, applies, problems } = await race;
    const same = problems.length === 0 ? 'yes' : 'NO';
    const cells = [`${index + 1}, ${name}`, ended.join(' and '), String(passes), applies.join(' '), same];
    report(columns(cells), problems);
  }
  total.races += races.length;
}

for (const scene of SCENES.filter(({ name }) => name.includes(values.scene))) {
  if (scene.routers && missing.length > 0) {
    say(`\n== ${scene.name}: SKIPPED. ${missing.join(' ')}`);
    continue;
  }
  const reference = await runReference(scene);
  say(`\n== ${scene.name}: ${reference.effects.length} effects when undisturbed\n`);
  if (reference.problems.length > 0) report([['undisturbed', 0]], reference.problems);
  await reportKills(reference);
  if (scene === DEPLOY || scene === TWO_SITES) await reportRaces(reference);
}
const seconds = Math.round((performance.now() - started) / 1000);
say(`\n${total.kills} kills, ${total.races} races, ${total.bad} with problems, ${seconds} s`);
process.exitCode = total.bad > 0 ? 1 : 0;
