/** One event in one sentence, for the timeline of a page and for whoever watches a run. */
import type { BatchOf, RunEvent } from './events.ts';
import type { Manner } from './manner.ts';
import { shortDigest, someOf, utc } from './markdown.ts';
import { countOutcomes } from './outcome-words.ts';

/** What an event says. */
export interface Said {
  readonly what: string;
  /** The switch it is said of; `what` then follows its name and a colon. */
  readonly device?: string;
}

export function sayEvent(event: RunEvent, { code, plain }: Manner): Said {
  switch (event.kind) {
    case 'run-started':
      return { what: `The run started, for commit ${code(event.commit)}.` };
    case 'stage-moved': {
      const reason = event.error?.message ?? event.why;
      const by = event.by === undefined ? '' : ` by ${plain(event.by)}`;
      return { what: `${code(event.stage)}: ${event.to}${by}${reason === undefined ? '' : `. ${plain(reason)}`}` };
    }
    case 'retry-delayed':
      return {
        what: `${code(event.stage)} is tried again after ${utc(event.until)} (${event.attempt} of ${event.of}): ${plain(event.why)}`,
      };
    case 'held': {
      const until = event.until === undefined ? '' : `, until ${utc(event.until)}`;
      return { what: `Nothing is begun now${until}: ${plain(event.why)}` };
    }
    case 'child-started': {
      const about = event.devices === undefined ? '' : ` with ${switches(event.devices)}`;
      const which = event.batch ? `${batchInWords(event.batch)}${about}, the run ` : `the run `;
      return { what: `${code(event.stage)} started ${which}${code(event.run)}${event.batch ? '' : about}.` };
    }
    case 'child-ended': {
      const outcomes = countOutcomes(event.outcomes);
      const why = event.why === undefined ? '' : ` ${plain(event.why)}`;
      return { what: `${code(event.run)} ended: ${event.status}${outcomes === '' ? '' : `, ${outcomes}`}.${why}` };
    }
    case 'barrier-decided': {
      const what = event.decision === 'confirm' ? 'confirm all' : 'take all back';
      return { what: `At the barrier of ${code(event.stage)}: ${what}. ${plain(event.why)}` };
    }
    case 'artifact-written':
      return { what: `${code(event.stage)} wrote ${code(event.file)}.` };
    case 'planned': {
      const changing = event.devices.filter(({ digest }) => digest !== undefined).length;
      return {
        what: `Planned ${code(shortDigest(event.digest))}: ${changing} of ${switches(event.devices.length)} would change.`,
      };
    }
    case 'gate-opened':
      return { what: `Pull request #${event.pullRequest} asks for the approval of ${code(event.stage)}.` };
    case 'decided': {
      const so = event.decision === 'waiting' ? ', so far' : '';
      const by = event.by.length > 0 ? `${so} by ${event.by.map(plain).join(', ')}` : '';
      const why = event.why === undefined ? '' : ` ${plain(event.why)}`;
      return { what: `Approval of ${code(shortDigest(event.digest))}: ${event.decision}${by}.${why}` };
    }
    case 'intent':
      return {
        what: `About to touch ${plain(someOf(event.devices.map(({ device }) => device)))}. ${code(event.owner.id)} has until ${utc(event.deadline)}.`,
      };
    case 'lease-extended':
      return { what: `${code(event.owner.id)} is still at work, until ${utc(event.deadline)}.` };
    case 'device-ended': {
      const error = 'error' in event.outcome ? ` ${code(event.outcome.error.code)}` : '';
      return { what: `${event.outcome.kind}${error}`, device: event.device };
    }
    case 'backed-up':
      return { what: 'backed up', device: event.device };
    case 'run-paused': {
      const alone = event.automatic ? ' It goes on by itself once that is lifted.' : '';
      return { what: `Paused by ${plain(event.by)}${event.why === undefined ? '' : `: ${plain(event.why)}`}.${alone}` };
    }
    case 'run-resumed':
      return { what: `Resumed by ${plain(event.by)}.${event.why === undefined ? '' : ` ${plain(event.why)}`}` };
    case 'end-wanted':
      return {
        what: `${plain(event.by)} wants it ended at once.${event.why === undefined ? '' : ` ${plain(event.why)}`}`,
      };
    case 'run-ended': {
      const by = event.by === undefined ? '' : ` by ${plain(event.by)}`;
      return { what: `The run ended${by}: ${event.status}.${event.why === undefined ? '' : ` ${plain(event.why)}`}` };
    }
  }
}

/** @returns `batch 2 of 5`, `batch 1 of 5 (canaries)` */
export function batchInWords({ number, of, canary }: BatchOf): string {
  return `batch ${number} of ${of}${canary ? ' (canaries)' : ''}`;
}

/** @returns `1 switch`, `12 switches` */
export function switches(count: number): string {
  return `${count} ${count === 1 ? 'switch' : 'switches'}`;
}
