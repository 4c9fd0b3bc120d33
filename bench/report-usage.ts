/** Imported into a process that is measured: leaves what it used in the file POINTSMAN_BENCH_USAGE when it ends. */
import { writeFileSync } from 'node:fs';
import { cpuTimeSoFar } from './cpu-time.ts';
import type { Usage } from './measure.ts';

process.on('exit', () => {
  const usage: Usage = { ...cpuTimeSoFar(), peakMegabytes: process.resourceUsage().maxRSS / 1024 };
  writeFileSync(process.env['POINTSMAN_BENCH_USAGE'] ?? '', JSON.stringify(usage));
});
