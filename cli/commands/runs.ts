import { summaryOf } from '../../ledger/run-index.ts';
import { composeLedger } from '../compose-ledger.ts';
import type { RemoteOptions } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';
import { renderRunList } from '../runs/render-list.ts';
import { type FilterOptions, parseFilter, selectRuns } from '../runs/select-runs.ts';

/** `pointsman runs`: what ran and what is under way, newest first. */
export async function runsCommand(
  io: Io,
  { remote, cache, json, ...options }: RemoteOptions & FilterOptions & { readonly json: boolean },
): Promise<ExitCode> {
  const filter = parseFilter(options);
  const { ledger, redact } = await composeLedger(io, { ...(remote ? { remote } : {}), ...(cache ? { cache } : {}) });
  const runs = await selectRuns(await ledger.view(io.signal), filter);
  io.out(redact(json ? `${JSON.stringify(runs.map(summaryOf), undefined, 2)}\n` : renderRunList(runs)));
  return 0;
}
