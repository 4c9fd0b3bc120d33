/** Everybody else: colleagues at the switch's own command line, and people who edit files. */
import type { Tree } from '../../schemas/json.ts';
import type { ApplyEngine } from './apply-engine.ts';
import { expandRangeKeys } from './ranges.ts';
import type { Revision, RevisionStore } from './revisions.ts';
import { mergePatch } from './tree.ts';

export interface OutOfBand {
  /** Somebody else's change, live at once. `patch`: merge-patch onto what is applied. @returns The revision's id. */
  applyAs(user: string, patch: Tree): string;
  /** Somebody else's draft. @returns Its id. */
  draftAs(user: string, patch: Tree): string;
  /** Somebody else starts an apply, which takes its time and its prompts. @returns The revision's id. */
  startApply(user: string, patch: Tree, options?: { readonly confirmSeconds?: number }): string;
  /** A managed file is edited by hand: the next apply asks whether to overwrite it. */
  editManagedFile(file?: string): void;
}

export interface OutOfBandDeps {
  readonly store: RevisionStore;
  readonly engine: ApplyEngine;
  readonly editedFiles: Set<string>;
  readonly savesByItself: () => boolean;
  /** A tree as this release keeps it. */
  readonly asStored: (tree: Tree) => Tree;
  readonly onLive: () => void;
}

export function createOutOfBand(deps: OutOfBandDeps): OutOfBand {
  const { store, engine } = deps;

  function draft(user: string, patch: Tree): Revision {
    const revision = store.create(user, store.applied());
    revision.tree = deps.asStored(mergePatch(revision.tree, expandRangeKeys(patch)));
    revision.stateControls = { 'apply-type': 'CLI' };
    return revision;
  }

  return {
    applyAs(user, patch) {
      const revision = draft(user, patch);
      store.apply(revision, user);
      revision.state = 'applied';
      if (deps.savesByItself()) {
        store.save();
        revision.state = 'applied_and_saved';
      }
      deps.onLive();
      return revision.id;
    },
    draftAs: (user, patch) => draft(user, patch).id,
    startApply(user, patch, { confirmSeconds } = {}) {
      const revision = draft(user, patch);
      if (confirmSeconds !== undefined) revision.stateControls = { ...revision.stateControls, confirm: confirmSeconds };
      engine.start(revision, user);
      return revision.id;
    },
    editManagedFile: (file = '/etc/frr/frr.conf') => void deps.editedFiles.add(file),
  };
}
