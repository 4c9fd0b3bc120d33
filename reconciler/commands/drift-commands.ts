import type { Command } from '../../approvals/commands.ts';
import { type Answer, refused } from './answer.ts';

export type DriftCommand = Command & { readonly verb: 'adopt' | 'revert' };

/** What is done with what somebody changed on a switch by hand: taken into the fleet, or taken back. */
export async function answerDrift({ verb, device }: DriftCommand): Promise<Answer> {
  return refused(
    `${verb} of ${device} is not possible yet: this version does not look for what was changed by hand`,
    'A plan of a pull request that touches the device shows what differs, and reverts it when it is merged. Or bring it into the fleet with pointsman adopt.',
  );
}
