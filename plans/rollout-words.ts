import type { CommentDetail } from './comment-detail.ts';
import { APART_BY_DEFAULT } from './make-batches.ts';
import type { Plan } from './plan.ts';
import { code, cutMiddle } from './safe-text.ts';
import { count, durationOf, listNames } from './words.ts';

type Rolled = Pick<Plan, 'rollout' | 'batches'>;

/**
 * How batches follow each other, as clauses of one sentence: `10 % of the switches first`, `then batches of at most 25`.
 * Our own words and numbers.
 *
 * @returns None where there are no batches.
 */
export function batchesInWords({ rollout, batches = [] }: Rolled): readonly string[] {
  if (batches.length === 0) return [];
  const canaries = batches.filter(({ canary }) => canary).reduce((sum, { devices }) => sum + devices.length, 0);
  const rest = batches.filter(({ canary }) => !canary);
  const { barrier, gate } = rollout;
  return [
    ...(canaries > 0 ? canaryClauses(rollout, canaries, batches[0]?.devices.length !== canaries) : []),
    ...(rest.length > 0 ? [restClause(rollout, rest, canaries > 0)] : []),
    ...(batches.length > 1 ? ['it stops at the first batch that fails'] : []),
    ...(barrier ? ['the switches of a batch are confirmed together or not at all'] : []),
    ...(gate === 'each' ? ['every batch asks for an approval of its own'] : []),
    ...(gate === 'first'
      ? [`batch ${batches.find(({ gate: asks }) => asks)?.number} asks for an approval of its own`]
      : []),
  ];
}

function canaryClauses(
  { canaryPercentage = 0, canarySuccessThreshold = 100 }: Plan['rollout'],
  canaries: number,
  several: boolean,
): readonly string[] {
  const well = canarySuccessThreshold >= 100 ? 'all of them have' : `at least ${canarySuccessThreshold} % of them have`;
  return [
    `${canaryPercentage} % of the switches first (${canaries}), of as many groups as possible`,
    ...(several ? ['in more than one batch'] : []),
    `${well} to come out well`,
  ];
}

function restClause(
  { batchSize, batchPercentage }: Plan['rollout'],
  rest: readonly { readonly devices: readonly string[] }[],
  afterCanaries: boolean,
): string {
  const then = afterCanaries ? 'then ' : '';
  const limits = [
    ...(batchSize === undefined ? [] : [String(batchSize)]),
    ...(batchPercentage === undefined ? [] : [`${batchPercentage} %`]),
  ];
  if (limits.length > 0) return `${then}batches of at most ${limits.join(' and at most ')}`;
  if (rest.length === 1) return afterCanaries ? 'then all others at once' : 'all at once';
  return `${then}as few batches as keep apart what backs each other up`;
}

/** What a rollout says is no failure, as a sentence of Markdown. */
export function expectedInWords({ expectedChanges = [] }: Plan['rollout'], detail: CommentDetail): string | undefined {
  if (expectedChanges.length === 0) return undefined;
  return `**May get worse**, and is not taken for a failure: ${listed(expectedChanges, detail)}`;
}

/** What else there is to know of a rollout, one sentence each, as Markdown. */
export function rolloutNotes({ rollout, batches }: Rolled, detail: CommentDetail): readonly string[] {
  const { apart = APART_BY_DEFAULT, retryCount, retryDelaySeconds, timeoutSeconds } = rollout;
  return [
    ...(batches && batches.length > 1
      ? [
          `Switches that back each other up by their configuration are never in one batch${apart.length > 0 ? `, nor are those of a site that are equal in one of ${listed(apart, detail)}` : ''}.`,
        ]
      : []),
    ...(retryCount === undefined ? [] : [retryNote(retryCount, retryDelaySeconds)]),
    ...(timeoutSeconds === undefined ? [] : [`A run that has not ended after ${durationOf(timeoutSeconds)} is ended.`]),
  ];
}

function listed(texts: readonly string[], { names, sentence }: CommentDetail): string {
  return listNames(texts, names, (text) => code(cutMiddle(text, sentence)));
}

function retryNote(retryCount: number, delaySeconds: number | undefined): string {
  if (retryCount === 0) return 'Nothing is tried again by itself.';
  const after = delaySeconds === undefined ? '' : `, each time after ${durationOf(delaySeconds)}`;
  return `What fails for a passing reason is tried again up to ${count(retryCount, 'time')}${after}.`;
}
