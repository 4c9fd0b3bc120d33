/** A run to read: what became of it, what to do, and what happened. Regenerated from the events with every step. */
import type { ErrorDocument } from '../schemas/errors.ts';
import type { RunEvent } from './events.ts';
import { code, duration, fenced, link, plain, shortDigest, someOf, table, utc } from './markdown.ts';
import { countOutcomes, OUTCOME_KINDS, outcomeOf, stateInWords } from './outcome-words.ts';
import { renderTimeline } from './render-timeline.ts';
import type { DeviceRecord, Pause, Run, StageRecord } from './run.ts';
import { runFolder } from './run-name.ts';

/** Pure: the same events give the same page. */
export function renderRunPage(run: Run, events: readonly RunEvent[]): string {
  const troubles = troublesOf(run);
  const sections = [
    `# ${plain(run.name)}`,
    `**${run.status}**: ${verdict(run)}`,
    facts(run),
    `## What to do\n\n${advice(run, troubles)}`,
    `## Stages\n\n${stages(run)}`,
    run.devices.length > 0 ? `## Switches\n\n${switches(run)}` : '',
    troubles.length > 0 ? `## What went wrong\n\n${troubles.map(trouble).join('\n\n')}` : '',
    `## What happened\n\n${renderTimeline(events)}`,
    'Made from `events.jsonl` beside this page, which is the record.',
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function verdict(run: Run): string {
  const counted = Object.fromEntries(
    OUTCOME_KINDS.map((kind) => [kind, run.devices.filter((device) => outcomeOf(device, run) === kind).length]),
  );
  const total = run.devices.length;
  const devices =
    total > 0
      ? `${total} ${total === 1 ? 'switch' : 'switches'}: ${countOutcomes(counted)}.`
      : 'no switch was planned for.';
  return run.why === undefined ? devices : `${devices} Why: ${plain(sentence(run.why))}`;
}

function facts(run: Run): string {
  const { workflow, commit, pullRequest, digest, decision, startedAt, endedAt } = run;
  const origin = pullRequest === undefined ? 'a direct push' : `pull request ${pullRequest}`;
  const rows = [
    ['Workflow', plain(workflow)],
    ['Asked for by', `${origin}, commit ${code(commit)}`],
    ...(digest === undefined ? [] : [['Plan', code(digest)]]),
    ...(decision ? [['Approval', decisionInWords(decision)]] : []),
    ['Started', `${utc(startedAt)} UTC`],
    ...(endedAt === undefined ? [] : [['Ended', `${utc(endedAt)} UTC, after ${duration(endedAt - startedAt)}`]]),
  ];
  return table(['Run', ''], rows);
}

function decisionInWords({ decision, by, why, digest }: NonNullable<Run['decision']>): string {
  const so = decision === 'waiting' ? ', so far' : '';
  const who = by.length > 0 ? `${so} by ${by.map(plain).join(', ')}` : '';
  return `${decision}${who}, for ${code(shortDigest(digest))}${why === undefined ? '' : `: ${plain(why)}`}`;
}

function advice(run: Run, troubles: readonly Trouble[]): string {
  const lines = troubles.map(({ where, error }) => `- **${plain(someOf(where))}**: ${plain(error.next)}`);
  const lost = run.devices.filter(({ outcome, attempts }) => run.endedAt !== undefined && !outcome && attempts > 0);
  if (lost.length > 0) {
    const names = lost.map(({ device }) => device);
    lines.push(`- **${plain(someOf(names))}**: look at what it runs; the run ended before its outcome was recorded.`);
  }
  if (run.endedAt === undefined) lines.push(`- ${waiting(run)}`);
  return lines.length > 0 ? lines.join('\n') : 'Nothing.';
}

function waiting(run: Run): string {
  if (run.endWanted) {
    return `${plain(run.endWanted.by)} wants it ended${reasonOf(run.endWanted)}. Whoever changes switches for it stops, and then it ends.`;
  }
  if (run.paused) return heldInWords(run.name, run.paused);
  if (run.lease) {
    const { devices, deadline } = run.lease;
    const names = someOf(devices.map((key) => key.slice(key.indexOf('/') + 1)));
    const then = run.pauseWanted ? ` ${plain(run.pauseWanted.by)} paused it: nothing more is begun then.` : '';
    return `Wait: ${plain(names)} ${devices.length === 1 ? 'is' : 'are'} being worked on. Another pass takes over after ${utc(deadline)} UTC.${then}`;
  }
  const asking = run.stages.find(({ state }) => state === 'PENDING_APPROVAL');
  if (asking) {
    const why = run.decision?.why === undefined ? '.' : `: ${plain(sentence(run.decision.why))}`;
    const where = run.gate === undefined ? '' : ` Approve #${run.gate} to let it go on, or close it to reject.`;
    return `An approval is missing, for ${plain(asking.name)}${why}${where}`;
  }
  return 'Nothing now: the next pass goes on with it.';
}

function heldInWords(name: string, pause: Pause): string {
  const { by, at, automatic } = pause;
  const goesOn = automatic
    ? 'It goes on by itself when that says so.'
    : `It goes on after the comment ${code(`/pointsman resume ${name}`)}.`;
  return `${plain(by)} paused it at ${utc(at)} UTC${reasonOf(pause)}. ${goesOn}`;
}

function reasonOf({ why }: Pick<Pause, 'why'>): string {
  return why === undefined ? '' : `: ${plain(why.replace(/\.$/, ''))}`;
}

function stages(run: Run): string {
  return table(
    ['Stage', 'State', 'Started (UTC)', 'Took', 'Why'],
    run.stages.map((stage) => {
      const last = stage.history.at(-1);
      const from = stage.history.findLast(({ state }) => state === 'IN_PROGRESS')?.at;
      return [
        code(stage.name),
        stage.state,
        from === undefined ? '' : utc(from),
        from === undefined || !last || !isOver(stage) ? '' : duration(last.at - from),
        last?.why === undefined ? '' : plain(last.why),
      ];
    }),
  );
}

function isOver({ state }: StageRecord): boolean {
  return state === 'COMPLETE' || state === 'FAILED';
}

function switches(run: Run): string {
  const rank = (device: DeviceRecord) => OUTCOME_KINDS.indexOf(outcomeOf(device, run));
  return table(
    ['Site', 'Switch', 'Outcome', 'The switch now', 'Tries', 'Backup'],
    run.devices
      .toSorted((a, b) => rank(a) - rank(b))
      .map((device) => [
        plain(device.site),
        plain(device.device),
        outcomeOf(device, run),
        stateInWords(device, run),
        String(device.attempts),
        device.backup === undefined ? '' : link('backup', device.backup, runFolder(run)),
      ]),
  );
}

/** One error and everything it happened to: fifty switches that say the same are one thing to read. */
interface Trouble {
  readonly error: ErrorDocument;
  readonly where: readonly string[];
}

function troublesOf(run: Run): readonly Trouble[] {
  const found = [
    ...run.devices.flatMap(({ device, outcome }) =>
      outcome && 'error' in outcome ? [{ where: device, error: outcome.error }] : [],
    ),
    ...run.stages.flatMap(({ name, error }) => (error ? [{ where: name, error }] : [])),
  ];
  const groups = Map.groupBy(found, ({ error }) => JSON.stringify([error.code, error.message, error.next]));
  return [...groups.values()].flatMap((group) => {
    const error = group[0]?.error;
    return error ? [{ error, where: group.map(({ where }) => where) }] : [];
  });
}

function trouble({ error, where }: Trouble): string {
  return `### ${plain(where.join(', '))}\n\n${code(error.code)} (${error.disposition})\n\n${fenced(error.message)}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
