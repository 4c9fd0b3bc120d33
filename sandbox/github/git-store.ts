import { existsSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { gitEnvironment, runGit, spawnGit } from './run-git.ts';

export interface GitPerson {
  readonly name: string;
  readonly email: string;
}

export interface StoredCommit {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: GitPerson & { readonly at: number };
  readonly committer: GitPerson & { readonly at: number };
  readonly message: string;
}

/** One commit with the given tree. */
interface CommitOrder {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: GitPerson;
  readonly committer: GitPerson;
  readonly message: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** What one file became between two commits. */
export interface ChangedFile {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified' | 'changed';
  /** Blob id afterwards; of a removed file the one before. */
  readonly blob: string;
  readonly additions: number;
  readonly deletions: number;
}

/** A bare repository of the emulated GitHub, through the real git. */
export interface GitStore {
  readonly gitDir: string;
  /** Every ref and where it is. */
  refs(): Promise<ReadonlyMap<string, string>>;
  resolve(revision: string): Promise<string | undefined>;
  updateRef(ref: string, to: string, from?: string): Promise<void>;
  deleteRef(ref: string): Promise<void>;
  commit(id: string): Promise<StoredCommit>;
  /** Commits in `from..to`, oldest first. All of `to` when `from` is absent. */
  commits(to: string, from?: string): Promise<readonly StoredCommit[]>;
  isAncestor(ancestor: string, of: string): Promise<boolean>;
  mergeBase(one: string, other: string): Promise<string | undefined>;
  /** Takes refs and what they lead to from another repository on this machine. */
  fetch(gitDir: string, refspecs: readonly string[]): Promise<void>;
  /**
   * Adds one commit to a branch; the branch is made where `from` stands when it does not exist.
   *
   * @param order.force The branch goes to the new commit even when what it was is not behind that.
   */
  commitFiles(order: {
    readonly branch: string;
    readonly from?: string;
    readonly files: Readonly<Record<string, string | null>>;
    readonly author: GitPerson;
    readonly message: string;
    readonly at: number;
    readonly force?: boolean;
  }): Promise<string>;
  commitTree(order: CommitOrder): Promise<string>;
  /** @returns The merged tree; `undefined` when they conflict. */
  mergeTree(ours: string, theirs: string): Promise<string | undefined>;
  /** @returns The tree of `onto` with what `commit` did to its parent; `undefined` when that conflicts. */
  replayTree(commit: StoredCommit, onto: string): Promise<string | undefined>;
  /** What `to` did since it left `from`. A renamed file is one that went and one that came. */
  changedFiles(from: string, to: string): Promise<readonly ChangedFile[]>;
}

/** Pull request refs are GitHub's own: fetched by everybody, pushed by nobody. */
const CONFIGURATION = `[receive]
	denyNonFastForwards = true
	hideRefs = refs/pull
[http]
	receivepack = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[gc]
	auto = 0
`;

const NOBODY: GitPerson = { name: 'Nobody', email: 'nobody@example.com' };
const FIELDS = ['%H', '%T', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'].join('%x00');

/** Opens the bare repository at `gitDir`, making it first when it is not there. */
export async function createGitStore(gitDir: string): Promise<GitStore> {
  if (!existsSync(`${gitDir}/HEAD`)) {
    await mkdir(gitDir, { recursive: true });
    await runGit(gitDir, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', gitDir]);
    await appendFile(`${gitDir}/config`, CONFIGURATION);
  }

  async function commitTree({ tree, parents, author, committer, message, at }: CommitOrder): Promise<string> {
    const date = `@${Math.floor(at / 1000)} +0000`;
    const env = {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
      GIT_COMMITTER_DATE: date,
    };
    const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])];
    return (await runGit(gitDir, args, { input: message, env })).trim();
  }

  async function readCommits(which: readonly string[]): Promise<readonly StoredCommit[]> {
    const fields = (await runGit(gitDir, ['log', '-z', `--format=${FIELDS}%x00`, ...which])).split('\0');
    const found: StoredCommit[] = [];
    // Ten fields and the separator of -z.
    for (let i = 0; i + 10 < fields.length; i += 11) found.push(toCommit(fields.slice(i, i + 10)));
    return found;
  }

  async function mergeTree(ours: string, theirs: string): Promise<string | undefined> {
    const args = [
      '--git-dir',
      gitDir,
      'merge-tree',
      '--write-tree',
      '--no-messages',
      '--allow-unrelated-histories',
      ours,
      theirs,
    ];
    const { exitCode, stdout } = await spawnGit(args, gitEnvironment(gitDir));
    return exitCode === 0 ? stdout.toString('utf8').trim() : undefined;
  }

  return {
    gitDir,
    commitTree,
    mergeTree,

    async refs() {
      const lines = (await runGit(gitDir, ['for-each-ref', '--format=%(objectname) %(refname)'])).split('\n');
      return new Map(lines.filter(Boolean).map((line) => [line.slice(41), line.slice(0, 40)]));
    },

    async resolve(revision) {
      const args = [
        '--git-dir',
        gitDir,
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${revision}^{commit}`,
      ];
      const { exitCode, stdout } = await spawnGit(args, gitEnvironment(gitDir));
      return exitCode === 0 ? stdout.toString('utf8').trim() : undefined;
    },

    async updateRef(ref, to, from) {
      await runGit(gitDir, ['update-ref', ref, to, ...(from ? [from] : [])]);
    },

    async deleteRef(ref) {
      await runGit(gitDir, ['update-ref', '-d', ref]);
    },

    commits: (to, from) => readCommits(['--reverse', '--topo-order', to, ...(from ? [`^${from}`] : [])]),

    async commit(id) {
      const [found] = await readCommits(['-1', id]);
      if (!found) throw new TypeError(`the emulated GitHub lost ${id}`);
      return found;
    },

    async isAncestor(ancestor, of) {
      const args = ['--git-dir', gitDir, 'merge-base', '--is-ancestor', ancestor, of];
      return (await spawnGit(args, gitEnvironment(gitDir))).exitCode === 0;
    },

    async mergeBase(one, other) {
      const { exitCode, stdout } = await spawnGit(
        ['--git-dir', gitDir, 'merge-base', one, other],
        gitEnvironment(gitDir),
      );
      return exitCode === 0 ? stdout.toString('utf8').trim() : undefined;
    },

    async fetch(from, refspecs) {
      await runGit(gitDir, ['fetch', '--quiet', '--no-tags', from, ...refspecs]);
    },

    async commitFiles({ branch, from, files, author, message, at, force }) {
      const date = `${Math.floor(at / 1000)} +0000`;
      const who = `${author.name} <${author.email}> ${date}`;
      const text = [
        `commit refs/heads/${branch}`,
        'mark :1',
        `author ${who}`,
        `committer ${who}`,
        data(message),
        ...(from ? [`from ${from}`] : []),
        ...Object.entries(files).map(([path, content]) =>
          content === null ? `D ${quoted(path)}` : `M 100644 inline ${quoted(path)}\n${data(content)}`,
        ),
        '',
        'get-mark :1',
        'done',
        '',
      ].join('\n');
      const args = ['fast-import', '--quiet', '--done', '--date-format=raw', ...(force ? ['--force'] : [])];
      return (await runGit(gitDir, args, { input: text })).trim();
    },

    async replayTree(commit, onto) {
      // git cherry-picks without a work tree only since 2.40; three made-up commits give the same three-way merge before.
      const made = { author: NOBODY, committer: NOBODY, message: 'replay', at: 0 };
      const before = await commitTree({ ...made, tree: `${commit.parents[0]}^{tree}`, parents: [] });
      const ours = await commitTree({ ...made, tree: `${onto}^{tree}`, parents: [before] });
      const theirs = await commitTree({ ...made, tree: commit.tree, parents: [before] });
      return mergeTree(ours, theirs);
    },

    async changedFiles(from, to) {
      const args = ['diff', '--raw', '--numstat', '--no-renames', '--abbrev=40', '-z', `${from}...${to}`];
      return parseChangedFiles(await runGit(gitDir, args));
    },
  };
}

const STATUS_WORDS: Readonly<Record<string, ChangedFile['status']>> = { A: 'added', D: 'removed', M: 'modified' };

/** Reads `--raw` and `--numstat`, which git gives one after the other in the same order. */
function parseChangedFiles(output: string): readonly ChangedFile[] {
  const fields = output.split('\0').filter(Boolean);
  const raw = fields.filter((field) => field.startsWith(':')).length;
  return Array.from({ length: raw }, (_, index) => {
    const [, , before = '', after = '', letter = ''] = (fields[index * 2] ?? '').split(' ');
    const [additions, deletions] = (fields[raw * 2 + index] ?? '').split('\t');
    const status = STATUS_WORDS[letter] ?? 'changed';
    return {
      path: fields[index * 2 + 1] ?? '',
      status,
      blob: status === 'removed' ? before : after,
      additions: Number(additions) || 0,
      deletions: Number(deletions) || 0,
    };
  });
}

function toCommit(fields: readonly string[]): StoredCommit {
  const [id = '', tree = '', parents = '', an = '', ae = '', at = '', cn = '', ce = '', ct = '', message = ''] = fields;
  return {
    id,
    tree,
    parents: parents.split(' ').filter(Boolean),
    author: { name: an, email: ae, at: Number(at) * 1000 },
    committer: { name: cn, email: ce, at: Number(ct) * 1000 },
    message: message.replace(/\n$/, ''),
  };
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

/** A path as fast-import wants it when it could be misread. */
function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
