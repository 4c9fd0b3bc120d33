/** PATCH on a revision: apply, answer, save, reopen. Source: device-protocols reference A.8. */
import { isTree, type Json, type Tree } from '../../schemas/json.ts';
import type { SandboxClock } from '../clock.ts';
import type { ApplyEngine } from './apply-engine.ts';
import { ok, problem, type Reply, validationProblem } from './replies.ts';
import { isKept, type Revision, type RevisionStore, showRevision, UNDER_WAY } from './revisions.ts';

const PROPERTIES = ['state', 'auto-prompt', 'state-controls', 'message', 'transition', 'additional-data'];
const STATES = [
  ...['pending', 'apply', 'save'],
  ...['ays_yes', 'ays_no', 'ignore_fail_yes', 'ignore_fail_no', 'confirm_yes', 'confirm_no', 'confirm_fail'],
];

export interface RevisionPatchDeps {
  readonly engine: ApplyEngine;
  readonly store: RevisionStore;
  readonly clock: SandboxClock;
}

/** Each state can be asked for only where it is a legal move; anything else is refused and changes nothing. */
export function patchRevision(
  deps: RevisionPatchDeps,
  revision: Revision,
  body: Json | undefined,
  user: string,
): Reply {
  const { engine, store, clock } = deps;
  const sent: Tree = isTree(body) ? body : {};
  const stranger = Object.keys(sent).find((key) => !PROPERTIES.includes(key));
  if (stranger !== undefined) {
    const error = `Unevaluated properties are not allowed ('${stranger}' was unexpected)`;
    return validationProblem([{ error, instanceLocation: '/' }]);
  }
  const { state } = sent;
  if (state !== undefined && (typeof state !== 'string' || !STATES.includes(state))) {
    const error = `'${String(state)}' is not one of [${STATES.map((word) => `'${word}'`).join(', ')}]`;
    return validationProblem([{ error, instanceLocation: '/state' }]);
  }
  const illegal = state === undefined ? undefined : refusalOf(state);
  if (illegal !== undefined) return problem(409, illegal);

  if (isTree(sent['auto-prompt'])) revision.autoPrompt = { ...revision.autoPrompt, ...words(sent['auto-prompt']) };
  if (isTree(sent['state-controls']))
    revision.stateControls = { ...revision.stateControls, ...words(sent['state-controls']) };
  if (typeof sent['message'] === 'string') revision.message = sent['message'];

  if (state === 'apply') {
    revision.stateControls = { 'apply-type': 'API', ...revision.stateControls };
    revision.issues = [];
    // The answer always says `apply`, however fast the rest is.
    const answer = ok({ ...showRevision(revision, clock.now()), state: 'apply' });
    engine.start(revision, user);
    return answer;
  }
  if (state === 'save') {
    engine.save(revision);
    return ok({ ...showRevision(revision, clock.now()), state: 'save' });
  }
  if (state === 'pending') engine.reopen(revision);
  else if (typeof state === 'string') engine.answer(revision, state);
  return ok({ ...showRevision(revision, clock.now()), ...(state === undefined ? {} : { state }) });

  function refusalOf(wanted: string): string | undefined {
    const words = `Revision ${revision.id} is in state ${revision.state}: ${wanted} is not possible.`;
    if (wanted === 'apply') return UNDER_WAY.has(revision.state) ? words : undefined;
    if (wanted === 'save') {
      return revision === store.applied().revision && !UNDER_WAY.has(revision.state) ? undefined : words;
    }
    if (wanted === 'pending') {
      const open = revision.state === 'apply' || !(UNDER_WAY.has(revision.state) || isKept(revision));
      return open ? undefined : words;
    }
    return revision.state === wanted.replace(/_(?:yes|no|fail)$/, '') ? undefined : words;
  }
}

function words(tree: Tree): Record<string, string | number> & Record<string, string> {
  const kept = Object.entries(tree).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return Object.fromEntries(kept) as Record<string, string>;
}
