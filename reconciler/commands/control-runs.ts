import { type Asker, mayCommand } from '../../approvals/command-permissions.ts';
import type { Command } from '../../approvals/commands.ts';
import type { PullRequestComment } from '../../forge/forge.ts';
import type { RunEvent } from '../../ledger/events.ts';
import type { CommandRecord, LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { code, prose } from '../../plans/safe-text.ts';
import { listNames } from '../../plans/words.ts';
import type { Permissions } from '../../schemas/fleet.ts';
import { recoveryOf } from '../../workflows/all-workflows.ts';
import { tellEnd } from '../deploy/finish-run.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { isCertainlyDead } from '../owner.ts';
import { type Answer, refused } from './answer.ts';
import { findRuns } from './find-runs.ts';
import { decidePause, decideResume, decideTerminate } from './run-control.ts';
import { scopeOfRun } from './scope.ts';

export type ControlCommand = Command & { readonly verb: 'pause' | 'resume' | 'terminate' };

const DECISIONS = { pause: decidePause, resume: decideResume, terminate: decideTerminate } as const;

/**
 * Pauses, resumes or terminates runs, and records in the same commit that the command was dealt with: a process that dies
 * leaves both or none. Several runs are all moved, or none is.
 */
export async function controlRuns(
  deps: ReconcilerDeps,
  comment: PullRequestComment,
  command: ControlCommand,
  { asker, permissions }: { readonly asker: Asker; readonly permissions: Permissions | undefined },
  signal: AbortSignal,
): Promise<Answer> {
  let refusal: Answer | undefined;
  const after = await deps.ledger.append(async (view) => {
    refusal = undefined;
    if ((await view.commands(comment.pullRequest)).has(comment.id)) return undefined;
    const found = await findRuns(view, command.run, comment.pullRequest);
    if (found.kind === 'none') {
      refusal = refused(found.why, found.next);
      return undefined;
    }
    const events = new Map<string, readonly RunEvent[]>();
    const words: string[] = [];
    for (const run of found.runs) {
      const permission = mayCommand(command.verb, asker, scopeOfRun(run), permissions);
      const control =
        permission.kind === 'refused'
          ? { kind: 'refused' as const, why: permission.why, next: undefined }
          : DECISIONS[command.verb](run, {
              by: comment.author,
              now: deps.clock.now(),
              isDead: (owner) => isCertainlyDead(owner, deps.owner),
            });
      if (control.kind === 'refused') {
        refusal = refused(`${run.name}: ${control.why}`, control.next);
        return undefined;
      }
      events.set(run.name, control.events);
      words.push(`${run.name}: ${control.why}`);
    }
    const record = recordOf(deps, comment, command, { runs: found.runs, why: words.join('; ') });
    const names = [...events.keys()].join(', ');
    return {
      title: `${names}: ${command.verb} by ${comment.author}`,
      events,
      commands: new Map([[comment.pullRequest, [record]]]),
    };
  }, signal);
  if (refusal) return refusal;
  const record = (await after.commands(comment.pullRequest)).get(comment.id);
  if (!record) throw new RangeError(`comment ${comment.id} was dealt with and is not on the ledger`);
  return answerOfRecord(record, after);
}

function recordOf(
  deps: Pick<ReconcilerDeps, 'clock'>,
  { id, author }: PullRequestComment,
  { verb, run }: ControlCommand,
  { runs, why }: { readonly runs: readonly Run[]; readonly why: string },
): CommandRecord {
  return {
    comment: id,
    at: deps.clock.now(),
    by: author,
    verb,
    args: run === undefined ? [] : [run],
    verdict: 'done',
    why,
    runs: runs.map(({ name }) => name),
    told: false,
  };
}

/** What a person is told of a command that stands on the ledger, also by a process that did not do it. */
export async function answerOfRecord(record: CommandRecord, view: LedgerView): Promise<Answer> {
  const { verdict, why, verb } = record;
  const runs = await runsOf(record, view);
  if (verdict === 'refused') return refused(why);
  if (verb === 'terminate') return { verdict, why, lines: runs.flatMap(linesOfTerminated) };
  if (verb !== 'pause') return { verdict, why };
  return { verdict, why, lines: runs.map(({ name }) => `It goes on after ${code(`/pointsman resume ${name}`)}.`) };
}

/** Brings the pages of runs a command has ended up to date. Told again it sends nothing. */
export async function tellEnds(
  deps: ReconcilerDeps,
  record: CommandRecord,
  view: LedgerView,
  signal: AbortSignal,
): Promise<void> {
  if (record.verb !== 'terminate' || record.verdict !== 'done') return;
  for (const run of await runsOf(record, view)) {
    const pullRequest =
      run.pullRequest === undefined ? undefined : await deps.forge.pullRequest(run.pullRequest, signal);
    const gate = run.gate === undefined ? undefined : await deps.forge.pullRequest(run.gate, signal);
    await tellEnd(deps, { ...(pullRequest ? { pullRequest } : {}), ...(gate ? { gate } : {}) }, view, run, signal);
  }
}

async function runsOf({ runs = [] }: CommandRecord, view: LedgerView): Promise<readonly Run[]> {
  const found = await Promise.all(runs.map((name) => view.run(name)));
  return found.filter((run) => run !== undefined);
}

const MOST_NAMED = 20;

/** How every switch is left, and what the workflow advises at the stage the run stood in. */
function linesOfTerminated(run: Run): readonly string[] {
  const byKind = Map.groupBy(run.devices, ({ outcome }) => outcome?.kind ?? 'unknown');
  const devices = [...byKind].map(([kind, list]) => {
    const names = listNames(
      list.map(({ device }) => device),
      MOST_NAMED,
      code,
    );
    return `- ${kind}: ${names}`;
  });
  const recovery = recoveryOf(run);
  return [
    ...(devices.length > 0 ? devices : ['- no switch had been asked yet']),
    ...(recovery ? ['', prose(`${recovery.deviceState} ${recovery.advice}`)] : []),
    '',
    'What was merged is still on the branch. Revert it there, or merge a change that touches these switches: its plan shows what they lack.',
  ];
}
