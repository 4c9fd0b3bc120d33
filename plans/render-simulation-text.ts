import { visible } from './safe-text.ts';
import type { Simulation } from './simulation.ts';
import {
  dispatchOf,
  effectOf,
  expectedOf,
  targetsOfSimulation,
  titleOfBatch,
  verdictOfSimulation,
} from './simulation-words.ts';

/** A simulation for a terminal, in full. No text in it can move the cursor. Ends with a newline. */
export function renderSimulationText(simulation: Simulation): string {
  const { request, reason = '', targets, stages, batches, waits, unknown, notes, refusals } = simulation;
  const expected = expectedOf(simulation);
  const lines = [
    verdictOfSimulation(simulation),
    ...(request === undefined ? [] : [`Request ${shown(request)}: ${shown(reason)}`]),
    ...(targets.count === 0
      ? []
      : ['', shown(targetsOfSimulation(simulation)), `  ${shown(targets.names.join(', '))}`, dispatchOf(simulation)]),
    ...(stages.length > 0 ? [''] : []),
    ...stages.flatMap((stage, index) => {
      const effect = effectOf(stage, simulation);
      return [
        `${index + 1}. ${shown(stage.name)}: ${shown(stage.does)}`,
        ...(effect === undefined ? [] : [`   ${effect}`]),
        ...(stage.asks ?? []).map((who) => `   asks for ${shown(who)}`),
      ];
    }),
    ...batches.flatMap((batch) => [
      '',
      `${titleOfBatch(batch)}: ${shown(batch.devices.join(', '))}`,
      ...(batch.opens ?? []).map(({ site, why }) => `  waits for ${shown(site)}, which is ${shown(why)}`),
    ]),
    ...section(
      'Waits',
      waits.map(({ why }) => shown(why)),
    ),
    ...section(
      'Refused',
      refusals.flatMap(({ what, why, next }) => [`${shown(what)}: ${shown(why)}`, `  ${shown(next)}`]),
    ),
    ...section('Not known', unknown),
    ...section(
      'To know',
      notes.map(({ note, devices }) => `${shown(devices.join(', '))}: ${shown(note)}`),
    ),
    ...(expected === undefined ? [] : ['', expected]),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function shown(text: string): string {
  return visible(text.trim().replace(/[\r\n\t]+/g, ' '));
}
