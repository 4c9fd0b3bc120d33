import { ForgeRefusedError } from '../forge/errors.ts';
import type { Run } from '../ledger/run.ts';
import type { ReconcilerDeps } from './deps.ts';
import { ledgerUrl } from './report.ts';

/** What runs at each site of a run, for the forge's page of environments: one deployment a site. */
export async function reportDeployments(deps: ReconcilerDeps, run: Run, signal: AbortSignal): Promise<void> {
  const touched = run.devices.filter(({ attempts, outcome }) => attempts > 0 || outcome?.kind === 'in-sync');
  for (const [site, devices] of Map.groupBy(touched, (device) => device.site)) {
    const well = devices.filter(({ outcome }) => outcome?.kind === 'applied' || outcome?.kind === 'in-sync').length;
    try {
      await deps.forge.reportDeployment(
        {
          environment: site,
          commit: run.commit,
          run: run.name,
          state: well === devices.length ? 'success' : 'failure',
          logUrl: ledgerUrl(deps, run),
          description: `${well} of ${devices.length} switches run this commit`,
        },
        signal,
      );
    } catch (error) {
      // A page of the forge is a view. A token that may not write it must not keep a run from ending.
      if (!(error instanceof ForgeRefusedError)) throw error;
      deps.log.info({ run: run.name, site, code: error.code }, 'deployment not shown, the token may not');
      return;
    }
  }
}
