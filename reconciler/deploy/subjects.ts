import type { Plan } from '../../plans/plan.ts';
import type { PlanSubject } from '../../workflows/plan-configuration.ts';

/** What a trial showed when the published plan was made is known again here, where nothing may be tried. */
export function withRecognised(subjects: readonly PlanSubject[], published: Plan | undefined): readonly PlanSubject[] {
  const recognised = new Map(published?.devices.map(({ device, recognisedSecrets }) => [device, recognisedSecrets]));
  return subjects.map((subject) => ({
    ...subject,
    opaqueSecrets: { ...recognised.get(subject.device), ...subject.opaqueSecrets },
  }));
}

export function byName(subjects: readonly PlanSubject[]): ReadonlyMap<string, PlanSubject> {
  return new Map(subjects.map((subject) => [subject.device, subject]));
}
