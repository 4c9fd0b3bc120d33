import { batchInWords, sayEvent } from '../../ledger/event-words.ts';
import type { RunEvent } from '../../ledger/events.ts';
import { deviceKey } from '../../ledger/fold-run.ts';
import { duration, utc } from '../../ledger/markdown.ts';
import { countedOf, OUTCOME_KINDS, type OutcomeKind, outcomeOf, stateInWords } from '../../ledger/outcome-words.ts';
import type { Run } from '../../ledger/run.ts';
import { adviceOf } from '../../ledger/run-words.ts';
import { standingOf } from '../../ledger/standing.ts';
import { withChildren } from '../../reconciler/batches/with-children.ts';
import { columns, cut, wrap } from '../wrap.ts';
import type { Look } from './look-at-run.ts';
import { terminal } from './terminal.ts';

/** A view stays on one screen, however many batches and switches there are. */
const MOST_BATCHES = 5;
const MOST_SWITCHES = 6;
const BAR_WIDTH = 20;
/** A line that the terminal wraps could not be drawn over. */
const VIEW_WIDTH = 79;
/** Nobody has to look at these. */
const UNREMARKABLE: ReadonlySet<OutcomeKind> = new Set(['applied', 'in-sync', 'backed-up']);

/** A run as it stands, on few lines: the stage, how far batches are, switches that need eyes, what it waits for. */
export function renderWatch(look: Look, now: number): readonly string[] {
  const { run } = look;
  const whole = withChildren(run, look.children);
  const parts = [[run.name, headline(run, now)], progress(look, whole), remarkable(whole), waitingFor(run)];
  return parts
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))
    .map((line) => cut(line, VIEW_WIDTH));
}

function headline(run: Run, now: number): string {
  const lasts = duration((run.endedAt ?? now) - run.startedAt);
  const begun = run.stages.findLastIndex(({ state }) => state !== 'NOT_STARTED' && state !== 'UNREACHABLE');
  const stage = run.stages[begun];
  const status = run.endedAt === undefined ? `${run.status} for ${lasts}` : `${run.status} after ${lasts}`;
  return stage
    ? `${status}, stage ${begun + 1} of ${run.stages.length}: ${terminal.code(stage.name)}, ${stage.state}`
    : status;
}

function progress({ run, children }: Look, whole: Run): readonly string[] {
  if (children.length === 0) return run.devices.length === 0 ? [] : columns([barOf('switches', whole)]);
  const of = Math.max(children.length, ...children.map(({ batch }) => batch?.of ?? 0));
  const shown = children.slice(-MOST_BATCHES);
  const before = children.length - shown.length;
  const toCome = of - children.length;
  return [
    ...(before > 0 ? [`${before} before these, ${wellIn(children.slice(0, before))} of them completed`] : []),
    ...columns(shown.map((child) => barOf(child.batch ? batchInWords(child.batch) : terminal.code(child.name), child))),
    ...(toCome > 0 ? [`${toCome} more to come`] : []),
  ];
}

function wellIn(runs: readonly Run[]): number {
  return runs.filter(({ status }) => status === 'COMPLETED').length;
}

/** @returns Name, bar, how many of how many are done, and how they came out. */
function barOf(name: string, run: Run): readonly string[] {
  const counted = countedOf(run);
  const total = Object.values(counted).reduce((sum, number) => sum + number, 0);
  const done = total - (counted.open ?? 0);
  const filled = total === 0 ? 0 : Math.floor((done / total) * BAR_WIDTH);
  const kinds = OUTCOME_KINDS.filter((kind) => kind !== 'open' && (counted[kind] ?? 0) > 0);
  return [
    name,
    `[${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`,
    `${done} of ${total}`,
    kinds.map((kind) => `${counted[kind]} ${kind}`).join(', '),
  ];
}

/** Switches somebody may have to look at, then those that are being worked on. */
function remarkable(run: Run): readonly string[] {
  const atWork = new Set(run.lease?.devices);
  const rank = (kind: OutcomeKind) => OUTCOME_KINDS.indexOf(kind);
  const found = run.devices
    .map((device) => ({ key: `${device.site}/${device.device}`, kind: outcomeOf(device, run), device }))
    .filter(({ kind, key }) => (kind === 'open' ? atWork.has(key) : !UNREMARKABLE.has(kind)))
    .sort((a, b) => rank(a.kind) - rank(b.kind));
  const more = found.length - MOST_SWITCHES;
  const rows = found
    .slice(0, MOST_SWITCHES)
    .map(({ key, kind, device }) => [
      terminal.plain(key),
      kind === 'open' ? 'at work' : kind,
      stateInWords(device, run),
    ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return [
    // On one line each: the word tells, what it means can be cut.
    ...rows.map(
      ([key = '', kind = '', state = '']) => `${key.padEnd(widths[0] ?? 0)}  ${kind.padEnd(widths[1] ?? 0)}  ${state}`,
    ),
    ...(more > 0 ? [`and ${more} more like these`] : []),
  ];
}

function waitingFor(run: Run): readonly string[] {
  if (standingOf(run).kind === 'ended') return [];
  const line = adviceOf(run, terminal).at(-1);
  return line === undefined ? [] : wrap(line, '', VIEW_WIDTH);
}

/** What happened, a line each, for a log. */
export function renderNews({ run, children, news }: Look): readonly string[] {
  const inBatches = new Set(children.flatMap(({ devices }) => devices.map(deviceKey)));
  // A run is told what became of the switches of its batches; whoever hears the batches has heard it.
  const isTwice = (of: Run, event: RunEvent) =>
    of === run && event.kind === 'device-ended' && inBatches.has(deviceKey(event));
  return news
    .filter(({ run: of, event }) => !isTwice(of, event))
    .map(({ run: of, event }) => {
      const { what, device } = sayEvent(event, terminal);
      const which = of === run ? '' : `${of.batch ? batchInWords(of.batch) : of.name}: `;
      return `${utc(event.at)}  ${which}${device === undefined ? '' : `${terminal.plain(device)}: `}${what}`;
    });
}
