import { commitBody } from './bodies.ts';
import { notFound } from './errors.ts';
import type { GitStore, StoredCommit } from './git-store.ts';
import { type BodyContext, fullRepository, isoTime, nodeId } from './people-bodies.ts';
import type { RouteTable } from './rest-call.ts';
import type { WorkflowRun } from './state.ts';

/** Runs of GitHub Actions. Source of the shapes: GitHub's REST API description 2022-11-28. */
export function createWorkflowRunRoutes(store: GitStore): RouteTable {
  return {
    'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs': async ({ context, path, query }) => {
      const ofFile = context.state.workflowRuns.filter(({ file }) => file === path['workflow_id']);
      // GitHub knows a workflow by its file; here it is one that ran.
      if (ofFile.length === 0) throw notFound();
      const event = query.get('event');
      const found = ofFile.filter((run) => event === null || run.event === event);
      const newest = found.toSorted((a, b) => b.startedAt - a.startedAt);
      const items = await Promise.all(
        newest.map(async (run, index) => runBody(context, run, newest.length - index, await store.commit(run.commit))),
      );
      const wrap = (workflow_runs: readonly unknown[], total_count: number) => ({ total_count, workflow_runs });
      return { kind: 'list', items, wrap };
    },
  };
}

function runBody(context: BodyContext, run: WorkflowRun, number: number, commit: StoredCommit) {
  const repository = fullRepository(context);
  const url = `${repository.url}/actions/runs/${run.id}`;
  const at = isoTime(run.startedAt);
  const { author, committer, message, tree } = commitBody(context, commit).commit;
  return {
    id: run.id,
    name: run.file.replace(/\.ya?ml$/, ''),
    node_id: nodeId('WFR', run.id),
    check_suite_id: run.id + 1,
    check_suite_node_id: nodeId('CS', run.id + 1),
    head_branch: repository.default_branch,
    head_sha: run.commit,
    path: `.github/workflows/${run.file}`,
    run_number: number,
    run_attempt: 1,
    event: run.event,
    status: 'completed',
    conclusion: 'success',
    workflow_id: 1,
    url,
    html_url: `${repository.html_url}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: at,
    updated_at: at,
    run_started_at: at,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repository.url}/check-suites/${run.id + 1}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${repository.url}/actions/workflows/1`,
    head_commit: {
      id: run.commit,
      tree_id: tree.sha,
      message,
      timestamp: committer.date,
      author: { name: author.name, email: author.email },
      committer: { name: committer.name, email: committer.email },
    },
    repository,
    head_repository: repository,
    display_title: message.split('\n')[0] ?? '',
  };
}
