import { type Asker, type CommandScope, mayCommand } from '../../approvals/command-permissions.ts';
import type { Command } from '../../approvals/commands.ts';
import type { PullRequest, PullRequestComment } from '../../forge/forge.ts';
import type { Permissions, PermittedVerb } from '../../schemas/fleet.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { FleetInvalidError } from '../errors.ts';
import { readTipRules } from '../tip-rules.ts';
import { type Answer, refused } from './answer.ts';
import { readAsker } from './asker.ts';
import { controlRuns } from './control-runs.ts';
import { answerDrift } from './drift-commands.ts';
import { explainPlan, sitesOfPlanned } from './explain-plan.ts';
import { giveVerdict } from './give-verdict.ts';
import { listPermitted } from './list-permitted.ts';
import { isFromFork, type PlanAgain, planCommand } from './plan-again.ts';
import { readPermissions } from './read-permissions.ts';
import { SCOPE_OF_PLANNING, scopeOfSites } from './scope.ts';

const ALL: readonly PermittedVerb[] = [
  'plan',
  'plan_fork',
  'explain',
  'approve',
  'reject',
  'retry',
  'pause',
  'resume',
  'terminate',
  'adopt',
  'revert',
  'help',
];

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
    case 'approve':
    case 'reject':
      return giveVerdict(deps, comment, command, { pullRequest, controls: rights, tip: input.tip }, signal);
    case 'retry':
    case 'pause':
    case 'resume':
    case 'terminate': {
      const { automation } = await readTipRules(deps.repository, input.tip);
      return controlRuns(deps, comment, command, { ...rights, automation, pullRequest: comment.pullRequest }, signal);
    }
    case 'adopt':
    case 'revert': {
      const refuse = (sites: readonly string[]) => refuseIn(scopeOfSites(sites));
      return answerDrift(deps, command, { tip: input.tip, by: comment.author, refuse }, signal);
    }
  }
}

interface Rights {
  readonly asker: Asker;
  readonly permissions: Permissions | undefined;
}

const WHO_DECIDES =
  'Who may is decided by permissions.yaml of the base branch, or by the permission on the repository.';

function verbFor(deps: ReconcilerDeps, { verb }: Command, pullRequest: PullRequest): PermittedVerb {
  return verb === 'plan' && isFromFork(pullRequest, deps) ? 'plan_fork' : verb;
}
