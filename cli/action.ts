import * as core from '@actions/core';
import type { ActionHost } from './action/action-host.ts';
import { runAction } from './action/run-action.ts';
import { machineClock } from './clock.ts';

/** The edge of the process when it is a step of a GitHub Actions job (action.yml). */

const PING_LIMIT_MS = 10_000;

const stop = new AbortController();
// The runner sends SIGINT when a job is cancelled, SIGTERM seconds later, and then kills.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(name)));

const host: ActionHost = {
  environment: process.env,
  cwd: process.cwd(),
  clock: machineClock,
  signal: stop.signal,
  input: (name) => core.getInput(name),
  mask: (value) => core.setSecret(value),
  print: (text) => process.stdout.write(text),
  annotate({ level, title, message, file, line, column }) {
    const say = level === 'error' ? core.error : core.warning;
    say(message, {
      title,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { startLine: line }),
      ...(column === undefined ? {} : { startColumn: column }),
    });
  },
  output: (name, value) => core.setOutput(name, value),
  async summarise(markdown) {
    // Absent on runners that are not GitHub's own software.
    if (process.env['GITHUB_STEP_SUMMARY']) await core.summary.addRaw(markdown).write();
  },
  async ping(url) {
    const answer = await fetch(url, { method: 'POST', redirect: 'error', signal: AbortSignal.timeout(PING_LIMIT_MS) });
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
  },
};

const exitCode = await runAction(host);
process.stdout.write('', () => process.exit(exitCode));
