import { GitArgumentError, GitPathError } from './errors.ts';
import { checkObjectId, checkPath } from './names.ts';
import type { NewCommit, Signature } from './repository.ts';

/** Pieces handed to git at once, in characters or bytes: large enough that the number of writes does not matter. */
const WRITE_SIZE = 64 * 1024;

/**
 * One commit as `git fast-import` reads it. Asks for the commit's id (`get-mark`), and leaves no ref behind: the branch
 * fast-import insists on is taken back (`from` the null id) before it is ever written.
 *
 * Pure; everything is checked before the first piece comes out.
 *
 * @param branch A ref nobody else uses.
 * @throws {GitPathError} A path is refused, or is a file and a folder at once.
 * @throws {GitArgumentError} The parent is not an id; the message or the author holds a NUL.
 */
export function fastImportStream(commit: NewCommit, branch: string): Iterable<string | Uint8Array> {
  const { parent, files, deletions = [], message, author } = commit;
  if (parent !== undefined) checkObjectId(parent);
  for (const path of files.keys()) checkPath(path);
  for (const path of deletions) checkPath(path);
  refuseFileAndFolder(files);
  if (message.includes('\0')) throw new GitArgumentError({ argument: message.slice(0, 80), problem: 'holds a NUL' });
  return gather(pieces(commit, branch, signatureText(author)));
}

function* pieces(commit: NewCommit, branch: string, signature: string): Generator<string | Uint8Array> {
  const { parent, files, deletions = [], message } = commit;
  // `feature done`: a stream that breaks off is an error and not half a commit.
  yield `feature done\ncommit ${branch}\nmark :1\nauthor ${signature}\ncommitter ${signature}\n`;
  yield* data(message);
  if (parent !== undefined) yield `from ${parent}\n`;
  for (const path of deletions) yield `D ${quote(path)}\n`;
  for (const [path, content] of files) {
    yield `M 100644 inline ${quote(path)}\n`;
    yield* data(content);
  }
  yield `get-mark :1\nreset ${branch}\nfrom ${'0'.repeat(40)}\ndone\n`;
}

function* data(content: string | Uint8Array): Generator<string | Uint8Array> {
  yield `data ${Buffer.byteLength(content)}\n`;
  yield content;
  yield '\n';
}

/** Everything but the three is taken as it stands between the quotes. */
function quote(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** Git has no way to write angle brackets or line ends in a name; it leaves them out too. */
function signatureText({ name, email, at }: Signature): string {
  const clean = (text: string): string => text.replaceAll(/[<>\n\0]/g, '').trim();
  const seconds = Math.floor(at / 1000);
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw new GitArgumentError({ argument: String(at), problem: 'is not a time after 1970' });
  }
  return `${clean(name)} <${clean(email)}> ${seconds} +0000`;
}

/** Git would keep whichever came last and lose the other without a word. */
function refuseFileAndFolder(files: ReadonlyMap<string, unknown>): void {
  for (const path of files.keys()) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      if (!files.has(path.slice(0, slash))) continue;
      throw new GitPathError({ path: path.slice(0, slash), problem: `is a file and the folder of ${path}` });
    }
  }
}

function* gather(parts: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    held.push(bytes);
    size += bytes.byteLength;
    if (size < WRITE_SIZE) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  yield Buffer.concat(held);
}
