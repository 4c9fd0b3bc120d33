import { batchInWords } from '../../ledger/event-words.ts';
import type { RunEvent } from '../../ledger/events.ts';
import { duration, utc } from '../../ledger/markdown.ts';
import { OUTCOME_KINDS, outcomeOf, stateInWords } from '../../ledger/outcome-words.ts';
import { timelineOf } from '../../ledger/render-timeline.ts';
import type { Run, StageRecord } from '../../ledger/run.ts';
import { runFolder } from '../../ledger/run-name.ts';
import { adviceOf, deviceStateOf, originOf, troublesOf, verdictOf } from '../../ledger/run-words.ts';
import { columns, wrap } from '../wrap.ts';
import { runInBrief } from './run-in-brief.ts';
import { terminal } from './terminal.ts';

const { code, plain } = terminal;

/** A run for the terminal: the same that its page on the ledger says, without tables. */
export interface ShownRun {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  /** Runs it started, by name, as they are now. */
  readonly children: ReadonlyMap<string, Run>;
}

export function renderRun(shown: ShownRun): string {
  const { run, events } = shown;
  const state = deviceStateOf(run);
  const sections: readonly (readonly string[])[] = [
    [
      run.name,
      '',
      ...wrap(verdictOf(run, terminal), `${run.status}  `),
      ...(state === undefined ? [] : wrap(plain(state), ' '.repeat(run.status.length + 2))),
    ],
    columns(facts(run), '  '),
    section('What to do', advice(run)),
    section('Stages', columns(run.stages.map(stage), '  ')),
    section(run.children.some(({ batch }) => batch) ? 'Batches' : 'Runs it started', childrenOf(shown)),
    section('Switches', switchesOf(run)),
    section('What went wrong', troublesOf(run).flatMap(trouble)),
    section(
      'Results',
      run.artifacts.map((file) => `  ${runFolder(run)}/${plain(file)}`),
    ),
    section(
      'What happened',
      columns(
        timelineOf(events, terminal).map(({ at, what }) => [utc(at), what]),
        '  ',
      ),
    ),
    [`On the ledger: ${runFolder(run)}/README.md`],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function facts(run: Run): readonly (readonly string[])[] {
  const { workflow, parent, batch, shard, reason, barrier, startedAt, endedAt, endedBy, timeoutAt } = run;
  const ended = endedAt === undefined ? '' : `${utc(endedAt)} UTC, after ${duration(endedAt - startedAt)}`;
  return [
    ['Workflow', plain(workflow)],
    ['Asked for by', originOf(run, terminal)],
    ['Because', plain(reason ?? '')],
    ['Part of', parent === undefined ? '' : `${batch ? `${batchInWords(batch)} of ` : ''}${code(parent)}`],
    ['Done by', shard === undefined ? '' : `the runner of ${plain(shard)}`],
    ['Plan', code(run.digest ?? '')],
    [
      'Barrier',
      barrier ? `${barrier.decision === 'confirm' ? 'all confirmed' : 'all taken back'}: ${plain(barrier.why)}` : '',
    ],
    ['Started', `${utc(startedAt)} UTC`],
    ['Ends at the latest', endedAt !== undefined || timeoutAt === undefined ? '' : `${utc(timeoutAt)} UTC`],
    ['Ended', endedBy === undefined ? ended : `${ended}, by ${plain(endedBy)}`],
  ].filter(([, value]) => value !== '');
}

function advice(run: Run): readonly string[] {
  const lines = adviceOf(run, terminal);
  return lines.length === 0 ? ['  Nothing.'] : lines.flatMap((line) => wrap(line, '  - '));
}

function stage({ name, state, history, approvers, rejecters, retries, repetitions }: StageRecord): readonly string[] {
  const last = history.at(-1);
  const from = history.findLast((entry) => entry.state === 'IN_PROGRESS')?.at;
  const over = state === 'COMPLETE' || state === 'FAILED';
  const again = history.findLast((entry) => entry.by !== undefined && entry.state === 'IN_PROGRESS');
  const remarks = [
    ...(approvers.length > 0 ? [`approved by ${approvers.map(({ by }) => plain(by)).join(', ')}`] : []),
    ...(rejecters.length > 0 ? [`rejected by ${rejecters.map(({ by }) => plain(by)).join(', ')}`] : []),
    ...(retries > 0 ? [`tried again${again?.by === undefined ? '' : ` by ${plain(again.by)}`}`] : []),
    ...(repetitions > 0 ? [`${repetitions === 1 ? 'once' : `${repetitions} times`} again by itself`] : []),
    ...(last?.why === undefined ? [] : [plain(last.why)]),
  ];
  return [code(name), state, from === undefined || !last || !over ? '' : duration(last.at - from), remarks.join('; ')];
}

function childrenOf({ run, children }: ShownRun): readonly string[] {
  const lines = run.children.flatMap((child) => {
    const now = children.get(child.run);
    const took = child.endedAt === undefined ? '' : `, ${duration(child.endedAt - child.startedAt)}`;
    const about =
      child.devices === undefined ? '' : `, ${child.devices} ${child.devices === 1 ? 'switch' : 'switches'}`;
    const brief = now ? runInBrief(now) : '';
    return [
      [child.batch ? batchInWords(child.batch) : '', `${child.status ?? now?.status ?? 'RUNNING'}${about}${took}`],
      ['', code(child.run)],
      ...(brief === '' ? [] : [['', brief]]),
    ];
  });
  return columns(lines, '  ');
}

/** The most worrying first. Where a run leaves its switches to others and knows nothing of them yet, theirs are the records. */
function switchesOf(run: Run): readonly string[] {
  if (run.children.length > 0 && !run.devices.some(({ outcome }) => outcome)) return [];
  const rank = (device: Run['devices'][number]) => OUTCOME_KINDS.indexOf(outcomeOf(device, run));
  return columns(
    run.devices
      .toSorted((a, b) => rank(a) - rank(b))
      .map((device) => [
        `${plain(device.site)}/${plain(device.device)}`,
        outcomeOf(device, run),
        [stateInWords(device, run), ...(device.attempts > 1 ? [`${device.attempts} tries.`] : [])].join(' '),
      ]),
    '  ',
  );
}

function trouble({ error, where }: ReturnType<typeof troublesOf>[number]): readonly string[] {
  return [
    ...wrap(`${where.map(plain).join(', ')}: ${code(error.code)} (${error.disposition})`, '  '),
    ...error.message.split('\n').flatMap((line) => wrap(plain(line), '    ')),
  ];
}
