import type { RunEvent } from './events.ts';
import { code, plain, shortDigest, someOf, table, utc } from './markdown.ts';

type Device = Pick<Extract<RunEvent, { readonly kind: 'device-ended' }>, 'site' | 'device'>;

interface Line {
  readonly at: number;
  readonly what: string;
  /** Lines that follow each other and say the same of different devices become one. */
  readonly group?: { readonly key: string; readonly devices: string[] };
}

/** Events as a table, oldest first. What is said of many switches in a row is said once. */
export function renderTimeline(events: readonly RunEvent[]): string {
  const lines: Line[] = [];
  for (const line of events.map(lineOf)) {
    const last = lines.at(-1);
    if (line.group && last?.group?.key === line.group.key) last.group.devices.push(...line.group.devices);
    else lines.push(line);
  }
  return table(
    ['When (UTC)', 'What'],
    lines.map(({ at, what, group }) => [utc(at), group ? `${plain(someOf(group.devices))}: ${what}` : what]),
  );
}

function lineOf(event: RunEvent): Line {
  const { at } = event;
  switch (event.kind) {
    case 'run-started':
      return { at, what: `The run started, for commit ${code(event.commit)}.` };
    case 'stage-moved': {
      const reason = event.error?.message ?? event.why;
      const by = event.by === undefined ? '' : ` by ${plain(event.by)}`;
      return { at, what: `${code(event.stage)}: ${event.to}${by}${reason === undefined ? '' : `. ${plain(reason)}`}` };
    }
    case 'retry-delayed':
      return {
        at,
        what: `${code(event.stage)} is tried again after ${utc(event.until)} (${event.attempt} of ${event.of}): ${plain(event.why)}`,
      };
    case 'held': {
      const until = event.until === undefined ? '' : `, until ${utc(event.until)}`;
      return { at, what: `Nothing is begun now${until}: ${plain(event.why)}` };
    }
    case 'child-started':
      return { at, what: `${code(event.stage)} started the run ${code(event.run)}.` };
    case 'barrier-decided': {
      const what = event.decision === 'confirm' ? 'confirm all' : 'take all back';
      return { at, what: `At the barrier of ${code(event.stage)}: ${what}. ${plain(event.why)}` };
    }
    case 'artifact-written':
      return { at, what: `${code(event.stage)} wrote ${code(event.file)}.` };
    case 'planned': {
      const changing = event.devices.filter(({ digest }) => digest !== undefined).length;
      return {
        at,
        what: `Planned ${code(shortDigest(event.digest))}: ${changing} of ${switches(event.devices)} would change.`,
      };
    }
    case 'gate-opened':
      return { at, what: `Pull request #${event.pullRequest} asks for the approval of ${code(event.stage)}.` };
    case 'decided': {
      const so = event.decision === 'waiting' ? ', so far' : '';
      const by = event.by.length > 0 ? `${so} by ${event.by.map(plain).join(', ')}` : '';
      const why = event.why === undefined ? '' : ` ${plain(event.why)}`;
      return { at, what: `Approval of ${code(shortDigest(event.digest))}: ${event.decision}${by}.${why}` };
    }
    case 'intent':
      return {
        at,
        what: `About to touch ${plain(someOf(event.devices.map(({ device }) => device)))}. ${code(event.owner.id)} has until ${utc(event.deadline)}.`,
      };
    case 'lease-extended':
      return { at, what: `${code(event.owner.id)} is still at work, until ${utc(event.deadline)}.` };
    case 'device-ended': {
      const error = 'error' in event.outcome ? ` ${code(event.outcome.error.code)}` : '';
      return { at, what: `${event.outcome.kind}${error}`, group: grouped(`${event.outcome.kind}${error}`, event) };
    }
    case 'backed-up':
      return { at, what: 'backed up', group: grouped('backed-up', event) };
    case 'run-paused':
      return { at, what: `Paused by ${plain(event.by)}.${event.why === undefined ? '' : ` ${plain(event.why)}`}` };
    case 'run-resumed':
      return { at, what: `Resumed by ${plain(event.by)}.${event.why === undefined ? '' : ` ${plain(event.why)}`}` };
    case 'end-wanted':
      return {
        at,
        what: `${plain(event.by)} wants it ended at once.${event.why === undefined ? '' : ` ${plain(event.why)}`}`,
      };
    case 'run-ended':
      return { at, what: `The run ended: ${event.status}.${event.why === undefined ? '' : ` ${plain(event.why)}`}` };
  }
}

function grouped(key: string, { device }: Device): NonNullable<Line['group']> {
  return { key, devices: [device] };
}

function switches(devices: readonly unknown[]): string {
  return `${devices.length} ${devices.length === 1 ? 'switch' : 'switches'}`;
}
