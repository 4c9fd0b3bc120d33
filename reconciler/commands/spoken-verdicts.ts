import type { Statement } from '../../approvals/approval.ts';
import { whyNotShownBefore } from '../../approvals/shown-before.ts';
import type { CommandRecord } from '../../ledger/ledger.ts';
import type { Publication } from '../../schemas/publication.ts';

/** The parts of a command that is a verdict. */
export interface SpokenVerdict {
  /** The forge's number of the comment. */
  readonly comment: number;
  readonly by: string;
  /** By the forge's clock, milliseconds since the epoch. */
  readonly saidAt: number;
  /** Of the plan that is approved, whole. Absent: it is a no, whatever is on show. */
  readonly digest?: string;
  readonly reason?: string;
}

/** A verdict in a comment as a review would say it. Its head is that of the plan it names, as this was on show then. */
export function makeStatement(
  { comment, by, saidAt, digest, reason }: SpokenVerdict,
  publications: readonly Publication[],
): Statement {
  const shown = publications.filter(
    (one) => one.digest === digest && whyNotShownBefore(one.digest, [one], saidAt) === undefined,
  );
  const commit = shown.toSorted((a, b) => a.publishedAt - b.publishedAt).at(-1)?.head;
  return {
    id: comment,
    reviewer: by,
    reviewerIsBot: false,
    said: 'comment',
    state: digest === undefined ? 'changes-requested' : 'approved',
    submittedAt: saidAt,
    ...(digest === undefined ? {} : { digest }),
    ...(commit === undefined ? {} : { commit }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The verdict that a command on the ledger is; `undefined` for every other command, and for one that was refused. */
export function statementOf(record: CommandRecord, publications: readonly Publication[]): Statement | undefined {
  const { comment, by, verb, verdict, args, saidAt, reason } = record;
  if (verdict !== 'done' || saidAt === undefined) return undefined;
  const said = { comment, by, saidAt, ...(reason === undefined ? {} : { reason }) };
  if (verb === 'reject') return makeStatement(said, publications);
  const [digest] = args;
  return verb === 'approve' && digest !== undefined ? makeStatement({ ...said, digest }, publications) : undefined;
}
