import type { DriverDeps, Session, Target } from '../driver.ts';
import { LoginUnsuitableError, ReplyUnreadableError } from '../errors.ts';
import { commitCandidate } from './applying.ts';
import type { Conversation } from './conversation.ts';
import { confirmCandidate, discardCandidate, readState, saveRunning } from './ending.ts';
import { paths } from './facts.ts';
import { readHealth } from './health.ts';
import { createNvueHttp } from './http.ts';
import { readIntroduction } from './introduction.ts';
import { readIdentity, readLastChange, readRunning } from './reading.ts';
import { createRedactor } from './redact.ts';
import { stageCandidate } from './staging.ts';

/** Connects, verifies, logs in by asking the switch for its name. */
export async function openSession(target: Target, deps: DriverDeps, signal: AbortSignal): Promise<Session> {
  const redactor = createRedactor();
  const withoutPassword = target.logins.find(({ password }) => password === undefined);
  if (withoutPassword) {
    throw new LoginUnsuitableError({ device: target.device, username: withoutPassword.username, needs: 'a password' });
  }
  for (const { password } of target.logins) if (password !== undefined) redactor.learnText(password);
  const http = createNvueHttp(target, deps, redactor);
  const talk: Conversation = {
    device: target.device,
    http,
    redactor,
    clock: deps.clock,
    log: deps.log.child({ device: target.device }),
    pollMilliseconds: deps.pollMilliseconds,
    staged: new Map(),
  };

  const system = await logIn();

  async function logIn(): Promise<unknown> {
    try {
      const { status, json } = await http.get(paths.system, signal);
      if (status === 200) return json;
      const request = `GET ${paths.system}`;
      throw new ReplyUnreadableError({
        device: target.device,
        request,
        expected: 'the system',
        found: `status ${status}`,
      });
    } catch (error) {
      await http.close();
      throw error;
    }
  }

  return {
    identify: (given) => readIdentity(talk, system, given),
    introduce: (given) => readIntroduction(talk, system, given),
    read: (given) => readRunning(talk, given),
    lastChange: (given) => readLastChange(talk, given),
    stage: (intended, knownBefore, given) => stageCandidate(talk, intended, knownBefore, given),
    commit: (candidate, confirmWithinSeconds, given) => commitCandidate(talk, candidate, confirmWithinSeconds, given),
    state: (candidate, given) => readState(talk, candidate, given),
    health: (given) => readHealth(talk, given),
    confirm: (candidate, given) => confirmCandidate(talk, candidate, given),
    save: (given) => saveRunning(talk, given),
    discard: (candidate, given) => discardCandidate(talk, candidate, given),
    close: () => http.close(),
  };
}
