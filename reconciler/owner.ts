import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import type { Owner } from '../ledger/events.ts';

/**
 * Who we are on a lease. On Linux another process on the same machine can see from it that we are gone, so that a restart
 * does not have to wait for the lease to run out; elsewhere only time ends a lease.
 *
 * `scope` is the kernel's boot id and the process namespace: a pid means something only to those who share both.
 * Source: proc(5), namespaces(7).
 */
export function describeOwner(): Owner {
  const id = randomUUID();
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const scope = `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
    const startedTicks = startTicksOf(process.pid);
    return startedTicks === undefined ? { id } : { id, scope, pid: process.pid, startedTicks };
  } catch {
    return { id };
  }
}

/** True only where it is certain: same machine, same process namespace, and that process is gone or another one. */
export function isCertainlyDead(owner: Owner, us: Owner): boolean {
  if (owner.scope === undefined || owner.pid === undefined || owner.scope !== us.scope) return false;
  return startTicksOf(owner.pid) !== owner.startedTicks;
}

/**
 * Nobody works under that lease any more: its process is gone, or it is ours from an earlier pass. Passes of one process
 * follow each other, and one that failed has waited for every switch it was speaking to.
 */
export function isOver(owner: Owner, us: Owner): boolean {
  return owner.id === us.id || isCertainlyDead(owner, us);
}

/** Field 22 of /proc/<pid>/stat, or `undefined` when there is no such process. The name in field 2 may hold spaces. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not asked yet.
    return state === 'Z' || state === 'X' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}
