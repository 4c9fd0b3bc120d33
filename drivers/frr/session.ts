import type { DriverDeps, Session, Target } from '../driver.ts';
import { createRedactor } from '../nvue/redact.ts';
import { commitCandidate } from './applying.ts';
import type { Conversation } from './conversation.ts';
import { confirmCandidate, discardCandidate, readState, saveRunning } from './ending.ts';
import { readHealth } from './health.ts';
import { askHelper, meetHelper, type Reply } from './helper.ts';
import { identityIn, introductionIn, readRunning } from './reading.ts';
import { openSsh } from './ssh.ts';
import { respell, stageCandidate } from './staging.ts';

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
  return {
    identify: async (given) => identityIn(talk, await askWho(given)),
    introduce: async (given) => introductionIn(await askWho(given)),
    read: (given) => readRunning(talk, given),
    respell: (intended, running, given) => respell(talk, intended, running, given),
    stage: (intended, knownBefore, given) => stageCandidate(talk, intended, knownBefore, given),
    commit: (candidate, confirmWithinSeconds, given) => commitCandidate(talk, candidate, confirmWithinSeconds, given),
    state: (candidate, given) => readState(talk, candidate, given),
    health: (given) => readHealth(talk, given),
    confirm: (candidate, given) => confirmCandidate(talk, candidate, given),
    save: (given) => saveRunning(talk, given),
    discard: (candidate, given) => discardCandidate(talk, candidate, given),
    close: () => ssh.close(),
  };
}
