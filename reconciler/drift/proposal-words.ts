import type { PullRequest } from '../../forge/forge.ts';
import type { DriftedLeaf } from '../../ledger/ledger.ts';
import { renderChange, renderPath } from '../../plans/render-change.ts';
import { code, cutMiddle, fenced, prose } from '../../plans/safe-text.ts';
import { count, listNames, minuteOf } from '../../plans/words.ts';
import type { Change } from '../../schemas/change.ts';
import type { Settings } from '../../schemas/fleet.ts';
import type { AdoptionLeft } from './adopt-finding.ts';
import type { OpenProposal } from './decide-drift.ts';
import type { Finding, Way } from './findings.ts';

/** A pull request about drift follows from its finding, so that it is never opened twice. */

const BRANCH = /^pointsman\/drift\/([0-9a-f]{12})-(revert|adopt)$/;

export function proposalBranch(id: string, way: Way): string {
  return `pointsman/drift/${id}-${way}`;
}

/** What a pull request proposes, by its branch; `undefined` for everybody else's. */
export function proposalOf(
  { head, number }: PullRequest,
  { forge }: Pick<Settings, 'forge'>,
): OpenProposal | undefined {
  const [, id, way] = (head.repository === forge.repository && BRANCH.exec(head.branch)) || [];
  return id === undefined ? undefined : { id, way: way === 'adopt' ? 'adopt' : 'revert', pullRequest: number };
}

export function proposalTitle(finding: Finding, way: Way): string {
  const [device = ''] = finding.devices;
  const who = finding.devices.length === 1 ? device : count(finding.devices.length, 'switch', 'switches');
  return `${way === 'revert' ? 'Take back' : 'Keep'} ${settingsOf(finding)} changed by hand on ${who}`;
}

/**
 * `system timezone`, `3 settings below interface swp1`: what tells one title from another in a list. A title ends up in the
 * message of the merge, where words of a switch could close issues, so only what cannot mean anything there is named.
 */
function settingsOf({ changes, more }: Finding): string {
  const [first] = changes;
  const all = changes.length + more;
  const isShared = (key: string, index: number): boolean => changes.every(({ path }) => path[index] === key);
  const path = more > 0 ? [] : (first?.path ?? []);
  const end = path.findIndex((key, index) => !isShared(key, index) || !PLAIN_KEY.test(key) || index === MOST_KEYS);
  const named = path.slice(0, end === -1 ? undefined : end).join(' ');
  if (named === '') return count(all, 'setting');
  return all === 1 && end === -1 ? named : `${count(all, 'setting')} below ${named}`;
}

/** No sign, and nothing such as `gh-1`. */
const PLAIN_KEY = /^(?=.{1,30}$)[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*$/;
const MOST_KEYS = 5;

/** @param left What is not in it, of an adoption. */
export function proposalBody(finding: Finding, way: Way, left: readonly AdoptionLeft[] = []): string {
  const [device = ''] = finding.devices;
  const other: Way = way === 'revert' ? 'adopt' : 'revert';
  return [
    ...whatDiffers(finding),
    '',
    ...driftLines(finding),
    '',
    ...aboutFinding(finding),
    '',
    ...(way === 'adopt' ? ADOPTING : finding.wentBack ? REVERTING_TO_ROLLBACK : REVERTING),
    ...leftLines(left),
    '',
    ...(finding.wentBack
      ? []
      : [
          `- The other way: comment ${code(`/pointsman ${other} ${device}`)}. That pull request takes the place of this one.`,
        ]),
    '- **Close** it to leave everything as it is. Nobody is asked again about this change while it lasts.',
    '- It closes by itself when this difference is gone, and follows when it is on more switches or fewer. Leave its branch alone: once others pushed to it, it is theirs.',
    '',
  ].join('\n');
}

function whatDiffers({ wentBack }: Finding): readonly string[] {
  if (!wentBack) {
    return [
      'Something else runs than the fleet repo says, and nobody merged that. In `-` is what the fleet repo says, in `+` what runs:',
    ];
  }
  return [
    `Something else runs than what ${code(wentBack.run)} took these switches back to, and nobody merged that. In \`-\` is what they were taken back to (${prose(wentBack.to)}), in \`+\` what runs:`,
  ];
}

/** What is said of one that is closed because there is nothing left to decide. */
export function closedBody(why: 'gone' | 'second'): string {
  return why === 'gone'
    ? 'Closed by Pointsman: this difference is gone, or became another one.\n'
    : 'Closed by Pointsman: another pull request about the same difference goes the other way.\n';
}

const REVERTING = [
  '**Merging this takes it back:** the switches become what the fleet repo says. The plan in the comment shows exactly what would change; nothing is done before that plan is approved.',
];

const REVERTING_TO_ROLLBACK = [
  '**Merging this takes it back:** the switches become again what they were taken back to. The plan in the comment shows exactly what would change; nothing is done before that plan is approved.',
];

const ADOPTING = [
  '**Merging this keeps it:** the fleet repo says from then on what the switches run. No switch is changed; the plan in the comment says so.',
];

const MOST_LINES = 60;
const MOST_COLUMNS = 200;
const MOST_NAMES = 40;
const MOST_LEFT = 40;

/** What differs, as a diff from what the fleet says to what runs. */
export function driftLines(finding: Pick<Finding, 'changes' | 'more'>): readonly string[] {
  return fenced('diff', renderDrifted(finding));
}

/** The same as lines for a terminal. */
export function renderDrifted({ changes, more }: Pick<Finding, 'changes' | 'more'>): readonly string[] {
  const shown = changes.slice(0, MOST_LINES);
  const hidden = changes.length - shown.length + more;
  const lines = shown.flatMap((leaf) => {
    const change = asChange(leaf);
    return change ? renderChange(change).map((line) => cutMiddle(line, MOST_COLUMNS)) : [];
  });
  return hidden === 0 ? lines : [...lines, `# … and ${count(hidden, 'setting')} more`];
}

function asChange({ path, intended, running }: DriftedLeaf): Change | undefined {
  if (running !== undefined)
    return { kind: 'set', path, to: running, ...(intended === undefined ? {} : { from: intended }) };
  return intended === undefined ? undefined : { kind: 'unset', path, from: intended };
}

function aboutFinding({ devices, sites, since, by }: Finding): readonly string[] {
  return [
    `- **On** ${listNames(devices, MOST_NAMES, code)} at ${listNames(sites, MOST_NAMES, code)}`,
    `- **First seen** ${minuteOf(since)}`,
    ...(by.length === 0 ? [] : [`- **By** ${listNames(by, MOST_NAMES, code)}, as the switch says`]),
  ];
}

function leftLines(left: readonly AdoptionLeft[]): readonly string[] {
  if (left.length === 0) return [];
  const shown = left.slice(0, MOST_LEFT);
  const hidden = left.length - shown.length;
  return [
    '',
    '**Not in it.** The plan shows what is left here as changes, and approving it would take them back:',
    '',
    ...shown.map(leftLine),
    ...(hidden === 0 ? [] : [`- … and ${count(hidden, 'difference')} more`]),
  ];
}

/** Something that is not adopted, with the reason and what can be done. */
export function leftLine({ device, path, why, next }: AdoptionLeft): string {
  const what = path ? ` ${code(cutMiddle(renderPath(path), MOST_COLUMNS))}` : '';
  return `- ${code(device)}${what}: ${prose(why)} ${prose(next)}`;
}
