import type { Command } from '../../approvals/commands.ts';
import type { PullRequestComment } from '../../forge/forge.ts';
import type { CommandRecord } from '../../ledger/ledger.ts';

/** A command as the ledger keeps it: who, when, what, why, and what came of it. Its author has not been told yet. */
export function makeRecord(
  { id, author, createdAt }: Pick<PullRequestComment, 'id' | 'author' | 'createdAt'>,
  command: Command | undefined,
  came: Pick<CommandRecord, 'verdict' | 'why' | 'runs'>,
  at: number,
): CommandRecord {
  const { verb, reason, args } = wordsOf(command);
  return {
    comment: id,
    at,
    by: author,
    ...(verb === undefined ? {} : { verb }),
    args,
    saidAt: createdAt,
    ...(reason === undefined ? {} : { reason }),
    ...came,
    told: false,
  };
}

function wordsOf(command: Command | undefined) {
  const { verb, reason, ...rest }: { readonly verb?: string; readonly reason?: string } = command ?? {};
  return { verb, reason, args: Object.values(rest).map(String) };
}
