import type { Fleet, IntendedConfiguration } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import { type RenderVerdict, renderVerdicts } from '../../desired-state/render-device.ts';
import type { ObjectId, Repository } from '../../git/repository.ts';
import type { PlanSubject } from '../../workflows/plan-configuration.ts';
import { CannotGoBackError } from '../errors.ts';
import { renderedWhenAsked } from '../load-commit.ts';
import { platforms } from '../platforms.ts';
import { takenBack } from './taken-back.ts';

export interface EarlierFleet {
  readonly commit: ObjectId;
  /** In words. */
  readonly backTo: string;
  /** Why a switch has nothing to go back to; all have unless given. */
  readonly whyNot?: (device: string) => string | undefined;
  readonly notesOf?: (subject: PlanSubject) => Promise<readonly string[]>;
}

export type BackToFleet =
  | { readonly kind: 'back'; readonly subjects: readonly PlanSubject[] }
  | { readonly kind: 'none'; readonly message: string };

/** Switches with what the fleet said of them at an earlier commit as what they are to run. */
export async function backToFleet(
  { repository }: { readonly repository: Repository },
  { subjects, fleet }: { readonly subjects: readonly PlanSubject[]; readonly fleet: Fleet },
  { commit, backTo, whyNot, notesOf }: EarlierFleet,
): Promise<BackToFleet> {
  const loaded = await loadFleet({ repository, revision: commit }, { platforms, cache: fleet.sources.cache });
  if (loaded.kind === 'invalid') {
    const [first] = loaded.problems;
    const place = `${first?.file}${first?.line === undefined ? '' : `:${first.line}:${first.column ?? 1}`}`;
    const message = `the fleet at ${backTo} has ${loaded.problems.length} problems, the first at ${place}: ${first?.message}`;
    return { kind: 'none', message };
  }
  const then = loaded.fleet;
  const refusals = new Map(subjects.map(({ device }) => [device, whyNot?.(device) ?? whyAnother(then, fleet, device)]));
  const going = subjects.map(({ device }) => device).filter((device) => refusals.get(device) === undefined);
  const [saidThen, saysNow] = [verdictsOf(then, going), verdictsOf(fleet, going)];

  return {
    kind: 'back',
    subjects: await Promise.all(
      subjects.map(async (subject) => {
        const { device } = subject;
        const [earlier, verdict, now] = [then.devices.get(device), saidThen.get(device), saysNow.get(device)];
        const why = refusals.get(device) ?? whyUnrendered(verdict);
        if (subject.refused) return subject;
        if (why !== undefined || !earlier) {
          const refused = new CannotGoBackError({ device, backTo, why: why ?? NOT_THERE });
          return { ...subject, refused };
        }
        if (digestOf(now) === digestOf(verdict)) return subject;
        const today = now?.kind === 'rendered' ? subject.intended : undefined;
        const intended = asOf(renderedWhenAsked(then, earlier), today, `${commit.slice(0, 12)}`);
        return takenBack(subject, { intended, backTo, notes: (await notesOf?.(subject)) ?? [] });
      }),
    ),
  };
}

const NOT_THERE = 'it was not in the fleet then';

/** A name is not enough: another switch, or the same one at another place, is not what anybody goes back to. */
function whyAnother(then: Fleet, fleet: Fleet, device: string): string | undefined {
  const now = fleet.devices.get(device);
  const earlier = then.devices.get(device);
  if (!earlier) {
    const same = [...then.devices.values()].find(({ value }) => value.serial === now?.value.serial);
    return same ? `it was called ${same.name} then` : NOT_THERE;
  }
  if (earlier.value.serial !== now?.value.serial) {
    return `it was another switch then, with serial ${earlier.value.serial}; now it is ${now?.value.serial}`;
  }
  if (earlier.value.platform !== now.value.platform) {
    return `its platform was ${earlier.value.platform} then; now it is ${now.value.platform}`;
  }
  return earlier.site === now.site ? undefined : `it stood at ${earlier.site} then; now it is at ${now.site}`;
}

function verdictsOf(fleet: Fleet, names: readonly string[]): ReadonlyMap<string, RenderVerdict> {
  const devices = names.flatMap((name) => fleet.devices.get(name) ?? []);
  const verdicts = renderVerdicts(fleet, devices, platforms);
  return new Map(devices.flatMap(({ name }, index) => (verdicts[index] ? [[name, verdicts[index]]] : [])));
}

function whyUnrendered(verdict: RenderVerdict | undefined): string | undefined {
  if (verdict?.kind !== 'invalid') return undefined;
  const [first] = verdict.problems;
  return `what it was to run then cannot be rendered: ${first?.file}:${first?.line ?? 1} ${first?.message}`;
}

function digestOf(verdict: RenderVerdict | undefined): string | undefined {
  return verdict?.kind === 'rendered' ? verdict.digest : undefined;
}

/** The configuration of an earlier commit, which says of every line that it stands there and not at the head. */
function asOf(
  then: IntendedConfiguration,
  today: IntendedConfiguration | undefined,
  at: string,
): IntendedConfiguration {
  return {
    device: then.device,
    get tree() {
      return then.tree;
    },
    get secrets() {
      return then.secrets;
    },
    get alsoSecret() {
      return today?.secrets ?? [];
    },
    originOf: (path) => {
      const origin = then.originOf(path);
      return origin && { ...origin, at };
    },
  };
}
