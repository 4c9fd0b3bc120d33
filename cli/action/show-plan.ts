import type { Plan } from '../../plans/plan.ts';
import { renderPlanText } from '../../plans/render-plan-text.ts';
import { cellCode, cellProse, code, visible } from '../../plans/safe-text.ts';
import { verdictOf } from '../../plans/verdict.ts';
import { count, listNames } from '../../plans/words.ts';
import { isWaitingForRunner } from '../../reconciler/shards.ts';
import type { ActionResult } from './action-result.ts';

/** A cell that names a thousand switches tells nobody anything. The comment has all of them. */
const NAMES_IN_A_CELL = 6;
const BLOCKED_IN_THE_SUMMARY = 50;

/** A plan on the page of the run: the verdict, who changes how much, and what is in the way. The changes stand in the comment. */
export function showPlan(plan: Plan): ActionResult {
  const verdict = verdictOf(plan, {});
  const elsewhere = plan.devices.filter(isWaitingForRunner).length;
  const blocked = plan.devices.filter((device) => device.kind === 'blocked').filter((one) => !isWaitingForRunner(one));
  const changing = plan.devices.filter(({ kind }) => kind === 'changing');
  const { pullRequest } = plan.source;
  const summary = [
    `## ${verdict}`,
    ...(plan.groups.length > 0
      ? [
          '',
          '| Group | Devices | + | ~ | - |',
          '| --- | --- | --: | --: | --: |',
          ...plan.groups.map(
            ({ name, devices, added, changed, removed }) =>
              `| ${name} | ${listNames(devices, NAMES_IN_A_CELL, cellCode)} | ${added} | ${changed} | ${removed} |`,
          ),
          '',
          `Digest ${code(plan.digest)}. ${pullRequest === undefined ? '' : `Every change stands in the comment on #${pullRequest}.`}`,
        ]
      : []),
    ...(elsewhere > 0 ? ['', `${count(elsewhere, 'device')} left to the runner of their site.`] : []),
    ...(blocked.length > 0
      ? [
          '',
          '| Blocked | Why | What to do |',
          '| --- | --- | --- |',
          ...blocked
            .slice(0, BLOCKED_IN_THE_SUMMARY)
            .map(
              ({ device, error }) => `| ${cellCode(device)} | ${cellProse(error.message)} | ${cellProse(error.next)} |`,
            ),
          ...(blocked.length > BLOCKED_IN_THE_SUMMARY
            ? ['', `and ${blocked.length - BLOCKED_IN_THE_SUMMARY} more`]
            : []),
        ]
      : []),
  ];
  return {
    verdict,
    text: renderPlanText(plan, { color: false }),
    summary: `${summary.join('\n')}\n`,
    annotations: blocked.map(({ device, error }) => ({
      level: 'warning',
      title: `${visible(device)} is blocked`,
      message: `${visible(error.message)} (${error.code})\n${visible(error.next)}`,
    })),
    outputs: { digest: plan.digest, changing: String(changing.length), blocked: String(blocked.length) },
  };
}
