import type { CommentDetail } from './comment-detail.ts';
import { code, cutMiddle, prose } from './safe-text.ts';
import type { SimulatedBatch, SimulatedStage, Simulation } from './simulation.ts';
import {
  dispatchOf,
  effectOf,
  expectedOf,
  targetsOfSimulation,
  titleOfBatch,
  verdictOfSimulation,
} from './simulation-words.ts';
import { count, listNames } from './words.ts';

/** What a request would do, as a part of a comment: why in the open, what step by step in a fold. */
export function renderSimulation(simulation: Simulation, detail: CommentDetail): readonly string[] {
  const { request, reason, targets, waits } = simulation;
  return [
    ...(request === undefined
      ? []
      : [`**Request ${code(request)}**: ${prose(cutMiddle(reason ?? '', detail.sentence))}`, '']),
    prose(`${targetsOfSimulation(simulation)} · ${dispatchOf(simulation)}`),
    '',
    ...(waits.length > 0
      ? [...waits.map(({ why }) => `- It waits: ${prose(cutMiddle(why, detail.sentence))}`), '']
      : []),
    ...renderRefusals(simulation, detail),
    // Only our own words and numbers are in it.
    `<details><summary>What it would do, in order</summary>`,
    '',
    `${prose(verdictOfSimulation(simulation))}.`,
    '',
    ...simulation.stages.flatMap((stage, index) => renderStage(stage, index, simulation)),
    '',
    ...renderBatches(simulation.batches, detail),
    ...simulation.notes.map(
      ({ note, devices }) => `- ${listNames(devices, detail.names, code)}: ${prose(cutMiddle(note, detail.sentence))}`,
    ),
    ...(simulation.notes.length > 0 ? [''] : []),
    ...[...simulation.unknown.map((what) => `Not known: ${what}.`), ...lineOf(expectedOf(simulation))],
    `Its targets: ${listNames(targets.names, detail.names, code)}`,
    '</details>',
    '',
  ];
}

function renderRefusals({ refusals }: Simulation, { rows, sentence }: CommentDetail): readonly string[] {
  if (refusals.length === 0) return [];
  const more = refusals.length - rows;
  return [
    '**Refused**',
    '',
    ...refusals
      .slice(0, rows)
      .flatMap(({ what, why, next }) => [
        `- ${code(what)}: ${prose(cutMiddle(why, sentence))}`,
        `  ${prose(cutMiddle(next, sentence))}`,
      ]),
    ...(more > 0 ? [`- … and ${more} more`] : []),
    '',
  ];
}

function renderStage(stage: SimulatedStage, index: number, simulation: Simulation): readonly string[] {
  const effect = effectOf(stage, simulation);
  return [
    `${index + 1}. ${code(stage.name)}: ${stage.does}`,
    ...(effect === undefined ? [] : [`   - ${effect}`]),
    ...(stage.asks ?? []).map((who) => `   - asks for ${prose(who)}`),
  ];
}

function renderBatches(
  batches: readonly SimulatedBatch[],
  { batchRows, names, sentence }: CommentDetail,
): readonly string[] {
  if (batches.length === 0) return [];
  const more = batches.length - batchRows;
  return [
    ...batches
      .slice(0, batchRows)
      .flatMap((batch) => [
        `- ${titleOfBatch(batch)}: ${listNames(batch.devices, names, code)}`,
        ...(batch.opens ?? []).map(
          ({ site, why }) => `  - waits for ${code(site)}, which is ${prose(cutMiddle(why, sentence))}`,
        ),
      ]),
    ...(more > 0 ? [`- … and ${count(more, 'more batch', 'more batches')}`] : []),
    '',
  ];
}

function lineOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [`${text}.`];
}
