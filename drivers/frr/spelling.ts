import { isTree, type Tree } from '../../schemas/json.ts';
import { ConfigurationRefusedError, ReplyUnreadableError } from '../errors.ts';
import { type Account, applyAccount, parseAccount, withoutResidue } from './account.ts';
import type { Conversation } from './conversation.ts';
import { FILES } from './facts.ts';
import type { Reply } from './helper.ts';
import { parseInterfaceRefusals, parseRefusals, type Refusal } from './refusals.ts';
import { type RenderedFile, renderFile } from './render.ts';
import { computeTreeChanges } from './tree.ts';

/** What is sent to the switch of a tree: a text for each file that is in it. */
export interface RenderedTexts {
  readonly frr?: RenderedFile;
  readonly interfaces?: RenderedFile;
}

export function renderTexts(tree: Tree): RenderedTexts {
  const of = (file: string): RenderedFile | undefined => {
    const lines = tree[file];
    return isTree(lines) ? renderFile(file, lines as Tree) : undefined;
  };
  const [frr, interfaces] = [of(FILES.frr), of(FILES.interfaces)];
  return { ...(frr ? { frr } : {}), ...(interfaces ? { interfaces } : {}) };
}

/**
 * What is intended as the switch would write it: what runs, with what its own tools would take away and add.
 *
 * @param reply Holds the account of the switch.
 * @throws {ConfigurationRefusedError}
 */
export function respellBy(
  talk: Conversation,
  reply: Reply,
  candidate: string,
  { intended, running, texts }: { readonly intended: Tree; readonly running: Tree; readonly texts: RenderedTexts },
): Tree {
  const refusals = refusalsIn(reply, texts);
  if (refusals.length > 0) {
    const named = refusals.map(({ path, words }) => ({ path, words: talk.redactor.text(words) }));
    throw new ConfigurationRefusedError({ device: talk.device, candidate, refusals: named });
  }
  const files = new Map(Object.entries(running));
  if (texts.frr) {
    const account = readAccount(talk, reply, 'account');
    files.set(FILES.frr, applyAccount(linesOf(running, FILES.frr), account));
  }
  if (texts.interfaces) files.set(FILES.interfaces, linesOf(intended, FILES.interfaces));
  const respelled = Object.fromEntries(files);
  return computeTreeChanges(running, respelled).length === 0 ? running : respelled;
}

/**
 * FRR's account without what it says for ever: right after a reload that ended well, it still names lines that it does not
 * show because they are so anyway, or that it shows in other words. The switch keeps those.
 *
 * @param name Of the section of the reply.
 * @throws {ReplyUnreadableError}
 */
export function readAccount(talk: Conversation, reply: Reply, name: string): Account {
  const [account, residue] = [name, 'residue'].map((section) => parseAccount(reply.get(section) ?? ''));
  if (account === undefined || residue === undefined) {
    throw new ReplyUnreadableError({
      device: talk.device,
      request: 'frr-reload.py --test',
      expected: 'lines to delete and to add',
      found: 'something else',
    });
  }
  return withoutResidue(account, residue);
}

/** Nothing is left of an account: the two mean the same. */
export function isSettled({ deleted, added }: Account): boolean {
  return deleted.length === 0 && added.length === 0;
}

function refusalsIn(reply: Reply, { frr }: RenderedTexts): readonly Refusal[] {
  // The tool goes on after an error and prints an account that is wrong: its exit code comes first.
  const byFrr = (reply.get('account-code') ?? '0') === '0' ? [] : parseRefusals(reply.get('account-said') ?? '', frr);
  const said = reply.get('interfaces-said') ?? '';
  const byInterfaces = (reply.get('interfaces-code') ?? '0') === '0' ? [] : parseInterfaceRefusals(said);
  return [...byFrr, ...byInterfaces];
}

function linesOf(tree: Tree, file: string): Tree {
  const lines = tree[file];
  return isTree(lines) ? (lines as Tree) : {};
}
