import type { DeviceOutcome } from '../../ledger/events.ts';
import type { Run } from '../../ledger/run.ts';
import type { ErrorDocument } from '../../schemas/errors.ts';
import type { Advance } from '../deploy/deploy-work.ts';
import type { Reader } from './reader.ts';

/** A run that only reads, and stands as failed until a person has what failed tried again. Decided from the run alone. */

/** @returns `undefined` where it does not stand so. */
export function parkedAdvance(run: Run, { asks, parks }: Reader): Advance | undefined {
  const stage = run.stages.find(({ name }) => name === asks);
  if (!parks || run.endedAt !== undefined || stage?.state !== 'FAILED' || !stage.error) return undefined;
  if (!isPassing(stage.error)) return undefined;
  const why = stage.history.at(-1)?.why ?? stage.error.message;
  const next = `Comment /pointsman retry ${run.name} ${asks}, or /pointsman terminate ${run.name}.`;
  return { kind: 'waiting', run: run.name, why, next, failed: true };
}

/** What may pass by itself, or by the time a person has it tried again. */
export function isPassing({ disposition }: ErrorDocument): boolean {
  return disposition === 'retry-later';
}

/** Whether a switch need not be asked any more; one that could not be asked is, when the run is gone on with. */
export function isAnswered(outcome: DeviceOutcome | undefined): boolean {
  return outcome !== undefined && !(outcome.kind === 'untouched' && isPassing(outcome.error));
}
