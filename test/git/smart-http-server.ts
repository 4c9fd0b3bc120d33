import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What to do with a request instead of, or around, serving it. */
type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly location?: string }
  /** As a proxy answers that wants a sign-in first. */
  | { readonly kind: 'page' }
  /** Never answers. */
  | { readonly kind: 'silence' }
  /** Lets git do everything, then hangs up without a word. */
  | { readonly kind: 'hang-up-after' };

export interface SmartHttpServer {
  readonly url: string;
  /** `GET /repo.git/info/refs?service=git-upload-pack` */
  readonly requests: readonly string[];
  readonly authorizations: readonly (string | undefined)[];
  /** Decides about each request; `undefined` serves it. */
  fault: (request: string) => Fault | undefined;
}

/** Serves the repositories below `root` with the real `git http-backend`, to whoever sends the token. */
export async function serveSmartHttp(root: string, token: string): Promise<SmartHttpServer> {
  const wanted = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push(line);
    authorizations.push(request.headers.authorization);
    const fault = self.fault(line);
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'page') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><h1>Sign in</h1></html>');
      return;
    }
    if (fault?.kind === 'status') {
      response.writeHead(fault.status, fault.location ? { location: fault.location } : {}).end('no\n');
      return;
    }
    if (request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    runBackend(root, request, response, fault?.kind === 'hang-up-after');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });

  const { port } = server.address() as AddressInfo;
  const self: SmartHttpServer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    authorizations,
    fault: () => undefined,
  };
  return self;
}

/** The CGI convention (RFC 3875), as far as git uses it. */
function runBackend(root: string, request: IncomingMessage, response: ServerResponse, hangUp: boolean): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://host');
  const header = (name: string): string => String(request.headers[name] ?? '');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      REMOTE_USER: 'someone',
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => undefined);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.on('close', () => {
    if (hangUp) {
      request.socket.destroy();
      return;
    }
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    const headers = output
      .subarray(0, end)
      .toString('latin1')
      .split('\r\n')
      .map(
        (line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const,
      );
    const status = Number(headers.find(([name]) => name === 'status')?.[1].slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'status')));
    response.end(output.subarray(end + 4));
  });
}
