import { type ParsedComment, parseCommand } from '../../approvals/commands.ts';
import type { PullRequestComment } from '../../forge/forge.ts';
import type { CommandRecord, LedgerView } from '../../ledger/ledger.ts';
import { type ErrorDocument, PointsmanError } from '../../schemas/errors.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { endAsWanted } from '../end-wanted.ts';
import { UnforeseenError } from '../errors.ts';
import { type Answer, refused, renderReply, replyMarker } from './answer.ts';
import { answerCommand, type CommandsInput } from './answer-command.ts';
import { answerOfRecord } from './answer-of-record.ts';
import { makeRecord } from './command-record.ts';
import { takeFairly } from './take-fairly.ts';

export type CommandReport = {
  readonly pullRequest: number;
  readonly comment: number;
  readonly by: string;
} & (
  | { readonly kind: 'done' | 'refused'; readonly why: string }
  /** Could not be dealt with now; the next pass tries again. */
  | { readonly kind: 'left'; readonly error: ErrorDocument }
);

/** A command that is older when it is first seen was written for another moment than this one. */
const MOST_HOURS_OLD = 24;
/** Looked back further than that, so that whoever wrote in an outage is told to write again. */
const LOOK_BACK_HOURS = 72;
const HOUR_MS = 3_600_000;
/** In one pass; the others wait for the next. */
const MOST_AT_ONCE = 20;

/**
 * Does what comments ask for, in their order. Each is seen (eyes), done, recorded and answered; a process may die between
 * any two of these, and the next pass ends the same: what changes a run is recorded in the same ledger commit, everything
 * else can be done twice, and the answer to a comment is one reply that is never posted again.
 */
export async function runCommands(
  deps: ReconcilerDeps,
  view: LedgerView,
  input: CommandsInput,
  signal: AbortSignal,
): Promise<readonly CommandReport[]> {
  const asked = await readCommands(deps, view, signal);
  const reports: CommandReport[] = [];
  const told: { readonly pullRequest: number; readonly record: CommandRecord }[] = [];
  const held = new Set<number>();
  for (const one of takeFairly(asked, MOST_AT_ONCE)) {
    const { id, pullRequest, author } = one.comment;
    // What comes after a command that waits must not overtake it: pause and resume would change places.
    if (held.has(pullRequest)) continue;
    const about = { pullRequest, comment: id, by: author };
    try {
      const record = await dealWith(deps, one, input, signal);
      told.push({ pullRequest, record });
      reports.push({ ...about, kind: record.verdict, why: record.why });
    } catch (error) {
      signal.throwIfAborted();
      // Anybody may write a comment, so not even a bug that one leads to may keep the others, or the deploys, from their turn.
      const known = error instanceof PointsmanError ? error : new UnforeseenError({ about: `comment ${id}` });
      deps.log.warn({ ...about, code: known.code, err: error }, 'command left for the next pass');
      held.add(pullRequest);
      reports.push({ ...about, kind: 'left', error: known.toJSON() });
    }
  }
  await recordTold(deps, told, signal);
  return reports;
}

interface Asked {
  readonly comment: PullRequestComment;
  readonly parsed: Exclude<ParsedComment, { readonly kind: 'none' }>;
}

/** Comments that speak to us and have not been answered, oldest first. */
async function readCommands(deps: ReconcilerDeps, view: LedgerView, signal: AbortSignal): Promise<readonly Asked[]> {
  const comments = await deps.forge.commentsSince(lookBackTo(deps), signal);
  const asked: Asked[] = [];
  for (const comment of comments.toSorted((a, b) => a.createdAt - b.createdAt || a.id - b.id)) {
    if (comment.authorIsBot || ageOf(deps, comment) > LOOK_BACK_HOURS) continue;
    const parsed = parseCommand(comment.body);
    const isAnswered = (await view.commands(comment.pullRequest)).get(comment.id)?.told;
    if (parsed.kind !== 'none' && !isAnswered) asked.push({ comment, parsed });
  }
  return asked;
}

/** The beginning of an hour: asked the same again, the forge can say that nothing is new, which costs nothing. */
function lookBackTo({ clock }: Pick<ReconcilerDeps, 'clock'>): number {
  const since = clock.now() - LOOK_BACK_HOURS * HOUR_MS;
  return since - (since % HOUR_MS);
}

/** @returns The record of it, answered; or still to be, where what it asked for is on its way. */
async function dealWith(
  deps: ReconcilerDeps,
  { comment, parsed }: Asked,
  input: CommandsInput,
  signal: AbortSignal,
): Promise<CommandRecord> {
  await deps.forge.react(comment.id, 'eyes', signal);
  const before = await deps.ledger.view(signal);
  const known = (await before.commands(comment.pullRequest)).get(comment.id);
  if (known?.told) return known;
  const first = known
    ? undefined
    : ((await whyNotHeard(deps, comment, signal)) ?? (await answerFor(deps, comment, parsed, input, signal)));
  const recorded = (await (await deps.ledger.view(signal)).commands(comment.pullRequest)).get(comment.id);
  const answer = await carryOut(deps, recorded, first, signal);
  const { verdict, why } = answer;
  const command = parsed.kind === 'command' ? parsed.command : undefined;
  const record = recorded ?? makeRecord(comment, command, { verdict, why }, deps.clock.now());
  await tell(deps, comment, answer, signal);
  return { ...record, told: answer.pending !== true };
}

/** What follows for people and runs from a command that stands on the ledger, also by a process that did not do it. */
async function carryOut(
  deps: ReconcilerDeps,
  record: CommandRecord | undefined,
  first: Answer | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  if (record?.verdict === 'done') {
    if (record.verb === 'terminate') {
      for (const name of record.runs ?? []) await endWithBatches(deps, name, record.runs ?? [], signal);
    }
    const view = await deps.ledger.view(signal);
    return first && record.verb !== 'terminate' ? first : answerOfRecord(record, view);
  }
  if (first) return first;
  if (!record) throw new RangeError('a command is neither on the ledger nor answered');
  return refused(record.why);
}

/** A batch ends with the run it is of. */
async function endWithBatches(
  deps: ReconcilerDeps,
  name: string,
  all: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const run = await (await deps.ledger.view(signal)).run(name);
  if (run?.parent !== undefined && all.includes(run.parent)) return;
  await endAsWanted(deps, name, signal);
}

async function whyNotHeard(
  deps: ReconcilerDeps,
  comment: PullRequestComment,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  // Who may write to the repository may edit what others wrote, and so speak in their name.
  if (comment.edited || (await deps.forge.wasEdited(comment.id, signal))) {
    return refused(
      'the comment was edited after it was written, and only what was written first counts',
      'Write a new comment.',
    );
  }
  if (ageOf(deps, comment) <= MOST_HOURS_OLD) return undefined;
  return refused(
    `it was written more than ${MOST_HOURS_OLD} hours before it was first seen, so it may not be meant any more`,
    'Write it again if it is.',
  );
}

async function answerFor(
  deps: ReconcilerDeps,
  comment: PullRequestComment,
  parsed: Asked['parsed'],
  input: CommandsInput,
  signal: AbortSignal,
): Promise<Answer> {
  if (parsed.kind === 'unreadable') return refused(parsed.why, parsed.next, parsed.form);
  try {
    return await answerCommand(deps, comment, parsed.command, input, signal);
  } catch (error) {
    // What a later pass may get over is left to it.
    if (!(error instanceof PointsmanError) || error.disposition === 'retry-later') throw error;
    return refused(error.message.replace(/\.$/, ''), error.next);
  }
}

async function tell(
  deps: ReconcilerDeps,
  comment: PullRequestComment,
  answer: Answer,
  signal: AbortSignal,
): Promise<void> {
  const { forge, redact } = deps;
  if (!answer.quiet) {
    const reply = redact(renderReply(comment, answer));
    await forge.writeStickyComment(comment.pullRequest, replyMarker(comment.id), reply, signal);
  }
  const reaction = answer.pending ? 'rocket' : answer.verdict === 'done' ? '+1' : 'confused';
  await forge.react(comment.id, reaction, signal);
}

/** One commit for all that were answered in this pass. */
async function recordTold(
  deps: Pick<ReconcilerDeps, 'ledger'>,
  told: readonly { readonly pullRequest: number; readonly record: CommandRecord }[],
  signal: AbortSignal,
): Promise<void> {
  if (told.length === 0) return;
  await deps.ledger.append(async (view) => {
    const commands = new Map<number, CommandRecord[]>();
    for (const { pullRequest, record } of told) {
      const known = (await view.commands(pullRequest)).get(record.comment);
      if (known?.told || known?.told === record.told) continue;
      commands.set(pullRequest, [...(commands.get(pullRequest) ?? []), record]);
    }
    if (commands.size === 0) return undefined;
    const count = [...commands.values()].flat().length;
    return { title: `answer ${count} ${count === 1 ? 'command' : 'commands'}`, commands };
  }, signal);
}

/** In hours, by our clock and the forge's. */
function ageOf({ clock }: Pick<ReconcilerDeps, 'clock'>, { createdAt }: PullRequestComment): number {
  return (clock.now() - createdAt) / HOUR_MS;
}
