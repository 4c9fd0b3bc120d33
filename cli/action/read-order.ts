import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import type { ActionHost } from './action-host.ts';
import { readSecretLines } from './secret-lines.ts';

/** Commands that make sense in a job. A closed list: an input never becomes any other. */
const COMMANDS = ['plan', 'reconcile', 'validate', 'matrix', 'alive'] as const;

export type ActionTask =
  | { readonly command: 'plan'; readonly pullRequest: string; readonly sites?: readonly string[] }
  | { readonly command: 'reconcile'; readonly sites?: readonly string[] }
  | { readonly command: 'matrix' }
  /** `ref` is only ever read as data. */
  | { readonly command: 'validate'; readonly ref: string }
  | AliveTask;

/** As the command line takes them: `90m`, `pointsman.yml`. */
interface AliveTask {
  readonly command: 'alive';
  readonly within: string;
  readonly workflow: string;
}

/** What the inputs ask for. */
export interface ActionOrder {
  readonly task: ActionTask;
  /** Folder for the copy of the fleet repo. The runner empties it after the job. */
  readonly cache: string;
  /** For the commands: nothing of the inputs but what they are meant for. */
  readonly environment: Io['environment'];
  /** Looked at after a pass. Absent: not. */
  readonly schedule?: AliveTask;
  /** Told after a pass that ended well. */
  readonly heartbeat?: string;
}

/** Inputs that hold secrets. Masked before anything else is read. */
export const SECRET_INPUTS = ['github-token', 'app-private-key', 'secrets', 'heartbeat-url'] as const;

/**
 * @param event What set the job off, as GitHub describes it; `undefined` when there is no description.
 * @throws {UsageError} The inputs do not fit together.
 */
type Inputs = Pick<ActionHost, 'input' | 'environment'>;

export function readOrder(host: Inputs, event: unknown): ActionOrder {
  const environment = environmentFrom(host);
  const task = taskFrom(host, event);
  const within = host.input('schedule-within');
  const heartbeat = heartbeatFrom(host);
  return {
    task,
    cache: join(host.environment['RUNNER_TEMP'] ?? tmpdir(), 'pointsman'),
    environment,
    ...(task.command === 'reconcile' && within !== '' ? { schedule: aliveTask(within, host.environment) } : {}),
    ...(task.command === 'reconcile' && heartbeat !== undefined ? { heartbeat } : {}),
  };
}

function taskFrom({ input, environment }: Inputs, event: unknown): ActionTask {
  const asked = input('command');
  const command = COMMANDS.find((known) => known === asked);
  switch (command) {
    case 'plan':
      return { command, pullRequest: pullRequestFrom(input('pull-request'), event), ...sitesFrom(input('site')) };
    case 'reconcile':
      return { command, ...sitesFrom(input('site')) };
    case 'matrix':
      return { command };
    case 'validate':
      return { command, ref: refFrom(input('pull-request'), environment) };
    case 'alive':
      return aliveTask(input('schedule-within'), environment);
    default:
      throw new UsageError({
        problem: `the input command is ${JSON.stringify(asked)}`,
        next: `Use one of ${COMMANDS.join(', ')}.`,
      });
  }
}

function sitesFrom(site: string): { readonly sites?: readonly string[] } {
  return site === '' ? {} : { sites: [site] };
}

/** The input, else the pull request the event is about: one of its own, or the one a comment stands on. */
function pullRequestFrom(asked: string, event: unknown): string {
  const number = asked === '' ? String(numberIn(event) ?? '') : asked;
  if (/^[1-9][0-9]{0,9}$/.test(number)) return number;
  throw new UsageError({
    problem: asked === '' ? 'no pull request was named, and the event is about none' : 'pull-request is no number',
    next: 'Give the input pull-request the number of a pull request.',
  });
}

function numberIn(event: unknown): unknown {
  const { pull_request, issue } = (event ?? {}) as {
    readonly pull_request?: { readonly number?: unknown };
    readonly issue?: { readonly number?: unknown; readonly pull_request?: unknown };
  };
  return pull_request?.number ?? (issue?.pull_request ? issue.number : undefined);
}

/** What merging the pull request would give, as GitHub keeps it; else what the job is about. Only ever read as data. */
function refFrom(asked: string, environment: Io['environment']): string {
  const ref = asked === '' ? (environment['GITHUB_REF'] ?? '') : `refs/pull/${pullRequestFrom(asked, undefined)}/merge`;
  if (ref.startsWith('refs/')) return ref;
  throw new UsageError({
    problem: 'it is not known what to validate',
    next: 'Give the input pull-request the number of a pull request, or run it in a job that has GITHUB_REF.',
  });
}

function aliveTask(within: string, environment: Io['environment']): AliveTask {
  return { command: 'alive', within, workflow: workflowFile(environment) };
}

/**
 * The file of the workflow that is running, for reusable ones the file of their caller.
 * Source of the form `owner/name/.github/workflows/file.yml@ref`: GitHub Actions, "Variables reference".
 */
function workflowFile({ GITHUB_WORKFLOW_REF: reference = '' }: Io['environment']): string {
  const file = /\/\.github\/workflows\/(?<file>[^/@]+\.ya?ml)@/.exec(reference)?.groups?.['file'];
  if (file) return file;
  throw new UsageError({
    problem: 'it is not known which workflow has the schedule: GITHUB_WORKFLOW_REF does not say',
    next: 'Run it in a GitHub Actions job, or leave schedule-within empty.',
  });
}

/** Only what the commands read by name; the App outranks the token of the job, which is then not handed on at all. */
function environmentFrom({ input, environment }: Inputs): Io['environment'] {
  const [appId, key, installation] = [input('app-id'), input('app-private-key'), input('app-installation-id')];
  const token = input('github-token');
  const signIn: Io['environment'] =
    appId !== '' || key !== ''
      ? {
          ...(appId === '' ? {} : { POINTSMAN_APP_ID: appId }),
          ...(key === '' ? {} : { POINTSMAN_APP_PRIVATE_KEY: key }),
          ...(installation === '' ? {} : { POINTSMAN_APP_INSTALLATION_ID: installation }),
        }
      : token === ''
        ? {}
        : { POINTSMAN_GITHUB_TOKEN: token };
  const others = Object.entries(environment).filter(([name]) => !/^(?:INPUT_|GITHUB_TOKEN$|ACTIONS_)/.test(name));
  return { ...Object.fromEntries(others), ...Object.fromEntries(readSecretLines(input('secrets'))), ...signIn };
}

function heartbeatFrom({ input }: Pick<ActionHost, 'input'>): string | undefined {
  const url = input('heartbeat-url');
  if (url === '') return undefined;
  if (URL.canParse(url) && new URL(url).protocol === 'https:') return url;
  throw new UsageError({
    problem: 'the input heartbeat-url is no https address',
    next: 'Take it from the service that watches, as it is.',
  });
}
