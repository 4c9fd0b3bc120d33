import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Ended, runChild } from '../cli/run.ts';
import { type Command, obey, readOutputs } from './runner.ts';
import { root } from './workflow-files.ts';

export interface ActionMetadata {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly description: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: { readonly using: string; readonly main: string };
}

export const metadata = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as ActionMetadata;

/** The one default that is an expression. */
const TOKEN = `$\{{ github.token }}`;

export interface StepOptions {
  readonly inputs: Readonly<Record<string, string>>;
  /** Origin of the emulated GitHub, without a slash at the end. */
  readonly server: string;
  readonly token: string;
  /** As GitHub describes it in GITHUB_EVENT_PATH. */
  readonly event?: unknown;
  readonly ref?: string;
}

export interface StepEnded extends Ended {
  /** What the runner obeys, in order. */
  readonly commands: readonly Command[];
  /** What people read. */
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** A step that uses the action: an empty folder, the inputs with their defaults, and the variables a job has. Nothing else. */
export async function runStep(entry: string, options: StepOptions): Promise<StepEnded> {
  const { inputs, server, token, event = {}, ref = 'refs/heads/main' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-step-'));
  const file = (name: string, text = ''): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  mkdirSync(join(folder, 'workspace'));
  mkdirSync(join(folder, 'temp'));
  const given = Object.entries(metadata.inputs).map(([name, { default: unset = '' }]) => {
    const value = inputs[name] ?? (unset === TOKEN ? token : unset);
    return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value] as const;
  });
  const output = file('output');
  const summary = file('summary');
  const ended = await runChild(process.execPath, [entry], {
    cwd: join(folder, 'workspace'),
    environment: {
      ...Object.fromEntries(given),
      PATH: process.env['PATH'] ?? '',
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: `${server}/api/v3`,
      GITHUB_EVENT_PATH: file('event.json', JSON.stringify(event)),
      GITHUB_OUTPUT: output,
      GITHUB_REF: ref,
      GITHUB_REPOSITORY: 'acme/fleet',
      GITHUB_SERVER_URL: server,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_WORKFLOW_REF: 'acme/fleet/.github/workflows/pointsman.yml@refs/heads/main',
      RUNNER_TEMP: join(folder, 'temp'),
    },
  });
  const { commands, log } = obey(ended.out);
  return {
    ...ended,
    commands,
    log: log.join('\n'),
    outputs: readOutputs(readFileSync(output, 'utf8')),
    summary: readFileSync(summary, 'utf8'),
  };
}
