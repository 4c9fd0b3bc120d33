import type { PullRequest } from '../../forge/forge.ts';
import type { ObjectId } from '../../git/repository.ts';
import { prose } from '../../plans/safe-text.ts';
import { fleetRef, type ReconcilerDeps } from '../deps.ts';
import { BranchMissingError, GateContendedError } from '../errors.ts';
import { type GateAsked, gateBody, gateBranch, gateFile, gatePath, gateTitle } from './gate-words.ts';

/**
 * Opens the pull request that asks for an approval, or brings the one there is up to date. A digest that moved is a new
 * commit on its branch, so that GitHub itself shows what was said of the one before as out of date.
 *
 * Dying anywhere in it, the next call ends the same: branch and pull request follow from the run's name.
 */
export async function openGate(deps: ReconcilerDeps, asked: GateAsked, signal: AbortSignal): Promise<PullRequest> {
  const branch = gateBranch(asked.run);
  const head = await writeBranch(deps, asked, branch, signal);
  const opened = await deps.forge.openPullRequest(
    {
      branch,
      base: deps.settings.branch ?? 'main',
      title: deps.redact(gateTitle(asked)),
      body: deps.redact(gateBody(asked, prose(asked.why))),
    },
    signal,
  );
  // The forge may not have seen our push yet; what we show belongs to the commit we wrote.
  return { ...opened, head: { ...opened.head, commit: head } };
}

async function writeBranch(
  deps: ReconcilerDeps,
  asked: GateAsked,
  branch: string,
  signal: AbortSignal,
): Promise<ObjectId> {
  const { repository, clock, author } = deps;
  const ref = `refs/heads/${branch}`;
  const base = fleetRef(deps.settings);
  const found = await repository.fetch([ref, base], signal);
  const current = found.get(ref);
  const parent = current ?? found.get(base);
  if (!parent) throw new BranchMissingError({ ref: base });

  const path = gatePath(asked.run, asked.stage);
  const file = gateFile(asked);
  if (current && (await repository.readFile(current, path)) === file) return current;
  const commit = await repository.writeCommit({
    parent,
    files: new Map([[path, file]]),
    message: `${gateTitle(asked)}\n\nRun: ${asked.run}\nDigest: ${asked.digest}\n`,
    author: { ...author, at: clock.now() },
  });
  const pushed = await repository.push(ref, commit, current, signal);
  if (pushed.kind === 'moved') throw new GateContendedError({ branch });
  return commit;
}
