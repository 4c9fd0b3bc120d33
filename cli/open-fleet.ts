import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { openRepository } from '../git/open-repository.ts';
import type { ObjectId, Repository } from '../git/repository.ts';
import { UsageError } from './errors.ts';
import type { Io } from './io.ts';

export interface FleetOptions {
  readonly fleet: string;
  readonly json: boolean;
}

/** The repository the `--fleet` folder belongs to. */
export async function openFleet(io: Io, { fleet }: FleetOptions): Promise<Repository> {
  const folder = resolve(io.cwd, fleet);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError({ problem: `${folder} is not a folder`, next: 'Give --fleet the folder of the fleet repo.' });
  }
  return openRepository(folder, { environment: io.environment });
}

/** A commit by any of its names, or the work tree as it is when none is given. */
export async function revisionOf(repository: Repository, commit: string | undefined): Promise<ObjectId> {
  if (commit === undefined) return repository.writeWorkTree();
  const found = await repository.resolve(commit);
  if (found === undefined) {
    throw new UsageError({
      problem: `this repository has no commit ${commit}`,
      next: 'git log shows what it has; git fetch brings more.',
    });
  }
  return found;
}
