import { GitCommandError } from './errors.ts';
import type { GitAt } from './git-at.ts';
import type { BlameLine, ObjectId } from './repository.ts';

/** @param line 1-based; the file has to have it. */
export async function blameLine(git: GitAt, commit: ObjectId, path: string, line: number): Promise<BlameLine> {
  const range = `${line},${line}`;
  // Whoever set blame.ignoreRevsFile means a file in their work tree: we run elsewhere, where git would end for want of it.
  const flags = ['--porcelain', '--encoding=UTF-8', '--no-ignore-revs-file'];
  const args = ['blame', ...flags, '-L', range, commit, '--', path];
  return parseBlame((await git.read(args)).output.toString('utf8'));
}

/** `git blame --porcelain` of one line: the commit, then `key value` lines, then a tab and the line itself. */
function parseBlame(text: string): BlameLine {
  const [first = '', ...rest] = text.split('\n');
  const values = new Map(rest.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
  const commit = /^([0-9a-f]{40}) /.exec(first)?.[1];
  const author = values.get('author');
  const seconds = values.get('author-time');
  const summary = values.get('summary');
  if (!commit || author === undefined || seconds === undefined || summary === undefined) {
    throw new GitCommandError({ command: 'blame', exitCode: 0, said: `unreadable output: ${first.slice(0, 200)}` });
  }
  return { commit, author, at: Number(seconds) * 1000, summary };
}
