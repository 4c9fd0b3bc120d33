import { machineClock } from './clock.ts';
import type { Io } from './io.ts';
import { runProgram } from './run-program.ts';
import { wantsColor } from './wants-color.ts';

/** The edge of the process: the only place that knows its streams, its signals and how it ends. */

const stop = new AbortController();
// Once each: whoever asks a second time does not want to wait. The reason is no error of ours on purpose, so that nothing on
// the way takes it for an outcome and records it.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(name)));

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has gone (`pointsman runs | head`). The work goes on: a switch must not be left halfway for that.
    if (error.code !== 'EPIPE') throw error;
  });
}

const io: Io = {
  environment: process.env,
  cwd: process.cwd(),
  out: (text) => process.stdout.write(text),
  say: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true,
  color: wantsColor(process.stdout.isTTY === true, process.env),
  clock: machineClock,
  signal: stop.signal,
};

const exitCode = await runProgram(io, process.argv.slice(2));
// Leaving at once would cut what a pipe has not taken yet.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
