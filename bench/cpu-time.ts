import { existsSync, readFileSync } from 'node:fs';

export const CLOCK_TICK_MS = 10;

/** User and system time so far: of this process, and of the children it had that ended, which are all git. */
export function cpuTimeSoFar(): { readonly ownCpuMs: number; readonly gitCpuMs: number } {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return { ownCpuMs: (userCPUTime + systemCPUTime) / 1000, gitCpuMs: cpuOfChildren() };
}

/** Node does not tell; Linux does (proc_pid_stat(5), fields 16 and 17). */
function cpuOfChildren(): number {
  if (!existsSync('/proc/self/stat')) return 0;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The second field is in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * CLOCK_TICK_MS;
}
