import { visible } from '../plans/safe-text.ts';
import { didYouMean } from '../schemas/validation-words.ts';

/** What a comment may ask for. A reason is in the words of whoever asks, on one line. */
export type Command =
  /** `commit` as it was written: 12 to 40 hex digits, lower case. */
  | { readonly verb: 'plan'; readonly commit?: string }
  /** `p1:` and the first 8 to 64 hex digits of what is approved, lower case. */
  | { readonly verb: 'approve'; readonly digest: string }
  | { readonly verb: 'reject'; readonly run?: string; readonly reason?: string }
  /** Without a stage: the one that failed. */
  | { readonly verb: 'retry'; readonly run: string; readonly stage?: string }
  | { readonly verb: 'terminate'; readonly run: string; readonly reason?: string }
  /** Without a run: those of the pull request the comment stands on. */
  | { readonly verb: 'pause'; readonly run?: string; readonly reason?: string }
  | { readonly verb: 'resume'; readonly run?: string; readonly reason?: string }
  | { readonly verb: 'adopt'; readonly device: string }
  | { readonly verb: 'revert'; readonly device: string }
  | { readonly verb: 'explain'; readonly device: string }
  | { readonly verb: 'help' };

export type CommandVerb = Command['verb'];

export type ParsedComment =
  /** It says nothing to us. */
  | { readonly kind: 'none' }
  | { readonly kind: 'command'; readonly command: Command }
  /** It speaks to us, and what it asks is not certain. */
  | {
      readonly kind: 'unreadable';
      readonly why: string;
      /** What would work, and how that is written. */
      readonly next: string;
      readonly form: string;
    };

/** How each command is written, and what it does, in the order people are shown them. */
export const COMMAND_USAGE: Readonly<Record<CommandVerb, { readonly form: string; readonly does: string }>> = {
  plan: { form: '/pointsman plan [commit]', does: 'asks the switches again and plans this pull request anew' },
  explain: {
    form: '/pointsman explain <device>',
    does: 'says what this pull request changes on a device, and which file and line each change comes from',
  },
  approve: { form: '/pointsman approve <digest>', does: 'approves the plan that is on show here, as a review does' },
  reject: {
    form: '/pointsman reject [run] [reason]',
    does: 'rejects what is asked here, as a review that requests changes does',
  },
  retry: { form: '/pointsman retry <run> [stage]', does: 'tries a failed stage again, where its workflow allows it' },
  pause: { form: '/pointsman pause [run] [reason]', does: 'holds a run at its next border, until somebody resumes it' },
  resume: { form: '/pointsman resume [run] [reason]', does: 'lets a paused run go on' },
  terminate: {
    form: '/pointsman terminate <run> [reason]',
    does: 'ends a run at once and for good, with what was done so far',
  },
  adopt: { form: '/pointsman adopt <device>', does: 'takes what was changed on a device by hand into the fleet' },
  revert: { form: '/pointsman revert <device>', does: 'takes back what was changed on a device by hand' },
  help: { form: '/pointsman help', does: 'lists what you may do here now' },
};

const VERBS = Object.keys(COMMAND_USAGE) as readonly CommandVerb[];

/** Longer first lines are refused unread. The longest command there can be is shorter. */
const LONGEST_LINE = 512;

/** A name that could be ours, up to a blank or the end, at the very first character. */
const ADDRESSED = /^\/pointsman(?![\w/-])/i;
const ANOTHER = /^\/pointsman(?:[ \t]|\r?$)/m;

/**
 * Reads a comment. Only its first line counts, from its first character: a quoted line, a list, a code block or a
 * sentence with a command in it asks for nothing. Words are plain ASCII with blanks between, nothing else is understood. A
 * reason may be in any language, with nothing in it that does not show.
 *
 * @param body As the forge has it, at most 65,536 characters; any text whatever.
 */
export function parseCommand(body: string): ParsedComment {
  if (!ADDRESSED.test(body)) return { kind: 'none' };
  const end = /\r\n|\n|\r/.exec(body);
  const line = body.slice(0, end?.index);
  if (line.length > LONGEST_LINE) return unreadable(`its first line has more than ${LONGEST_LINE} characters`);
  if (!line.startsWith('/pointsman')) return unreadable('commands begin with /pointsman in small letters');
  const blank = line.replaceAll('\t', ' ');
  if (visible(blank) !== blank) return unreadable(NOT_PLAIN);
  if (end && ANOTHER.test(body.slice(end.index + end[0].length))) {
    return unreadable('it holds more than one command', 'Write one command a comment. This lists them:');
  }
  const [, ...words] = blank.split(/ +/).filter((word) => word !== '');
  return readWords(words);
}

const NOT_PLAIN = 'its first line holds characters that are not plain ASCII, such as an invisible one';

function readWords(words: readonly string[]): ParsedComment {
  const [word, ...args] = words;
  if (word === undefined) return unreadable('it names no command');
  if (!isAscii(word)) return unreadable(NOT_PLAIN);
  const verb = VERBS.find((known) => known === word);
  if (!verb) {
    const meant = VERBS.find((known) => didYouMean(word, VERBS)?.includes(`"${known}"`));
    return meant === undefined
      ? unreadable(`there is no command "${word}"`)
      : unreadable(`there is no command "${word}"`, 'Perhaps this was meant:', COMMAND_USAGE[meant].form);
  }
  const command = readArguments(verb, args);
  return typeof command === 'string'
    ? unreadable(command, 'It is written', COMMAND_USAGE[verb].form)
    : { kind: 'command', command };
}

/** @returns The command, or why the arguments are none for it. */
function readArguments(verb: CommandVerb, args: readonly string[]): Command | string {
  const [first, second] = args;
  switch (verb) {
    case 'pause':
    case 'resume':
    case 'reject':
      if (first === undefined || !looksLikeRun(first)) return { verb, ...reasonOf(args) };
      return RUN.test(first) ? { verb, run: first, ...reasonOf(args.slice(1)) } : notARun(first);
    case 'terminate':
      if (first === undefined) return 'it names no run';
      return RUN.test(first) ? { verb, run: first, ...reasonOf(args.slice(1)) } : notARun(first);
  }
  if (!args.every(isAscii)) return NOT_PLAIN;
  const most = { plan: 1, approve: 1, explain: 1, adopt: 1, revert: 1, retry: 2, help: 0 }[verb];
  if (args.length > most)
    return `${verb} takes ${most === 0 ? 'nothing more' : `${most} word${most === 1 ? '' : 's'} at most`}`;
  switch (verb) {
    case 'help':
      return { verb };
    case 'plan':
      if (first === undefined) return { verb };
      return COMMIT.test(first)
        ? { verb, commit: first.toLowerCase() }
        : `"${first}" is no commit: expected its 40 hex digits, or the first 12 or more`;
    case 'approve':
      if (first === undefined) return 'it does not say what is approved: expected the digest of the plan';
      return DIGEST.test(first)
        ? { verb, digest: first.toLowerCase() }
        : `"${first}" is no digest: expected p1: and its 64 hex digits, or the first 8 or more`;
    case 'explain':
    case 'adopt':
    case 'revert':
      if (first === undefined) return 'it names no device';
      return DEVICE.test(first) ? { verb, device: first } : `"${first}" cannot be the name of a device`;
    case 'retry':
      if (first === undefined) return 'it names no run';
      if (!RUN.test(first)) return notARun(first);
      if (second === undefined) return { verb, run: first };
      return STAGE.test(second) ? { verb, run: first, stage: second } : `"${second}" cannot be the name of a stage`;
  }
}

function reasonOf(words: readonly string[]): { readonly reason?: string } {
  return words.length === 0 ? {} : { reason: words.join(' ') };
}

/**
 * Whether a word that may be a run or begin a reason is to be taken for a run. Every name of a run, and nearly every end of
 * one, has a digit in it. What is taken for a run and is none is refused, and nothing is done.
 */
function looksLikeRun(word: string): boolean {
  return /\p{N}/u.test(word) || /^[a-f]{4,}$/.test(word);
}

function isAscii(word: string): boolean {
  return /^[\x21-\x7e]*$/.test(word);
}

const COMMIT = /^[0-9a-f]{12,40}$/i;
const DIGEST = /^p1:[0-9a-f]{8,64}$/i;
/** As `schemas/fleet.ts` has names. */
const DEVICE = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;
/** A name of the ledger, or its end; fewer digits would name a run by accident. */
const RUN = /^[a-z0-9][a-z0-9._-]{3,254}$/;
const STAGE = /^[a-z][a-z0-9_]{0,63}$/;

function notARun(word: string): string {
  return `"${word}" cannot be the name of a run: expected its name, or the last 4 characters of it or more`;
}

function unreadable(why: string, next = 'This lists what there is:', form = COMMAND_USAGE.help.form): ParsedComment {
  return { kind: 'unreadable', why, next, form };
}
