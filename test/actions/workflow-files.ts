import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const root = join(import.meta.dirname, '..', '..');

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly if?: string;
  readonly uses?: string;
  readonly environment?: string | { readonly name: string; readonly deployment?: boolean };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
  readonly secrets?: Readonly<Record<string, string>> | 'inherit';
}

export interface Workflow {
  /** From the top of the repository. */
  readonly file: string;
  readonly text: string;
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Every workflow of ours, and those that fleets copy. */
export const workflows: readonly Workflow[] = globSync(['.github/workflows/*.yml', 'examples/github-workflows/*.yml'], {
  cwd: root,
})
  .sort()
  .map((file) => readWorkflow(file, readFileSync(join(root, file), 'utf8')));

export function readWorkflow(file: string, text: string): Workflow {
  return { file, text, ...(parse(text) as Omit<Workflow, 'file' | 'text'>) };
}

/** `file job` for every job. */
export function jobsOf(all: readonly Workflow[]): readonly (readonly [string, Job, Workflow])[] {
  return all.flatMap((workflow) =>
    Object.entries(workflow.jobs).map(([name, job]) => [`${workflow.file} ${name}`, job, workflow] as const),
  );
}
