/** Why a difference is not adopted, in words for a person. */
import { isBranch, isTree, type Json, type Tree, type TreePath } from '../schemas/json.ts';
import type { Problem } from '../schemas/problem.ts';
import type { Fleet, IntendedConfiguration, Origin } from './fleet.ts';
import { TEMPLATES } from './fleet-layout.ts';
import { inputFiles } from './render-device.ts';
import { nodeAt, type RunningDifference, withDifferences } from './running-difference.ts';
import { sameNode } from './same-node.ts';
import { referencedSecret, type SecretMatcher, unmarked } from './secret-references.ts';
import { leavesOf } from './tree-leaves.ts';

/** `why`: what stands in the way. `next`: what a person can do. Sentences; file names are the fleet repo's own. */
export interface WhyLeft {
  readonly why: string;
  readonly next: string;
}

/** Why it did not come out as it runs, though it was tried. */
export type Miss =
  /** Another layer has the last word, or it reads back as something else. */
  | { readonly kind: 'inexact' }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  /** The text of the file cannot be changed in part. */
  | { readonly kind: 'refused'; readonly file: string };

const REVERT = 'take the change back on the switch.';

/** What can be said against adopting a difference before anything is tried; `undefined` when nothing can. */
export function objectionTo(
  { path, to }: RunningDifference,
  intended: Tree,
  secrets: SecretMatcher,
): WhyLeft | undefined {
  const known = nodeAt(intended, path);
  if (path.length === 0) return { why: 'It is the configuration as a whole.', next: 'Name what differs in it.' };
  if (to === undefined ? known === undefined : known !== undefined && sameNode(known, to as Tree)) {
    return { why: 'The fleet repo says so already.', next: 'Nothing has to be done.' };
  }
  if (to === undefined) return undefined;
  const isNew = path.map((_, index) => path.slice(0, index + 1)).filter((at) => nodeAt(intended, at) === undefined);
  const findings = [...isNew.map((at) => keyFinding(at, secrets)), ...findingsBelow(path, to, secrets)];
  if (findings.includes('secret')) {
    const next = `Refer to it by hand with { secret: <name> }, or ${REVERT}`;
    return { why: 'It is a secret, and the fleet repo only names secrets.', next };
  }
  const unwritable = findings.find((finding) => finding !== undefined);
  if (unwritable === undefined) return undefined;
  const why =
    unwritable === 'reference'
      ? 'In a fleet file this text would be the name of a secret.'
      : 'In a fleet file null takes something away; it cannot be said itself.';
  return { why, next: `Change it on the switch, or ${REVERT}` };
}

/**
 * The template that says what differs, if one does: templates lie above all files.
 *
 * @returns `undefined` when nothing intended is in the way, or it comes from files.
 */
export function templateBehind(
  configuration: IntendedConfiguration,
  difference: RunningDifference,
): Origin | undefined {
  return changedLeaves(configuration.tree, difference)
    .map(configuration.originOf)
    .find((origin) => origin?.file.startsWith(TEMPLATES));
}

/**
 * @param origin In a template.
 * @param data A value that gives what runs when it is changed, and other things besides.
 */
export function leftToTemplate(
  fleet: Fleet,
  { file, line }: Origin,
  data?: { readonly file: string; readonly name: string },
): WhyLeft {
  const users = [...fleet.devices.values()].filter((device) => inputFiles(fleet, device).includes(file)).length;
  // Of a part of a fleet nobody knows how many there are.
  const isShared = fleet.devices.size === fleet.deviceCount && users > 1;
  const place = `${file}${line === undefined ? '' : `:${line}`}${isShared ? `, which ${users} switches are rendered from` : ''}`;
  if (!data)
    return {
      why: `It comes from ${place}.`,
      next: `Edit ${line === undefined ? 'the template' : 'that line'}, or ${REVERT}`,
    };
  return {
    why: `It comes from ${place}. Changing ${data.name} in ${data.file} would change other things too.`,
    next: `Change ${data.name} by hand if all of it is right, or ${REVERT}`,
  };
}

export function leftAfter(miss: Miss, hasTemplates: boolean): WhyLeft {
  const next = `Edit the files by hand, or ${REVERT}`;
  switch (miss.kind) {
    case 'inexact':
      return {
        why: hasTemplates
          ? 'Written into the files of this switch alone, it does not come out as it runs: its templates have the last word, or it reads as something else.'
          : 'Written into the files of this switch alone, it does not come out as it runs: it reads as something else.',
        next,
      };
    case 'invalid':
      return { why: `With it the files would not be valid: ${miss.problems[0]?.message ?? ''}.`, next };
    case 'refused':
      return { why: `${miss.file} is written in a way that cannot be changed in part.`, next };
  }
}

export function leftUnrendered(problem: Problem | undefined): WhyLeft {
  const why = `What is intended for this switch cannot be told${problem ? `: ${problem.message}` : ''}.`;
  return { why, next: 'Correct the fleet repo first; pointsman validate names every problem.' };
}

function changedLeaves(intended: Tree, difference: RunningDifference): readonly TreePath[] {
  const { path } = difference;
  for (let length = 1; length <= path.length; length += 1) {
    const node = nodeAt(intended, path.slice(0, length));
    if (node === undefined) return [];
    if (!isBranch(node)) return [path.slice(0, length)];
  }
  const node = nodeAt(intended, path);
  const after = withDifferences(intended, [difference]);
  return leavesOf(isTree(node) ? node : {})
    .map((leaf) => ({ ...leaf, path: [...path, ...leaf.path] }))
    .filter(({ path: at, value }) => {
      const now = nodeAt(after, at);
      return now === undefined || !sameNode(now, value);
    })
    .map(({ path: at }) => at);
}

type Finding = 'secret' | 'reference' | 'null' | undefined;

function findingsBelow(path: TreePath, node: Json, secrets: SecretMatcher): readonly Finding[] {
  if (isTree(node)) {
    return Object.entries(node).flatMap(([key, value]) => {
      const here = [...path, key];
      return [keyFinding(here, secrets), ...findingsBelow(here, value as Json, secrets)];
    });
  }
  if (node === null) return ['null'];
  if (secrets.matches(path, 'value')) return ['secret'];
  return [holdsReference(node) ? 'reference' : undefined];
}

function keyFinding(path: TreePath, secrets: SecretMatcher): Finding {
  if (secrets.matches(path, 'key')) return 'secret';
  return holdsReference(path.at(-1) ?? '') ? 'reference' : undefined;
}

/** What a layer would take for a reference, or for the marks of one. */
function holdsReference(value: Json): boolean {
  if (typeof value === 'string') return referencedSecret(value) !== undefined || unmarked(value) !== value;
  if (Array.isArray(value)) return value.some(holdsReference);
  return (
    isTree(value) && Object.entries(value).some(([key, member]) => key === 'secret' || holdsReference(member as Json))
  );
}
