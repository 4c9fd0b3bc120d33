import type { PullRequest } from '../../forge/forge.ts';
import type { Run } from '../../ledger/run.ts';
import { runFolder } from '../../ledger/run-name.ts';
import { readingMarker, renderReading } from '../../plans/render-reading.ts';
import { recoveryOf } from '../../workflows/all-workflows.ts';
import { ledgerBranch, type ReconcilerDeps } from '../deps.ts';

/**
 * Tells on the pull request that brought a request how its run came out: a comment of its own for each. Told again it sends
 * nothing. Nobody waits for what the clock asks for; that is told on the ledger alone.
 */
export async function tellReading(
  deps: Pick<ReconcilerDeps, 'forge' | 'settings' | 'redact'>,
  run: Run,
  pullRequest: Pick<PullRequest, 'number'> | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!pullRequest || run.schedule !== undefined) return;
  const folder = `${deps.forge.webUrl}/blob/${ledgerBranch(deps.settings)}/${runFolder(run)}`;
  const recovery = recoveryOf(run);
  const text = renderReading({
    run,
    workflow: run.workflow,
    request: run.request ?? '',
    ...(recovery ? { recovery } : {}),
    links: [
      ...run.artifacts.map((file) => ({ label: file, url: `${folder}/${file}` })),
      { label: 'record of the run', url: `${folder}/README.md` },
    ],
  });
  await deps.forge.writeStickyComment(pullRequest.number, readingMarker(run.name), deps.redact(text), signal);
}
