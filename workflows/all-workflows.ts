import { batchDeploy } from './batch-deploy.ts';
import { configurationBackup } from './configuration-backup.ts';
import { configurationDeploy } from './configuration-deploy.ts';
import { configurationDiff } from './configuration-diff.ts';
import { driftCheck } from './drift-check.ts';
import { multiDeploy } from './multi-deploy.ts';
import { rollback } from './rollback.ts';
import { siteBackup } from './site-backup.ts';
import type { Recovery, Stage, Workflow } from './workflow.ts';

/** Every workflow there is, in the order people are told of them. Adding one: its file, and its line here. */
export const ALL_WORKFLOWS: readonly Workflow[] = [
  configurationDeploy,
  multiDeploy,
  batchDeploy,
  rollback,
  configurationBackup,
  siteBackup,
  configurationDiff,
  driftCheck,
];

/** `undefined` for a name no workflow of this version has: an older or newer one may have written it. */
export function workflowNamed(name: string): Workflow | undefined {
  return ALL_WORKFLOWS.find((workflow) => workflow.name === name);
}

export function stageNamed(workflow: string, stage: string): Stage | undefined {
  return workflowNamed(workflow)?.stages.find(({ name }) => name === stage);
}

/** Whose stage stands, or stood, when a run stops: what people are told is that stage's text. */
interface Stopped {
  readonly workflow: string;
  readonly status: string;
  readonly stages: readonly { readonly name: string; readonly state: string }[];
}

/** How a run that stopped leaves the switches and what to do then. `undefined` where nothing went wrong. */
export function recoveryOf({ workflow, status, stages }: Stopped): (Recovery & { readonly stage: string }) | undefined {
  const failed = stages.find(({ state }) => state === 'FAILED');
  const wasEnded = status === 'TERMINATED' || status === 'TIMED_OUT';
  // Ended between two stages, it stands before the one that comes next.
  const stopped = failed ?? (wasEnded ? stages.find(({ state }) => state !== 'COMPLETE') : undefined);
  const stage = stopped && stageNamed(workflow, stopped.name);
  if (!stage) return undefined;
  const recovery = wasEnded ? stage.whenTerminated : stage.whenFailed;
  return { stage: stage.name, ...recovery };
}
