import type { Run } from '../../ledger/run.ts';
import { runFolder } from '../../ledger/run-name.ts';
import { visible } from '../../plans/safe-text.ts';
import { composeReconciler, type RemoteOptions } from '../compose.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';

/** `pointsman runs`: what ran, newest first. */
export async function runsCommand(
  io: Io,
  { limit, json, ...remote }: RemoteOptions & { readonly limit: string; readonly json: boolean },
): Promise<ExitCode> {
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError({ problem: `--limit is "${limit}"`, next: 'Give a whole number from 1.' });
  }
  const deps = await composeReconciler(io, remote);
  const view = await deps.ledger.view(io.signal);
  const names = (await view.runNames()).slice(0, count);
  const runs = (await Promise.all(names.map((name) => view.run(name)))).filter((run): run is Run => run !== undefined);
  runs.sort((a, b) => b.startedAt - a.startedAt);
  io.out(deps.redact(json ? `${JSON.stringify(runs, undefined, 2)}\n` : renderRuns(runs)));
  return 0;
}

/** `pointsman show`: one run, as its page on the ledger tells it. */
export async function showCommand(
  io: Io,
  asked: string,
  { json, ...remote }: RemoteOptions & { readonly json: boolean },
): Promise<ExitCode> {
  const deps = await composeReconciler(io, remote);
  const view = await deps.ledger.view(io.signal);
  const all = await view.runNames();
  const names = all.includes(asked) ? [asked] : all.filter((name) => name.endsWith(asked));
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new UsageError({
      problem:
        name === undefined
          ? `no run is called ${asked}`
          : `${asked} fits ${names.length} runs: ${names.slice(0, 5).join(', ')}`,
      next: 'pointsman runs lists them.',
    });
  }
  const run = await view.run(name);
  const page = run && (await view.file(`${runFolder(run)}/README.md`));
  if (!run || page === undefined)
    throw new UsageError({
      problem: `${name} has no page on the ledger`,
      next: 'Run pointsman reconcile, which writes it again.',
    });
  io.out(deps.redact(json ? `${JSON.stringify(run, undefined, 2)}\n` : page));
  return 0;
}

function renderRuns(runs: readonly Run[]): string {
  if (runs.length === 0) return 'No run yet.\n';
  return renderTable([
    ['STATUS', 'STARTED (UTC)', 'RUN', 'WHY'],
    ...runs.map(({ status, startedAt, name, why }) => [
      status.toLowerCase(),
      new Date(startedAt).toISOString().slice(0, 16).replace('T', ' '),
      name,
      visible(why ?? ''),
    ]),
  ]);
}

/** Columns as wide as their widest cell, two spaces between them. */
function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
