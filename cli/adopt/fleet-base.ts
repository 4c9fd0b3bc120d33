import type { AdoptedFile, FleetText } from '../../desired-state/adopted-files.ts';
import type { Fleet } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { ObjectId, Repository, Signature } from '../../git/repository.ts';
import { FleetInvalidError } from '../../reconciler/errors.ts';
import { platforms } from '../../reconciler/platforms.ts';

/** The fleet switches are adopted into, as it is before. */
export interface FleetBase extends FleetText {
  readonly repository: Repository;
  /** Commit, or tree of the work tree. */
  readonly revision: ObjectId;
}

/**
 * Reads the whole fleet. It has to be valid: what adopting adds is judged together with what is there.
 *
 * @throws {FleetInvalidError}
 */
export async function readFleetBase(repository: Repository, revision: ObjectId): Promise<FleetBase> {
  const fleet = await fleetAt(repository, revision);
  const paths = [...fleet.roles.values(), ...fleet.sites.values()].map(({ file }) => file);
  return { repository, revision, fleet, texts: await repository.readFiles(revision, paths) };
}

/** @throws {FleetInvalidError} */
export async function fleetAt(repository: Repository, revision: ObjectId): Promise<Fleet> {
  const loaded = await loadFleet({ repository, revision }, { platforms, render: true });
  if (loaded.kind === 'invalid') throw new FleetInvalidError({ revision, problems: loaded.problems });
  return loaded.fleet;
}

/**
 * The fleet with these files in it, as a commit that no branch points to: to look at before anything is written.
 *
 * @param parent Absent: a commit by itself, since a work tree is no commit.
 */
export async function commitWith(
  { repository, revision }: FleetBase,
  files: readonly AdoptedFile[],
  { author, message, parent }: { readonly author: Signature; readonly message: string; readonly parent?: ObjectId },
): Promise<ObjectId> {
  const added = files.flatMap((file): [string, string][] => (file.kind === 'removed' ? [] : [[file.path, file.text]]));
  const deletions = files.filter(({ kind }) => kind === 'removed').map(({ path }) => path);
  if (parent !== undefined) {
    return repository.writeCommit({ parent, files: new Map(added), deletions, message, author });
  }
  const entries = await repository.listFiles(revision);
  const blobs = await repository.readBlobs(entries.map(({ blob }) => blob));
  const kept = entries.filter(({ path }) => !deletions.includes(path));
  const there = kept.map(({ path, blob }): [string, Uint8Array] => [path, blobs.get(blob) ?? new Uint8Array()]);
  return repository.writeCommit({
    files: new Map<string, string | Uint8Array>([...there, ...added]),
    message,
    author,
  });
}
