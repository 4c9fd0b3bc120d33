import type { AdoptedFiles } from '../../desired-state/adopted-files.ts';
import type { Plan } from '../../plans/plan.ts';
import type { ExtractedSecrets } from '../../workflows/extract-secrets.ts';
import type { NamedSwitch } from './name-devices.ts';

/** Switches brought into a fleet, worked out and checked, before anything is written. */
export interface Adoption {
  /** By name. */
  readonly switches: readonly NamedSwitch[];
  readonly files: AdoptedFiles;
  readonly secrets: ExtractedSecrets;
  /** What merging it would do, asked of the switches. */
  readonly plan: Plan;
}

/** Whether merging it changes nothing. */
export function isEmpty({ plan }: Pick<Adoption, 'plan'>): boolean {
  return plan.devices.every(({ kind }) => kind === 'unchanged');
}

/** `ams1`, or all of them. */
export function sitesOf(switches: readonly NamedSwitch[]): string {
  return [...new Set(switches.map(({ site }) => site))].sort().join(', ');
}
