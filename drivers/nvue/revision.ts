import { isTree, type Tree } from '../../schemas/json.ts';
import type { LastChange } from '../driver.ts';
import { ReplyUnreadableError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { paths, SYMBOLIC_REVISIONS } from './facts.ts';

interface Issue {
  readonly severity: string;
  /** One line, redacted: `[error] systemctl: Unable to reload…`. */
  readonly words: string;
  /** Of a refusal: where, as the switch writes it, and why. */
  readonly location?: string;
  readonly reason?: string;
}

/** A revision object, read leniently: releases differ in what they leave out. */
export interface Revision {
  /** Empty when the answer does not say. */
  readonly id: string;
  readonly state: string;
  readonly issues: readonly Issue[];
  /** `rev_12_apply_1`: changes with every apply. */
  readonly applyId?: string;
  /** Who applied it last, redacted, and when by the switch's clock. */
  readonly appliedBy?: LastChange;
  /** The revision the switch is going back to after a failure. */
  readonly rollbackTarget?: string;
}

/** Every revision on the switch. @throws {ReplyUnreadableError} */
export async function readRevisions(talk: Conversation, signal: AbortSignal): Promise<readonly Revision[]> {
  const { json } = await talk.http.get(paths.revisions, signal);
  if (!isTree(json)) throw unreadable(talk, paths.revisions, 'a map of revisions');
  return Object.entries(json).map(([id, value]) => {
    const revision = parseRevision(talk, id, value);
    if (!revision) throw unreadable(talk, paths.revisions, `revision ${id} with a state`);
    return revision;
  });
}

/** @returns `undefined` when there is no such revision. @throws {ReplyUnreadableError} */
export async function readRevision(
  talk: Conversation,
  id: string,
  signal: AbortSignal,
  attempts?: number,
): Promise<Revision | undefined> {
  const { status, json } = await talk.http.get(paths.revision(id), signal, attempts);
  if (status === 404) return undefined;
  const revision = parseRevision(talk, SYMBOLIC_REVISIONS.includes(id) ? '' : id, json);
  if (!revision) throw unreadable(talk, paths.revision(id), 'a revision with a state');
  return revision;
}

/** Ids that can be ours or somebody's candidate. */
export function candidateIds(revisions: readonly Revision[]): readonly string[] {
  return revisions.map(({ id }) => id).filter((id) => !SYMBOLIC_REVISIONS.includes(id));
}

/** `{ "12": { state… } }`, `{ state… }`, `"12"`, `12` and `{ "revision-id": "12" }` have all been seen. */
export function parseCreatedId(json: unknown): string | undefined {
  if (typeof json === 'string' && json !== '') return json;
  if (typeof json === 'number') return String(json);
  if (!isTree(json)) return undefined;
  const named = json['revision-id'];
  if (typeof named === 'string' || typeof named === 'number') return String(named);
  const keys = Object.keys(json);
  return keys.length === 1 && isTree(json[keys[0] ?? '']) ? keys[0] : undefined;
}

function parseRevision(talk: Conversation, id: string, value: unknown): Revision | undefined {
  if (!isTree(value)) return undefined;
  const keys = Object.keys(value);
  const only = value[keys[0] ?? ''];
  // Older releases wrap the object in a map of one.
  if (keys.length === 1 && isTree(only) && 'state' in only) return parseRevision(talk, keys[0] ?? id, only);

  const state = value['state'];
  if (typeof state !== 'string' || state === '') return undefined;
  const transition = treeAt(value, 'transition');
  const found = Object.values(treeAt(transition, 'issue')).filter(isTree);
  const rollbackTarget = found.map((issue) => treeAt(issue, 'data')['rollback_target']).find(isText);
  const lastApply = treeAt(value, 'last-apply');
  const applyId = lastApply['apply-id'];
  const appliedBy = parseLastChange(talk, lastApply);
  return {
    id,
    state,
    issues: found.map((issue) => parseIssue(talk, issue)),
    ...(isText(applyId) && { applyId }),
    ...(appliedBy && { appliedBy }),
    ...(rollbackTarget !== undefined && { rollbackTarget }),
  };
}

function parseLastChange(talk: Conversation, { user, 'apply-date': date }: Tree): LastChange | undefined {
  if (!isText(user)) return undefined;
  const at = isText(date) ? Date.parse(date) : Number.NaN;
  return { by: talk.redactor.text(user), ...(Number.isNaN(at) ? {} : { at }) };
}

function parseIssue(talk: Conversation, issue: Tree): Issue {
  const severity = String(issue['severity'] ?? 'error');
  const { location, reason } = treeAt(issue, 'data');
  const message = [issue['message'], reason].find(isText)?.trim() ?? 'no message';
  return {
    severity,
    words: talk.redactor.text(`[${severity}] ${String(issue['code'] ?? 'unknown')}: ${message}`),
    ...(isText(location) && { location: talk.redactor.text(location) }),
    ...(isText(reason) && { reason: talk.redactor.text(reason.trim()) }),
  };
}

function treeAt(node: Tree, key: string): Tree {
  const child = node[key];
  return isTree(child) ? child : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function unreadable(talk: Conversation, path: string, expected: string): ReplyUnreadableError {
  return new ReplyUnreadableError({ device: talk.device, request: `GET ${path}`, expected, found: 'something else' });
}
