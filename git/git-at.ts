import { type SimpleGitOptions, simpleGit } from 'simple-git';
import { GitCommandError } from './errors.ts';
import { type GitCall, type GitEnd, runGit, streamGit } from './run-git.ts';

/** How a command is given and judged. */
interface CommandOptions extends Pick<GitCall, 'input' | 'signal'> {
  /** Exit codes beside 0 that are answers and not failures. */
  readonly answers?: readonly number[];
  /** Added to the child's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where to run, when not in the Git folder. */
  readonly folder?: string;
}

/** Git commands in one repository. What another exit code than 0 or one of `answers` means is always {@link GitCommandError}. */
export interface GitAt {
  readonly gitDir: string;
  /** A short question with a short answer in UTF-8. */
  ask(
    args: readonly string[],
    options?: Pick<CommandOptions, 'answers'>,
  ): Promise<{ readonly exitCode: number; readonly text: string }>;
  /** Output as bytes, in one piece. */
  read(args: readonly string[], options?: CommandOptions): Promise<GitEnd & { readonly output: Buffer }>;
  /** Output as bytes, while it comes. */
  stream(args: readonly string[], onOutput: (chunk: Buffer) => void, options?: CommandOptions): Promise<void>;
}

/**
 * @param gitDir Absolute. Named to git by GIT_DIR, so that nothing is searched for and no argument carries it.
 * @param environment As `gitEnvironment` makes it.
 */
export function createGitAt(gitDir: string, environment: Readonly<Record<string, string>>): GitAt {
  const variables = { ...environment, GIT_DIR: gitDir };
  const call = (args: readonly string[], options: CommandOptions): GitCall => ({
    args,
    folder: options.folder ?? gitDir,
    environment: { ...variables, ...options.environment },
    ...(options.input && { input: options.input }),
    ...(options.signal && { signal: options.signal }),
  });

  return {
    gitDir,

    async ask(args, { answers = [] } = {}) {
      let end: GitEnd = { exitCode: 0, said: '' };
      const git = simpleGit({
        baseDir: gitDir,
        unsafe: OUR_OWN_DOING,
        allowEnvironment: Object.keys(variables),
        // simple-git judges by stderr; we judge by the exit code, below.
        errors(failure, { exitCode, stdErr }) {
          end = { exitCode, said: Buffer.concat(stdErr).toString('utf8').trim().slice(-2000) };
          return exitCode > 0 ? undefined : failure;
        },
      }).env(variables);
      const text = await git.raw([...args]).catch((cause: unknown) => {
        throw new GitCommandError({ command: args[0] ?? '', said: end.said || 'git could not be started' }, { cause });
      });
      refuseOther(args, end, answers);
      return { exitCode: end.exitCode, text };
    },

    async read(args, options = {}) {
      const end = await runGit(call(args, options));
      refuseOther(args, end, options.answers ?? []);
      return end;
    },

    async stream(args, onOutput, options = {}) {
      refuseOther(args, await streamGit(call(args, options), onOutput), options.answers ?? []);
    },
  };
}

/** simple-git refuses these in case they come from a stranger. Here they come from `gitEnvironment` alone. */
const OUR_OWN_DOING: NonNullable<SimpleGitOptions['unsafe']> = {
  allowUnsafeAskPass: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeExec: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeHooksPath: true,
  allowUnsafeSshCommand: true,
};

function refuseOther(args: readonly string[], { exitCode, said }: GitEnd, answers: readonly number[]): void {
  if (exitCode === 0 || answers.includes(exitCode)) return;
  throw new GitCommandError({ command: args[0] ?? '', exitCode, said });
}
