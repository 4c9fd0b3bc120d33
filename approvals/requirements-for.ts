import type { ChangingDevice, Plan } from '../plans/plan.ts';
import type { ApprovalRule, ApprovalRules } from '../schemas/fleet.ts';
import type { Requirement } from './approval.ts';

/** What is asked where `approvals.yaml` says nothing: two people who may administrate the repository. */
export const DEFAULT_REQUIREMENT: Requirement = {
  rule: 'default',
  name: 'default rule',
  approvals: 2,
  teams: [],
  users: [],
  permission: 'maintain',
};

/**
 * Whose approval a stage of a plan needs: one requirement for every rule that matches, and the default one as soon as a
 * single changing device is matched by none. A plan that reaches a little further than the rules cannot slip through on them.
 *
 * @param rules Of the base branch, never of the pull request.
 * @returns Never empty.
 */
export function requirementsFor(plan: Plan, stage: string, rules: ApprovalRules): readonly Requirement[] {
  const changing = plan.devices.filter((device) => device.kind === 'changing');
  const rulesForPlan = rules.rules.filter((rule) => matchesPlan(rule, plan, stage, changing));
  const governed = changing.flatMap(everywhereItStands);
  const matching = rulesForPlan.filter(
    (rule) => governed.some((device) => matchesDevice(rule, device)) || namesNoDevices(rule),
  );
  const uncovered = governed.some((device) => !rulesForPlan.some((rule) => matchesDevice(rule, device)));
  const asked = matching.map(requirementOf);
  return uncovered || asked.length === 0 ? [...asked, DEFAULT_REQUIREMENT] : asked;
}

function matchesPlan(
  { when = {} }: ApprovalRule,
  plan: Plan,
  stage: string,
  changing: readonly ChangingDevice[],
): boolean {
  const has = (kind: 'disruptive' | 'management') =>
    changing.some(({ changes }) => changes.some(({ marks }) => marks.some((mark) => mark.kind === kind)));
  return (
    (when.workflows?.includes(plan.workflow) ?? true) &&
    (when.stages?.includes(stage) ?? true) &&
    (when.disruptive === undefined || when.disruptive === has('disruptive')) &&
    (when.management === undefined || when.management === has('management'))
  );
}

type Governed = Pick<ChangingDevice, 'site' | 'role' | 'labels'>;

/** A switch that is moved is a matter of both sites: neither can be left to get past its rules. */
function everywhereItStands({ site, siteBefore, role, labels }: ChangingDevice): readonly Governed[] {
  const here = { site, role, labels };
  return siteBefore === undefined ? [here] : [here, { ...here, site: siteBefore }];
}

function matchesDevice({ when = {} }: ApprovalRule, { site, role, labels }: Governed): boolean {
  return (
    (when.sites?.includes(site) ?? true) &&
    (when.roles?.includes(role) ?? true) &&
    Object.entries(when.labels ?? {}).every(([name, value]) => labels[name] === value)
  );
}

function namesNoDevices({ when = {} }: ApprovalRule): boolean {
  return when.sites === undefined && when.roles === undefined && when.labels === undefined;
}

function requirementOf(rule: ApprovalRule): Requirement {
  const { name, approvals, by } = rule;
  return { rule, name, approvals, teams: by.teams ?? [], users: by.users ?? [] };
}
