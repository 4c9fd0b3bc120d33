import { checkObjectId } from './names.ts';
import { type RemoteSide, talking } from './remote-side.ts';
import type { ObjectId } from './repository.ts';

/** A branch that nobody has, and that this does not make either. */
const REF = 'refs/heads/pointsman/nothing-is-pushed-here';

/** All of a push but the push: the remote is asked for its place to write, which it shows only to those who may. */
export async function tryPush(side: RemoteSide, commit: ObjectId, signal: AbortSignal): Promise<void> {
  const args = ['push', '--dry-run', '--porcelain', '--no-verify', 'origin', `${checkObjectId(commit)}:${REF}`];
  await talking(side, 'push', signal, ({ git }) => git.read(args, { signal }));
}
