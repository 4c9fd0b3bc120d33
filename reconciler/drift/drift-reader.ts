import type { DeviceDrift, LedgerView } from '../../ledger/ledger.ts';
import { digestOfChanges } from '../../plans/make-plan.ts';
import type { Change } from '../../schemas/change.ts';
import { readDifference } from '../../workflows/read-difference.ts';
import { rolloutOf, subjectFor } from '../load-commit.ts';
import { askEach, failuresOf } from '../read/ask-each.ts';
import type { Reader, Reading } from '../read/reader.ts';
import { isKnown, makeDrift, makeWentBack } from './make-drift.ts';
import { createPending, notPending } from './pending.ts';
import { reportDrift } from './report-drift.ts';
import { computeChangesSince, readTakenBack } from './went-back.ts';

/**
 * Tells what differs though nobody merged a change from what is merged and not applied yet, and from what a Rollback made so:
 * a switch that was taken back is compared with what it was taken back to.
 */
export const driftReader: Reader = {
  asks: 'check_drift',

  async ask(deps, reading, signal) {
    const { work, fleet, view, devices, open, rules } = reading;
    const views = { before: fleet, after: fleet, access: fleet };
    const pending = await createPending(deps, reading);
    const known = new Map((await view.drifting()).map((drift) => [`${drift.site}/${drift.device}`, drift]));
    const answers = await askEach(
      deps,
      open,
      rolloutOf(fleet.settings.value).devicesAtOnce,
      async (device) => {
        const subject = await subjectFor(views, device, view);
        const difference = await readDifference(deps.switches, subject, signal);
        const own = [subject.access.plan.username, subject.access.apply.username];
        const merged = difference.changes.length === 0 ? [] : await pending(device);
        const isUnderWay = merged === 'all';
        const back =
          difference.changes.length === 0 || isUnderWay ? undefined : await readTakenBack(deps, view, device);
        if (!back) return { difference, own, drifted: notPending(difference.changes, merged), isUnderWay };
        const drifted = computeChangesSince(back, difference.running, deps.switches.fingerprint);
        return { difference, own, drifted, isUnderWay, wentBack: makeWentBack(back, difference.changes) };
      },
      signal,
    );

    const seen = answers.flatMap(({ device, ...rest }) =>
      rest.kind === 'answered' ? [{ device, before: known.get(`${device.site}/${device.name}`), ...rest.answer }] : [],
    );
    const at = deps.clock.now();
    const drift = seen.flatMap(({ device, before, drifted, wentBack, difference, own }) => {
      if ((drifted.length === 0 && !wentBack) || isKnown(before, drifted, wentBack)) return [];
      const about = { site: device.site, device: device.name, run: work.run, commit: rules.tip };
      const { lastChange } = difference;
      return [makeDrift(about, { changes: drifted, ...(wentBack ? { wentBack } : {}), lastChange, own, at })];
    });
    // Of a switch that a run is at nobody knows whether it is mended.
    const mended = seen.flatMap(({ before, drifted, wentBack, isUnderWay }) =>
      before && drifted.length === 0 && !wentBack && !isUnderWay ? [before] : [],
    );
    const driftGone = [...mended, ...(await nobodysAnyMore(view, reading))];
    return {
      outcomes: seen.map(({ device, difference }) => ({
        site: device.site,
        device: device.name,
        outcome: outcomeOf(difference.changes),
      })),
      failures: failuresOf(answers),
      keeps: { ...(drift.length > 0 ? { drift } : {}), ...(driftGone.length > 0 ? { driftGone } : {}) },
      artifacts: new Map(),
      // Also where an earlier try found something, or saw it gone.
      isToHandle:
        known.size > 0 || open.length < devices.length || seen.some(({ difference }) => difference.changes.length > 0),
    };
  },

  handle: reportDrift,
};

function outcomeOf(changes: readonly Change[]) {
  if (changes.length === 0) return { kind: 'in-sync' } as const;
  return { kind: 'differs', digest: digestOfChanges(changes), changes: changes.length } as const;
}

/** Drift of switches that have left the fleet, or moved within it. */
async function nobodysAnyMore(view: LedgerView, { fleet }: Reading): Promise<readonly DeviceDrift[]> {
  return (await view.drifting()).filter(({ site, device }) => fleet.devices.get(device)?.site !== site);
}
