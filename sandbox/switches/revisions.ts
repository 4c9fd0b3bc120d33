/** The revision store of one switch: drafts, what is applied, what it boots into, and the points it can go back to. */
import type { Tree } from '../../schemas/json.ts';
import { branch } from './tree.ts';

export interface Issue {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, string>>;
}

/** One revision. The store owns it; the apply engine moves its state. */
export interface Revision {
  readonly id: string;
  readonly user: string;
  readonly parent: string;
  tree: Tree;
  state: string;
  progress: string;
  issues: readonly Issue[];
  message?: string;
  autoPrompt: Readonly<Record<string, string>>;
  stateControls: Readonly<Record<string, string | number>>;
  lastApply?: { readonly applyId: string; readonly user: string; readonly at: number };
  /** When the confirmation is due, milliseconds of the switch's clock; only in `confirm`. */
  confirmBy?: number;
}

/** What is live, and where it comes from. */
export interface Applied {
  readonly revision: Revision;
  readonly tree: Tree;
}

/** Something a `rev` can name. */
export interface Named {
  readonly tree: Tree;
  readonly revision: Revision;
}

export interface RevisionStore {
  applied(): Applied;
  startup(): Tree;
  /** All but rollback points, oldest first. */
  all(): readonly Revision[];
  /** @returns `undefined` for an id or name that does not exist. */
  find(id: string): Named | undefined;
  /** A draft that branches from `base`. */
  create(user: string, base: Named): Revision;
  remove(revision: Revision): void;
  /** Makes it live and remembers the way back under a new apply id. */
  apply(revision: Revision, user: string): { readonly applyId: string; readonly before: Applied };
  /** Makes an earlier state live again. */
  restore(before: Applied): void;
  /** What it boots into becomes what is applied. */
  save(): void;
  /** As after a boot: what it boots into is applied. */
  boot(): void;
}

const EMPTY: Tree = {};

/** States of an apply that has not ended. */
export const UNDER_WAY: ReadonlySet<string> = new Set([
  ...['apply', 'checking', 'checked', 'verifying', 'verified', 'readying', 'ready', 'reloading', 'reloaded'],
  ...['check_health', 'ays', 'ays_yes', 'ignore_fail', 'ignore_fail_yes', 'confirm', 'confirm_yes', 'confirm_no'],
  ...['auto_save', 'auto_saving', 'save', 'saving'],
]);

/** True for one that is or was live for good: nothing changes it any more. */
export function isKept({ state, lastApply }: Revision): boolean {
  return lastApply !== undefined && ['applied', 'applied_and_saved', 'saved'].includes(state);
}

export interface RevisionStoreOptions {
  readonly configuration: Tree;
  readonly bornAs: string;
  readonly keep: number;
  readonly now: () => number;
}

export function createRevisionStore({ configuration, bornAs, keep, now }: RevisionStoreOptions): RevisionStore {
  const revisions = new Map<string, Revision>();
  /** `rev_<n>_apply_<m>` and `…/start`, by id. */
  const points = new Map<string, Revision>();
  const applies = new Map<string, number>();
  let lastId = 0;

  const first = add('startup-apply', 'empty', configuration);
  first.state = bornAs;
  first.lastApply = { applyId: `rev_${first.id}_apply_1`, user: 'root', at: now() };
  applies.set(first.id, 1);
  rememberPoints(first.lastApply.applyId, first.user, EMPTY, configuration);
  let applied: Applied = { revision: first, tree: configuration };
  let startup: Applied = applied;
  /** Named for what they hold; they can be applied, never edited. */
  const named = {
    startup: blank('startup', 'root', 'empty', configuration, 'inactive'),
    empty: blank('empty', 'root', 'empty', EMPTY, 'inactive'),
  };

  function add(user: string, parent: string, tree: Tree): Revision {
    const revision = blank(String(++lastId), user, parent, tree, 'pending');
    revisions.set(revision.id, revision);
    trim();
    return revision;
  }

  /** The oldest go first; what is live, what boots, and what is being applied stay. */
  function trim(): void {
    for (const revision of revisions.values()) {
      if (revisions.size <= keep) return;
      const inUse = revision === applied.revision || revision === startup.revision || revision.id === String(lastId);
      if (!inUse && !UNDER_WAY.has(revision.state)) forget(revision);
    }
  }

  function forget(revision: Revision): void {
    revisions.delete(revision.id);
    for (const id of points.keys()) if (id.startsWith(`rev_${revision.id}_apply_`)) points.delete(id);
  }

  function rememberPoints(applyId: string, user: string, before: Tree, after: Tree): void {
    points.set(`${applyId}/start`, blank(`${applyId}/start`, user, applyId, before, 'inactive'));
    points.set(applyId, blank(applyId, user, applyId, after, 'inactive'));
  }

  return {
    applied: () => applied,
    startup: () => startup.tree,
    all: () => [...revisions.values()],
    find(id) {
      if (id === 'applied') return applied;
      if (id === 'startup' || id === 'empty') return { tree: named[id].tree, revision: named[id] };
      const revision =
        id === 'pending'
          ? [...revisions.values()].findLast(({ state }) => state === 'pending')
          : (revisions.get(id) ?? points.get(id.replace(/\/(?:done|success)$/, '')));
      return revision && { tree: revision.tree, revision };
    },
    create: (user, base) => add(user, base.revision.id, base.tree),
    remove: forget,
    apply(revision, user) {
      const before = applied;
      const number = (applies.get(revision.id) ?? 0) + 1;
      applies.set(revision.id, number);
      const applyId = `rev_${revision.id.replaceAll('/', '_')}_apply_${number}`;
      rememberPoints(applyId, user, before.tree, revision.tree);
      revision.lastApply = { applyId, user, at: now() };
      applied = { revision, tree: revision.tree };
      return { applyId, before };
    },
    restore(before) {
      applied = before;
    },
    save() {
      startup = applied;
      named.startup.tree = applied.tree;
    },
    boot() {
      applied = startup;
      applied.revision.state = bornAs;
    },
  };
}

function blank(id: string, user: string, parent: string, tree: Tree, state: string): Revision {
  return { id, user, parent, tree, state, progress: '', issues: [], autoPrompt: {}, stateControls: {} };
}

/** What `/revision/<id>` shows. */
export function showRevision(revision: Revision, now: number): Tree {
  const { autoPrompt, stateControls, lastApply, confirmBy } = revision;
  return {
    state: revision.state,
    transition: {
      issue: Object.fromEntries(
        revision.issues.map(({ severity, code, message, data }, index) => [
          String(index),
          { severity, code, message, data: { ...data } },
        ]),
      ),
      progress: revision.progress,
    },
    ...(revision.message === undefined ? {} : { message: revision.message }),
    ...(Object.keys(autoPrompt).length > 0 ? { 'auto-prompt': { ...autoPrompt } } : {}),
    ...(Object.keys(stateControls).length > 0 ? { 'state-controls': { ...stateControls } } : {}),
    ...(lastApply
      ? {
          'last-apply': {
            'apply-id': lastApply.applyId,
            'apply-date': new Date(lastApply.at).toISOString(),
            user: lastApply.user,
          },
        }
      : {}),
    ...(confirmBy === undefined ? {} : { 'confirm-status': String(Math.max(0, Math.ceil((confirmBy - now) / 1000))) }),
    'additional-data': { 'parent-revision-id': revision.parent },
  };
}

/** True when the configuration, or the spec, says that an apply is saved by itself. */
export function savesByItself(applied: Tree, asSpecified: boolean | undefined): boolean {
  if (asSpecified !== undefined) return asSpecified;
  const said = branch(applied, ['system', 'config', 'auto-save']);
  return said['state'] !== 'disabled' && said['enable'] !== 'off';
}
