import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AgentDownError,
  BusyError,
  HelperFailedError,
  HelperUnsuitableError,
  NotPermittedError,
  ReplyUnreadableError,
  UnreachableError,
} from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { HELPER, TIMEOUTS_MS } from './facts.ts';
import type { CommandResult, RunInput } from './ssh.ts';

/** Where the helper that belongs to this driver stands, for people who install it. */
const HELPER_SOURCE = join(import.meta.dirname, 'on-switch', 'pointsman-switch');

/** The sections of an answer, by name. */
export type Reply = ReadonlyMap<string, string>;

/** The helper said no. Its word decides; what it is about is known to the caller. */
export class HelperRefusal extends Error {
  readonly word: string;
  readonly said: string;

  constructor(word: string, said: string) {
    super(`${word}: ${said}`);
    this.name = 'HelperRefusal';
    this.word = word;
    this.said = said;
  }
}

export interface Asking {
  readonly stdin?: Buffer;
  /** Whether it changes the switch. What does not is asked again, once, when the answer is lost. */
  readonly changes?: true;
}

/**
 * The helper on the switch must be the one this driver was made for: it is all that stands between an account and root. If it is,
 * it says who the switch is, in the same command: each costs a shell over there.
 *
 * @returns The answer to `identify`.
 * @throws {HelperUnsuitableError} It was not run.
 */
export async function meetHelper(talk: Conversation, signal: AbortSignal): Promise<Reply> {
  const expected = createHash('sha256').update(readFileSync(HELPER_SOURCE)).digest('hex');
  const ask = `h=$(sha256sum ${HELPER}); echo "$h"; [ "\${h%% *}" = ${expected} ] && ${wordsOf(talk, ['identify'])}`;
  const said = await askTwice(talk, `sh -c '${ask}'`, { timeoutMs: TIMEOUTS_MS.command, changes: false }, signal);
  // A login shell may have said something before.
  const found = /^(?<hash>[0-9a-f]{64}) [ *]\/usr\/local\/sbin\/pointsman-switch$/m.exec(said.stdout.toString('utf8'));
  const hash = found?.groups?.['hash'];
  if (hash === expected) return replyIn(talk, 'pointsman-switch identify', said);
  const reason = hash === undefined ? 'it is not installed' : `another one is installed (sha256 ${hash})`;
  throw new HelperUnsuitableError({ device: talk.device, helper: HELPER, expectedSha256: expected, reason });
}

/**
 * Asks the helper.
 *
 * @param args Words of ours: its own commands, candidate ids, numbers, hashes.
 * @throws {HelperRefusal} It said no in a way only the caller can put into words.
 * @throws {NotPermittedError} The account may not run it as root.
 */
export async function askHelper(
  talk: Conversation,
  args: readonly string[],
  { stdin, changes }: Asking,
  signal: AbortSignal,
): Promise<Reply> {
  const given = { timeoutMs: TIMEOUTS_MS.command, changes: changes === true, ...(stdin ? { stdin } : {}) };
  const said = await askTwice(talk, wordsOf(talk, args), given, signal);
  return replyIn(talk, `pointsman-switch ${args[0]}`, said);
}

function wordsOf(talk: Conversation, args: readonly string[]): string {
  return [...(talk.ssh.username() === 'root' ? [] : ['sudo', '-n']), HELPER, ...args].join(' ');
}

/** Once, where it changes the switch. */
async function askTwice(
  talk: Conversation,
  command: string,
  given: RunInput,
  signal: AbortSignal,
): Promise<CommandResult> {
  const ask = () => talk.ssh.run(command, given, signal);
  return ask().catch((error: unknown) => {
    if (given.changes || !isLost(error)) throw error;
    return ask();
  });
}

function replyIn(talk: Conversation, request: string, { stdout, stderr }: CommandResult): Reply {
  const reply = parseReply(stdout);
  if (reply === undefined) {
    const said = talk.redactor.text(lastLine(stderr));
    if (/^sudo: |is not allowed to|may not run sudo|a password is required/m.test(stderr)) {
      throw new NotPermittedError({ device: talk.device, username: talk.ssh.username(), request, words: said });
    }
    throw new ReplyUnreadableError({
      device: talk.device,
      request,
      expected: 'the answer of our helper',
      found: said === '' ? 'nothing' : said,
    });
  }
  const error = reply.get('error');
  if (error !== undefined) throw refusalOf(talk, request, error);
  return reply;
}

function refusalOf(talk: Conversation, request: string, error: string): Error {
  const { device } = talk;
  const [word = '', ...rest] = error.split(' ');
  const said = talk.redactor.text(rest.join(' '));
  switch (word) {
    case 'busy':
      return new BusyError({ device, candidate: rest[0] ?? '', state: rest.slice(1).join(' ') });
    case 'locked':
      return new BusyError({ device, candidate: 'of another call', state: 'locked' });
    case 'down':
      return new AgentDownError({ device, request, status: 1, words: said, mayHaveActed: false });
    case 'unsupported':
    case 'failed':
    case 'garbled':
    case 'usage':
      return new HelperFailedError({ device, request, word, words: said });
    default:
      return new HelperRefusal(word, said);
  }
}

/**
 * Reads the sections of an answer. What a login shell says before is passed over.
 *
 * @returns `undefined` when it is none, or not whole.
 */
export function parseReply(stdout: Buffer): Reply | undefined {
  const begin = Buffer.from('@@pointsman-switch 1\n');
  const start = stdout.indexOf(begin);
  if (start < 0 || (start > 0 && stdout[start - 1] !== 0x0a)) return undefined;
  const sections = new Map<string, string>();
  let at = start + begin.length;
  for (;;) {
    const lineEnd = stdout.indexOf('\n', at);
    if (lineEnd < 0) return undefined;
    const head = stdout.toString('latin1', at, lineEnd);
    if (head === '@end') return sections;
    const [, name, length] = /^@([a-z-]+) (\d{1,9})$/.exec(head) ?? [];
    const bodyEnd = lineEnd + 1 + Number(length);
    if (name === undefined || bodyEnd >= stdout.length || stdout[bodyEnd] !== 0x0a) return undefined;
    sections.set(name, stdout.toString('utf8', lineEnd + 1, bodyEnd));
    at = bodyEnd + 1;
  }
}

/** The answer is lost, whatever became of the request. */
export function isLost(error: unknown): error is UnreachableError {
  return error instanceof UnreachableError;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}
