/** The process `passes.ts` starts: passes one after the other, when asked to, as a service that does not end in between. */

import { machineClock } from '../cli/clock.ts';
import { composeReconciler } from '../cli/compose.ts';
import { connect } from '../cli/connect.ts';
import type { Io } from '../cli/io.ts';
import { runPass } from '../reconciler/pass.ts';
import { cpuTimeSoFar } from './cpu-time.ts';
import type { PassAnswer } from './passes.ts';

const [remote = '', cache = ''] = process.argv.slice(2);
const io: Io = {
  environment: process.env,
  cwd: process.cwd(),
  out: () => {},
  say: (text) => process.stderr.write(text),
  isTerminal: false,
  color: false,
  clock: machineClock,
  signal: new AbortController().signal,
};
const options = { remote, cache };
const connection = await connect(io, options);

async function pass(): Promise<PassAnswer> {
  const before = cpuTimeSoFar();
  const start = performance.now();
  const repository = await connection.reopen();
  const { failures } = await runPass(
    await composeReconciler(io, options, undefined, { ...connection, repository }),
    io.signal,
  );
  const wallMs = performance.now() - start;
  const { ownCpuMs, gitCpuMs } = cpuTimeSoFar();
  return {
    failures: failures.map(({ about, error }) => `${about}: ${error.message}`),
    wallMs,
    ownCpuMs: ownCpuMs - before.ownCpuMs,
    gitCpuMs: gitCpuMs - before.gitCpuMs,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

process.on('message', () => {
  pass().then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ failures: [String(error)] }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
