import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { composeLedger } from '../compose-ledger.ts';
import type { RemoteOptions } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';
import { findRun } from '../runs/find-run.ts';
import { renderRun } from '../runs/render-run.ts';

/** `pointsman show`: one run, with those it started. */
export async function showCommand(
  io: Io,
  asked: string,
  { json, ...remote }: RemoteOptions & { readonly json: boolean },
): Promise<ExitCode> {
  const { ledger, redact } = await composeLedger(io, remote);
  const view = await ledger.view(io.signal);
  const run = await findRun(view, asked);
  const text = json
    ? `${JSON.stringify(run, undefined, 2)}\n`
    : renderRun({ run, events: await view.events(run.name), children: await childrenByName(view, run) });
  io.out(redact(text));
  return 0;
}

async function childrenByName(view: LedgerView, run: Run): Promise<ReadonlyMap<string, Run>> {
  const children = await Promise.all(run.children.map((child) => view.run(child.run)));
  return new Map(children.flatMap((child) => (child ? [[child.name, child] as const] : [])));
}
