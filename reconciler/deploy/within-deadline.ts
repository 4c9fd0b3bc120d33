import { ALL_WORKFLOWS } from '../../workflows/all-workflows.ts';
import { StageOverdueError } from '../errors.ts';

/**
 * Runs one stage under the deadline its workflow states. No stage waits for ever: what it has not done by then is left to
 * the next pass, which looks first.
 *
 * @param work Gets a signal that ends with the deadline.
 * @throws {StageOverdueError} The deadline passed first.
 */
export async function withinDeadline<T>(
  run: string,
  stage: string,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const declared = ALL_WORKFLOWS.flatMap(({ stages }) => stages).find(({ name }) => name === stage);
  if (!declared) throw new RangeError(`no workflow has a stage ${stage}`);
  const seconds = declared.deadlineSeconds;
  const deadline = AbortSignal.timeout(seconds * 1000);
  try {
    return await work(AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    throw new StageOverdueError({ run, stage, seconds }, { cause: error });
  }
}
