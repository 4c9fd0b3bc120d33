import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { UsageError } from '../errors.ts';

/**
 * The run somebody means: by its name, or by the end of it.
 *
 * @throws {UsageError} No run ends so, or several do.
 */
export async function findRun(view: LedgerView, asked: string): Promise<Run> {
  const all = await view.runNames();
  const names = all.includes(asked) ? [asked] : all.filter((name) => name.endsWith(asked));
  const [name, ...others] = names;
  const run = name === undefined || others.length > 0 ? undefined : await view.run(name);
  if (run) return run;
  throw new UsageError({
    problem:
      name === undefined
        ? `no run is called ${asked}`
        : `${asked} fits ${names.length} runs: ${names.slice(0, 5).join(', ')}`,
    next: 'pointsman runs lists them.',
  });
}
