import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { visible } from '../../plans/safe-text.ts';
import { shortDigest } from '../../plans/words.ts';
import { fleetRef, type ReconcilerDeps } from '../deps.ts';
import { endsOf } from '../end-wanted.ts';
import { BranchMissingError } from '../errors.ts';
import { readTipRules } from '../tip-rules.ts';
import { type Answer, refused } from './answer.ts';
import { readAsker } from './asker.ts';
import { type ControlCommand, type Controls, controlByHand } from './control-runs.ts';
import { findRuns } from './find-runs.ts';
import { type Giving, weigh, whatItIsAbout } from './give-verdict.ts';
import { howLeft } from './how-left.ts';
import { readPermissions } from './read-permissions.ts';

/** What a person may order at the command line, of one run. */
export type HandVerb = 'approve' | 'reject' | 'retry' | 'terminate' | 'pause' | 'resume';

export interface Order {
  readonly verb: HandVerb;
  /** Its name, or the end of it. */
  readonly run: string;
  readonly stage?: string;
  readonly reason?: string;
  /** Login of the person. */
  readonly by: string;
  /** How long an end that has to wait for whoever is changing switches is waited for. */
  readonly waitMilliseconds: number;
}

const LOOK_EVERY_MS = 2_000;

/**
 * Does what a person orders at the command line, by the same rules and the same functions as a command in a comment. A verdict is
 * given as a review in their name on the page that asks; everything else stands on the ledger with their login.
 *
 * Tells nobody: pages are written by the pass, which may be somebody else at the forge.
 */
export async function doByHand(deps: ReconcilerDeps, order: Order, signal: AbortSignal): Promise<Answer> {
  const ref = fleetRef(deps.settings);
  const tip = (await deps.repository.fetch([ref], signal)).get(ref);
  if (!tip) throw new BranchMissingError({ ref });
  const permissions = await readPermissions(deps.repository, tip);
  const asker = await readAsker(deps.forge, order.by, permissions, [order.verb], signal);
  if (order.verb === 'approve' || order.verb === 'reject') {
    return giveReview(deps, { ...order, verb: order.verb }, { asker, permissions }, tip, signal);
  }
  const { automation } = await readTipRules(deps.repository, tip);
  const done = await controlByHand(deps, controlOf(order, order.verb), { asker, permissions, automation }, signal);
  if (done.kind === 'refused') return done.answer;
  if (order.verb !== 'terminate') return { verdict: 'done', why: done.why, next: 'The next pass goes on from there.' };
  return untilEnded(deps, done, order.waitMilliseconds, signal);
}

function controlOf({ run, stage, reason }: Order, verb: ControlCommand['verb']): ControlCommand {
  if (verb === 'retry') return { verb, run, ...(stage === undefined ? {} : { stage }) };
  return { verb, run, ...(reason === undefined ? {} : { reason }) };
}

/** Waits a little for whoever is changing switches, so that what can be said of them is. */
async function untilEnded(
  deps: ReconcilerDeps,
  { why, runs }: { readonly why: string; readonly runs: readonly string[] },
  waitMilliseconds: number,
  signal: AbortSignal,
): Promise<Answer> {
  const giveUpAt = deps.clock.now() + waitMilliseconds;
  for (;;) {
    const family = await familyOf(await deps.ledger.view(signal), runs);
    const [root] = family;
    if (!root) return { verdict: 'done', why };
    const inHands = family.some(({ lease }) => lease);
    if (root.endedAt !== undefined) return { verdict: 'done', why, lines: left(root) };
    // Nobody has to be waited for: how it will end is known, and the next pass writes it down.
    if (!inHands) return { verdict: 'done', why, lines: left(endsOf(deps.clock.now(), family).at(-1)?.run ?? root) };
    if (deps.clock.now() >= giveUpAt) return { verdict: 'done', why, lines: left(root), pending: true };
    await deps.clock.sleep(LOOK_EVERY_MS, signal);
  }
}

async function familyOf(view: LedgerView, names: readonly string[]): Promise<readonly Run[]> {
  const [root, ...batches] = await Promise.all(names.map((name) => view.run(name)));
  return [root, ...batches.filter((batch) => batch?.endedAt === undefined)].filter((run) => run !== undefined);
}

function left(run: Run): readonly string[] {
  return howLeft(run, { code: visible, plain: visible });
}

async function giveReview(
  deps: ReconcilerDeps,
  order: Order & { readonly verb: 'approve' | 'reject' },
  controls: Pick<Controls, 'asker' | 'permissions'>,
  tip: string,
  signal: AbortSignal,
): Promise<Answer> {
  const { verb, by, reason } = order;
  const view = await deps.ledger.view(signal);
  const found = await findRuns(view, order.run, undefined);
  if (found.kind === 'none') return refused(found.why, found.next);
  const page = await pageOf(view, found.runs[0]);
  if (page === undefined) {
    return refused('there is no page yet that asks for it', 'The next pass opens a pull request that asks.');
  }
  const pullRequest = await deps.forge.pullRequest(page, signal);
  const giving: Giving = { pullRequest, controls, tip };
  const about = await whatItIsAbout(deps, view, { verb }, giving);
  if (about.kind === 'refused') return about.answer;
  const { asking } = about;
  const { digest } = asking.plan;
  const commit = pullRequest.head.commit;
  const state = verb === 'approve' ? 'approved' : 'changes-requested';
  const lastShown = Math.max(0, ...(await view.publications(page)).map(({ publishedAt }) => publishedAt));
  const proposed = {
    id: Number.MAX_SAFE_INTEGER,
    reviewer: by,
    reviewerIsBot: false,
    said: 'review',
    state,
    commit,
    // It is still to be given, so it comes after everything: our clock says nothing about the forge's.
    submittedAt: Math.max(deps.clock.now(), lastShown + 1_000),
  } as const;
  const answer = await weigh(deps, view, asking, proposed, giving, signal);
  if (answer.verdict === 'refused') return answer;
  const said = reason ?? (verb === 'approve' ? '' : 'Rejected.');
  const body = `${said}${said === '' ? '' : '\n\n'}Given with pointsman ${verb}, for the plan ${shortDigest(digest)}.`;
  await deps.forge.submitReview(page, { state, commit, body }, signal);
  return { verdict: 'done', why: `${answer.why}, in #${page}`, next: 'The next pass goes on from there.' };
}

/** A batch without a page of its own is asked for on that of its run. */
async function pageOf(view: LedgerView, run: Run): Promise<number | undefined> {
  if (run.gate !== undefined || run.parent === undefined) return run.gate ?? run.pullRequest;
  const parent = await view.run(run.parent);
  return parent && (parent.gate ?? parent.pullRequest);
}
