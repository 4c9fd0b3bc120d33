import { type Job, jobsOf, type Workflow } from './workflow-files.ts';

/**
 * What actionlint does not know of: our own rules. Each says what is wrong in which job; nothing means that all is well.
 * Reasons: docs/security-model.md.
 */
export function breachesOf(all: readonly Workflow[]): readonly string[] {
  return [...all.flatMap(ofWorkflow), ...jobsOf(all).flatMap(([name, job, workflow]) => ofJob(name, job, workflow))];
}

/** Events whose run can hold secrets although what started it comes from a pull request or a comment. */
const PRIVILEGED = ['pull_request_target', 'workflow_run', 'issue_comment'];
/** Events that run the workflow file of the pull request itself. */
const OF_THE_PULL_REQUEST = ['pull_request', 'pull_request_review', 'merge_group'];

function ofWorkflow(workflow: Workflow): readonly string[] {
  const { file, permissions, text, on } = workflow;
  const concurrencies = [workflow.concurrency, ...Object.values(workflow.jobs).map((job) => job.concurrency)];
  // Our own checks of one branch may be given up for newer ones; nothing else may.
  const mayCancel = file === '.github/workflows/ci.yml';
  return [
    ...(permissions !== undefined && Object.keys(permissions).length === 0
      ? []
      : [`${file}: no permissions: {} at the top`]),
    ...(mayCancel || concurrencies.every((one) => (one?.['cancel-in-progress'] ?? false) === false)
      ? []
      : [`${file}: cancels what is in progress`]),
    ...(!mayCancel && /secrets:\s*inherit/.test(text) ? [`${file}: inherits all secrets`] : []),
    ...(OF_THE_PULL_REQUEST.some((event) => event in on) && /secrets\./.test(text)
      ? [`${file}: names secrets, and pull requests choose what it says`]
      : []),
    ...(/toJSON\(\s*secrets\s*\)/i.test(text) ? [`${file}: takes all secrets`] : []),
  ];
}

function ofJob(name: string, job: Job, { on, text }: Workflow): readonly string[] {
  const steps = job.steps ?? [];
  const privileged = PRIVILEGED.some((event) => event in on) || /secrets\.|: write/.test(JSON.stringify(job));
  const uses = [job.uses, ...steps.map((step) => step.uses)].filter((one) => one !== undefined);
  const usesSecrets = steps.some((step) => JSON.stringify(step).includes('secrets.'));
  return [
    ...(job.permissions === undefined ? [`${name}: no permissions of its own`] : []),
    ...(job.uses === undefined && job['timeout-minutes'] === undefined ? [`${name}: no timeout`] : []),
    ...uses
      .filter((one) => !/^[\w.-]+\/[\w.-]+(?:\/[\w./-]+)?@[0-9a-f]{40}$/.test(one))
      .map((one) => `${name}: ${one} is not pinned to a commit`),
    ...uses.filter((one) => !/^[\w.-]+\/pointsman[@/]/.test(one)).map((one) => `${name}: ${one} is somebody else's`),
    ...(privileged && uses.some((one) => one.startsWith('actions/checkout@')) ? [`${name}: checks something out`] : []),
    ...(privileged && /refs\/pull|head\.(?:sha|ref)|head_(?:sha|ref|branch)/.test(JSON.stringify(job))
      ? [`${name}: names the head of a pull request`]
      : []),
    ...steps
      .filter((step) => /\$\{\{/.test(step.run ?? ''))
      .map((step) => `${name}: an expression in the script of "${step.name ?? step.run}"`),
    ...(usesSecrets && job.environment === undefined ? [`${name}: secrets without an environment`] : []),
    ...('workflow_call' in on && job.concurrency?.['queue'] !== 'max' ? [`${name}: a waiting run may be dropped`] : []),
    ...(/download-artifact|workflow_run\.artifacts/.test(text) ? [`${name}: takes an artifact`] : []),
  ];
}
