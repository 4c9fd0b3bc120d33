import { usesNoRelease } from './pin-uses.ts';
import { KEPT_IF_THERE, type Skeleton } from './skeleton.ts';

/** What is to be done with a skeleton where some files are already. */
export interface Writing {
  /** Path to text of what is not there yet. */
  readonly missing: Skeleton;
  /** Of somebody else's, and left as they are. */
  readonly kept: readonly string[];
  /** There with other content: nothing may be written. */
  readonly clashes: readonly string[];
}

/** Paths of workflows in it that cannot run: what they call is no release of Pointsman. */
export function workflowsWithoutRelease(files: Skeleton): readonly string[] {
  return [...files].filter(([path, text]) => path.endsWith('.yml') && usesNoRelease(text)).map(([path]) => path);
}

/** @param there Path to text of the files of the skeleton's paths that exist. */
export function decideWriting(skeleton: Skeleton, there: ReadonlyMap<string, string>): Writing {
  const others = [...skeleton].filter(([path, text]) => there.has(path) && there.get(path) !== text);
  return {
    missing: new Map([...skeleton].filter(([path]) => !there.has(path))),
    kept: others.map(([path]) => path).filter((path) => KEPT_IF_THERE.has(path)),
    clashes: others.map(([path]) => path).filter((path) => !KEPT_IF_THERE.has(path)),
  };
}
