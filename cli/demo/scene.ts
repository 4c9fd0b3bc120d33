import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DemoStory } from '../../sandbox/fleets/demo-stories.ts';
import type { World } from '../../sandbox/world.ts';
import type { ExitCode, Io } from '../io.ts';

/** What people do and see in a world, so that the story can be told without how. */
export interface Scene {
  /** For the commands. */
  readonly options: { readonly remote: string; readonly cache: string };
  /** Runs a command as the product would be run, and keeps what it prints. */
  run(
    command: (own: Io) => Promise<ExitCode>,
    onProgress?: (line: string) => void,
  ): Promise<{ readonly code: ExitCode; readonly out: string }>;
  /** Pushes a story's branch and opens a pull request. @returns Its number. */
  open(story: DemoStory, login: string): Promise<number>;
  /** The one comment on a pull request as a browser shows it, the first `opened` of its folded parts open. */
  comment(number: number, opened: number): string;
  gitDiff(branch: string): Promise<string>;
  ledgerLog(): Promise<string>;
  /** GitHub's clock tells seconds: what is approved in the second it was shown in does not count. */
  nextSecond(): Promise<void>;
}

export function createScene(io: Io, world: World, cache: string): Scene {
  const { github } = world;
  const options = { remote: github.remoteUrl, cache: join(cache, 'mirror') };
  return {
    options,
    async run(command, onProgress) {
      let out = '';
      let shown = '';
      const own: Io = {
        environment: { ...world.environment, PATH: io.environment['PATH'], HOME: io.environment['HOME'] },
        cwd: io.cwd,
        out: (text) => {
          out += text;
        },
        say: (text) => {
          const line = plain(text);
          if (onProgress && line && line !== shown) onProgress(line);
          shown = line;
        },
        isTerminal: onProgress !== undefined,
        color: false,
        clock: io.clock,
        signal: io.signal,
      };
      return { code: await command(own), out };
    },
    async open(story, login) {
      const actor = github.as(login);
      await actor.push(story.branch, Object.fromEntries(story.files), story.title);
      return actor.openPullRequest({ title: story.title, head: story.branch, body: story.body });
    },
    comment(number, opened) {
      const [comment] = github.comments(number);
      return comment ? asShown(comment.body, opened) : '(no comment)';
    },
    async gitDiff(branch) {
      return gitIn(github.gitDir, ['diff', '--unified=1', `main...${branch}`]);
    },
    async ledgerLog() {
      return gitIn(github.gitDir, ['log', '--format=%h %s', 'pointsman/ledger']);
    },
    async nextSecond() {
      const now = Date.now();
      await wait(1_100 - (now % 1_000), undefined, { signal: io.signal });
    },
  };
}

/** What a browser makes of a comment, as far as text can show it. */
function asShown(body: string, opened: number): string {
  let seen = 0;
  return body
    .replaceAll(/<!--.*?-->\n*/gs, '')
    .replaceAll(/<\/?sub>/g, '')
    .replaceAll(/<\/?code>/g, '`')
    .replaceAll(/<details><summary>(.*?)<\/summary>(.*?)<\/details>/gs, (_, title: string, content: string) => {
      seen += 1;
      return seen <= opened ? `▾ ${title}${content.trimEnd()}` : `▸ ${title}`;
    });
}

/** A line of progress without what moves the cursor. */
function plain(text: string): string {
  return text.replaceAll('\r', '').replaceAll('\u001b[2K', '').trim();
}

/** The reader's own git, as they would run it themselves. */
async function gitIn(gitDir: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', [`--git-dir=${gitDir}`, ...args]);
  return stdout;
}
