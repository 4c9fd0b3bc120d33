import type { ObjectId } from '../../git/repository.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { PlanSubject } from '../../workflows/plan-configuration.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { SupersededError } from '../errors.ts';
import type { DeployWork } from './deploy-work.ts';

/**
 * Marks switches that already run a newer commit than this run's: a run that waited for its approval must not take a
 * switch back to what was meant before.
 */
export async function withoutSuperseded(
  deps: Pick<ReconcilerDeps, 'repository'>,
  view: Pick<LedgerView, 'device'>,
  { commit }: Pick<DeployWork, 'commit'>,
  subjects: readonly PlanSubject[],
): Promise<readonly PlanSubject[]> {
  const newer = new Map<ObjectId, Promise<boolean>>();
  const isNewer = (applied: ObjectId): Promise<boolean> => {
    const known = newer.get(applied) ?? isDescendant(deps, applied, commit);
    newer.set(applied, known);
    return known;
  };
  return Promise.all(
    subjects.map(async (subject) => {
      const { device, site } = subject;
      const { appliedCommit, rolledBackTo } = (await view.device(site, device)) ?? {};
      if (appliedCommit === undefined || appliedCommit === commit || !(await isNewer(appliedCommit))) return subject;
      const back = rolledBackTo === undefined ? {} : { rolledBackTo };
      return { ...subject, refused: new SupersededError({ device, commit, appliedCommit, ...back }) };
    }),
  );
}

/** False also for a commit that is not here: history was rewritten, and nothing is known of it. */
async function isDescendant(
  { repository }: Pick<ReconcilerDeps, 'repository'>,
  commit: ObjectId,
  ancestor: ObjectId,
): Promise<boolean> {
  if ((await repository.resolve(`${commit}^{commit}`)) === undefined) return false;
  return (await repository.mergeBase(commit, ancestor)) === ancestor;
}
