import type { CandidateState } from '../driver.ts';
import { UnknownStateError } from '../errors.ts';
import { BLOCKING_CLASSES, SAVED, STATES, type StateClass, SYMBOLIC_REVISIONS, UNCONFIRMED } from './facts.ts';
import type { Revision } from './revision.ts';

/**
 * @throws {UnknownStateError} Not one of {@link STATES}: nothing may be confirmed that we do not understand.
 */
export function classOf(device: string, revision: Revision): StateClass {
  const found = STATES.get(revision.state);
  if (!found) throw new UnknownStateError({ device, candidate: revision.id, state: revision.state });
  return found;
}

/** A revision in the words of the contract. @throws {UnknownStateError} */
export function candidateStateOf(device: string, revision: Revision): CandidateState {
  const { state, issues, secondsLeft } = revision;
  switch (classOf(device, revision)) {
    case 'staged':
      return { kind: 'staged' };
    case 'in-progress':
      return { kind: 'applying', state };
    case 'needs-answer':
      if (state !== 'confirm') return { kind: 'applying', state };
      return { kind: 'awaiting-confirm', state, ...(secondsLeft === undefined ? {} : { secondsLeft }) };
    case 'live':
    case 'settling':
      return { kind: 'live', saved: SAVED.includes(state), issues: errorsOf(revision) };
    case 'past':
    case 'failed':
      return {
        kind: 'reverted',
        state,
        issues: issues.map((issue) => issue.words),
        ...(UNCONFIRMED.includes(state) ? { unconfirmed: true } : {}),
      };
  }
}

/** A success state with one of these is not a success: `applied_and_saved` has been seen after a failed reload. */
function errorsOf(revision: Revision): readonly string[] {
  return revision.issues.filter((issue) => issue.severity === 'error').map((issue) => issue.words);
}

/** Somebody's revision that has to end before another can be applied. An unknown state blocks: we cannot tell. */
export function blockerAmong(revisions: readonly Revision[], ours?: string): Revision | undefined {
  return revisions.find(({ id, state }) => {
    if (id === ours || SYMBOLIC_REVISIONS.includes(id)) return false;
    const found = STATES.get(state);
    return found === undefined || BLOCKING_CLASSES.includes(found);
  });
}
