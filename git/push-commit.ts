import { GitNotFastForwardError } from './errors.ts';
import { checkObjectId, checkRef } from './names.ts';
import { withObjects } from './objects.ts';
import { readPushReport } from './push-report.ts';
import { type RemoteSide, talking } from './remote-side.ts';
import type { ObjectId, PushOutcome } from './repository.ts';

export interface Push {
  readonly ref: string;
  readonly commit: ObjectId;
  readonly expected: ObjectId | undefined;
}

/**
 * Compare-and-swap. The lease makes git refuse when the remote shows another position than `expected`; what the remote showed goes
 * back to it as the old value, which it compares again under its own lock. A lease alone would also let us rewind a branch:
 * that is refused here, before anything is sent.
 */
export async function pushCommit(side: RemoteSide, push: Push, signal: AbortSignal): Promise<PushOutcome> {
  const { ref, commit, expected } = push;
  checkRef(ref);
  checkObjectId(commit);
  if (expected !== undefined) await expectGrowth(side, { ref, commit, expected });

  const lease = `--force-with-lease=${ref}:${expected ?? ''}`;
  const args = ['push', ...PUSH_FLAGS, lease, 'origin', `${commit}:${ref}`];
  return talking(side, 'push', signal, async ({ git, error }) => {
    // 1: some ref was not pushed; the report says which and why.
    const { output, ...end } = await git.read(args, { signal, answers: [1] });
    const report = readPushReport(output.toString('utf8'), end, ref);
    switch (report.kind) {
      case 'pushed':
        await remember(side, ref, commit);
        return report;
      case 'moved':
        return report;
      case 'there-already':
        // Two writers can make the same commit in the same second; only one of them may hold the lock.
        return { kind: commit === expected ? 'pushed' : 'moved' };
      case 'rejected':
        throw error(`${report.reason}\n${end.said}`, 'rejected');
      case 'unclear':
        throw error(end.said);
      default:
        return report satisfies never;
    }
  });
}

const PUSH_FLAGS = [
  '--porcelain',
  '--no-verify',
  '--no-signed',
  '--no-follow-tags',
  '--no-recurse-submodules',
  '--no-force-if-includes',
] as const;

async function expectGrowth({ local }: RemoteSide, push: Push & { readonly expected: ObjectId }): Promise<void> {
  const { ref, commit, expected } = push;
  const args = ['merge-base', '--is-ancestor', checkObjectId(expected), commit];
  const { exitCode } = await withObjects(local, [expected, commit], () => local.ask(args, { answers: [1] }));
  if (exitCode !== 0) throw new GitNotFastForwardError({ ref, commit, expected });
}

/** Spares the next fetch a conversation. The push has happened whether or not this works. */
async function remember({ local }: RemoteSide, ref: string, commit: ObjectId): Promise<void> {
  await local.ask(['update-ref', ref, commit]).catch(() => undefined);
}
