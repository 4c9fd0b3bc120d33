import type { LedgerView } from '../ledger/ledger.ts';
import type { Run } from '../ledger/run.ts';
import { runsOfCommit } from '../ledger/run-name.ts';
import type { RunView } from '../plans/comment-context.ts';
import { workflowNamed } from '../workflows/all-workflows.ts';

/** The runs that carry out one commit, without those that only read: they tell of themselves. Each on the runner of its sites, `run` among them as it is given. */
export async function runsBeside(view: LedgerView, run: Run): Promise<readonly Run[]> {
  const names = runsOfCommit(await view.runNames(), run.commit).filter((name) => name !== run.name);
  const others = await Promise.all(names.map((name) => view.run(name)));
  const beside = others.filter(
    (other) =>
      other !== undefined &&
      other.parent === undefined &&
      other.pullRequest === run.pullRequest &&
      workflowNamed(other.workflow)?.kind !== 'read',
  );
  return [run, ...beside.filter((other) => other !== undefined)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What people care for first, when the parts of a commit came out differently. */
const WORST_FIRST: readonly RunView['status'][] = [
  'RUNNING',
  'PAUSED',
  'FAILED',
  'TIMED_OUT',
  'TERMINATED',
  'REJECTED',
  'COMPLETED',
];

/** Several runs of one commit as one, to be told on one page. */
export function togetherAsOne(runs: readonly [Run, ...Run[]]): RunView {
  const [first, ...others] = runs;
  if (others.length === 0) return first;
  const whys = runs.flatMap(({ why, shard }) => (why === undefined ? [] : [`${shard ?? 'other sites'}: ${why}`]));
  const atWork = runs.flatMap(({ lease }) => (lease ? [lease] : []));
  const [lease] = atWork;
  const paused = runs.find((run) => run.paused)?.paused;
  const hold = runs.find((run) => run.hold)?.hold;
  const open = runs.some(({ endedAt }) => endedAt === undefined);
  return {
    name: runs.map(({ name }) => name).join(', '),
    status: WORST_FIRST.find((status) => runs.some((run) => run.status === status)) ?? first.status,
    ...(whys.length > 0 ? { why: whys.join('; ') } : {}),
    ...(paused ? { paused } : {}),
    startedAt: Math.min(...runs.map(({ startedAt }) => startedAt)),
    ...(open ? {} : { endedAt: Math.max(...runs.map(({ endedAt = 0 }) => endedAt)) }),
    stages: runs.flatMap(({ stages }) => stages),
    devices: runs.flatMap(({ devices }) => devices),
    ...(lease ? { lease: { stage: lease.stage, devices: atWork.flatMap(({ devices }) => devices) } } : {}),
    ...(hold ? { hold } : {}),
  };
}
