import { concernsFleet } from '../../desired-state/fleet-layout.ts';
import type { PullRequest } from '../../forge/forge.ts';
import type { BlameLine } from '../../git/repository.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { ChangingDevice, Plan, PlannedChange } from '../../plans/plan.ts';
import { renderChange } from '../../plans/render-change.ts';
import { code, cutMiddle, fenced, prose } from '../../plans/safe-text.ts';
import { listNames } from '../../plans/words.ts';
import { PointsmanError } from '../../schemas/errors.ts';
import { didYouMean } from '../../schemas/validation-words.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { lastPublishedPlan } from '../publish-plan.ts';
import { type Answer, refused } from './answer.ts';

const MOST_CHANGES = 60;
const LONGEST_LINE = 300;
const MOST_FILES = 10;
/** Lines whose history is looked up; each is a question to Git. */
const MOST_BLAMED = 30;
/** Commits whose pull request is looked up; each is a question to the forge. */
const MOST_COMMITS = 10;

/** What the plan on show changes on one device, and which file, line, commit and pull request each change comes from. */
export async function explainPlan(
  deps: Pick<ReconcilerDeps, 'repository' | 'forge' | 'settings'>,
  view: LedgerView,
  pullRequest: PullRequest,
  name: string,
  signal: AbortSignal,
): Promise<Answer> {
  const plan = await lastPublishedPlan(view, pullRequest);
  if (!plan) return refused('there is no plan of this head yet', 'Write first', '/pointsman plan');
  const device = plan.devices.find((candidate) => candidate.device === name);
  if (!device) return refused(`this pull request does not concern ${name}`, whatItConcerns(plan, name));
  if (device.kind === 'unchanged') {
    return { verdict: 'done', why: `${name} runs what this pull request says already, so nothing changes on it` };
  }
  if (device.kind === 'blocked') {
    return {
      verdict: 'done',
      why: `nothing can be said about ${name}: ${device.error.message}`,
      next: device.error.next,
    };
  }
  const history = await historyOf(deps, pullRequest, plan, device, signal);
  return {
    verdict: 'done',
    why: `${changesOf(device.changes.length)} on ${name} in the plan ${plan.digest.slice(0, 15)}, by where they were written`,
    lines: linesOf(device, history, plan.request?.backTo),
  };
}

/** Sites of a device of the plan on show, for the rules; none where it is in no plan. */
export async function sitesOfPlanned(
  view: LedgerView,
  pullRequest: PullRequest,
  name: string,
): Promise<readonly string[]> {
  const plan = await lastPublishedPlan(view, pullRequest);
  return plan?.devices.filter(({ device }) => device === name).map(({ site }) => site) ?? [];
}

function whatItConcerns({ devices }: Plan, name: string): string {
  const names = devices.map(({ device }) => device);
  if (names.length === 0) return 'It concerns no device.';
  return [`It concerns ${listNames(names, 20, (one) => one)}.`, didYouMean(name, names)].filter(Boolean).join(' Or ');
}

/** A place in the fleet repo and who last wrote it. */
interface Owner {
  readonly blame: BlameLine;
  /** Absent where it cannot be told. */
  readonly pullRequest?: number | 'this';
}

interface History {
  /** Files of the fleet that the pull request changes. */
  readonly changed: readonly string[];
  /** By place. */
  readonly owners: ReadonlyMap<string, Owner>;
}

async function historyOf(
  { repository, forge, settings }: Pick<ReconcilerDeps, 'repository' | 'forge' | 'settings'>,
  pullRequest: PullRequest,
  { source }: Plan,
  { changes }: ChangingDevice,
  signal: AbortSignal,
): Promise<History> {
  const { commit: head } = pullRequest.head;
  const ref = `refs/pull/${pullRequest.number}/head`;
  const isHere = (await repository.fetch([ref], signal)).get(ref) === head;
  const fork = isHere ? await repository.mergeBase(source.base, head) : undefined;
  if (fork === undefined) return { changed: [], owners: new Map() };
  // Lines of a file that the base branch changed meanwhile stand elsewhere in the merge than at the head.
  const moved = new Set((await repository.changedFiles(fork, source.base)).map(({ path }) => path));
  const places = [...new Set(changes.flatMap(({ origin }) => origin ?? []))].slice(0, MOST_BLAMED);
  const owners = new Map<string, Owner>();
  const brought = new Map<string, number | 'this' | undefined>();
  for (const place of places) {
    const [, file = '', line = ''] = /^(.*):(\d+)$/.exec(place) ?? [];
    const blame = file === '' || moved.has(file) ? undefined : await repository.blame(head, file, Number(line));
    if (!blame) continue;
    if (!brought.has(blame.commit) && brought.size < MOST_COMMITS) {
      const ours = (await repository.mergeBase(blame.commit, fork)) !== blame.commit;
      brought.set(blame.commit, ours ? 'this' : await broughtBy(blame.commit));
    }
    const by = brought.get(blame.commit);
    owners.set(place, { blame, ...(by === undefined ? {} : { pullRequest: by }) });
  }
  const changed = (await repository.changedFiles(fork, head)).map(({ path }) => path).filter(concernsFleet);
  return { changed, owners };

  /** A nicety: where the forge does not tell, the commit has to do. */
  async function broughtBy(commit: string): Promise<number | undefined> {
    try {
      return (await forge.mergedBy(commit, settings.branch ?? 'main', signal))?.number;
    } catch (error) {
      if (error instanceof PointsmanError) return undefined;
      throw error;
    }
  }
}

function linesOf(
  { changes }: ChangingDevice,
  { owners, changed }: History,
  backTo: string | undefined,
): readonly string[] {
  const shown = changes.slice(0, MOST_CHANGES);
  const groups = Map.groupBy(shown, ({ origin }) => origin ?? '');
  const blocks = [...groups].flatMap(([origin, group], index) => [
    ...(index === 0 ? [] : ['']),
    origin === ''
      ? backTo === undefined
        ? 'Written nowhere in the fleet repo, so a deploy takes it away or gives it the switch’s own form:'
        : 'Not in what the switch goes back to, so it is taken away or gets the switch’s own form:'
      : placeOf(origin, owners.get(origin)),
    '',
    ...fenced('diff', group.flatMap(diffOf)),
  ]);
  const more = changes.length - shown.length;
  return [
    ...blocks,
    ...(more > 0 ? ['', `${changesOf(more)} more: the comment with the plan has them all.`] : []),
    ...(changed.length > 0 ? ['', `This pull request changes ${listNames(changed, MOST_FILES, code)}.`] : []),
  ];
}

function diffOf({ change }: PlannedChange): readonly string[] {
  return renderChange(change).map((line) => cutMiddle(line, LONGEST_LINE));
}

function placeOf(origin: string, owner: Owner | undefined): string {
  if (!owner) return `${code(origin)}:`;
  const { blame, pullRequest } = owner;
  const who = blame.author;
  const when = new Date(blame.at).toISOString().slice(0, 10);
  const commit = `commit ${code(blame.commit.slice(0, 12))} of ${when} by ${code(who)}, ${prose(cutMiddle(blame.summary, 100))}`;
  return `${code(origin)}${broughtIn(pullRequest)}: ${commit}`;
}

function broughtIn(pullRequest: Owner['pullRequest']): string {
  if (pullRequest === undefined) return '';
  // In code, so that the other pull request is not told of every explanation.
  return pullRequest === 'this' ? ', written by this pull request' : `, brought by ${code(`#${pullRequest}`)}`;
}

function changesOf(count: number): string {
  return `${count} ${count === 1 ? 'change' : 'changes'}`;
}
