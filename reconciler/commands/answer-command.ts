import { type CommandScope, mayCommand } from '../../approvals/command-permissions.ts';
import type { Command } from '../../approvals/commands.ts';
import type { PullRequest, PullRequestComment } from '../../forge/forge.ts';
import type { PermittedVerb } from '../../schemas/fleet.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { FleetInvalidError } from '../errors.ts';
import { type Answer, refused } from './answer.ts';
import { readAsker } from './asker.ts';
import { controlRuns } from './control-runs.ts';
import { explainPlan, sitesOfPlanned } from './explain-plan.ts';
import { findRuns } from './find-runs.ts';
import { listPermitted } from './list-permitted.ts';
import { isFromFork, type PlanAgain, planCommand } from './plan-again.ts';
import { readPermissions } from './read-permissions.ts';
import { SCOPE_OF_PLANNING, scopeOfRun, scopeOfSites } from './scope.ts';

const ALL: readonly PermittedVerb[] = ['plan', 'plan_fork', 'explain', 'pause', 'resume', 'terminate', 'retry', 'help'];

/** What a pass gives to commands. */
export interface CommandsInput {
  /** Of the fleet's branch: whose permissions.yaml counts. */
  readonly tip: string;
  readonly planAgain: PlanAgain;
}

/** Does what one command asks for, where whoever asks may have it done. */
export async function answerCommand(
  deps: ReconcilerDeps,
  comment: PullRequestComment,
  command: Command,
  input: CommandsInput,
  signal: AbortSignal,
): Promise<Answer> {
  // Read again: since the pass began, its head may have moved.
  const pullRequest = await deps.forge.pullRequest(comment.pullRequest, signal);
  const verb = verbFor(deps, command, pullRequest);
  let rights: Rights;
  try {
    const permissions = await readPermissions(deps.repository, input.tip);
    const asked = command.verb === 'help' ? ALL : [verb];
    rights = { permissions, asker: await readAsker(deps.forge, comment.author, permissions, asked, signal) };
  } catch (error) {
    if (!(error instanceof FleetInvalidError)) throw error;
    const [first] = error.details.problems;
    return refused(
      `who may do this cannot be told, because permissions.yaml of the base branch is not valid: ${first?.message}`,
      'Correct it in a pull request; until then nobody may give commands.',
    );
  }
  const refuseIn = (scope: CommandScope): Answer | undefined => {
    const permission = mayCommand(verb, rights.asker, scope, rights.permissions);
    return permission.kind === 'refused' ? refused(permission.why, WHO_DECIDES) : undefined;
  };
  const view = await deps.ledger.view(signal);

  switch (command.verb) {
    case 'help':
      return refuseIn(scopeOfSites([])) ?? (await listPermitted(deps, view, pullRequest, rights));
    case 'plan':
      return refuseIn(SCOPE_OF_PLANNING) ?? (await planCommand(deps, pullRequest, command.commit, input.planAgain));
    case 'explain': {
      const scope = scopeOfSites(await sitesOfPlanned(view, pullRequest, command.device));
      return refuseIn(scope) ?? (await explainPlan(deps, view, pullRequest, command.device, signal));
    }
    case 'retry': {
      const found = await findRuns(view, command.run, comment.pullRequest);
      if (found.kind === 'none') return refuseIn(SCOPE_OF_PLANNING) ?? refused(found.why, found.next);
      return refuseIn(scopeOfRun(found.runs[0])) ?? NO_RETRY;
    }
    case 'pause':
    case 'resume':
    case 'terminate':
      return controlRuns(deps, comment, command, rights, signal);
  }
}

type Rights = Parameters<typeof controlRuns>[3];

const WHO_DECIDES =
  'Who may is decided by permissions.yaml of the base branch, or by the permission on the repository.';

const NO_RETRY = refused(
  'a stage of a configuration deploy is not tried again: what passes by itself the next pass does again anyway, and where a stage failed the run has ended',
  'Merge a fix; or, on an open pull request, see what the switches lack by writing',
  '/pointsman plan',
);

function verbFor(deps: ReconcilerDeps, { verb }: Command, pullRequest: PullRequest): PermittedVerb {
  return verb === 'plan' && isFromFork(pullRequest, deps) ? 'plan_fork' : verb;
}
