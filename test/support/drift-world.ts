import { join } from 'node:path';
import { composeReconciler } from '../../cli/compose.ts';
import type { DeviceDrift } from '../../ledger/ledger.ts';
import type { ReconcilerDeps } from '../../reconciler/deps.ts';
import { type DriftHandled, handleDrift, lookAtDrift } from '../../reconciler/drift/handle-drift.ts';
import { subjectFor } from '../../reconciler/load-commit.ts';
import { sha256OfJson } from '../../schemas/canonical.ts';
import { compareSwitch } from '../../workflows/compare-switch.ts';
import { openSwitch } from '../../workflows/open-switch.ts';
import type { Journey } from './journey.ts';

export const signal = new AbortController().signal;

/** What a pass has, in the world of a journey. */
export async function depsOf(journey: Journey): Promise<ReconcilerDeps> {
  const made: ReconcilerDeps[] = [];
  await journey.run(async (io) => {
    const remote = journey.world.github.remoteUrl;
    made.push(await composeReconciler(io, { remote, cache: join(journey.gitDir, '..', 'drift-cache') }));
    return 0;
  });
  const [deps] = made;
  if (!deps) throw new Error('nothing was composed');
  return deps;
}

export async function tipOf({ repository }: ReconcilerDeps): Promise<string> {
  const tip = (await repository.fetch(['refs/heads/main'], signal)).get('refs/heads/main');
  if (!tip) throw new Error('there is no main');
  return tip;
}

/** Asks these switches and writes down how they differ now, as a check for drift does. */
export async function recordDrift(deps: ReconcilerDeps, names: readonly string[]): Promise<void> {
  const tip = await tipOf(deps);
  const { fleet, view } = await lookAtDrift(deps, tip, signal);
  const before = new Map((await view.drifting()).map((drift) => [drift.device, drift]));
  const found: DeviceDrift[] = [];
  const driftGone: { readonly site: string; readonly device: string }[] = [];
  for (const name of names) {
    const device = fleet.devices.get(name);
    if (!device) throw new Error(`there is no ${name}`);
    const subject = await subjectFor({ before: fleet, after: fleet, access: fleet }, device, view);
    const session = await openSwitch(deps.switches, subject, 'plan', signal);
    const compared = await compareSwitch(deps.switches, subject, session, signal);
    await session.close();
    // Secrets in a form of the switch's own may be the same: nobody drifts for that.
    const changes = compared.changes.filter((change) => !JSON.stringify(change).includes('«secret:'));
    const about = { site: device.site, device: name };
    if (changes.length === 0) {
      driftGone.push(about);
      continue;
    }
    const digest = sha256OfJson(changes);
    const now = deps.clock.now();
    found.push({
      ...about,
      since: before.get(name)?.digest === digest ? (before.get(name)?.since ?? now) : now,
      seenAt: now,
      run: RUN,
      commit: tip,
      digest,
      changes: changes.map((change) => ({
        path: change.path,
        ...(change.kind === 'set' ? { intended: change.to } : {}),
        ...(change.from === undefined ? {} : { running: change.from }),
      })),
      more: 0,
      by: 'cumulus',
    });
  }
  await deps.ledger.append(async () => ({ title: 'drift', drift: found, driftGone }), signal);
}

const RUN = 'driftcheck-by-nightly-20261120t0200z';

/** A check for drift of these switches: what differs is written down, then dealt with. */
export async function checkDrift(journey: Journey, names: readonly string[]): Promise<DriftHandled> {
  const deps = await depsOf(journey);
  await recordDrift(deps, names);
  const tip = await tipOf(deps);
  return handleDrift(deps, { tip }, { run: RUN, commit: tip }, signal);
}
