import { isRefusedWhole, type SimulatedBatch, type SimulatedStage, type Simulation } from './simulation.ts';
import { count, durationOf } from './words.ts';

/** What is said of a simulation in every form of it. Plain text. */

/** `MultiDeploy of 12 devices: 8 would change in 3 batches, 1 refused, would wait` */
export function verdictOfSimulation(simulation: Simulation): string {
  const { workflow, targets, refusals } = simulation;
  const about = targets.count === 0 ? workflow : `${workflow} of ${count(targets.count, 'device')}`;
  if (isRefusedWhole(simulation)) return `${about}: refused`;
  const parts = [
    whatOf(simulation),
    ...(refusals.length > 0 ? [`${refusals.length} refused`] : []),
    ...(waitsForSomething(simulation) ? ['would wait'] : []),
  ];
  return `${about}: ${parts.join(', ')}`;
}

function whatOf({ dispatched: { changes }, batches, unknown, stages }: Simulation): string {
  if (unknown.length > 0) return `at most ${changes} would change, none was asked`;
  // Only what changes switches can be skipped because nothing would change.
  const couldChange = changes > 0 || stages.some(({ skipped }) => skipped !== undefined);
  if (!couldChange) return 'reads only';
  if (changes === 0) return 'nothing would change';
  return `${changes} would change${batches.length > 1 ? ` in ${count(batches.length, 'batch', 'batches')}` : ''}`;
}

function waitsForSomething({ stages, batches, waits }: Simulation): boolean {
  return (
    waits.length > 0 ||
    stages.some(({ asks = [] }) => asks.length > 0) ||
    batches.some(({ gate = false, opens = [] }) => gate || opens.length > 0)
  );
}

/** `12 devices: ams1 8, fra1 4` */
export function targetsOfSimulation({ targets }: Simulation): string {
  const sites = Object.entries(targets.bySite).map(([site, number]) => `${site} ${number}`);
  return `${count(targets.count, 'device')}: ${sites.join(', ')}`;
}

/** `12 would be read, 8 changed` */
export function dispatchOf({ dispatched: { reads, changes }, unknown }: Simulation): string {
  const most = unknown.length > 0 ? 'at most ' : '';
  return `${count(reads, 'switch', 'switches')} would be read, ${changes === 0 ? 'none' : `${most}${changes}`} changed`;
}

/** What follows the name of a stage: why it is skipped, or how many switches it changes. */
export function effectOf({ touches, skipped }: SimulatedStage, { unknown }: Simulation): string | undefined {
  if (skipped !== undefined) return `not come to: ${skipped}`;
  if (touches === 0) return undefined;
  return `changes ${unknown.length > 0 ? 'at most ' : ''}${count(touches, 'switch', 'switches')}`;
}

/** `Batch 1, canaries, asks for an approval of its own` */
export function titleOfBatch({ number, canary, gate }: SimulatedBatch): string {
  return [
    `Batch ${number}`,
    ...(canary ? ['canaries'] : []),
    ...(gate ? ['asks for an approval of its own'] : []),
  ].join(', ');
}

/** `About 12 s a switch, the median of 5 earlier runs: 3 min in all` */
export function expectedOf({ expected, dispatched, unknown }: Simulation): string | undefined {
  if (!expected) return undefined;
  const { seconds, from } = expected;
  const all = dispatched.changes > 0 ? dispatched.changes : dispatched.reads;
  const total = durationOf(roundedUp(seconds * all));
  const runs = from === 1 ? 'as 1 earlier run took' : `the median of ${from} earlier runs`;
  return `About ${rounded(seconds)} s a switch, ${runs}: ${unknown.length > 0 ? 'at most ' : ''}${total} in all, without waiting`;
}

function rounded(seconds: number): number {
  return seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds);
}

/** To whole minutes where it is more than two: nobody knows it better. */
function roundedUp(seconds: number): number {
  return seconds > 120 ? Math.ceil(seconds / 60) * 60 : Math.ceil(seconds);
}
