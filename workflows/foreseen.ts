import { PointsmanError } from '../schemas/errors.ts';
import { SwitchOverdueError } from './errors.ts';

/**
 * What went wrong with one switch, as an error of ours: one that throws on purpose as it is, and a limit of a step that
 * passed as such. So one slow switch never hides the others.
 *
 * @param signal Of the whole; when it is aborted the reason is somebody else's.
 * @throws Anything else: a bug, or the abort of the whole.
 */
export function foreseen(error: unknown, device: string, signal: AbortSignal): PointsmanError {
  if (error instanceof PointsmanError) return error;
  if (isTimeout(error) && !signal.aborted) return new SwitchOverdueError({ device }, { cause: error });
  throw error;
}

export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
