import { describe, expect, it } from 'vitest';
import type { DeviceState } from '../../ledger/ledger.ts';
import { withoutSuperseded } from '../../reconciler/deploy/without-superseded.ts';
import type { PlanSubject } from '../../workflows/plan-configuration.ts';
import { bareFolder, commit, remoteCopy } from '../git/temp-repos.ts';

/** Of a subject nothing else is looked at. */
const leaf = { device: 'leaf01', site: 'ams1' } as PlanSubject;

/** Three commits of a branch, and a look at leaf01 as a run for one of them takes it. */
async function createBranch() {
  const repository = await remoteCopy(`file://${bareFolder()}`);
  const first = await commit(repository, { a: '1' });
  const request = await commit(repository, { a: '2' }, first);
  const later = await commit(repository, { a: '3' }, request);
  const state = { site: 'ams1', device: 'leaf01', opaqueSecrets: {} } as unknown as DeviceState;
  return {
    first,
    request,
    later,
    async refused(run: string, known: Partial<DeviceState>) {
      const view = { device: async () => ({ ...state, ...known }) };
      const [subject] = await withoutSuperseded({ repository }, view, { commit: run }, [leaf]);
      return subject?.refused;
    },
  };
}

describe('a Rollback among other changes of the same switch', () => {
  it('is done though the switch runs what a newer commit than it goes back to brought', async () => {
    const { first, request, refused } = await createBranch();

    expect(await refused(request, { appliedCommit: first })).toBeUndefined();
  });

  it('is not done once something that was merged after it was applied', async () => {
    const { request, later, refused } = await createBranch();

    expect(await refused(request, { appliedCommit: later })).toMatchObject({ code: 'RECONCILER_SUPERSEDED' });
  });

  it('goes before a change that was merged earlier and still waited, which then says what came in between', async () => {
    const { first, request, refused } = await createBranch();

    const error = await refused(first, { appliedCommit: request, rolledBackTo: 'commit 0123456789ab' });

    expect(error).toMatchObject({ code: 'RECONCILER_SUPERSEDED' });
    expect(error?.message).toBe(
      `leaf01 was taken back to commit 0123456789ab by ${request.slice(0, 12)}, which is newer than ${first.slice(0, 12)}`,
    );
  });
});
