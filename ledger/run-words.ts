/** How a run stands, who asked for it and what to do now, in words: for its page and for the terminal. */
import type { ErrorDocument } from '../schemas/errors.ts';
import { batchInWords, switches } from './event-words.ts';
import type { Manner } from './manner.ts';
import { someOf, utc } from './markdown.ts';
import { countedOf, countOutcomes } from './outcome-words.ts';
import type { ChildRecord, Run, StageRecord } from './run.ts';
import { type Standing, standingOf } from './standing.ts';

/** Of the runs it waits for, as many are named. */
const MOST_CHILDREN = 3;

/** One error and everything it happened to: fifty switches that say the same are one thing to read. */
export interface Trouble {
  readonly error: ErrorDocument;
  /** Switches and stages. */
  readonly where: readonly string[];
}

export function troublesOf(run: Run): readonly Trouble[] {
  const found = [
    ...run.devices.flatMap(({ device, outcome }) =>
      outcome && 'error' in outcome ? [{ where: device, error: outcome.error }] : [],
    ),
    ...run.stages.flatMap(({ name, error }) => (error ? [{ where: name, error }] : [])),
  ];
  const groups = Map.groupBy(found, ({ error }) => JSON.stringify([error.code, error.message, error.next]));
  return [...groups.values()].flatMap((group) => {
    const error = group[0]?.error;
    return error ? [{ error, where: group.map(({ where }) => where) }] : [];
  });
}

/** @returns `12 switches: 8 running what was approved, 1 back on what ran before. Why: …` */
export function verdictOf(run: Run, { plain }: Manner): string {
  const counted = countedOf(run);
  const total = Object.values(counted).reduce((sum, number) => sum + number, 0);
  const devices = total > 0 ? `${switches(total)}: ${countOutcomes(counted)}.` : `${none(run)}.`;
  return run.why === undefined ? devices : `${devices} Why: ${plain(sentence(run.why))}`;
}

function none({ children }: Run): string {
  return children.length > 0 ? 'no switch has an outcome yet' : 'no switch was planned for';
}

/** Who or what asked for a run. @returns `pull request 7, commit a1b2c3d4e5f6…` */
export function originOf(
  run: Pick<Run, 'commit' | 'pullRequest' | 'request' | 'schedule' | 'scheduledFor'>,
  { code }: Manner,
): string {
  const { commit, pullRequest, request, schedule, scheduledFor } = run;
  const clock = schedule === undefined || schedule === request ? '' : `schedule ${code(schedule)}`;
  const file = request === undefined ? '' : `request ${code(request)}`;
  const merged = pullRequest === undefined ? '' : `pull request ${pullRequest}`;
  const due = scheduledFor === undefined ? '' : `due ${utc(scheduledFor)} UTC`;
  const by = [clock, file, merged].filter(Boolean);
  return [...(by.length > 0 ? by : ['a direct push']), due, `commit ${code(commit)}`].filter(Boolean).join(', ');
}

/**
 * What a person can or need not do now, one thing a line.
 *
 * @returns Empty when there is nothing.
 */
export function adviceOf(run: Run, manner: Manner): readonly string[] {
  const { plain, strong } = manner;
  const lines = troublesOf(run).map(({ where, error }) => `${strong(plain(someOf(where)))}: ${plain(error.next)}`);
  const recovery = run.recovery?.advice ?? failedStage(run)?.recovery?.advice;
  if (recovery !== undefined) lines.unshift(plain(recovery));
  const lost = run.devices.filter(({ outcome, attempts }) => run.endedAt !== undefined && !outcome && attempts > 0);
  if (lost.length > 0) {
    const names = plain(someOf(lost.map(({ device }) => device)));
    lines.push(`${strong(names)}: look at what it runs; the run ended before its outcome was recorded.`);
  }
  const waiting = waitingFor(run, standingOf(run), manner);
  return waiting === undefined ? lines : [...lines, waiting];
}

/** How a stop leaves the switches, in the words of its workflow. */
export function deviceStateOf(run: Run): string | undefined {
  return run.recovery?.deviceState ?? failedStage(run)?.recovery?.deviceState;
}

function failedStage({ stages }: Run): StageRecord | undefined {
  return stages.find(({ state }) => state === 'FAILED');
}

function waitingFor(run: Run, standing: Standing, { code, plain }: Manner): string | undefined {
  switch (standing.kind) {
    case 'ended':
      return undefined;
    case 'paused': {
      const why = standing.why === undefined ? '' : ` (${plain(standing.why)})`;
      const then = standing.automatic
        ? 'It goes on by itself once that is lifted.'
        : `It goes on after the comment ${code(`/pointsman resume ${run.name}`)}.`;
      return `${plain(standing.by)} paused it at ${utc(standing.at)} UTC${why}. ${then}`;
    }
    case 'ending': {
      const why = standing.why === undefined ? '' : ` (${plain(standing.why)})`;
      return `${plain(standing.by)} wants it ended${why}. Whoever changes switches for it stops, and then it ends.`;
    }
    case 'at-work': {
      const { devices, deadline } = standing.lease;
      const names = plain(someOf(devices.map((key) => key.slice(key.indexOf('/') + 1))));
      return `Wait: ${names} ${devices.length === 1 ? 'is' : 'are'} being worked on. Another pass takes over after ${utc(deadline)} UTC.${heldThen(run, plain)}`;
    }
    case 'asks': {
      const why = standing.why === undefined ? '.' : `: ${plain(sentence(standing.why))}`;
      return `An approval is missing, for ${plain(standing.stage)}${why}${whereToAnswer(standing)}`;
    }
    case 'failed':
      if (run.parent !== undefined)
        return `It is tried again, or ended, with the run it is part of: ${code(run.parent)}.`;
      return `It waits for you: try again with the comment ${code(`/pointsman retry ${run.name} ${standing.stage}`)}, or end it with ${code(`/pointsman terminate ${run.name}`)}.`;
    case 'held': {
      const until = standing.until === undefined ? '' : ` It goes on by itself after ${utc(standing.until)} UTC.`;
      return `Nothing now. It waits since ${utc(standing.since)} UTC: ${plain(sentence(standing.why))}${until}`;
    }
    case 'repeats':
      return `Nothing now: ${plain(standing.stage)} is tried again by itself after ${utc(standing.until)} UTC (${standing.attempt} of ${standing.of}).`;
    case 'children': {
      const named = standing.open.slice(0, MOST_CHILDREN).map((child) => childInWords(child, code));
      const more = standing.open.length - named.length;
      const which = more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
      return `Wait: ${which} ${standing.open.length === 1 ? 'is' : 'are'} under way.`;
    }
    case 'due':
      return 'Nothing now: the next pass goes on with it.';
  }
}

function heldThen({ pauseWanted }: Run, plain: Manner['plain']): string {
  return pauseWanted ? ` ${plain(pauseWanted.by)} paused it: nothing more is begun then.` : '';
}

function whereToAnswer({ pullRequest, isGate }: Standing & { readonly kind: 'asks' }): string {
  if (pullRequest === undefined) return '';
  return isGate ? ` Approve #${pullRequest} to let it go on, or close it to reject.` : ` Approve #${pullRequest}.`;
}

function childInWords({ run, batch }: ChildRecord, code: Manner['code']): string {
  return batch ? `${batchInWords(batch)}, ${code(run)},` : code(run);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
