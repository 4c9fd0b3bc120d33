/** What a schema cannot say of requests and automation. Whom a request is about is judged where it is planned, not here. */
import { parseMoment } from '../calendar/moment.ts';
import { scheduleProblem } from '../calendar/occurrences.ts';
import { problemAt } from '../schemas/excerpt.ts';
import { whyTooWide } from '../schemas/path-cover.ts';
import type { Problem } from '../schemas/problem.ts';
import type { FleetFile } from '../schemas/validate-file.ts';
import { didYouMean } from '../schemas/validation-words.ts';
import { positionOf } from '../schemas/yaml-document.ts';

type Checked = FleetFile<'request'> | FleetFile<'automation'>;

/** Workflows that only read: a rollout means nothing to them. */
const READS: ReadonlySet<string> = new Set(['ConfigurationBackup', 'SiteBackup', 'ConfigurationDiff', 'DriftCheck']);

export function checkRequests(files: readonly FleetFile<'request'>[]): readonly Problem[] {
  return files.flatMap(checkRequest);
}

function checkRequest(file: FleetFile<'request'>): readonly Problem[] {
  const {
    workflow,
    input,
    rollout,
    schedule,
    even_when_paused: evenWhenPaused,
    targets,
    not_before: notBefore,
    time_zone: zone = 'UTC',
  } = file.value;
  const code = 'DESIRED_STATE_REQUEST';
  const problems: Problem[] = [];
  if (workflow === 'Rollback' && input?.to === undefined) {
    problems.push(
      at(file, ['workflow'], code, 'a Rollback has to say back to what: expected input.to with commit, run or backup'),
    );
  }
  if (workflow !== 'Rollback' && input?.to !== undefined) {
    problems.push(at(file, ['input', 'to'], code, `only a Rollback goes back to something; this is a ${workflow}`));
  }
  if (READS.has(workflow) && rollout !== undefined) {
    problems.push(at(file, ['rollout'], code, `${workflow} changes no switch, so a rollout means nothing to it`));
  }
  if (!READS.has(workflow) && schedule !== undefined) {
    const message =
      'what changes switches is not done again and again: each time is another plan that has to be approved';
    problems.push(at(file, ['schedule'], code, message));
  }
  const never = schedule && scheduleProblem(schedule);
  if (never !== undefined) problems.push(at(file, ['schedule'], code, never));
  const moment = notBefore === undefined ? undefined : parseMoment(notBefore, zone);
  if (moment?.kind === 'refused') problems.push(at(file, ['not_before'], code, moment.message));
  if (schedule !== undefined && notBefore !== undefined) {
    problems.push(at(file, ['not_before'], code, 'a request has a schedule or a not_before, not both'));
  }
  if (schedule !== undefined && evenWhenPaused) {
    problems.push(
      at(file, ['even_when_paused'], code, 'a request with a schedule is automatic, so a pause is about it'),
    );
  }
  if (workflow === 'SiteBackup' && targets.sites === undefined) {
    problems.push(at(file, ['targets'], code, SITES));
  }
  return problems;
}

/** @param windows Names of the maintenance windows of all sites; `undefined` where some site cannot be read. */
export function checkAutomation(
  file: FleetFile<'automation'>,
  sites: ReadonlyMap<string, unknown>,
  windows: ReadonlySet<string> | undefined,
): readonly Problem[] {
  const { paused, reason, sites: ofSites = {}, workflows = {}, schedules = {} } = file.value;
  const code = 'DESIRED_STATE_AUTOMATION';
  const problems: Problem[] = [];
  if (paused && reason === undefined) problems.push(at(file, ['paused'], code, WHY));
  for (const [site, one] of Object.entries(ofSites)) {
    if (one.paused && one.reason === undefined) problems.push(at(file, ['sites', site], code, WHY));
    if (sites.has(site)) continue;
    const hint = didYouMean(site, [...sites.keys()]);
    problems.push(at(file, ['sites', site], 'DESIRED_STATE_SITE_UNKNOWN', `there is no site ${site}`, hint));
  }
  for (const [workflow, one] of Object.entries(workflows)) {
    if (one.paused && one.reason === undefined) problems.push(at(file, ['workflows', workflow], code, WHY));
    if (WORKFLOWS.includes(workflow)) continue;
    const hint = didYouMean(workflow, WORKFLOWS);
    problems.push(at(file, ['workflows', workflow], code, `there is no workflow ${workflow}`, hint));
  }
  for (const [name, { workflow, targets, schedule }] of Object.entries(schedules)) {
    const never = scheduleProblem(schedule);
    if (never !== undefined) problems.push(at(file, ['schedules', name, 'schedule'], code, never));
    if (workflow === 'SiteBackup' && targets?.sites === undefined) {
      problems.push(at(file, ['schedules', name], code, SITES));
    }
  }
  return [...problems, ...checkDriftClasses(file), ...checkDriftRules(file, windows)];
}

function checkDriftClasses(file: FleetFile<'automation'>): readonly Problem[] {
  return Object.entries(file.value.drift_classes ?? {}).flatMap(([name, { paths }]) =>
    paths.flatMap((path, index) => {
      const wide = whyTooWide(path);
      if (wide === undefined) return [];
      const message = `${path} is too wide for a class of drift: ${wide}. Expected what lies below, such as service.ntp or interface.*.description`;
      return [at(file, ['drift_classes', name, 'paths', index], 'DESIRED_STATE_DRIFT_CLASS_WIDE', message)];
    }),
  );
}

function checkDriftRules(file: FleetFile<'automation'>, known: ReadonlySet<string> | undefined): readonly Problem[] {
  const { drift = [], drift_classes: ofFile = {} } = file.value;
  const code = 'DESIRED_STATE_DRIFT_RULE';
  return drift.flatMap(({ name, policy, propose, classes, windows }, index) => {
    const first = drift.findIndex((one) => one.name === name);
    const isUnclear = first < index && drift.some((one) => one.name === name && one.policy === 'enforce');
    if (isUnclear) {
      const message = `"${name}" is also the name of rule ${first + 1}: what is approved by it has to be clear`;
      return [at(file, ['drift', index, 'name'], code, message)];
    }
    if (policy !== 'enforce') {
      const said = { classes, windows };
      return (['classes', 'windows'] as const).flatMap((field) => {
        if (said[field] === undefined) return [];
        return [at(file, ['drift', index, field], code, `only a rule with the policy enforce has ${field}`)];
      });
    }
    const where = ['drift', index, 'policy'];
    return [
      ...(classes ? [] : [at(file, where, code, 'enforce has to say what may be taken back: expected classes')]),
      ...(windows ? [] : [at(file, where, code, 'enforce has to say when: expected windows')]),
      ...(propose === 'adopt'
        ? [at(file, ['drift', index, 'propose'], code, 'what a rule takes back by itself it cannot propose to keep')]
        : []),
      ...(classes ?? []).flatMap((name, place) => {
        if (Object.hasOwn(ofFile, name)) return [];
        const hint = didYouMean(name, Object.keys(ofFile));
        const message = `there is no class ${name}: expected drift_classes.${name}`;
        return [at(file, ['drift', index, 'classes', place], code, message, hint)];
      }),
      ...(windows ?? []).flatMap((name, place) => {
        if (!known || known.has(name)) return [];
        const hint = didYouMean(name, [...known]);
        const message = `no site has a maintenance window called "${name}"`;
        return [at(file, ['drift', index, 'windows', place], code, message, hint)];
      }),
    ];
  });
}

const SITES = 'a SiteBackup has to name its sites: expected targets.sites';
const WHY = 'what is paused has to say why: expected reason';

/** Of `RequestedWorkflow`, and the one that only others start. */
const WORKFLOWS: readonly string[] = ['ConfigurationDeploy', 'MultiDeploy', 'Rollback', ...READS];

function at(
  { document }: Checked,
  path: readonly (string | number)[],
  code: string,
  message: string,
  hint?: string,
): Problem {
  const position = positionOf(document, path, 'value');
  return problemAt(document.file, document.text, position, { code, message, ...(hint === undefined ? {} : { hint }) });
}
