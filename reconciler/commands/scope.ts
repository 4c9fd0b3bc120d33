import type { CommandScope } from '../../approvals/command-permissions.ts';
import type { Run } from '../../ledger/run.ts';
import type { Plan } from '../../plans/plan.ts';
import { configurationDeploy } from '../../workflows/configuration-deploy.ts';

/** What commands about a run are about: its workflow, and the sites of its switches once it has asked them. */
export function scopeOfRun({ workflow, devices, digest }: Run): CommandScope {
  if (digest === undefined) return { workflow, sites: { known: false, why: 'the run has not asked its switches yet' } };
  return { workflow, sites: { known: true, value: new Set(devices.map(({ site }) => site)) } };
}

/** Of a plan that is still to be made. */
export const SCOPE_OF_PLANNING: CommandScope = {
  workflow: configurationDeploy.name,
  sites: { known: false, why: 'a plan has to be made first' },
};

/** What a plan changes. */
export function scopeOfPlan({ workflow, devices }: Plan): CommandScope {
  const changing = devices.filter(({ kind }) => kind === 'changing');
  return { workflow, sites: { known: true, value: new Set(changing.map(({ site }) => site)) } };
}

/** @param sites Of the switches it is about; none where it is about no switch. */
export function scopeOfSites(sites: readonly string[]): CommandScope {
  return { workflow: configurationDeploy.name, sites: { known: true, value: new Set(sites) } };
}
