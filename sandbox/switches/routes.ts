/** One request in, one reply out: the NVUE resources over one switch's state. No sockets here. */
import { isTree, type Json, type Leaf, type Tree, type TreePath } from '../../schemas/json.ts';
import type { SandboxClock } from '../clock.ts';
import type { Account } from './accounts.ts';
import type { ApplyEngine } from './apply-engine.ts';
import { withDefaults } from './filled.ts';
import { includeOnly, omit } from './filter.ts';
import { headerOf, type Situation, showOperational } from './operational.ts';
import { expandRangeKeys } from './ranges.ts';
import { notFound, ok, problem, type Reply, validationProblem } from './replies.ts';
import { patchRevision } from './revision-patch.ts';
import { isKept, type Named, type RevisionStore, showRevision, UNDER_WAY } from './revisions.ts';
import type { ReleaseProfile, SwitchRole, SwitchSpec } from './switch-spec.ts';
import { at, branch, diffTrees, mergePatch, nest, shareWith } from './tree.ts';
import { refusalsOf } from './validation.ts';

interface ApiRequest {
  readonly method: string;
  /** Below `/nvue_v1`, each segment decoded on its own, so that `%2F` stays inside one. */
  readonly path: TreePath;
  readonly query: URLSearchParams;
  /** Absent when the body was empty. */
  readonly body?: Json;
  readonly account: Account;
}

export interface ApiDeps {
  readonly spec: SwitchSpec;
  readonly profile: ReleaseProfile;
  readonly clock: SandboxClock;
  readonly store: RevisionStore;
  readonly engine: ApplyEngine;
  /** A tree as this release keeps it. */
  readonly asStored: (tree: Tree) => Tree;
  readonly situation: () => Situation;
  /** Starts an action of the device itself. @returns Its job id; `undefined` for one it does not know. */
  readonly act: (path: TreePath, body: Tree) => string | undefined;
  readonly actions: () => Tree;
}

export type Api = (request: ApiRequest) => Reply;

/** `nvset` edits drafts; moving a revision, and making the device do something, takes more. */
function mayDo(role: SwitchRole, method: string, [first]: TreePath): boolean {
  if (method === 'GET' || role === 'system-admin' || role === 'nvue-admin') return true;
  if (role !== 'nvset') return false;
  return first === 'revision' ? method !== 'PATCH' : method !== 'POST';
}

export function createApi(deps: ApiDeps): Api {
  const { profile, clock, store, engine } = deps;
  const deleted: Reply = profile.deleteStatus === 204 ? { status: 204 } : ok({});

  return (request) => {
    const { method, path, account } = request;
    if (!mayDo(account.role, method, path)) {
      return problem(403, `User ${account.username} is not authorized to perform this operation.`);
    }
    if (path[0] === 'revision') return revisionResource(request);
    if (path[0] === 'action') return actionResource(request);
    if (method === 'GET') return read(request);
    if (method === 'PATCH') return patch(request);
    if (method === 'DELETE') return unset(request);
    if (method === 'POST') return post(request);
    return problem(405, 'The method is not allowed for the requested URL.');
  };

  function revisionResource({ method, path, query, body, account }: ApiRequest): Reply {
    const [, id, ...rest] = path;
    if (rest.length > 0) return notFound();
    const show = (named: Named): Reply => ok(showRevision(named.revision, clock.now()));
    if (id === undefined) {
      if (method === 'GET')
        return ok(Object.fromEntries(store.all().map((one) => [one.id, showRevision(one, clock.now())])));
      if (method !== 'POST') return problem(405, 'The method is not allowed for the requested URL.');
      const base = store.find(query.get('base_rev') ?? 'applied');
      if (!base) return notFound();
      const revision = store.create(account.username, base);
      return ok({ [revision.id]: { state: 'pending', transition: { issue: {}, progress: '' } } }, 201);
    }
    const named = store.find(id);
    if (!named) return notFound();
    if (method === 'GET') return show(named);
    if (method === 'PATCH') return patchRevision({ engine, store, clock }, named.revision, body, account.username);
    if (method !== 'DELETE') return problem(405, 'The method is not allowed for the requested URL.');
    const { revision } = named;
    if (!/^\d+$/.test(id) || isKept(revision) || UNDER_WAY.has(revision.state)) {
      return problem(profile.immutableStatus, `Revision ${id} cannot be deleted.`);
    }
    store.remove(revision);
    return deleted;
  }

  function actionResource({ method, path }: ApiRequest): Reply {
    if (method !== 'GET') return problem(405, 'The method is not allowed for the requested URL.');
    const [, id] = path;
    const actions = deps.actions();
    if (id === undefined) return ok(actions);
    const action = actions[id];
    return action === undefined ? notFound() : ok(action);
  }

  function read({ path, query }: ApiRequest): Reply {
    if (query.has('view')) {
      return problem(400, `Unknown view '${query.get('view')}'. Valid views are [brief, detail, status].`);
    }
    const include = patterns(query, 'include');
    const omitted = patterns(query, 'omit');
    const bareInterfaces = path.length === 1 && path[0] === 'interface' && include.length === 0;
    const rev = query.get('rev') ?? (bareInterfaces ? profile.bareInterfaces : 'operational');
    const select = (tree: Tree): Tree => {
      const kept = include.length > 0 ? includeOnly(tree, include) : tree;
      return omitted.length > 0 ? omit(kept, omitted) : kept;
    };

    if (rev === 'operational') {
      const shown = showOperational(deps.situation(), path);
      return isTree(shown) ? ok(select(shown)) : notFound();
    }
    const target = resolve(rev);
    if (!target.found) return target.reply;
    const base = query.get('diff');
    if (base !== null) {
      const from = resolve(base);
      if (!from.found) return from.reply;
      return ok(select(diffTrees(branch(from.found.tree, path), branch(target.found.tree, path))));
    }
    const filled = query.get('filled') !== 'false';
    const tree = filled ? withDefaults(target.found.tree) : target.found.tree;
    const node = at(tree, path);
    if (!isTree(node)) return notFound();
    return ok(
      path.length === 0 && include.length === 0 ? { header: headerOf(deps.spec), ...select(node) } : select(node),
    );
  }

  type Resolved = { readonly found: Named } | { readonly found?: undefined; readonly reply: Reply };

  function resolve(rev: string): Resolved {
    const known = /^(?:applied|startup|empty|pending|\d+|rev_\w+_apply_\d+(?:\/(?:start|done|success))?)$/.test(rev);
    if (!known) {
      return {
        reply: problem(
          400,
          'Wrong revision. Allowed values are [operational, startup, applied, empty], a string in the format rev_<number>_apply_<number> optionally followed by /start, /done or /success, or a number.',
        ),
      };
    }
    const found = store.find(rev);
    return found ? { found } : { reply: notFound() };
  }

  /** The draft a `rev` names, or why it cannot be edited. */
  function draftOf(query: URLSearchParams): Resolved {
    const resolved = resolve(query.get('rev') ?? '');
    if (!resolved.found) return resolved;
    const { revision } = resolved.found;
    const isDraft = /^\d+$/.test(revision.id) && !isKept(revision) && !UNDER_WAY.has(revision.state);
    if (isDraft) return resolved;
    return {
      reply: problem(profile.immutableStatus, `Revision ${revision.id} is not editable in state ${revision.state}.`),
    };
  }

  function patch({ path, query, body }: ApiRequest): Reply {
    const draft = draftOf(query);
    if (!draft.found) return draft.reply;
    if (body !== undefined && body !== null && !isTree(body))
      return problem(400, 'The request body has to be an object.');
    const sent = expandRangeKeys(nest(path, isTree(body) ? body : {}));
    const prefix = path.map((key) => `/${key}`).join('');
    const refusals = refusalsOf(sent).map(({ error, instanceLocation }) => ({
      error,
      instanceLocation: instanceLocation.startsWith(prefix)
        ? instanceLocation.slice(prefix.length) || '/'
        : instanceLocation,
    }));
    if (refusals.length > 0) return validationProblem(refusals);

    const { revision } = draft.found;
    const before = revision.tree;
    const merged = withInterfaceTypes(mergePatch(before, sent), sent);
    revision.tree = shareWith(shareWith(deps.asStored(merged), before), store.applied().tree);
    if (profile.patchAnswers === 'whole') return ok(at(revision.tree, path) ?? {});
    return ok(diffTrees(branch(before, path), branch(revision.tree, path)));
  }

  function unset({ path, query }: ApiRequest): Reply {
    const draft = draftOf(query);
    if (!draft.found) return draft.reply;
    const { revision } = draft.found;
    if (path.length === 0) {
      revision.tree = {};
      return deleted;
    }
    if (at(revision.tree, path) === undefined) return notFound();
    revision.tree = mergePatch(revision.tree, nest(path, null));
    return deleted;
  }

  function post({ path, body }: ApiRequest): Reply {
    const job = isTree(body) ? deps.act(path, body) : undefined;
    return job === undefined ? problem(405, 'The method is not allowed for the requested URL.') : ok(job, 201);
  }
}

/** Releases add `type: swp` to ports that were set without one. */
function withInterfaceTypes(tree: Tree, sent: Tree): Tree {
  const untyped = Object.keys(branch(sent, ['interface'])).filter(
    (name) =>
      /^swp\d/.test(name) &&
      isTree(at(tree, ['interface', name])) &&
      at(tree, ['interface', name, 'type']) === undefined,
  );
  const types: Readonly<Record<string, Leaf | Tree>> = Object.fromEntries(
    untyped.map((name) => [name, { type: 'swp' }]),
  );
  return untyped.length === 0 ? tree : mergePatch(tree, { interface: types });
}

function patterns(query: URLSearchParams, name: string): readonly string[] {
  return query.getAll(name).flatMap((value) => value.split(','));
}
