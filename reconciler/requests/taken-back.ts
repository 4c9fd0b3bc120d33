import type { IntendedConfiguration } from '../../desired-state/fleet.ts';
import type { Repository } from '../../git/repository.ts';
import type { SwitchDeps } from '../../workflows/open-switch.ts';
import type { PlanSubject } from '../../workflows/plan-configuration.ts';

/** What a Rollback is worked out from, beside the ledger. No switch is spoken to. */
export interface RollBackDeps {
  readonly repository: Repository;
  readonly switches: Pick<SwitchDeps, 'secrets' | 'fingerprint'>;
}

/** A switch that is to run something else than the fleet says now. Reviewers are told what follows from that. */
export function takenBack(
  subject: PlanSubject,
  {
    intended,
    backTo,
    notes,
  }: { readonly intended: IntendedConfiguration; readonly backTo: string; readonly notes: readonly string[] },
): PlanSubject {
  const after =
    `goes back to ${backTo}, so it then runs something else than the branch says; the next deploy that touches it and ` +
    'every drift check will show that. To make it last, revert the change on the branch as well';
  return { ...subject, intended, rolledBackTo: backTo, notes: [after, ...notes] };
}
