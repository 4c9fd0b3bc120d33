import type { Command } from '../../approvals/commands.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { answerDriftCommand, type WayChosen } from '../drift/choose-way.ts';
import type { Answer } from './answer.ts';

export type DriftCommand = Command & { readonly verb: 'adopt' | 'revert' };

/** What is done with what somebody changed on a switch by hand: taken into the fleet, or taken back. */
export function answerDrift(
  deps: ReconcilerDeps,
  { verb: way, device }: DriftCommand,
  { tip, ...asked }: Required<Pick<WayChosen, 'by' | 'refuse'>> & { readonly tip: string },
  signal: AbortSignal,
): Promise<Answer> {
  return answerDriftCommand(deps, { tip }, { device, way, ...asked }, signal);
}
