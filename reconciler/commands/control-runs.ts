import { type Asker, mayCommand } from '../../approvals/command-permissions.ts';
import type { Command } from '../../approvals/commands.ts';
import type { PullRequestComment } from '../../forge/forge.ts';
import type { RunEvent } from '../../ledger/events.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import type { Permissions } from '../../schemas/fleet.ts';
import { openChildren } from '../deploy/time-out.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { heldBy } from '../hold-automation.ts';
import type { TipRules } from '../tip-rules.ts';
import { type Answer, refused } from './answer.ts';
import { answerOfRecord } from './answer-of-record.ts';
import { makeRecord } from './command-record.ts';
import { decideRetry } from './decide-retry.ts';
import { findRuns } from './find-runs.ts';
import { type Control, type Controlling, decidePause, decideResume, decideTerminate } from './run-control.ts';
import { scopeOfRun } from './scope.ts';

export type ControlCommand = Command & { readonly verb: 'pause' | 'resume' | 'terminate' | 'retry' };

/** Who asks, what they may do, and what the fleet's branch says now. */
export interface Controls {
  readonly asker: Asker;
  readonly permissions: Permissions | undefined;
  readonly automation: TipRules['automation'];
  /** The pull request it was said on; its runs are meant where none is named. */
  readonly pullRequest?: number;
}

/**
 * Pauses, resumes, terminates or tries again runs, and records in the same commit that the command was dealt with: a process
 * that dies leaves both or none. Several runs are all moved, or none is.
 */
export async function controlRuns(
  deps: ReconcilerDeps,
  comment: PullRequestComment,
  command: ControlCommand,
  controls: Controls,
  signal: AbortSignal,
): Promise<Answer> {
  let refusal: Answer | undefined;
  const after = await deps.ledger.append(async (view) => {
    refusal = undefined;
    if ((await view.commands(comment.pullRequest)).has(comment.id)) return undefined;
    const decided = await decideControls(deps, view, command, controls);
    if (decided.kind === 'refused') {
      refusal = decided.answer;
      return undefined;
    }
    const { why, events } = decided;
    const runs = [...events.keys()];
    const record = makeRecord(comment, command, { verdict: 'done', why, runs }, deps.clock.now());
    return {
      title: titleOf(command, controls, runs),
      events,
      commands: new Map([[comment.pullRequest, [record]]]),
    };
  }, signal);
  if (refusal) return refusal;
  const record = (await after.commands(comment.pullRequest)).get(comment.id);
  if (!record) throw new RangeError(`comment ${comment.id} was dealt with and is not on the ledger`);
  return answerOfRecord(record, after);
}

/** The same without a comment: who asks is at the command line. What it leaves is in the events. */
export async function controlByHand(
  deps: ReconcilerDeps,
  command: ControlCommand,
  controls: Controls,
  signal: AbortSignal,
): Promise<
  | { readonly kind: 'refused'; readonly answer: Answer }
  | { readonly kind: 'done'; readonly why: string; readonly runs: readonly string[] }
> {
  let decided: Decided | undefined;
  await deps.ledger.append(async (view) => {
    decided = await decideControls(deps, view, command, controls);
    if (decided.kind === 'refused' || [...decided.events.values()].every((events) => events.length === 0))
      return undefined;
    return { title: titleOf(command, controls, [...decided.events.keys()]), events: decided.events };
  }, signal);
  if (!decided) throw new RangeError('the ledger was appended to without anything having been decided');
  if (decided.kind === 'refused') return decided;
  return { kind: 'done', why: decided.why, runs: [...decided.events.keys()] };
}

type Decided =
  | { readonly kind: 'refused'; readonly answer: Answer }
  | { readonly kind: 'moves'; readonly why: string; readonly events: ReadonlyMap<string, readonly RunEvent[]> };

async function decideControls(
  { clock }: Pick<ReconcilerDeps, 'clock'>,
  view: LedgerView,
  command: ControlCommand,
  { asker, permissions, automation, pullRequest }: Controls,
): Promise<Decided> {
  const found = await findRuns(view, command.run, pullRequest);
  if (found.kind === 'none') return { kind: 'refused', answer: refused(found.why, found.next) };
  const events = new Map<string, readonly RunEvent[]>();
  const words: string[] = [];
  for (const run of found.runs) {
    const permission = mayCommand(command.verb, asker, scopeOfRun(run), permissions);
    if (permission.kind === 'refused') return { kind: 'refused', answer: refused(`${run.name}: ${permission.why}`) };
    const held = command.verb === 'resume' ? await heldBy(view, automation, run) : undefined;
    const asked: Controlling = {
      by: asker.login,
      now: clock.now(),
      ...('reason' in command && command.reason !== undefined ? { reason: command.reason } : {}),
      ...(held ? { held } : {}),
    };
    const control = decideControl(run, command, asked);
    if (control.kind === 'refused') {
      return { kind: 'refused', answer: refused(`${run.name}: ${control.why}`, control.next, control.copy) };
    }
    events.set(run.name, control.events);
    words.push(`${run.name}: ${control.why}`);
    if (command.verb === 'retry') continue;
    for (const batch of await openChildren(view, run)) {
      const too = decideControl(batch, command, asked);
      if (too.kind === 'move' && too.events.length > 0) events.set(batch.name, too.events);
    }
  }
  return { kind: 'moves', why: words.join('; '), events };
}

function decideControl(run: Run, command: ControlCommand, asked: Controlling): Control {
  switch (command.verb) {
    case 'pause':
      return decidePause(run, asked);
    case 'resume':
      return decideResume(run, asked);
    case 'terminate':
      return decideTerminate(run, asked);
    case 'retry':
      return decideRetry(run, command.stage, asked);
  }
}

function titleOf({ verb }: ControlCommand, { asker }: Controls, runs: readonly string[]): string {
  return `${runs.join(', ')}: ${verb} by ${asker.login}`;
}
