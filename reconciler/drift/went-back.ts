import type { FleetDevice } from '../../desired-state/fleet.ts';
import type { LedgerView, WentBack } from '../../ledger/ledger.ts';
import { computeChanges } from '../../plans/compute-changes.ts';
import { isFingerprint } from '../../plans/secrets.ts';
import type { Change } from '../../schemas/change.ts';
import { isBranch, type Tree } from '../../schemas/json.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { platforms } from '../platforms.ts';
import { pathsOf, readBackup } from '../requests/to-backup.ts';

/** What a Rollback made a switch run. */
export interface TakenBack extends Pick<WentBack, 'to' | 'run' | 'ledger'> {
  /** Secrets are fingerprints. Absent where the ledger does not have it, or it cannot be read: nothing is drift then. */
  readonly tree?: Tree;
}

type Deps = Pick<ReconcilerDeps, 'repository' | 'switches'>;

/**
 * To what a switch was taken back, if the last that was done to it is a Rollback: the backup that the ledger got in the very
 * commit that says so. A later backup may hold what somebody did since.
 */
export async function readTakenBack(
  { repository }: Pick<Deps, 'repository'>,
  view: LedgerView,
  { site, name: device, value: { platform } }: FleetDevice,
): Promise<TakenBack | undefined> {
  const state = await view.device(site, device);
  if (state?.rolledBackTo === undefined || view.tip === undefined) return undefined;
  const to = state.rolledBackTo;
  // People know the run they approved, and not its batch.
  const run = (await view.run(state.run))?.parent ?? state.run;
  const [file, stateFile] = pathsOf({ site, device });
  const ledger = await repository.lastChange(view.tip, stateFile);
  const read = ledger === undefined ? undefined : readBackup(await repository.readFile(ledger, file), file, platform);
  if (ledger === undefined || read === undefined || 'why' in read) return { to, run };
  return { to, run, ledger, tree: platforms[platform].normalise(read.tree) };
}

/** What would make a switch run again exactly what it was taken back to. */
export function computeChangesSince(
  { tree }: TakenBack,
  running: Tree,
  fingerprint: (value: string) => string,
): readonly Change[] {
  return tree ? computeChanges(tree, alike(running, tree, fingerprint)) : [];
}

/**
 * With the same places masked: what counts as a secret today may not have then, and the other way round. A text and its
 * fingerprint are the same secret.
 */
function alike(running: Tree, tree: Tree, fingerprint: (value: string) => string): Tree {
  return Object.fromEntries(
    Object.entries(running).map(([key, is]) => {
      const was = Object.hasOwn(tree, key) ? tree[key] : undefined;
      if (isBranch(is) && isBranch(was)) return [key, alike(is, was, fingerprint)];
      if (typeof is !== 'string' || typeof was !== 'string') return [key, is];
      const isSame = isFingerprint(was) ? fingerprint(is) === was : isFingerprint(is) && fingerprint(was) === is;
      return [key, isSame ? was : is];
    }),
  );
}
