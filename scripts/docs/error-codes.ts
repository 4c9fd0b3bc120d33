import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ForgeAppNotInstalledError, ForgeRefusedError, ForgeSignInRefusedError } from '../../forge/errors.ts';
import { GitRemoteError, type RemoteProblem } from '../../git/errors.ts';
import type { Disposition, PointsmanError } from '../../schemas/errors.ts';

/** One row of the table of errors. */
export interface ErrorCode {
  readonly code: string;
  /** Only for an error that says different things at different times. */
  readonly case?: string;
  readonly disposition: Disposition;
  /** What happened: the comment above the class. */
  readonly what: string;
  readonly next: string;
}

/** Errors by the folder whose `errors.ts` declares them, in the order of the file. */
export function readErrorCodes(root: string): ReadonlyMap<string, readonly ErrorCode[]> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?:^|\/)errors\.ts$/.test(file) && !/^(?:node_modules|test|schemas)\//.test(file))
    .sort();
  return new Map(files.map((file) => [file.replace(/\/errors\.ts$/, ''), readFile(join(root, file))]));
}

const DECLARATION =
  /(?:\/\*\*(?<comment>(?:(?!\*\/)[\s\S])*)\*\/\n)?export class \w+ extends PointsmanError \{\n(?<body>[\s\S]*?)^\}/gm;

/** @throws {Error} A declaration is not of the form this reader knows, so the table would be short of it. */
function readFile(file: string): readonly ErrorCode[] {
  const text = readFileSync(file, 'utf8');
  const found = [...text.matchAll(DECLARATION)].flatMap(({ groups = {} }) =>
    rowsOf(file, groups['comment'] ?? '', groups['body'] ?? ''),
  );
  const declared = text.match(/extends PointsmanError/g)?.length ?? 0;
  const codes = new Set(found.map(({ code }) => code));
  if (codes.size !== declared) throw new Error(`${file} declares ${declared} errors, ${codes.size} could be read`);
  return found;
}

function rowsOf(file: string, comment: string, body: string): readonly ErrorCode[] {
  const code = /readonly code = '(\w+)';/.exec(body)?.[1];
  if (code === undefined) throw new Error(`${file} has an error without a code`);
  const what = sentencesOf(comment);
  const cases = SAID_BY_CASE[code];
  if (cases) return cases().map((row) => ({ code, what, ...row }));

  const disposition = /readonly disposition(?:: Disposition)? = '([\w-]+)';/.exec(body)?.[1];
  const next = /(?:readonly|this\.)\s*next =\s+((?:'[^']*'|`[^`]*`)(?:\s*\+\s*(?:'[^']*'|`[^`]*`))*);/.exec(body)?.[1];
  if (disposition === undefined || next === undefined || what === '') {
    throw new Error(`${code} in ${file}: its comment, disposition or advice is not where it is looked for`);
  }
  return [{ code, what, disposition: disposition as Disposition, next: textOf(next) }];
}

/** What string literals say, put together; what is filled in stands as `<name>`. */
function textOf(literals: string): string {
  return [...literals.matchAll(/'([^']*)'|`([^`]*)`/g)]
    .map(([, plain, template = '']) => plain ?? template.replaceAll(/\$\{(?:details\.)?(\w+)[^}]*\}/g, '`<$1>`'))
    .join('');
}

function sentencesOf(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, ''))
    .join(' ')
    .replaceAll(/\{@link (\w+)[^}]*\}/g, '`$1`')
    .trim();
}

type Case = Pick<ErrorCode, 'case' | 'disposition' | 'next'>;

/** Errors whose advice depends on what happened are asked, one by one. */
const SAID_BY_CASE: Readonly<Record<string, () => readonly Case[]>> = {
  CLI_USAGE: () => [
    { disposition: 'needs-human', next: 'The message says what to give; `--help` says what there is.' },
  ],
  CLI_SWITCH_NOT_ADOPTABLE: () => [
    { disposition: 'needs-human', next: 'The message says why: give the switch a name of its own, or leave it out.' },
  ],
  FORGE_REFUSED: () =>
    [401, 403, 404, 422, 301].map((status) =>
      asked(new ForgeRefusedError({ request: '', status, reason: '' }), STATUS_WORDS[status] ?? String(status)),
    ),
  FORGE_SIGN_IN_REFUSED: () =>
    (['key', 'clock'] as const).map((likely) =>
      asked(new ForgeSignInRefusedError({ appId: '', reason: '', likely }), likely),
    ),
  FORGE_APP_NOT_INSTALLED: () =>
    (['not-installed', 'suspended'] as const).map((problem) =>
      asked(new ForgeAppNotInstalledError({ appId: '', repository: '`<repository>`', problem }), problem),
    ),
  GIT_REMOTE_FAILED: () =>
    REMOTE_PROBLEMS.map((problem) =>
      asked(new GitRemoteError({ operation: 'fetch', url: '', problem, said: '' }), problem),
    ),
};

const STATUS_WORDS: Readonly<Record<number, string>> = { 301: 'a redirect', 422: 'any other refusal' };

const REMOTE_PROBLEMS = Object.keys({
  unreachable: true,
  'timed-out': true,
  busy: true,
  refused: true,
  'not-found': true,
  untrusted: true,
  rejected: true,
} satisfies Record<RemoteProblem, true>) as readonly RemoteProblem[];

function asked({ disposition, next }: PointsmanError, which?: string): Case {
  return { disposition, next, ...(which === undefined ? {} : { case: which }) };
}
