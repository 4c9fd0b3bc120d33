import { createHash } from 'node:crypto';
import type { Identity } from '../../schemas/device.ts';
import type { Tree } from '../../schemas/json.ts';
import type { Introduction, Running } from '../driver.ts';
import { ReplyUnreadableError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { ACTIVE_STATES, FILES } from './facts.ts';
import { askHelper, type Reply } from './helper.ts';
import { normaliseTree } from './normalise.ts';
import { parseText } from './parse.ts';
import { learnSecrets } from './redact.ts';
import { isSettled, readAccount } from './spelling.ts';

export async function readRunning(talk: Conversation, signal: AbortSignal): Promise<Running> {
  const reply = await askHelper(talk, ['read'], {}, signal);
  const candidates = candidatesIn(reply);
  const busy = candidates.find(({ state }) => ACTIVE_STATES.includes(state));
  return {
    tree: runningIn(talk, reply),
    baseToken: `sha256:${createHash('sha256')
      .update(`${reply.get('running')}\0${reply.get('interfaces')}`)
      .digest('hex')}`,
    unsaved: !saysSaved(talk, reply),
    candidates: candidates.map(({ id }) => id),
    ...(busy ? { busyWith: { candidate: busy.id, state: busy.state } } : {}),
  };
}

/** Whether FRR would boot into what runs, by its own account; an answer that says nothing of it does not say so. */
export function saysSaved(talk: Conversation, reply: Reply): boolean {
  return (reply.get('saved-code') ?? '').trim() === '0' && isSettled(readAccount(talk, reply, 'saved-account'));
}

/** By the tree that was made of it: SHA-256 of what FRR showed, for as long as somebody holds the tree. */
const shown = new WeakMap<Tree, string>();

/** The running configuration of FRR a tree was read from, as our helper names it; `undefined` when it is of somewhere else. */
export function shownAs(running: Tree): string | undefined {
  return shown.get(running);
}

/** The two files as they are, in one tree. @throws {ReplyUnreadableError} */
export function runningIn(talk: Conversation, reply: Reply): Tree {
  const text = reply.get('running') ?? '';
  const frr = treeIn(talk, FILES.frr, text);
  const interfaces = treeIn(talk, FILES.interfaces, reply.get('interfaces') ?? '');
  const tree = normaliseTree({ ...frr, ...interfaces });
  learnSecrets(talk.redactor, tree);
  shown.set(tree, createHash('sha256').update(text).digest('hex'));
  return tree;
}

function treeIn(talk: Conversation, file: string, text: string): Tree {
  const parsed = parseText(file, text);
  if (parsed.kind === 'parsed') return parsed.tree;
  const [fault] = parsed.faults;
  throw new ReplyUnreadableError({
    device: talk.device,
    request: `what stands in ${file}`,
    expected: 'lines below their sections',
    found: `in line ${fault?.line}: ${talk.redactor.text(fault?.message ?? '')}`,
  });
}

function candidatesIn(reply: Reply): readonly { readonly id: string; readonly state: string }[] {
  return (reply.get('candidates') ?? '')
    .split('\n')
    .filter((line) => line.includes(' '))
    .map((line) => {
      const [id = '', state = ''] = line.split(' ');
      return { id, state };
    });
}

/** What manufacturers leave in place of a serial number. */
const NO_SERIAL =
  /^(?:|0+|none|n\/a|not specified|not applicable|default string|system serial number|to be filled.*|unknown)$/i;

/** In the answer to `identify`. @throws {ReplyUnreadableError} */
export function identityIn(talk: Conversation, reply: Reply): Identity {
  const of = (name: string): string => (reply.get(name) ?? '').trim();
  const required = (value: string | undefined, expected: string): string => {
    if (value !== undefined && value !== '') return value;
    const request = 'pointsman-switch identify';
    throw new ReplyUnreadableError({ device: talk.device, request, expected, found: 'none' });
  };
  const frr = /^FRRouting (?<version>\S+)/.exec(of('frr'))?.groups?.['version'];
  const cumulus = /^Cumulus Linux (?<version>\S+)/.exec(of('os'))?.groups?.['version'];
  return {
    hostname: required(of('hostname'), 'a hostname'),
    serial: required(NO_SERIAL.test(of('dmi-serial')) ? of('machine-id') : of('dmi-serial'), 'a serial number'),
    model: NO_SERIAL.test(of('model')) ? '' : of('model'),
    version: `FRR ${required(frr, 'the version of FRR')}${cumulus === undefined ? '' : `, Cumulus Linux ${cumulus}`}`,
    pin: talk.ssh.pin(),
  };
}

const MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** In the answer to `identify`. */
export function introductionIn(reply: Reply): Introduction {
  const mac = (reply.get('mac') ?? '').trim().toLowerCase();
  return {
    product: [reply.get('os'), reply.get('frr')]
      .map((words) => words?.trim())
      .filter(Boolean)
      .join(', '),
    platform: 'frr',
    ...(MAC.test(mac) ? { mac } : {}),
  };
}
