import { AUTOMATION } from '../desired-state/fleet-layout.ts';
import type { RunEvent } from '../ledger/events.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import type { Run } from '../ledger/run.ts';
import { parseFleetFile } from '../schemas/validate-file.ts';
import type { Attempt } from './attempt.ts';
import { tellProgress } from './deploy/finish-run.ts';
import { started } from './deploy/run-events.ts';
import { openChildren } from './deploy/time-out.ts';
import type { ReconcilerDeps } from './deps.ts';
import { FleetInvalidError } from './errors.ts';
import { decidePaused, type Held } from './kill-switch.ts';
import { loadCommit } from './load-commit.ts';
import { selectFor } from './read/select-for.ts';
import { loadRequest } from './requests/load-request.ts';
import { EVERYWHERE } from './shards.ts';
import type { TipRules } from './tip-rules.ts';
import { isReadWork, type Work } from './work.ts';

/**
 * Holds what is due and what is under way where `automation.yaml` says so, and lets go what it held and does not any more. What
 * is held, by whom and why stands on its pages.
 *
 * @returns What may be gone on with; nothing of which it cannot be told whether it is to be held.
 */
export async function holdOrLetGo(
  deps: ReconcilerDeps,
  view: LedgerView,
  automation: TipRules['automation'],
  due: readonly Work[],
  attempt: Attempt,
  signal: AbortSignal,
): Promise<readonly Work[]> {
  const judged: Judged[] = [];
  for (const work of due) judged.push(...(await attempt(work.run, () => judgeWork(deps, view, automation, work))));
  const [after] = await attempt(AUTOMATION, () => holdAll(deps, view, judged, signal));
  if (!after) return [];
  for (const { work } of judged) {
    const run = await after.run(work.run);
    if (run?.paused && !isReadWork(work)) await attempt(work.run, () => tellProgress(deps, work, after, run, signal));
  }
  return judged.filter(({ work, held }) => !held || !isReadWork(work)).map(({ work }) => work);
}

/** Why a run that is on the ledger is held by the kill switch now; nothing where a person asked for it all the same. */
export async function heldBy(
  view: LedgerView,
  automation: TipRules['automation'],
  run: Run,
): Promise<Held | undefined> {
  const root = run.parent === undefined ? run : ((await view.run(run.parent)) ?? run);
  if (root.evenWhenPaused) return undefined;
  const sites = root.digest === undefined ? undefined : [...new Set(root.devices.map(({ site }) => site))];
  return decidePaused(automation, { workflow: root.workflow, sites });
}

/** Something that is due, and why it is held, if it is. */
interface Judged {
  readonly work: Work;
  readonly held: Held | undefined;
}

/** What a person asked to be done all the same is not held. */
async function judgeWork(
  deps: ReconcilerDeps,
  view: LedgerView,
  automation: TipRules['automation'],
  work: Work,
): Promise<Judged> {
  const run = await view.run(work.run);
  const sites = holdsSites(automation) ? await sitesOf(deps, view, work, run) : undefined;
  const held = decidePaused(automation, { workflow: work.workflow, sites });
  const isExempt = held && (run?.evenWhenPaused || (await isWantedAllTheSame(deps, work)));
  return { work, held: isExempt ? undefined : held };
}

/**
 * In one commit. What was merged is put on record before it is held; what only reads leaves nothing behind when its time has
 * passed. What a person holds, a person lets go. A run that is changing switches holds as soon as each of them has its outcome.
 */
async function holdAll(
  deps: ReconcilerDeps,
  view: LedgerView,
  judged: readonly Judged[],
  signal: AbortSignal,
): Promise<LedgerView> {
  const decide = async (current: LedgerView) => {
    const at = deps.clock.now();
    const events = new Map<string, readonly RunEvent[]>();
    for (const { work, held } of judged) {
      const run = await current.run(work.run);
      if (!run && held && !isReadWork(work)) events.set(work.run, [started(at, work), pausedBy(at, held)]);
      if (!run || run.endedAt !== undefined) continue;
      for (const one of [run, ...(await openChildren(current, run))]) {
        const moves = movesOf(at, one, held);
        if (moves.length > 0) events.set(one.name, moves);
      }
    }
    return events;
  };
  if ((await decide(view)).size === 0) return view;
  return deps.ledger.append(async (current) => {
    const events = await decide(current);
    return events.size === 0 ? undefined : { title: `${AUTOMATION}: ${[...events.keys()].join(', ')}`, events };
  }, signal);
}

/** @returns Nothing where it is so already. */
function movesOf(at: number, run: Run, held: Held | undefined): readonly RunEvent[] {
  if (run.endWanted) return [];
  const pause = run.paused ?? run.pauseWanted;
  if (held) return pause ? [] : [pausedBy(at, held)];
  return pause?.automatic ? [{ kind: 'run-resumed', at, by: AUTOMATION, why: 'it is not paused any more' }] : [];
}

export function pausedBy(at: number, { reason }: Held): RunEvent {
  return { kind: 'run-paused', at, by: AUTOMATION, why: reason, automatic: true };
}

function holdsSites(automation: TipRules['automation']): boolean {
  return automation.kind === 'known' && Object.values(automation.value.sites ?? {}).some(({ paused }) => paused);
}

/** All sites it is about, as far as that is known without asking a switch. */
async function sitesOf(
  deps: ReconcilerDeps,
  view: LedgerView,
  work: Work,
  run: Run | undefined,
): Promise<readonly string[] | undefined> {
  if (run?.digest !== undefined) return sitesIn(run.devices);
  // What the clock asks for does without the sites that are held. A run that is held would keep all others from its next time.
  if (isReadWork(work) && work.schedule !== undefined) return undefined;
  if (work.shard !== undefined) return [work.shard];
  try {
    if (isReadWork(work)) return sitesIn((await selectFor(deps, { automation: NOTHING }, work, work.commit)).devices);
    const { parent, commit, request } = work;
    const between = { before: parent, after: commit, accessFrom: 'after' } as const;
    const { subjects, shardOf } = await (request
      ? loadRequest(deps, view, { ...between, request })
      : loadCommit(deps, view, between));
    return sitesIn(subjects.filter(({ site }) => shardOf(site) === EVERYWHERE));
  } catch (error) {
    // The run says what is wrong with it.
    if (error instanceof FleetInvalidError) return undefined;
    throw error;
  }
}

const NOTHING: TipRules['automation'] = { kind: 'known', value: {} };

function sitesIn(devices: readonly { readonly site: string }[]): readonly string[] {
  return [...new Set(devices.map(({ site }) => site))];
}

/** The request that asks for it says so itself. */
async function isWantedAllTheSame(
  { repository }: Pick<ReconcilerDeps, 'repository'>,
  { request, commit }: Work,
): Promise<boolean> {
  if (!request) return false;
  const text = await repository.readFile(commit, request.path);
  const parsed = text === undefined ? undefined : parseFleetFile('request', text, request.path);
  return parsed?.kind === 'valid' && parsed.file.value.even_when_paused === true;
}
