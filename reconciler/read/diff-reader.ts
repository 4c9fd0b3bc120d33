import { runFolder } from '../../ledger/run-name.ts';
import type { DevicePlan, Plan } from '../../plans/plan.ts';
import { planFromJson, planToJson } from '../../plans/plan-json.ts';
import { renderDifference } from '../../plans/render-difference.ts';
import { configurationDiff } from '../../workflows/configuration-diff.ts';
import { type PlanSubject, planConfiguration } from '../../workflows/plan-configuration.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { rolloutOf, subjectFor } from '../load-commit.ts';
import type { Answers, Reader, Reading } from './reader.ts';

const FOR_PEOPLE = 'diff.md';
/** The same for programs; also what an earlier try learned. */
const FOR_PROGRAMS = 'diff.json';

/** Shows what would change on switches now. The switch is asked for nothing but what it runs. */
export const diffReader: Reader = {
  asks: 'perform_configuration_diff',

  async ask(deps, reading, signal) {
    const { work, fleet, view, open } = reading;
    const views = { before: fleet, after: fleet, access: fleet };
    const subjects = await Promise.all(open.map((device) => subjectFor(views, device, view)));
    const asked = new Set(open.map(({ name }) => name));
    const { plan } = await planConfiguration(
      deps.switches,
      {
        workflow: configurationDiff,
        rollout: rolloutOf(fleet.settings.value),
        source: {
          ...{ head: work.commit, base: work.commit, tree: work.commit },
          ...(work.pullRequest ? { pullRequest: work.pullRequest.number } : {}),
        },
        subjects: subjects.map(asIfEnabled),
        others: (await learnedBefore(reading))?.devices.filter(({ device }) => !asked.has(device)) ?? [],
        removed: [],
        elsewhere: fleet.deviceCount - reading.devices.length,
        allowedHazards: fleet.settings.value.rollout?.allow_hazards ?? [],
        trial: false,
        onlyKnown: true,
        ...progressOf(deps),
      },
      signal,
    );
    return answersOf(plan, asked);
  },
};

/** A switch that is not to be changed may still be looked at. */
function asIfEnabled(subject: PlanSubject): PlanSubject {
  const { flags: _none, ...value } = subject.fleetDevice.value;
  return { ...subject, fleetDevice: { ...subject.fleetDevice, value } };
}

async function learnedBefore({ run, view }: Reading): Promise<Plan | undefined> {
  if (!run?.artifacts.includes(FOR_PROGRAMS)) return undefined;
  const text = await view.file(`${runFolder(run)}/${FOR_PROGRAMS}`);
  return text === undefined ? undefined : planFromJson(text);
}

function progressOf({ onProgress }: ReconcilerDeps): { readonly onRead?: (done: number, of: number) => void } {
  return onProgress ? { onRead: (done, of) => onProgress(`${done} of ${of} switches asked`) } : {};
}

function answersOf(plan: Plan, asked: ReadonlySet<string>): Answers {
  const fresh = plan.devices.filter(({ device }) => asked.has(device));
  return {
    outcomes: fresh.flatMap(outcomeOf),
    failures: fresh.flatMap((one) =>
      one.kind === 'blocked' ? [{ site: one.site, device: one.device, error: one.error }] : [],
    ),
    keeps: {},
    artifacts: new Map([
      [FOR_PEOPLE, renderDifference(plan)],
      [FOR_PROGRAMS, planToJson(plan)],
    ]),
  };
}

function outcomeOf(one: DevicePlan): Answers['outcomes'] {
  const { site, device } = one;
  switch (one.kind) {
    case 'blocked':
      return [];
    case 'unchanged':
      return [{ site, device, outcome: { kind: 'in-sync' } }];
    case 'changing':
      return [{ site, device, outcome: { kind: 'differs', digest: one.changesDigest, changes: one.changes.length } }];
  }
}
