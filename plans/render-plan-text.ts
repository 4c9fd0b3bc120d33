import { EVERYTHING } from './comment-detail.ts';
import { careOf } from './group-devices.ts';
import type { DiffGroup, Plan } from './plan.ts';
import { CARE_WORDS, renderDiff } from './render-diff.ts';
import { batchesInWords } from './rollout-words.ts';
import { visible } from './safe-text.ts';
import { verdictOf } from './verdict.ts';
import { count, listNames, saidOf } from './words.ts';

export interface TextOptions {
  /** ANSI colours beside the words, never instead of them. */
  readonly color: boolean;
}

/** The plan for a terminal, in full. No text in it can move the cursor or change colours but ours. Ends with a newline. */
export function renderPlanText(plan: Plan, { color }: TextOptions): string {
  const paint = color
    ? (code: number, text: string) => `\u001b[${code}m${text}\u001b[0m`
    : (_: number, text: string) => text;
  const blocked = plan.devices.filter((device) => device.kind === 'blocked');
  const unchanged = plan.devices.filter(({ kind }) => kind === 'unchanged').length;
  const lines = [
    paint(BOLD, verdictOf(plan, {})),
    ...(plan.request
      ? [
          '',
          `Request ${visible(plan.request.name)} for ${visible(plan.workflow)}: ${visible(plan.request.reason.trim().replace(/[\r\n\t]+/g, ' '))}`,
        ]
      : []),
    ...plan.groups.flatMap((group) => ['', ...renderGroup(group, paint)]),
    ...renderBatchLines(plan, paint),
    ...(unchanged > 0 || plan.elsewhere > 0
      ? ['', `${count(unchanged, 'device')} already as intended, ${plan.elsewhere} not concerned`]
      : []),
    ...(plan.removed.length > 0
      ? ['', `Taken out of the fleet, left as they are: ${visible(plan.removed.join(', '))}`]
      : []),
    ...blocked.flatMap(({ device, error }) => [
      '',
      `${paint(RED, 'blocked')} ${visible(device)}: ${visible(saidOf(device, error.message))} (${visible(error.code)})`,
      `  ${visible(error.next)}`,
    ]),
    ...(plan.groups.length > 0 ? ['', `Digest ${plan.digest}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function renderBatchLines(plan: Plan, paint: Paint): readonly string[] {
  const { batches = [] } = plan;
  if (batches.length === 0) return [];
  const rollout = batchesInWords(plan).join('; ');
  return [
    '',
    paint(BOLD, `In batches: ${rollout}`),
    ...batches.map(({ number, canary, gate, devices }) => {
      const what = `${number}${canary ? ' canaries' : ''}${gate ? ', asks for an approval of its own' : ''}`;
      return `  ${what}: ${listNames(devices, Number.POSITIVE_INFINITY, visible)}`;
    }),
  ];
}

type Paint = (code: number, text: string) => string;

const BOLD = 1;
const RED = 31;
const GREEN = 32;
const YELLOW = 33;

function renderGroup(group: DiffGroup, paint: Paint): readonly string[] {
  const { name, devices, added, changed, removed } = group;
  return [
    paint(
      BOLD,
      `Group ${name}: ${CARE_WORDS[careOf(group)]}${count(devices.length, 'device')}, +${added} ~${changed} -${removed}`,
    ),
    `  ${listNames(devices, Number.POSITIVE_INFINITY, visible)}`,
    ...renderDiff(group, EVERYTHING).lines.map((line) => `  ${paintLine(line, paint)}`),
  ];
}

function paintLine(line: string, paint: Paint): string {
  if (line.startsWith('+')) return paint(GREEN, line);
  if (line.startsWith('-')) return paint(RED, line);
  return line.startsWith('!') ? paint(YELLOW, line) : line;
}
