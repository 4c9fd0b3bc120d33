import type { Fleet } from '../../desired-state/fleet.ts';
import type { ObjectId } from '../../git/repository.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Request } from '../../schemas/fleet.ts';
import type { PlanSubject } from '../../workflows/plan-configuration.ts';
import type { RequestOfWork } from '../deploy/deploy-work.ts';
import type { FleetInvalidError } from '../errors.ts';
import { requestInvalid } from './request-problem.ts';
import { findRunToUndo } from './run-to-undo.ts';
import type { RollBackDeps } from './taken-back.ts';
import { backToBackup } from './to-backup.ts';
import { backToFleet } from './to-fleet.ts';

export interface RollBackInput {
  readonly request: Request;
  readonly asked: RequestOfWork;
  /** Its targets, as the fleet says now. */
  readonly subjects: readonly PlanSubject[];
  /** As it holds the request. */
  readonly fleet: Fleet;
  /** Commit of the branch whose history counts. */
  readonly before: ObjectId;
  /** Commit or tree that holds the request. */
  readonly after: ObjectId;
}

export interface RolledBack {
  /** With what they go back to as their intended configuration; where they cannot, with why. */
  readonly subjects: readonly PlanSubject[];
  /** Back to what, in words. */
  readonly backTo: string;
}

/**
 * What the switches of a Rollback are to run: what the branch said at an earlier commit or before a run, or a backup. How they
 * are reached, proved and signed in to stays today's.
 *
 * @throws {FleetInvalidError} What it is to go back to is not there; the problem names the line of the request.
 */
export async function rolledBack(
  deps: RollBackDeps,
  view: LedgerView | undefined,
  input: RollBackInput,
): Promise<RolledBack> {
  const to = input.request.input?.to;
  if (to?.commit !== undefined) return backToCommit(deps, input, to.commit);
  if (to?.run !== undefined) return backToBefore(deps, view, input, to.run);
  if (to?.backup !== undefined) return backToLedger(deps, view, input, to.backup);
  throw new RangeError(`${input.asked.path} is a Rollback that says back to nothing, and was found valid`);
}

/** Commits of the branch looked back over. */
const LOOK_BACK = 100_000;

async function backToCommit(deps: RollBackDeps, input: RollBackInput, written: string): Promise<RolledBack> {
  const { repository } = deps;
  const commit = await repository.resolve(`${written}^{commit}`);
  const branch = commit === undefined ? [] : await repository.firstParents(input.before, { limit: LOOK_BACK });
  if (commit === undefined || !branch.includes(commit)) {
    throw await toInvalid(deps, input, 'commit', {
      message:
        commit === undefined
          ? `there is no commit ${written}`
          : `commit ${written} is none that the branch of the fleet was at`,
      hint: 'git log --first-parent lists those there are',
    });
  }
  const backTo = `commit ${short(commit)}`;
  const back = await backToFleet(deps, input, { commit, backTo });
  if (back.kind === 'back') return { subjects: back.subjects, backTo };
  throw await toInvalid(deps, input, 'commit', back);
}

async function backToBefore(
  deps: RollBackDeps,
  view: LedgerView | undefined,
  input: RollBackInput,
  written: string,
): Promise<RolledBack> {
  const found = await findRunToUndo(deps.repository, view, written);
  if (found.kind === 'none') {
    const { why: message, ...hint } = found;
    throw await toInvalid(deps, input, 'run', { message, ...hint });
  }
  const backTo = `commit ${short(found.base)}, before ${found.name}`;
  const back = await backToFleet(deps, input, {
    commit: found.base,
    backTo,
    whyNot: found.unchanged,
    async notesOf({ site, device }) {
      const last = (await view?.device(site, device))?.run;
      if (last === undefined || found.runs.has(last)) return [];
      return [`${last} changed it after that run; that is taken back too`];
    },
  });
  if (back.kind === 'back') return { subjects: back.subjects, backTo };
  throw await toInvalid(deps, input, 'run', back);
}

async function backToLedger(
  deps: RollBackDeps,
  view: LedgerView | undefined,
  input: RollBackInput,
  written: string,
): Promise<RolledBack> {
  const { repository } = deps;
  const tip = view?.tip;
  const commit = written === 'latest' ? tip : await repository.resolve(`${written}^{commit}`);
  const isThere = commit !== undefined && tip !== undefined && (await repository.mergeBase(commit, tip)) === commit;
  if (!isThere) {
    const message =
      tip === undefined ? 'there is no ledger, so there is no backup' : `the ledger has no commit ${written}`;
    const hint = 'the history of backups/<site>/<device>.yaml on the ledger branch lists those that hold a backup';
    throw await toInvalid(deps, input, 'backup', { message, hint });
  }
  // Not which commit is the newest: the ledger grows with every plan, and a plan must not become another by being shown.
  const backTo = written === 'latest' ? 'the newest backup' : `the backup of ledger commit ${short(commit)}`;
  return { subjects: await backToBackup(deps, input, { commit, backTo }), backTo };
}

function toInvalid(
  { repository }: Pick<RollBackDeps, 'repository'>,
  { after, asked }: Pick<RollBackInput, 'after' | 'asked'>,
  member: 'commit' | 'run' | 'backup',
  { message, hint }: { readonly message: string; readonly hint?: string },
): Promise<FleetInvalidError> {
  return requestInvalid(
    repository,
    { revision: after, file: asked.path, path: ['input', 'to', member] },
    { code: 'RECONCILER_REQUEST_BACK_TO', message, ...(hint === undefined ? {} : { hint }) },
  );
}

/** As commits are named everywhere: twelve digits. */
function short(commit: ObjectId): string {
  return commit.slice(0, 12);
}
