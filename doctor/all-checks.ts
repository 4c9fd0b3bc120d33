import type { Check } from './check.ts';
import { actionsChecks } from './checks/actions.ts';
import { fleetBranchChecks } from './checks/fleet-branch.ts';
import { ledgerBranchChecks } from './checks/ledger-branch.ts';
import { operationChecks } from './checks/operation.ts';
import { peopleChecks } from './checks/people.ts';
import { repositoryChecks } from './checks/repository.ts';
import { signInChecks } from './checks/sign-in.ts';

/** Everything that is examined, by what it is about. A new check is an entry in one of these lists. */
export const CHECKS: Readonly<Record<string, readonly Check[]>> = {
  'The repository': repositoryChecks,
  'The fleet branch': fleetBranchChecks,
  'The ledger': ledgerBranchChecks,
  'Our own token': signInChecks,
  'GitHub Actions': actionsChecks,
  'Who stands behind a yes': peopleChecks,
  'From day to day': operationChecks,
};
