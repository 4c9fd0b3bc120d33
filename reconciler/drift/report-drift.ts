import type { Run } from '../../ledger/run.ts';
import { renderDrift } from '../../plans/render-drift.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { Reading } from '../read/reader.ts';
import { doneAbout } from './drift-issue.ts';
import { handleDrift } from './handle-drift.ts';

/**
 * Handles the drift a check has put on the ledger, and lists it.
 *
 * @returns `drift.md`
 */
export async function reportDrift(
  deps: ReconcilerDeps,
  { run, view, rules }: Reading & { readonly run: Run },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const differing = run.devices.filter(({ outcome }) => outcome?.kind === 'differs');
  const keyOf = ({ site, device }: { readonly site: string; readonly device: string }) => `${site}/${device}`;
  const asked = new Set(differing.map(keyOf));
  const drifting = (await view.drifting()).filter((drift) => asked.has(keyOf(drift)));
  const { findings } = await handleDrift(deps, rules, { run: run.name, commit: rules.tip }, signal);
  const done = new Map(findings.flatMap((shown) => shown.finding.devices.map((device) => [device, doneAbout(shown)])));
  const known = new Set(drifting.map(keyOf));
  const page = renderDrift({
    commit: rules.tip,
    asked: run.devices.filter(({ outcome }) => outcome && outcome.kind !== 'untouched').length,
    drifting: drifting
      .filter(({ changes }) => changes.length > 0)
      .map((drift) => ({ ...drift, done: done.get(drift.device) ?? '' })),
    wentBack: drifting.filter(({ wentBack }) => wentBack),
    pending: differing.filter((one) => !known.has(keyOf(one))).map(({ device }) => device),
  });
  return new Map([['drift.md', page]]);
}
