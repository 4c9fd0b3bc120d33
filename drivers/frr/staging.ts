import { createHash } from 'node:crypto';
import type { Tree } from '../../schemas/json.ts';
import type { Running, Staged } from '../driver.ts';
import { BusyError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { askHelper, HelperRefusal, isLost, type Reply } from './helper.ts';
import { normaliseTree } from './normalise.ts';
import { runningIn, shownAs } from './reading.ts';
import { learnSecrets } from './redact.ts';
import { type RenderedTexts, renderTexts, respellBy } from './spelling.ts';
import { candidateStateOf, readStanding, standingIn } from './states.ts';
import { computeTreeChanges } from './tree.ts';

const CLEAN_UP_MS = 30_000;

/** A candidate, and the answer that told of it. */
export interface StagedHere {
  readonly staged: Staged;
  readonly reply: Reply;
}

/** {@link Session.respell}. */
export async function respell(talk: Conversation, written: Tree, running: Running, signal: AbortSignal): Promise<Tree> {
  const intended = normaliseTree(written);
  learnSecrets(talk.redactor, intended);
  const texts = renderTexts(intended);
  const { args, stdin } = parcel(texts);
  // Beside what was read: it has answered that before, most of the time.
  const beside = shownAs(running.tree);
  const reply = await askHelper(talk, ['try', ...args, ...(beside ? [beside] : [])], { stdin }, signal);
  return respellBy(talk, reply, '', { intended, running: running.tree, texts });
}

/**
 * {@link Session.stage}. A candidate is called by the hash of its texts and a number, so that one of an earlier attempt is
 * found by its name, and one that was there before is left alone.
 *
 * @param there Candidates on the switch, when this conversation has just heard.
 */
export async function stageCandidate(
  talk: Conversation,
  written: Tree,
  { knownBefore, there }: { readonly knownBefore: readonly string[]; readonly there?: readonly string[] },
  signal: AbortSignal,
): Promise<StagedHere> {
  const intended = normaliseTree(written);
  learnSecrets(talk.redactor, intended);
  const texts = renderTexts(intended);
  const { args, stdin, hash } = parcel(texts);

  const before = knownBefore.filter((id) => id.startsWith(`${hash}-`));
  const candidate = `${hash}-${Math.max(0, ...before.map(numberOf)) + 1}`;
  // The name says what is in it: it is there as a whole, of this attempt or an earlier one, or not at all.
  const takeUp = (): Promise<StagedHere> => {
    talk.log.info({ candidate }, 'candidate of an earlier attempt taken up');
    return lookAt(talk, candidate, intended, texts, signal);
  };
  const isThere = there?.includes(candidate) ?? (await readStanding(talk, candidate, signal)).state !== 'gone';
  if (isThere) return takeUp();
  let reply: Reply;
  try {
    reply = await askHelper(talk, ['stage', candidate, ...args], { stdin, changes: true }, signal);
  } catch (error) {
    if (!isLost(error) && !isThereAlready(error, candidate)) throw error;
    return takeUp();
  }
  return accountOf(talk, candidate, intended, texts, reply);
}

/** A candidate that is on the switch, beside what runs now. */
async function lookAt(
  talk: Conversation,
  candidate: string,
  intended: Tree,
  texts: RenderedTexts,
  signal: AbortSignal,
): Promise<StagedHere> {
  const reply = await askHelper(talk, ['look', candidate], {}, signal);
  return accountOf(talk, candidate, intended, texts, reply);
}

async function accountOf(
  talk: Conversation,
  candidate: string,
  intended: Tree,
  texts: RenderedTexts,
  reply: Reply,
): Promise<StagedHere> {
  const state = candidateStateOf(standingIn(talk, candidate, reply));
  try {
    const running = runningIn(talk, reply);
    const respelled = respellBy(talk, reply, candidate, { intended, running, texts });
    return { staged: { candidate, state, deviceChanges: computeTreeChanges(running, respelled) }, reply };
  } catch (error) {
    if (state.kind === 'staged') await discardQuietly(talk, candidate);
    throw error;
  }
}

/** After another error: that one is worth reporting, and a candidate left behind changes nothing. Works after an abort. */
export async function discardQuietly(talk: Conversation, candidate: string): Promise<void> {
  try {
    await askHelper(talk, ['discard', candidate], { changes: true }, AbortSignal.timeout(CLEAN_UP_MS));
  } catch (error) {
    talk.log.warn({ err: error, candidate }, 'candidate left on the switch');
  }
}

/** What the helper is sent of two texts: their lengths and hashes as words, themselves through standard input. */
function parcel(texts: RenderedTexts): {
  readonly args: readonly string[];
  readonly stdin: Buffer;
  readonly hash: string;
} {
  const bodies = [texts.frr, texts.interfaces].map((file) => (file ? Buffer.from(file.text, 'utf8') : undefined));
  const args = bodies.flatMap((body) => {
    return body ? [String(body.length), createHash('sha256').update(body).digest('hex')] : ['-', '-'];
  });
  const hash = createHash('sha256').update(args.join(' ')).digest('hex').slice(0, 16);
  return { args, stdin: Buffer.concat(bodies.filter((body) => body !== undefined)), hash };
}

function numberOf(candidate: string): number {
  return Number(candidate.split('-')[1] ?? 0);
}

function isThereAlready(error: unknown, candidate: string): boolean {
  return error instanceof BusyError && error.details.candidate === candidate;
}

/** The helper knows no such candidate. */
export function isGone(error: unknown): boolean {
  return error instanceof HelperRefusal && error.word === 'gone';
}
