import { batchInWords, switches } from '../../ledger/event-words.ts';
import { utc } from '../../ledger/markdown.ts';
import { countedOf, OUTCOME_KINDS } from '../../ledger/outcome-words.ts';
import type { Run } from '../../ledger/run.ts';
import { standingOf } from '../../ledger/standing.ts';
import { terminal } from './terminal.ts';

/** How a run stands or came out, in half a line. */
export function runInBrief(run: Run): string {
  return [briefStanding(run), briefOutcomes(run)].filter(Boolean).join('; ');
}

function briefStanding(run: Run): string {
  const { code, plain } = terminal;
  const standing = standingOf(run);
  switch (standing.kind) {
    case 'ended':
      // Most say how the switches came out, which is counted anyway.
      return run.status === 'COMPLETED' || run.devices.length > 0 ? endedBy(run) : plain(run.why ?? '');
    case 'ending':
      return `is being ended by ${plain(standing.by)}`;
    case 'paused':
      return `paused by ${plain(standing.by)}${standing.automatic ? ', until that is lifted' : ''}`;
    case 'at-work':
      return `${switches(standing.lease.devices.length)} being worked on`;
    case 'asks': {
      const where = standing.pullRequest === undefined ? '' : ` on #${standing.pullRequest}`;
      return `waits for approval${where}, ${code(standing.stage)}`;
    }
    case 'failed':
      return run.parent === undefined
        ? `${code(standing.stage)} failed, waits for a person`
        : `${code(standing.stage)} failed`;
    case 'held': {
      const until = standing.until === undefined ? '' : ` until ${utc(standing.until).slice(0, 16)}`;
      return `waits${until}: ${plain(standing.why)}`;
    }
    case 'repeats':
      return `${code(standing.stage)} again after ${utc(standing.until)} (${standing.attempt} of ${standing.of})`;
    case 'children':
      return standing.open.map(({ run: name, batch }) => (batch ? batchInWords(batch) : code(name))).join(', ');
    case 'due':
      return 'goes on with the next pass';
  }
}

function endedBy({ endedBy: by }: Run): string {
  return by === undefined ? '' : `by ${terminal.plain(by)}`;
}

/** @returns `1 reverted, 11 applied`; empty for no switch. */
function briefOutcomes(run: Run): string {
  const counted = countedOf(run);
  return OUTCOME_KINDS.filter((kind) => (counted[kind] ?? 0) > 0)
    .map((kind) => `${counted[kind]} ${kind === 'open' ? 'to do' : kind}`)
    .join(', ');
}
