import type { WorkflowFile } from './observations.ts';

/** An action or workflow that is used. */
export interface Use {
  /** From 1. */
  readonly line: number;
  readonly uses: string;
}

/** `uses: acme/thing@v1`, also in quotes and after a dash. */
const USES = /^\s*(?:-\s+)?uses:\s*["']?(?<uses>[^\s"'#]+)/;
/** Of the same repository, or a container by its digest: both are what they are. */
const FIXED = /^\.\/|^docker:\/\/[^@]+@sha256:[0-9a-f]{64}$|@[0-9a-f]{40}$/;

/** Those by a name that can be moved. */
export function unpinnedActions(file: WorkflowFile): readonly Use[] {
  return usesIn(file).filter(({ uses }) => !FIXED.test(uses));
}

/** Those by the commit that is none: what `pointsman init` writes while it knows of no release. */
export function withoutRelease(file: WorkflowFile): readonly Use[] {
  return usesIn(file).filter(({ uses }) => /@0{40}$/.test(uses));
}

function usesIn({ text }: WorkflowFile): readonly Use[] {
  return text.split('\n').flatMap((content, index) => {
    const uses = USES.exec(content)?.groups?.['uses'];
    return uses === undefined ? [] : [{ line: index + 1, uses }];
  });
}

/** Whether a workflow runs Pointsman: it names the action or its reusable workflows, or the command. */
export function usesPointsman({ text }: WorkflowFile): boolean {
  return /\bpointsman\b/i.test(text);
}

/** Names of workflow files, without their folder, that run Pointsman on a schedule. */
export function scheduledWorkflows(files: readonly WorkflowFile[]): readonly string[] {
  return files
    .filter((file) => usesPointsman(file) && /^\s*schedule:\s*$/m.test(file.text))
    .map(({ file }) => file.slice(file.lastIndexOf('/') + 1));
}
