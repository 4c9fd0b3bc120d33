import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PointsmanError } from '../../schemas/errors.ts';
import type { Io } from '../io.ts';
import { renderError } from '../render-error.ts';
import type { ActionHost } from './action-host.ts';
import type { ActionResult, Ended } from './action-result.ts';
import { masksFor } from './masks.ts';
import { performTask } from './perform-task.ts';
import { readAnswer } from './read-answer.ts';
import { type ActionOrder, type ActionTask, readOrder, SECRET_INPUTS } from './read-order.ts';
import { readSecretLines, secretsIn } from './secret-lines.ts';

/** GitHub shows ten of a level a step and drops the rest without a word. Source: GitHub Docs, "Workflow commands". */
const MOST_ANNOTATIONS = 10;

/**
 * One command of ours as a step of a job. Never throws.
 *
 * @returns What the step exits with: 0 also for changes (2) and for what is blocked or waits (3), which a plan is for.
 */
export async function runAction(host: ActionHost): Promise<0 | 1> {
  // Before the first line of anything else.
  for (const mask of masksFor(secretsOf(host))) host.mask(mask);
  try {
    const order = readOrder(host, readEvent(host.environment['GITHUB_EVENT_PATH']));
    const ended = await quoted(host, () => perform(host, order, order.task));
    const result = readAnswer(order.task.command, ended);
    await quoted(host, async () => host.print(result.text));
    await tell(host, result, ended.code);
    await afterPass(host, order, ended);
    return ended.code === 1 ? 1 : 0;
  } catch (error) {
    await quoted(host, async () => host.print(renderError(error)));
    const message = error instanceof PointsmanError ? `${error.message}\n${error.next}` : 'This is a bug in Pointsman.';
    host.annotate({ level: 'error', title: 'Pointsman', message });
    return 1;
  }
}

/** Unreadable ones are masked line by line all the same; that they cannot be read is told later. */
function secretsOf({ input, environment }: ActionHost): readonly string[] {
  const given = SECRET_INPUTS.map((name) => input(name));
  return [...given, ...valuesIn(input('secrets')), ...secretsIn(environment)];
}

function valuesIn(text: string): readonly string[] {
  try {
    return [...readSecretLines(text).values()];
  } catch {
    return text.split('\n').map((line) => line.slice(line.indexOf('=') + 1).trim());
  }
}

function readEvent(path: string | undefined): unknown {
  if (path === undefined) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')) as unknown;
}

/**
 * Titles, branches and devices are in what we print, and the runner would obey a line of theirs that looks like a command.
 * Between these two lines it obeys nothing, and nobody can guess the second. Source: GitHub Docs, "Workflow commands".
 */
async function quoted<T>(host: ActionHost, work: () => Promise<T>): Promise<T> {
  const token = randomUUID();
  host.print(`::stop-commands::${token}\n`);
  try {
    return await work();
  } finally {
    host.print(`\n::${token}::\n`);
  }
}

async function perform(host: ActionHost, { environment, cache }: ActionOrder, task: ActionTask): Promise<Ended> {
  let out = '';
  let said = '';
  const io: Io = {
    environment,
    cwd: host.cwd,
    clock: host.clock,
    signal: host.signal,
    isTerminal: false,
    color: false,
    out: (text) => {
      out += text;
    },
    // At once, for somebody who watches. To the same stream as all the rest: between two, the runner knows no order.
    say: (text) => {
      said += text;
      host.print(text);
    },
  };
  const code = await performTask(io, task, cache);
  return { code, out, said };
}

async function tell(host: ActionHost, result: ActionResult, code: number): Promise<void> {
  for (const level of ['error', 'warning'] as const) {
    const all = result.annotations.filter((annotation) => annotation.level === level);
    const shown = all.length > MOST_ANNOTATIONS ? all.slice(0, MOST_ANNOTATIONS - 1) : all;
    for (const annotation of shown) host.annotate(annotation);
    if (shown.length < all.length) {
      host.annotate({
        level,
        title: `${all.length - shown.length} more`,
        message: 'The summary of this run lists them.',
      });
    }
  }
  for (const [name, value] of Object.entries({
    verdict: result.verdict,
    'exit-code': String(code),
    ...result.outputs,
  })) {
    host.output(name, value);
  }
  await host.summarise(result.summary);
}

/** What is looked at beside a pass never makes it a failed one: people would stop reading red. */
async function afterPass(host: ActionHost, order: ActionOrder, pass: Ended): Promise<void> {
  const { schedule, heartbeat } = order;
  if (schedule) {
    const alive = await quoted(host, () => perform(host, order, schedule));
    if (alive.code !== 0) {
      const { verdict } = readAnswer('alive', alive);
      host.annotate({ level: 'warning', title: 'The schedule does not fire', message: verdict });
    }
  }
  if (heartbeat === undefined || pass.code === 1) return;
  try {
    await host.ping(heartbeat);
  } catch {
    // Not its message: it may quote the address, and whoever knows that can keep the alarm quiet.
    host.annotate({
      level: 'warning',
      title: 'The heartbeat was not delivered',
      message: 'The pass itself ended well. If this goes on, the service that watches raises its alarm.',
    });
  }
}
