/** A run to read: what became of it, what to do, and what happened. Regenerated from the events with every step. */
import { batchInWords } from './event-words.ts';
import type { RunEvent } from './events.ts';
import { code, duration, fenced, link, markdown, plain, shortDigest, table, tableOfUsed, utc } from './markdown.ts';
import { countOutcomes, OUTCOME_KINDS, outcomeOf, stateInWords } from './outcome-words.ts';
import { renderTimeline } from './render-timeline.ts';
import type { DeviceRecord, Run, StageRecord } from './run.ts';
import { runFolder } from './run-name.ts';
import { adviceOf, deviceStateOf, originOf, type Trouble, troublesOf, verdictOf } from './run-words.ts';

/** Folders of other runs by their names, as far as they are known. */
export type FolderOf = (run: string) => string | undefined;

/**
 * Pure: the same events give the same page.
 *
 * @param folderOf For links to the runs it started and the one that started it. Where one is not known, its name stands bare.
 */
export function renderRunPage(run: Run, events: readonly RunEvent[], folderOf: FolderOf = () => undefined): string {
  const troubles = troublesOf(run);
  const deviceState = deviceStateOf(run);
  const sections = [
    `# ${plain(run.name)}`,
    `**${run.status}**: ${verdictOf(run, markdown)}`,
    deviceState === undefined ? '' : `How that leaves the switches: ${plain(deviceState)}`,
    facts(run, folderOf),
    `## What to do\n\n${advice(run)}`,
    `## Stages\n\n${stages(run)}`,
    run.children.length > 0 ? `## ${headingOf(run)}\n\n${children(run, folderOf)}` : '',
    showsSwitches(run) ? `## Switches\n\n${switches(run)}` : '',
    troubles.length > 0 ? `## What went wrong\n\n${troubles.map(trouble).join('\n\n')}` : '',
    run.artifacts.length > 0 ? `## Results\n\n${results(run)}` : '',
    `## What happened\n\n${renderTimeline(events)}`,
    'Made from `events.jsonl` beside this page, which is the record.',
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function facts(run: Run, folderOf: FolderOf): string {
  const { workflow, parent, batch, shard, reason, digest, decision, barrier, startedAt, endedAt, endedBy } = run;
  const ended = endedAt === undefined ? '' : `${utc(endedAt)} UTC, after ${duration(endedAt - startedAt)}`;
  const rows = [
    ['Workflow', plain(workflow)],
    ['Asked for by', originOf(run, markdown)],
    ['Because', reason === undefined ? '' : plain(reason)],
    [
      'Part of',
      parent === undefined ? '' : `${batch ? `${batchInWords(batch)} of ` : ''}${runLink(run, parent, folderOf)}`,
    ],
    ['Done by', shard === undefined ? '' : `the runner of ${plain(shard)}`],
    ['Plan', digest === undefined ? '' : code(digest)],
    ['Approval', decision ? decisionInWords(decision) : ''],
    [
      'Barrier',
      barrier ? `${barrier.decision === 'confirm' ? 'all confirmed' : 'all taken back'}: ${plain(barrier.why)}` : '',
    ],
    ['Started', `${utc(startedAt)} UTC`],
    ['Ends at the latest', endedAt !== undefined || run.timeoutAt === undefined ? '' : `${utc(run.timeoutAt)} UTC`],
    ['Ended', endedBy === undefined ? ended : `${ended}, by ${plain(endedBy)}`],
  ];
  return table(
    ['Run', ''],
    rows.filter(([, value]) => value !== ''),
  );
}

function runLink(run: Run, name: string, folderOf: FolderOf): string {
  const folder = folderOf(name);
  return folder === undefined ? code(name) : link(plain(name), `${folder}/README.md`, runFolder(run));
}

function decisionInWords({ decision, by, why, digest }: NonNullable<Run['decision']>): string {
  const so = decision === 'waiting' ? ', so far' : '';
  const who = by.length > 0 ? `${so} by ${by.map(plain).join(', ')}` : '';
  return `${decision}${who}, for ${code(shortDigest(digest))}${why === undefined ? '' : `: ${plain(why)}`}`;
}

function advice(run: Run): string {
  const lines = adviceOf(run, markdown);
  return lines.length > 0 ? lines.map((line) => `- ${line}`).join('\n') : 'Nothing.';
}

function stages(run: Run): string {
  return tableOfUsed(
    ['Stage', 'State', 'Started (UTC)', 'Took', 'Tried again', 'Approval', 'Why'],
    run.stages.map((stage) => {
      const last = stage.history.at(-1);
      const from = stage.history.findLast(({ state }) => state === 'IN_PROGRESS')?.at;
      return [
        code(stage.name),
        stage.state,
        from === undefined ? '' : utc(from),
        from === undefined || !last || !isOver(stage) ? '' : duration(last.at - from),
        triedAgain(stage),
        verdictsOn(stage),
        last?.why === undefined ? '' : plain(last.why),
      ];
    }),
  );
}

function isOver({ state }: StageRecord): boolean {
  return state === 'COMPLETE' || state === 'FAILED';
}

/** By whom, and what it did or will do by itself. */
function triedAgain({ history, retries, repetitions, retryDelay }: StageRecord): string {
  const again = history.filter(({ state }, index) => state === 'IN_PROGRESS' && history[index - 1]?.state === 'FAILED');
  const people = again.map(({ by, at }) => `${by === undefined ? '' : `by ${plain(by)}, `}${utc(at)}`);
  const alone = repetitions > 0 ? `${times(repetitions)} by itself` : '';
  const next = retryDelay ? `next after ${utc(retryDelay.until)} (${retryDelay.attempt} of ${retryDelay.of})` : '';
  return [retries > 0 ? `${times(retries)}: ${people.join('; ')}` : '', alone, next].filter(Boolean).join('; ');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function verdictsOn({ approvers, rejecters }: StageRecord): string {
  const said = (word: string, people: StageRecord['approvers']) => {
    const names = people.map(({ by }) => plain(by)).join(', ');
    return people[0] ? `${word} by ${names}, ${utc(people[0].at)}` : '';
  };
  return [said('approved', approvers), said('rejected', rejecters)].filter(Boolean).join('; ');
}

function headingOf(run: Run): string {
  return run.children.some(({ batch }) => batch) ? 'Batches' : 'Runs it started';
}

function children(run: Run, folderOf: FolderOf): string {
  return tableOfUsed(
    ['Batch', '', 'Run', 'Switches', 'State', 'Took', 'How they came out', 'Why'],
    run.children.map((child) => [
      child.batch ? `${child.batch.number} of ${child.batch.of}` : '',
      child.batch?.canary ? 'canaries' : '',
      runLink(run, child.run, folderOf),
      child.devices === undefined ? '' : String(child.devices),
      child.status ?? 'under way',
      child.endedAt === undefined ? '' : duration(child.endedAt - child.startedAt),
      countOutcomes(child.outcomes ?? {}),
      child.why === undefined ? '' : plain(child.why),
    ]),
  );
}

/** Where the runs it started tell of the switches, a table that knows nothing of them would only mislead. */
function showsSwitches({ devices, children }: Run): boolean {
  return devices.length > 0 && (children.length === 0 || devices.some(({ outcome }) => outcome));
}

function switches(run: Run): string {
  const rank = (device: DeviceRecord) => OUTCOME_KINDS.indexOf(outcomeOf(device, run));
  return tableOfUsed(
    ['Site', 'Switch', 'Outcome', 'The switch now', 'Tries', 'Backup'],
    run.devices
      .toSorted((a, b) => rank(a) - rank(b))
      .map((device) => [
        plain(device.site),
        plain(device.device),
        outcomeOf(device, run),
        stateInWords(device, run),
        device.attempts === 0 ? '' : String(device.attempts),
        device.backup === undefined ? '' : link('backup', device.backup, runFolder(run)),
      ]),
  );
}

function trouble({ error, where }: Trouble): string {
  return `### ${plain(where.join(', '))}\n\n${code(error.code)} (${error.disposition})\n\n${fenced(error.message)}`;
}

function results(run: Run): string {
  return run.artifacts.map((file) => `- ${link(plain(file), `${runFolder(run)}/${file}`, runFolder(run))}`).join('\n');
}
