/** Imported into a process that is measured: leaves what it used in the file POINTSMAN_BENCH_USAGE when it ends. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Usage } from './measure.ts';

const CLOCK_TICK_MS = 10;

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage: Usage = {
    ownCpuMs: (userCPUTime + systemCPUTime) / 1000,
    gitCpuMs: cpuOfChildren(),
    peakMegabytes: maxRSS / 1024,
  };
  writeFileSync(process.env['POINTSMAN_BENCH_USAGE'] ?? '', JSON.stringify(usage));
});

/** Of the children that ended, which are all git. Node does not tell; Linux does (proc_pid_stat(5), fields 16 and 17). */
function cpuOfChildren(): number {
  if (!existsSync('/proc/self/stat')) return 0;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The second field is in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * CLOCK_TICK_MS;
}
