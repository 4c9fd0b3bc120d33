/** Sockets, TLS and HTTP of one switch. What a request means is decided by the handler it is given. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { IssuedCertificate } from './certificates.ts';
import type { Reply } from './replies.ts';

export interface RawRequest {
  readonly method: string;
  /** As on the wire. */
  readonly target: string;
  readonly authorization: string | undefined;
  /** UTF-8; empty when there was none. */
  readonly body: string;
}

/** What to do with one request. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** The connection is reset. */
  | { readonly kind: 'drop' }
  /** Nothing, for as long as the client waits. */
  | { readonly kind: 'hang' };

export interface ApiServer {
  readonly port: number;
  /** Resets open connections, each as soon as the answer it is sending is out, and until `open` every new one. */
  shut(): void;
  open(): void;
  /** Resets open connections once; new ones are welcome. */
  cut(): void;
  close(): Promise<void>;
}

export interface ApiServerOptions {
  readonly host: string;
  readonly port: number;
  readonly certificate: IssuedCertificate;
  readonly handle: (request: RawRequest) => Promise<Outcome>;
}

/**
 * The port stays bound while the switch is unreachable, and connections to it are reset: given back, another process
 * could take it.
 */
export async function startApiServer({ host, port, certificate, handle }: ApiServerOptions): Promise<ApiServer> {
  const sockets = new Set<Socket>();
  /** HTTP/1.1 without pipelining: one request at a time on each. */
  const answering = new Set<Socket>();
  const doomed = new Set<Socket>();
  let shut = false;
  let https: HttpsServer | undefined;

  const listener = createServer((socket) => {
    socket.on('error', () => {}); // A client that goes away is its own business.
    if (shut) {
      socket.resetAndDestroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      doomed.delete(socket);
      answering.delete(socket);
    });
    secure().emit('connection', socket);
  });

  // Made when somebody calls: a TLS context costs more than all the rest of a switch nobody talks to.
  function secure(): HttpsServer {
    if (https) return https;
    https = createHttpsServer({ key: certificate.keyPem, cert: certificate.certificatePem, keepAliveTimeout: 75_000 });
    https.on('request', (request, response) => void serve(request, response));
    https.on('tlsClientError', (_error, socket) => socket.destroy());
    return https;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const socket = rawSocket(request);
    response.on('error', () => {});
    answering.add(socket);
    response.on('close', () => {
      answering.delete(socket);
      if (doomed.has(socket)) socket.resetAndDestroy();
    });
    const body = await readBody(request);
    if (body === undefined) return;
    const { method = 'GET', url = '/', headers } = request;
    const outcome = await handle({ method, target: url, authorization: headers.authorization, body });
    if (outcome.kind === 'drop') socket.resetAndDestroy();
    else if (outcome.kind === 'hang') answering.delete(socket);
    else send(response, outcome.reply, method);
  }

  /** TLS sockets wrap the ones we were given; those are the ones that can be reset. */
  function rawSocket(request: IncomingMessage): Socket {
    const { remotePort, remoteAddress } = request.socket;
    const found = [...sockets].find((one) => one.remotePort === remotePort && one.remoteAddress === remoteAddress);
    return found ?? request.socket;
  }

  function cut(): void {
    for (const socket of sockets) {
      if (answering.has(socket)) doomed.add(socket);
      else socket.resetAndDestroy();
    }
  }

  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host, port, backlog: 64 }, resolve);
  });

  return {
    port: (listener.address() as AddressInfo).port,
    cut,
    shut() {
      shut = true;
      cut();
    },
    open() {
      shut = false;
    },
    async close() {
      shut = true;
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      https?.close();
      await closed;
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return undefined; // The client went away in the middle: there is nobody to answer.
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, { status, headers, body }: Reply, method: string): void {
  const text = body === undefined ? undefined : typeof body === 'string' && headers ? body : JSON.stringify(body);
  response.writeHead(status, {
    server: 'nginx',
    ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : text);
}
