import { GitCommandError, GitRemoteError } from './errors.ts';
import type { GitAt } from './git-at.ts';
import { checkRef } from './names.ts';
import { type RemoteSide, talking } from './remote-side.ts';
import type { ObjectId } from './repository.ts';

/** The remote, or another process in this folder, may move a ref while we fetch it; each attempt looks anew. */
const ATTEMPTS = 5;

type Tips = ReadonlyMap<string, ObjectId>;

/**
 * Looks where the refs are and brings exactly those commits here. What is returned is what the remote said in this call, never
 * what another process left in the folder: after a lost push, this look is what decides.
 */
export async function fetchRefs(side: RemoteSide, refs: readonly string[], signal: AbortSignal): Promise<Tips> {
  const wanted = [...new Set(refs.map(checkRef))];
  if (wanted.length === 0) return new Map();

  for (let attempt = 1; ; attempt += 1) {
    const tips = await look(side, wanted, signal);
    try {
      await bring(side, wanted, tips, signal);
      return tips;
    } catch (error) {
      const moving = error instanceof GitRemoteError && error.details.problem === 'busy';
      if (!moving || attempt === ATTEMPTS) throw error;
    }
  }
}

/** @returns A full ref name; `undefined` when the remote's HEAD is no branch, or one that does not exist yet. */
export async function readDefaultBranch(side: RemoteSide, signal: AbortSignal): Promise<string | undefined> {
  const output = await listRefs(side, ['--symref', 'origin', 'HEAD'], signal);
  // `ref: refs/heads/main<tab>HEAD`, then where it is.
  const ref = /^ref: (refs\/heads\/\S+)\tHEAD$/m.exec(output.toString('utf8'))?.[1];
  return ref === undefined ? undefined : checkRef(ref);
}

async function look(side: RemoteSide, wanted: readonly string[], signal: AbortSignal): Promise<Tips> {
  const output = await listRefs(side, ['origin', ...wanted], signal);
  // Found are more than were asked for: `refs/heads/main` also finds `refs/x/refs/heads/main`.
  const found = new Map(parseRefs(output));
  return new Map(wanted.flatMap((ref) => (found.has(ref) ? [[ref, found.get(ref) ?? '']] : [])));
}

/**
 * Over HTTP git takes a page of one line, a sign-in page of a proxy say, for the list of a plain file server, and finds no
 * ref in it. So "nothing there" is believed only of somebody who speaks Git: the packets git received are looked at.
 */
async function listRefs(side: RemoteSide, what: readonly string[], signal: AbortSignal): Promise<Buffer> {
  const args = ['ls-remote', '--quiet', ...what];
  return talking(side, 'look', signal, async ({ git, error }) => {
    const { output } = await git.read(args, { signal });
    if (output.length > 0 || !/^https?:/.test(side.url)) return output;
    const again = await git.read(args, { signal, environment: { GIT_TRACE_PACKET: '1' } });
    if (!/^.*\bpacket:\s+\S+< /m.test(again.said)) throw error(NOT_GIT, 'unreachable');
    return again.output;
  });
}

const NOT_GIT =
  'what answers does not speak Git; a proxy or a sign-in page stands between, or the address is not that of a repository';

async function bring(side: RemoteSide, wanted: readonly string[], tips: Tips, signal: AbortSignal): Promise<void> {
  const here = await localRefs(side.local);
  const stale = [...here.keys()].filter(
    (ref) => (wanted.includes(ref) && !tips.has(ref)) || [...tips.keys()].some((tip) => cannotCoexist(ref, tip)),
  );
  if (stale.length > 0) {
    // `delete` without an old value: another process may have been quicker.
    const input = [stale.map((ref) => `delete ${ref}\n`).join('')];
    await side.local.read(['update-ref', '--stdin'], { input });
  }

  // A ref is written only after git has proved that everything below it is here; an object alone proves nothing.
  const missing = [...tips].filter(([ref, tip]) => here.get(ref) !== tip);
  if (missing.length === 0) return;
  // By id, so that what arrives is what was seen.
  const refspecs = missing.map(([ref, tip]) => `+${tip}:${ref}`);
  await talking(side, 'fetch', signal, ({ git }) =>
    git.read(['fetch', ...FETCH_FLAGS, 'origin', ...refspecs], { signal }),
  );
}

const FETCH_FLAGS = [
  '--quiet',
  '--no-tags',
  '--no-prune',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--no-auto-maintenance',
] as const;

/** Git keeps refs like files: `a` cannot be beside `a/b`. The remote's are right, ours are left over. */
function cannotCoexist(ours: string, theirs: string): boolean {
  return ours.startsWith(`${theirs}/`) || theirs.startsWith(`${ours}/`);
}

async function localRefs(git: GitAt): Promise<Tips> {
  return new Map(parseRefs((await git.read(['for-each-ref', '--format=%(objectname)%09%(refname)'])).output));
}

/** `<id>\t<ref>` a line. */
function parseRefs(output: Buffer): readonly (readonly [string, ObjectId])[] {
  const lines = output.toString('utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [, id, ref] = /^([0-9a-f]{40})\t(.+)$/.exec(line) ?? [];
    if (!id || !ref) {
      throw new GitCommandError({
        command: 'ls-remote',
        exitCode: 0,
        said: `unreadable output: ${line.slice(0, 200)}`,
      });
    }
    return [ref, id];
  });
}
