/** The front page of the ledger branch. Regenerated with every step, from the index of runs alone. */
import { duration, link, plain, table, utc } from './markdown.ts';
import { countOutcomes } from './outcome-words.ts';
import type { RunIndex, RunSummary } from './run-index.ts';

const ABOUT = `# Ledger

What Pointsman planned, who approved it, and what became of it. Only Pointsman writes here: one commit a step, never
rewritten, never edited by hand. It is also the lock between passes, so leave it alone even while nothing seems to happen.`;

const CONTENTS = table(
  ['Where', 'What'],
  [
    ['`runs/<year>/<month>/<run>/`', 'One execution: `README.md` to read, `events.jsonl` is the record'],
    ['`plans/pr-<number>/`', 'Every plan shown to reviewers, and when (`published.jsonl`)'],
    ['`approvals/<run>/`', 'Every verdict, counted or not, and why'],
    ['`devices/<site>/`', 'Last known of each switch'],
    ['`backups/<site>/`', 'Its configuration after the last run, secrets masked, in the form the switch can load'],
    ['`drift/<site>/`', 'Switches that run something else than intended, while they do'],
    ['`automation/schedules.json`', 'Since when each schedule is known'],
  ],
);

export function renderReadme(index: RunIndex): string {
  const sections = [
    ABOUT,
    `## Under way\n\n${underWay(index)}`,
    `## Last runs\n\n${lastRuns(index)}`,
    `## What is where\n\n${CONTENTS}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

function underWay({ open }: RunIndex): string {
  if (open.length === 0) return 'Nothing.';
  return table(
    ['Run', 'For', 'Started (UTC)', 'Stage', 'Switches'],
    open.map((run) => [
      nameOf(run),
      originOf(run),
      utc(run.startedAt),
      run.stage ? `${plain(run.stage.name)}: ${run.stage.state}` : 'not begun',
      countOutcomes(run.devices),
    ]),
  );
}

function lastRuns({ recent, runs, open }: RunIndex): string {
  if (recent.length === 0) return 'None yet.';
  const list = table(
    ['Run', 'For', 'Ended (UTC)', 'Result', 'Took', 'Switches'],
    recent.map((run) => [
      nameOf(run),
      originOf(run),
      run.endedAt === undefined ? '' : utc(run.endedAt),
      `**${run.status}**`,
      run.endedAt === undefined ? '' : duration(run.endedAt - run.startedAt),
      countOutcomes(run.devices),
    ]),
  );
  const older = runs - open.length - recent.length;
  return older > 0 ? `${list}\n\nAnd ${older} before these, under \`runs/\`.` : list;
}

function nameOf({ name, folder }: RunSummary): string {
  return link(plain(name), `${folder}/README.md`, '');
}

function originOf({ pullRequest, request, schedule, commit }: RunSummary): string {
  if (request !== undefined) return `request ${plain(request)}`;
  if (schedule !== undefined) return `schedule ${plain(schedule)}`;
  return pullRequest === undefined ? `commit ${plain(commit.slice(0, 12))}` : `pull request ${pullRequest}`;
}
