import type { ErrorDocument } from '../schemas/errors.ts';
import type { CommentContext, OutcomeView, RunView } from './comment-context.ts';
import type { CommentDetail } from './comment-detail.ts';
import { renderBatchProgress } from './render-batch-progress.ts';
import type { LeftOut } from './render-groups.ts';
import { cellCode, cellProse, code, cutMiddle, prose } from './safe-text.ts';
import { count, listNames, minuteOf } from './words.ts';

type RunDevice = RunView['devices'][number];

/** How a run stands or came out: per device, then what the switches do alone and what a person can do now. */
export function renderRun(
  run: RunView,
  recovery: CommentContext['recovery'],
  detail: CommentDetail,
  leftOut: LeftOut,
): readonly string[] {
  return [
    ...renderWhen(run, detail),
    ...renderHold(run, detail),
    ...(run.batches ? renderBatchProgress(run, detail) : []),
    ...renderTable(run, detail, leftOut),
    ...renderStageErrors(run, detail),
    ...renderAfterwards(run, recovery, detail),
  ];
}

function renderWhen(run: RunView, { sentence }: CommentDetail): readonly string[] {
  const { name, startedAt, endedAt, why, paused } = run;
  const when =
    endedAt === undefined ? `started ${minuteOf(startedAt)}` : `${minuteOf(startedAt)} to ${minuteOf(endedAt)}`;
  return [
    `Run ${code(name)}, ${when}${why === undefined ? '' : `: ${prose(cutMiddle(why, sentence))}`}`,
    '',
    ...(paused ? [renderPause(paused, name, sentence), ''] : []),
  ];
}

function renderPause({ by, why, automatic }: NonNullable<RunView['paused']>, name: string, sentence: number): string {
  const reason = why === undefined ? '' : `: ${prose(cutMiddle(why, sentence))}`;
  const goesOn = automatic
    ? 'It goes on by itself when that is over.'
    : `It goes on after the comment ${code(`/pointsman resume ${name}`)}.`;
  return `**Nothing is begun: paused by ${code(by)}**${reason}. ${goesOn}`;
}

/** Why a run that goes on is not at work, and who had it go on after it had stopped. */
function renderHold({ hold, stages, endedAt }: RunView, { sentence }: CommentDetail): readonly string[] {
  if (endedAt !== undefined) return [];
  const until = hold?.until === undefined ? '' : ` before ${minuteOf(hold.until)}`;
  const again = stages.flatMap(({ state, history = [] }) => {
    const last = history.at(-1);
    return state === 'IN_PROGRESS' && last?.by !== undefined ? [{ by: last.by, at: last.at }] : [];
  });
  return [
    ...(hold ? [`**Nothing is begun${until}**: ${prose(cutMiddle(hold.why, sentence))}`, ''] : []),
    ...again.flatMap(({ by, at }) => [`It goes on since ${minuteOf(at)}: ${code(by)} had it tried again.`, '']),
  ];
}

const STATE_WORDS: Readonly<Record<OutcomeView['kind'], string>> = {
  applied: 'applied, confirmed, saved',
  differs: '**differs** from what is intended',
  'backed-up': 'backed up',
  'in-sync': 'already as intended',
  faulty: '**applied with errors**',
  reverted: '**reverted**: runs what it ran before',
  untouched: '**untouched**: nothing was made live',
  unknown: '**unknown**',
};

/** What went wrong stands above what went well, so that it survives a cut. */
const CARE: readonly (OutcomeView['kind'] | undefined)[] = [
  'unknown',
  'faulty',
  'reverted',
  'untouched',
  'differs',
  undefined,
  'applied',
  'backed-up',
  'in-sync',
];

/** Rows of switches beside a table of batches, which counts them all. */
const TROUBLED_ROWS = 10;

/** Where batches tell of all switches, only those that need a look have a row of their own. */
function renderTable(run: RunView, detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  const told = run.batches ? run.devices.filter(({ outcome }) => outcome && 'error' in outcome) : run.devices;
  if (told.length === 0) return [];
  const sorted = CARE.flatMap((kind) => told.filter(({ outcome }) => outcome?.kind === kind));
  const most = run.batches ? Math.min(detail.rows, TROUBLED_ROWS) : detail.rows;
  const rest = sorted.length - Math.min(sorted.length, most);
  if (rest > 0 && !run.batches) leftOut('rows of the table');
  const hasStages = run.lease !== undefined && !run.batches;
  return [
    ...(hasStages
      ? ['| Device | State | Stage | Note |', '|---|---|---|---|']
      : ['| Device | State | Note |', '|---|---|---|']),
    ...sorted.slice(0, most).map((device) => renderRow(run, hasStages, device, detail)),
    ...(rest > 0 ? [`| … ${count(rest, 'more device')} | as counted above |${hasStages ? ' |' : ''} |`] : []),
    '',
  ];
}

function renderRow(
  run: RunView,
  hasStages: boolean,
  { site, device, outcome, backup }: RunDevice,
  { sentence }: CommentDetail,
): string {
  const atWork = run.lease?.devices.includes(`${site}/${device}`) ?? false;
  const open = run.endedAt !== undefined ? 'not reached' : atWork ? 'in progress' : 'waiting';
  const state = outcome ? STATE_WORDS[outcome.kind] : open;
  const stage = hasStages ? [!outcome && atWork && run.lease ? cellCode(run.lease.stage) : ''] : [];
  const note = outcome && 'error' in outcome ? quoted(outcome.error, sentence) : noteOf(outcome, backup);
  return `| ${[cellCode(device), state, ...stage, note].join(' | ')} |`;
}

function quoted({ message, code: name }: ErrorDocument, sentence: number): string {
  return `${cellProse(cutMiddle(message, sentence))} (${cellCode(name)})`;
}

function noteOf(outcome: OutcomeView | undefined, backup: string | undefined): string {
  if (outcome?.kind === 'differs') return `in ${count(outcome.changes, 'place')}`;
  if (outcome?.kind === 'backed-up') return outcome.changed ? 'not as it was last kept' : 'as it was last kept';
  return backup === undefined ? '' : 'backed up';
}

function renderStageErrors({ stages }: RunView, { sentence }: CommentDetail): readonly string[] {
  const failed = stages.flatMap(({ name, error }) => (error ? [{ name, error }] : []));
  if (failed.length === 0) return [];
  return [
    ...failed.map(
      ({ name, error }) => `- ${code(name)}: ${prose(cutMiddle(error.message, sentence))} (${code(error.code)})`,
    ),
    '',
  ];
}

/** What happens without us, what a person can do, what nobody should. Only where something did not go as it should. */
function renderAfterwards(
  { devices, stages, batches }: RunView,
  recovery: CommentContext['recovery'],
  { sentence, names }: CommentDetail,
): readonly string[] {
  const namesOf = (kind: OutcomeView['kind']) =>
    devices.filter(({ outcome }) => outcome?.kind === kind).map(({ device }) => device);
  const list = (found: readonly string[]) => listNames(found, Math.min(names, 10), code);
  const [reverted, unknown, faulty] = [namesOf('reverted'), namesOf('unknown'), namesOf('faulty')];

  const alone = [
    ...(recovery ? [`- ${recovery.deviceState}`] : []),
    ...(reverted.length > 0
      ? [`- ${list(reverted)}: nothing more. The change was taken back and the old configuration read back.`]
      : []),
    ...(unknown.length > 0
      ? [
          `- ${list(unknown)}: if the change is live there and was not confirmed, the switch takes it back when its timer ends. Do not reboot it before.`,
        ]
      : []),
    ...(faulty.length > 0 ? [`- ${list(faulty)}: nothing. The change stays.`] : []),
  ];
  const errors = [...devices.map(({ outcome }) => outcome), ...stages].flatMap((entry) =>
    entry && 'error' in entry && entry.error ? [entry.error] : [],
  );
  const next = [...new Set(errors.map((error) => error.next))];
  const most = batches ? 3 : 5;
  return [
    ...(alone.length > 0 ? ['**What the switches do alone**', '', ...alone, ''] : []),
    ...(next.length > 0 || recovery
      ? [
          '**What you can do now**',
          '',
          ...(recovery ? [`- ${recovery.advice}`] : []),
          ...next.slice(0, most).map((advice) => `- ${prose(cutMiddle(advice, sentence))}`),
          ...(next.length > most ? [`- … and ${next.length - most} more, in the record of the run`] : []),
          '',
        ]
      : []),
  ];
}
