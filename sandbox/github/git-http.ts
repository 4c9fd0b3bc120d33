import { gitEnvironment, spawnGit } from './run-git.ts';

export interface GitHttpRequest {
  readonly method: string;
  /** Behind the repository: `/info/refs`, `/git-upload-pack`, `/git-receive-pack`. */
  readonly path: string;
  readonly query: string;
  readonly user: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface GitHttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One request of Git's smart HTTP protocol, answered by the real `git http-backend` (CGI, RFC 3875). */
export async function performGitHttp(gitDir: string, request: GitHttpRequest): Promise<GitHttpReply> {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const env = {
    ...gitEnvironment(gitDir),
    GIT_PROJECT_ROOT: gitDir,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: header('git-protocol'),
    REQUEST_METHOD: request.method,
    PATH_INFO: request.path,
    QUERY_STRING: request.query,
    CONTENT_TYPE: header('content-type'),
    CONTENT_LENGTH: String(request.body.length),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    REMOTE_USER: request.user,
    REMOTE_ADDR: '127.0.0.1',
  };
  const { stdout } = await spawnGit(['http-backend'], env, request.body);
  return parseCgi(stdout);
}

function parseCgi(output: Buffer): GitHttpReply {
  const end = output.indexOf('\r\n\r\n');
  if (end < 0)
    return {
      status: 500,
      headers: { 'content-type': 'text/plain' },
      body: Buffer.from('git http-backend said nothing'),
    };
  const fields = output
    .subarray(0, end)
    .toString('latin1')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const);
  const { status = '200', ...headers } = Object.fromEntries(fields) as Record<string, string>;
  return { status: Number.parseInt(status, 10), headers, body: output.subarray(end + 4) };
}
