import { sha256OfJson } from '../../schemas/canonical.ts';
import type { Tree } from '../../schemas/json.ts';
import type { Staged } from '../driver.ts';
import { ConfigurationRefusedError, OutcomeUnknownError, RequestRefusedError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { type DeviceDiff, deviceChanges, isEmptyDiff } from './diff.ts';
import { deleteDraftQuietly } from './drafts.ts';
import { paths } from './facts.ts';
import { isLost } from './http.ts';
import { normaliseTree } from './normalise.ts';
import { readTree } from './reading.ts';
import { locate } from './refusals.ts';
import { candidateIds, parseCreatedId, type Revision, readRevisions } from './revision.ts';
import { candidateStateOf, classOf } from './states.ts';
import { holds } from './tree.ts';

/** How far a draft has come: fresh from the applied configuration, everything unset, or filled with what is intended. */
type Content = 'fresh' | 'cleared' | 'filled' | 'foreign';

/** {@link Session.stage}: POST a draft, DELETE its root, PATCH the whole tree, ask for the difference both ways. */
export async function stageCandidate(
  talk: Conversation,
  intended: Tree,
  knownBefore: readonly string[],
  signal: AbortSignal,
): Promise<Staged> {
  const sent = normaliseTree(intended);
  talk.redactor.learn(sent);

  const revisions = await readRevisions(talk, signal);
  const ours = await findOurs(talk, sent, revisions, knownBefore, signal);
  if (ours && classOf(talk.device, ours.revision) !== 'staged') {
    // It went on without us: what is live or on its way is followed, never staged again.
    const diff = await readDiff(talk, ours.revision.id, signal);
    const state = candidateStateOf(talk.device, ours.revision);
    return { candidate: ours.revision.id, state, deviceChanges: deviceChanges(sent, diff) };
  }

  const candidate =
    ours?.revision.id ?? (await createDraft(talk, [...knownBefore, ...candidateIds(revisions)], signal));
  if (ours) talk.log.info({ candidate, content: ours.content }, 'draft of an earlier attempt taken up');
  try {
    await fillDraft(talk, candidate, sent, ours?.content ?? 'fresh', signal);
    const diff = await readDiff(talk, candidate, signal);
    const changes = deviceChanges(sent, diff);
    talk.staged.set(candidate, { sent, diffDigest: diffDigest(diff), changesNothing: changes.length === 0 });
    return { candidate, state: { kind: 'staged' }, deviceChanges: changes };
  } catch (error) {
    await deleteDraftQuietly(talk, candidate);
    throw error;
  }
}

/** The switch's account of a candidate against what is applied, both ways. */
export async function readDiff(talk: Conversation, candidate: string, signal: AbortSignal): Promise<DeviceDiff> {
  const forward = await readTree(talk, paths.diff(candidate, 'applied'), signal);
  const backward = await readTree(talk, paths.diff('applied', candidate), signal);
  return { forward, backward };
}

export function diffDigest(diff: DeviceDiff): string {
  const { header: _forward, ...forward } = diff.forward;
  const { header: _backward, ...backward } = diff.backward;
  return sha256OfJson({ forward, backward });
}

/**
 * A candidate of an earlier attempt that was cut off: not there before the intent was recorded, and holding what only we
 * would have put there. The one that has come furthest, when there are several.
 */
async function findOurs(
  talk: Conversation,
  sent: Tree,
  revisions: readonly Revision[],
  knownBefore: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly revision: Revision; readonly content: Content } | undefined> {
  const known = new Set(knownBefore);
  const found: { readonly revision: Revision; readonly content: Content; readonly rank: number }[] = [];
  for (const id of candidateIds(revisions).filter((candidate) => !known.has(candidate))) {
    const revision = revisions.find((candidate) => candidate.id === id);
    if (!revision) continue;
    const state = classOf(talk.device, revision);
    const content = await contentOf(talk, id, sent, signal);
    // Whatever is no longer a draft is ours only if it holds exactly what we would have applied.
    if (content === 'foreign' || (state !== 'staged' && content !== 'filled')) continue;
    found.push({ revision, content, rank: STATE_RANK[state] + CONTENT_RANK[content] });
  }
  return found.sort((a, b) => b.rank - a.rank)[0];
}

const STATE_RANK = {
  failed: 0,
  past: 0,
  staged: 10,
  live: 20,
  settling: 20,
  'in-progress': 30,
  'needs-answer': 30,
} as const;
const CONTENT_RANK = { foreign: 0, fresh: 1, cleared: 2, filled: 3 } as const;

async function contentOf(talk: Conversation, candidate: string, sent: Tree, signal: AbortSignal): Promise<Content> {
  const tree = normaliseTree(await readTree(talk, paths.tree(candidate), signal));
  if (Object.keys(tree).length === 0) return 'cleared';
  if (holds(tree, sent)) return 'filled';
  return isEmptyDiff(await readDiff(talk, candidate, signal)) ? 'fresh' : 'foreign';
}

/** @param known Ids that cannot be the new one. */
async function createDraft(talk: Conversation, known: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    const { json } = await talk.http.send('POST', paths.revisions, {}, signal);
    const id = parseCreatedId(json);
    if (id !== undefined) return id;
  } catch (error) {
    if (!isLost(error)) throw error;
  }
  // The answer was lost: look for the draft it may have made, never ask for another.
  for (const revision of await readRevisions(talk, signal)) {
    if (known.includes(revision.id) || classOf(talk.device, revision) !== 'staged') continue;
    if (isEmptyDiff(await readDiff(talk, revision.id, signal))) return revision.id;
  }
  throw new OutcomeUnknownError({
    device: talk.device,
    candidate: '',
    request: `POST ${paths.revisions}`,
    found: 'no new draft is there',
  });
}

async function fillDraft(
  talk: Conversation,
  candidate: string,
  sent: Tree,
  content: Content,
  signal: AbortSignal,
): Promise<void> {
  if (content === 'filled') return;
  if (content === 'fresh') await changeDraft(talk, 'DELETE', candidate, sent, 'cleared', signal);
  await changeDraft(talk, 'PATCH', candidate, sent, 'filled', signal);
}

/** One step of filling a draft. When its answer is lost the draft is looked at: done, not begun (sent again, once), or neither. */
async function changeDraft(
  talk: Conversation,
  method: 'DELETE' | 'PATCH',
  candidate: string,
  sent: Tree,
  goal: Content,
  signal: AbortSignal,
): Promise<void> {
  const path = paths.edit(candidate);
  const before = method === 'DELETE' ? 'fresh' : 'cleared';
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { status } = await talk.http.send(method, path, method === 'PATCH' ? sent : undefined, signal);
      if (status !== 404) return;
      throw unknown(talk, candidate, `${method} ${path}`, 'the draft is gone');
    } catch (error) {
      if (error instanceof RequestRefusedError) throw refused(talk, candidate, sent, error);
      if (!isLost(error)) throw error;
      const found = await contentOf(talk, candidate, sent, signal);
      if (found === goal) return;
      if (found !== before || attempt > 1) throw unknown(talk, candidate, `${method} ${path}`, `the draft is ${found}`);
    }
  }
}

function refused(talk: Conversation, candidate: string, sent: Tree, error: RequestRefusedError): Error {
  if (error.details.status !== 400) return error;
  const { refusals, words } = error.details;
  const named = refusals.map((refusal) => ({ path: locate(refusal.location, sent), words: refusal.words }));
  return new ConfigurationRefusedError(
    { device: talk.device, candidate, refusals: named.length > 0 ? named : [{ path: [], words }] },
    { cause: error },
  );
}

function unknown(talk: Conversation, candidate: string, request: string, found: string): OutcomeUnknownError {
  return new OutcomeUnknownError({ device: talk.device, candidate, request, found });
}
