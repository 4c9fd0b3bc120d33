import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../schemas/log.ts';
import { AddressUnavailableError } from './errors.ts';
import { type BodyReader, createBodyReader } from './read-body.ts';

export interface HttpAnswer {
  readonly status: number;
  /** One line for whoever reads it. Tells no version, no stack, nothing of the fleet. */
  readonly text: string;
  /** `text/plain; charset=utf-8` unless given. */
  readonly type?: string;
}

export interface HttpRequest {
  readonly headers: IncomingMessage['headers'];
  readonly rawBody: Buffer;
}

/** What is done at one path. Everything else there is 405, and every other path 404. */
export type Route =
  | { readonly method: 'GET'; answer(): HttpAnswer | Promise<HttpAnswer> }
  | {
      readonly method: 'POST';
      answer(request: HttpRequest): Promise<HttpAnswer>;
      /** Of a body that was not read; told so that it can be counted. */
      onRefused(status: 413 | 503): void;
    };

export interface HttpLimits {
  readonly largestBodyBytes: number;
  /** Bodies being read at the same time, together. */
  readonly allBodiesBytes: number;
  readonly headersWithinMilliseconds: number;
  readonly requestWithinMilliseconds: number;
  /** How often requests that take too long are looked for. */
  readonly lookEveryMilliseconds: number;
  readonly connections: number;
}

export interface HttpServerDeps {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** By path. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly limits: HttpLimits;
  readonly log: Log;
}

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** Answers what has come in, takes nothing more, and is gone. */
  close(): Promise<void>;
}

const LARGEST_HEADERS_BYTES = 16 * 1024;
const KEEP_ALIVE_MS = 5_000;
const REQUESTS_PER_CONNECTION = 1_000;
/** What answers that are under way may take when the server closes, and what a refused sender may take to read why. */
const LINGER_MS = 1_000;

/**
 * Listens.
 *
 * @throws {AddressUnavailableError} Somebody else does already, or we may not.
 */
export async function startHttpServer(deps: HttpServerDeps): Promise<HttpServer> {
  const { limits, log } = deps;
  const bodies = createBodyReader({ largestBytes: limits.largestBodyBytes, togetherBytes: limits.allBodiesBytes });
  const server = createServer(
    {
      maxHeaderSize: LARGEST_HEADERS_BYTES,
      headersTimeout: limits.headersWithinMilliseconds,
      requestTimeout: limits.requestWithinMilliseconds,
      connectionsCheckingInterval: limits.lookEveryMilliseconds,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => {
      answer(deps.routes, bodies, request, response).catch((error: unknown) => {
        log.error({ err: error }, 'request not answered');
        if (response.headersSent) response.destroy();
        else say(response, { status: 500, text: 'Something went wrong here. The log of the service says what.' });
      });
    },
  );
  server.maxConnections = limits.connections;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { host, port } = deps;
      reject(new AddressUnavailableError({ host, port, reason: error.code ?? 'unknown' }, { cause: error }));
    });
    server.listen(deps.port, deps.host, resolve);
  });
  server.on('error', (error) => log.error({ err: error }, 'server failed'));

  const { address: host, port } = server.address() as AddressInfo;
  return {
    host,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const enough = setTimeout(() => server.closeAllConnections(), LINGER_MS);
      await closed;
      clearTimeout(enough);
    },
  };
}

async function answer(
  routes: HttpServerDeps['routes'],
  bodies: BodyReader,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = routes.get((request.url ?? '').split('?', 1)[0] ?? '');
  if (!route) return refuse(request, response, { status: 404, text: 'There is nothing here.' });
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method !== route.method) {
    response.setHeader('Allow', route.method === 'GET' ? 'GET, HEAD' : 'POST');
    return refuse(request, response, { status: 405, text: `Only ${route.method} is answered here.` });
  }
  if (route.method === 'GET') return say(response, await route.answer());

  const body = await bodies.read(request);
  switch (body.kind) {
    case 'whole':
      return say(response, await route.answer({ headers: request.headers, rawBody: body.bytes }));
    case 'too-large':
      route.onRefused(413);
      return refuse(request, response, { status: 413, text: 'That is more than is read here.' });
    case 'too-many':
      route.onRefused(503);
      return refuse(request, response, { status: 503, text: 'Too much at once. Send it again later.' });
    case 'cut':
      response.destroy();
      return;
    default:
      body satisfies never;
  }
}

function say(response: ServerResponse, answer: HttpAnswer): void {
  const { status, headers, bytes } = asSent(answer);
  response.writeHead(status, headers);
  response.end(bytes);
}

/**
 * Answers somebody who may still be sending, and hangs up when they are done, or have had their time. What comes meanwhile is
 * thrown away unread; hanging up at once would reset the connection, and the answer with it.
 */
function refuse(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  const { status, headers, bytes } = asSent(answer);
  response.writeHead(status, { ...headers, Connection: 'close' });
  response.write(bytes);
  const hangUp = setTimeout(() => response.end(), LINGER_MS);
  response.once('close', () => clearTimeout(hangUp));
  request.once('end', () => response.end());
  request.resume();
}

function asSent({ status, text, type = 'text/plain; charset=utf-8' }: HttpAnswer) {
  const bytes = Buffer.from(text.endsWith('\n') ? text : `${text}\n`);
  const headers = {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
  return { status, headers, bytes };
}
