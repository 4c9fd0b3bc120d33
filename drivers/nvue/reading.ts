import { isDeepStrictEqual } from 'node:util';
import { sha256OfJson } from '../../schemas/canonical.ts';
import type { Identity } from '../../schemas/device.ts';
import { isTree, type Tree } from '../../schemas/json.ts';
import type { LastChange, Running } from '../driver.ts';
import { ReplyUnreadableError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { paths } from './facts.ts';
import { normaliseTree } from './normalise.ts';
import { candidateIds, readRevision, readRevisions } from './revision.ts';
import { blockerAmong } from './states.ts';
import { nodeAt } from './tree.ts';

/** The explicitly set values of a revision, as the switch writes them. @throws {ReplyUnreadableError} */
export async function readTree(talk: Conversation, path: string, signal: AbortSignal): Promise<Tree> {
  const { status, json } = await talk.http.get(path, signal);
  if (status !== 200 || !isTree(json)) throw unreadable(talk, path, 'a configuration tree', `status ${status}`);
  talk.redactor.learn(json);
  return json;
}

export async function readRunning(talk: Conversation, signal: AbortSignal): Promise<Running> {
  const revisions = await readRevisions(talk, signal);
  const applied = await readRevision(talk, 'applied', signal);
  const tree = normaliseTree(await readTree(talk, paths.tree('applied'), signal));
  const startup = normaliseTree(await readTree(talk, paths.tree('startup'), signal));
  const blocker = blockerAmong(revisions);
  return {
    tree,
    baseToken: applied?.applyId ?? (applied?.id || `sha256:${sha256OfJson(tree)}`),
    unsaved: !isDeepStrictEqual(tree, startup),
    candidates: candidateIds(revisions),
    ...(blocker && { busyWith: { candidate: blocker.id, state: blocker.state } }),
  };
}

/** Who applied what runs now: NVUE keeps the account and the time with the applied revision. */
export async function readLastChange(talk: Conversation, signal: AbortSignal): Promise<LastChange | undefined> {
  return (await readRevision(talk, 'applied', signal))?.appliedBy;
}

/**
 * Who the switch says it is.
 *
 * Releases moved the version about: `product-release`, then `version.product-release`; before either there was `build`.
 *
 * @param system The answer to {@link paths.system}.
 */
export async function readIdentity(talk: Conversation, system: unknown, signal: AbortSignal): Promise<Identity> {
  const { json: platform } = await talk.http.get(paths.platform, signal);
  const text = (json: unknown, ...path: readonly string[]): string | undefined => {
    const value = isTree(json) ? nodeAt(json, path) : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const required = (value: string | undefined, path: string, expected: string): string => {
    if (value === undefined || value === '') throw unreadable(talk, path, expected, 'none');
    return value;
  };
  const build = text(system, 'build') ?? text(system, 'version', 'build');
  const release = text(system, 'product-release') ?? text(system, 'version', 'product-release');
  return {
    hostname: required(text(system, 'hostname'), paths.system, 'a hostname'),
    serial: required(text(platform, 'serial-number'), paths.platform, 'a serial number'),
    model: text(platform, 'product-name') ?? '',
    version: required(release ?? /\d+(\.\d+)+/.exec(build ?? '')?.[0] ?? build, paths.system, 'a version'),
    pin: talk.http.pin(),
  };
}

function unreadable(talk: Conversation, path: string, expected: string, found: string): ReplyUnreadableError {
  return new ReplyUnreadableError({ device: talk.device, request: `GET ${path}`, expected, found });
}
