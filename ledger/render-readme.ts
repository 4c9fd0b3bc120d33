/** The front page of the ledger branch. Regenerated with every step, from the index of runs alone. */
import { batchInWords } from './event-words.ts';
import { code, duration, link, plain, table, tableOfUsed, utc } from './markdown.ts';
import { countOutcomes } from './outcome-words.ts';
import type { RunIndex, RunSummary, WaitsFor } from './run-index.ts';

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
    ['`backups/<site>/`', 'What each switch was last seen to run, secrets masked, in the form it can load'],
    ['`drift/<site>/`', 'Switches that run something else than intended, while they do'],
    ['`automation/schedules.json`', 'Since when each schedule is known'],
  ],
);

export function renderReadme(index: RunIndex): string {
  const waiting = index.open.filter(({ waits }) => waits);
  const sections = [
    ABOUT,
    waiting.length > 0 ? `## Waits for a person\n\n${waitsForPeople(waiting)}` : '',
    `## Under way\n\n${underWay(index)}`,
    `## Last runs\n\n${lastRuns(index)}`,
    index.scheduled.length > 0 ? `## By the clock\n\n${byTheClock(index)}` : '',
    `## What is where\n\n${CONTENTS}`,
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function waitsForPeople(waiting: readonly RunSummary[]): string {
  return table(
    ['Run', 'For', 'What to do'],
    waiting.map((run) => [nameOf(run), originOf(run), run.waits ? adviceOn(run, run.waits) : '']),
  );
}

function adviceOn({ name }: RunSummary, { what, stage = '', pullRequest, isGate, by = '' }: WaitsFor): string {
  switch (what) {
    case 'approve': {
      if (pullRequest === undefined) return `An approval is missing, for ${code(stage)}.`;
      const reject = isGate ? ', or close it to reject' : '';
      return `Approve #${pullRequest} to let ${code(stage)} go on${reject}.`;
    }
    case 'resume':
      return `${plain(by)} paused it. It goes on after the comment ${code(`/pointsman resume ${name}`)}.`;
    case 'retry':
      return `${code(stage)} failed. Comment ${code(`/pointsman retry ${name} ${stage}`)} to try again, or ${code(`/pointsman terminate ${name}`)} to end it.`;
  }
}

function underWay({ open }: RunIndex): string {
  if (open.length === 0) return 'Nothing.';
  const there = new Set(open.map(({ name }) => name));
  // A batch is told of in the row of the run it belongs to.
  const rows = open.filter(({ parent }) => parent === undefined || !there.has(parent));
  return tableOfUsed(
    ['Run', 'For', 'Started (UTC)', 'Stage', 'Now', 'Switches'],
    rows.map((run) => [
      nameOf(run),
      originOf(run),
      utc(run.startedAt),
      run.stage ? `${plain(run.stage.name)}: ${run.stage.state}` : 'not begun',
      nowOf(run, open),
      countOutcomes(run.devices),
    ]),
  );
}

/** How far its batches are, and what holds it or them. */
function nowOf(run: RunSummary, open: readonly RunSummary[]): string {
  const children = open
    .filter(({ parent }) => parent === run.name)
    .map((child) => {
      const name = child.batch ? `${batchInWords(child.batch)}: ` : '';
      return [`${name}${nameOf(child)}`, ...holdsOn(child)].join(', ');
    });
  return [...holdsOn(run), ...batchesDone(run), ...children].join('; ');
}

function holdsOn({ status, hold }: RunSummary): readonly string[] {
  return [...(status === 'PAUSED' ? ['paused'] : []), ...(hold ? [heldInWords(hold)] : [])];
}

function batchesDone({ batches }: RunSummary): readonly string[] {
  if (!batches || batches.ended === 0) return [];
  const failed = batches.failed === 0 ? '' : `, ${batches.failed} of them not well`;
  return [`${batches.ended} of ${batches.of} batches done${failed}`];
}

function heldInWords({ why, until }: NonNullable<RunSummary['hold']>): string {
  return `waits${until === undefined ? '' : ` until ${utc(until)}`}: ${plain(why)}`;
}

function lastRuns({ recent, runs, open, scheduled }: RunIndex): string {
  if (recent.length === 0) return 'None yet.';
  const list = table(
    ['Run', 'For', 'Ended (UTC)', 'Result', 'Took', 'Switches'],
    recent.map((run) => [nameOf(run), originOf(run), ...endOf(run)]),
  );
  const others = runs - open.length - recent.length - scheduled.length;
  return others > 0 ? `${list}\n\nAnd ${others} more, under \`runs/\`.` : list;
}

/** What comes by itself, above all what it found: switches that run something else than intended, backups that are missing. */
function byTheClock({ scheduled }: RunIndex): string {
  return tableOfUsed(
    ['Schedule', 'At', 'Workflow', 'Last run', 'Ended (UTC)', 'Result', 'Took', 'Switches'],
    scheduled.map((run) => [
      code(run.schedule ?? ''),
      plain(run.shard ?? ''),
      plain(run.workflow),
      nameOf(run),
      ...endOf(run),
    ]),
  );
}

function endOf({ status, startedAt, endedAt, devices }: RunSummary): readonly string[] {
  return [
    endedAt === undefined ? '' : utc(endedAt),
    `**${status}**`,
    endedAt === undefined ? '' : duration(endedAt - startedAt),
    countOutcomes(devices),
  ];
}

function nameOf({ name, folder }: RunSummary): string {
  return link(plain(name), `${folder}/README.md`, '');
}

function originOf({ pullRequest, request, schedule, commit }: RunSummary): string {
  if (schedule !== undefined && schedule !== request) return `schedule ${code(schedule)}`;
  if (request !== undefined) return `request ${code(request)}`;
  return pullRequest === undefined ? `commit ${plain(commit.slice(0, 12))}` : `pull request ${pullRequest}`;
}
