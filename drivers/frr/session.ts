import type { CandidateState, DriverDeps, Session, Target } from '../driver.ts';
import { createRedactor } from '../nvue/redact.ts';
import { commitCandidate } from './applying.ts';
import type { Conversation } from './conversation.ts';
import { confirmCandidate, discardCandidate, readState, saveRunning } from './ending.ts';
import { readHealth } from './health.ts';
import { askHelper, meetHelper, type Reply } from './helper.ts';
import { identityIn, introductionIn, readRunning } from './reading.ts';
import { openSsh } from './ssh.ts';
import { respell, type StagedHere, stageCandidate } from './staging.ts';

/** Connects, verifies the host key, logs in, and looks that our helper is the one this driver was made for. */
export async function openSession(target: Target, deps: DriverDeps, signal: AbortSignal): Promise<Session> {
  const redactor = createRedactor();
  for (const { password } of target.logins) if (password !== undefined) redactor.learnText(password);
  const ssh = await openSsh(target, signal);
  const talk: Conversation = {
    device: target.device,
    ssh,
    redactor,
    clock: deps.clock,
    log: deps.log.child({ device: target.device }),
    pollMilliseconds: deps.pollMilliseconds,
  };
  let met: Reply | undefined;
  try {
    met = await meetHelper(talk, signal);
  } catch (error) {
    await ssh.close();
    throw error;
  }
  /** What it said when we met, to who asks first. */
  const askWho = async (given: AbortSignal): Promise<Reply> => {
    const said = met ?? (await askHelper(talk, ['identify'], {}, given));
    met = undefined;
    return said;
  };
  // What this conversation has heard, so that it need not ask again. The switch looks by itself before it does anything.
  let candidates: readonly string[] | undefined;
  let staged: StagedHere | undefined;
  let last: { readonly candidate: string; readonly state: CandidateState } | undefined;
  let isSaved = false;
  const lastOf = (candidate: string) => (last?.candidate === candidate ? last.state : undefined);
  return {
    identify: async (given) => identityIn(talk, await askWho(given)),
    introduce: async (given) => introductionIn(await askWho(given)),
    async read(given) {
      const running = await readRunning(talk, given);
      candidates = running.candidates;
      return running;
    },
    respell: (intended, running, given) => respell(talk, intended, running, given),
    async stage(intended, knownBefore, given) {
      const there = candidates;
      candidates = undefined;
      staged = await stageCandidate(talk, intended, { knownBefore, ...(there ? { there } : {}) }, given);
      return staged.staged;
    },
    commit(candidate, confirmWithinSeconds, given) {
      const account = staged?.staged.candidate === candidate ? staged.reply : undefined;
      staged = undefined;
      last = undefined;
      return commitCandidate(talk, candidate, confirmWithinSeconds, account, given);
    },
    async state(candidate, given) {
      const heard = lastOf(candidate);
      // For good, and nothing else is.
      if (heard?.kind === 'live') return heard;
      const state = await readState(talk, candidate, given);
      last = { candidate, state };
      return state;
    },
    health: (given) => readHealth(talk, given),
    async confirm(candidate, given) {
      const heard = lastOf(candidate);
      if (heard?.kind === 'live') return heard;
      const confirmed = await confirmCandidate(talk, candidate, heard?.kind === 'awaiting-confirm', given);
      last = { candidate, state: confirmed.state };
      isSaved = confirmed.isSaved;
      return confirmed.state;
    },
    async save(given) {
      if (!isSaved) await saveRunning(talk, given);
      isSaved = false;
    },
    discard(candidate, given) {
      last = undefined;
      return discardCandidate(talk, candidate, given);
    },
    close: () => ssh.close(),
  };
}
