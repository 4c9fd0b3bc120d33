import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type HttpAnswer,
  type HttpLimits,
  type HttpServer,
  type Route,
  startHttpServer,
} from '../../daemon/http-server.ts';
import { createLogBook } from './build.ts';

const LIMITS: HttpLimits = {
  largestBodyBytes: 1_000,
  allBodiesBytes: 1_500,
  headersWithinMilliseconds: 500_000,
  requestWithinMilliseconds: 600_000,
  lookEveryMilliseconds: 20,
  connections: 20,
};

let server: HttpServer | undefined;
let sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await server?.close();
  server = undefined;
});

async function listen(
  given: { readonly limits?: Partial<HttpLimits>; readonly answer?: () => Promise<HttpAnswer> } = {},
) {
  const bodies: string[] = [];
  const refused: number[] = [];
  const log = createLogBook();
  const routes = new Map<string, Route>([
    ['/health', { method: 'GET', answer: () => ({ status: 200, text: 'alive' }) }],
    [
      '/in',
      {
        method: 'POST',
        async answer({ rawBody }) {
          bodies.push(rawBody.toString('utf8'));
          return given.answer?.() ?? { status: 202, text: 'taken' };
        },
        onRefused: (status) => refused.push(status),
      },
    ],
  ]);
  server = await startHttpServer({ host: '127.0.0.1', port: 0, routes, limits: { ...LIMITS, ...given.limits }, log });
  return { url: `http://127.0.0.1:${server.port}`, port: server.port, bodies, refused, log };
}

/** A sender that says exactly what it is told to, and hears until the other side hangs up. */
function dial(port: number): {
  readonly socket: Socket;
  say(text: string): void;
  heard(): string;
  readonly hungUp: Promise<string>;
} {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
  });
  socket.on('error', () => undefined); // A reset is a way to hang up.
  return {
    socket,
    say: (text) => void socket.write(text),
    heard: () => heard,
    hungUp: new Promise((resolve) => socket.on('close', () => resolve(heard))),
  };
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate);
};

describe('the paths', () => {
  it('are few: everything else is 404, and a known one asked in another way 405 with what it takes', async () => {
    const { url } = await listen();
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(url + path, { method });
      return [response.status, response.headers.get('allow')];
    };

    expect(await ask('/health')).toEqual([200, null]);
    expect(await ask('/health?verbose=1')).toEqual([200, null]);
    expect(await ask('/health', 'HEAD')).toEqual([200, null]);
    expect(await ask('/health', 'DELETE')).toEqual([405, 'GET, HEAD']);
    expect(await ask('/in')).toEqual([405, 'POST']);
    expect(await ask('/')).toEqual([404, null]);
    expect(await ask('/health/')).toEqual([404, null]);
    expect(await ask('/__proto__')).toEqual([404, null]);
  });

  it('that are refused are hung up on as soon as all was said', async () => {
    const { port } = await listen();

    for (let asked = 0; asked < 20; asked++) {
      const one = dial(port);
      one.say('GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n');
      expect(await one.hungUp).toMatch(/^HTTP\/1\.1 404 /);
    }
  }, 10_000);

  it('tell no version and no stack, also when something breaks', async () => {
    const { url, log } = await listen({ answer: () => Promise.reject(new Error('of leaf01 at /srv/pointsman')) });
    const response = await fetch(`${url}/in`, { method: 'POST', body: 'x' });
    const told = `${JSON.stringify([...response.headers])} ${await response.text()}`;

    expect(response.status).toBe(500);
    expect(told).not.toMatch(/leaf01|srv|node|pointsman|\bat\b|\d+\.\d+\.\d+/i);
    expect(log.lines).toMatchObject([{ level: 'error', message: 'request not answered' }]);
  });
});

describe('a body', () => {
  it('of the largest size is taken whole', async () => {
    const { url, bodies } = await listen();
    const response = await fetch(`${url}/in`, { method: 'POST', body: 'ä'.repeat(500) });

    expect(response.status).toBe(202);
    expect(bodies).toEqual(['ä'.repeat(500)]);
  });

  it('that is announced as too large is refused before any of it is sent', async () => {
    const { port, refused } = await listen();
    const sender = dial(port);
    sender.say('POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n');

    expect(await sender.hungUp).toMatch(/^HTTP\/1\.1 413 .*\r\n[\s\S]*Connection: close/);
    expect(refused).toEqual([413]);
  });

  it('that becomes too large without having said so is refused while it is sent, and no more of it is kept', async () => {
    const { port, refused, bodies } = await listen();
    const sender = dial(port);
    sender.say('POST /in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `190\r\n${'x'.repeat(400)}\r\n`;
    sender.say(chunk);
    sender.say(chunk);
    sender.say(chunk);
    await until(() => sender.heard().includes('\r\n\r\n'));
    for (let more = 0; more < 50; more++) sender.say(chunk);

    expect(await sender.hungUp).toMatch(/^HTTP\/1\.1 413 /);
    expect(refused).toEqual([413]);
    expect(bodies).toEqual([]);
  });

  it('that is sent to its end before anybody listens for an answer is answered all the same', async () => {
    const { port } = await listen();
    const sender = dial(port);
    sender.socket.pause();
    sender.say(`POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 12000000\r\n\r\n`);
    const error = await new Promise((sent) =>
      sender.socket.write('x'.repeat(12_000_000), (failed) => sent(failed ?? 'none')),
    );
    sender.socket.resume();

    expect(error).toBe('none');
    expect(await sender.hungUp).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('without end is hung up on after it was refused', async () => {
    const { port } = await listen();
    const sender = dial(port);
    sender.say('POST /in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    const more = (): void =>
      void sender.socket.write(`190\r\n${'x'.repeat(400)}\r\n`, (error) => error || setImmediate(more));
    more();

    expect(await sender.hungUp).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('waits its turn elsewhere when all bodies together are as much as may be held', async () => {
    const { port, url, refused } = await listen();
    const slow = dial(port);
    slow.say(`POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(900)}`);
    let status = 0;
    // How far the first one has come cannot be seen from outside, so this is asked until it has.
    while (status !== 503) status = (await fetch(`${url}/in`, { method: 'POST', body: 'y'.repeat(700) })).status;
    slow.say('x'.repeat(100));
    await until(() => slow.heard().includes('202'));

    const after = await fetch(`${url}/in`, { method: 'POST', body: 'y'.repeat(700) });
    expect(refused).toEqual([503]);
    expect(after.status).toBe(202);
  });

  it('that ends in the middle is nobody’s delivery', async () => {
    const { port, url, bodies } = await listen();
    const sender = dial(port);
    sender.say('POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf of it');
    sender.socket.end();
    await sender.hungUp;
    await fetch(`${url}/health`);

    expect(bodies).toEqual([]);
  });
});

describe('a sender that takes its time', () => {
  it('with its headers is hung up on', async () => {
    const { port } = await listen({ limits: { headersWithinMilliseconds: 50 } });
    const sender = dial(port);
    sender.say('POST /in HTTP/1.1\r\nHost: x\r\nX-Slow: ');

    expect(await sender.hungUp).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('with its body is hung up on, and holds nobody else up', async () => {
    const { port, url, bodies } = await listen({
      limits: { headersWithinMilliseconds: 50, requestWithinMilliseconds: 100 },
    });
    const sender = dial(port);
    sender.say('POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx');

    expect((await fetch(`${url}/health`)).status).toBe(200);
    await sender.hungUp;
    expect(bodies).toEqual([]);
  });

  it('and says nothing at all is hung up on', async () => {
    const { port } = await listen({ limits: { headersWithinMilliseconds: 50 } });

    await expect(dial(port).hungUp).resolves.toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('by sending headers without end is told that they are too large', async () => {
    const { port } = await listen();
    const sender = dial(port);
    sender.say(`GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);

    expect(await sender.hungUp).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe('a port', () => {
  it('that is taken is an error that says so', async () => {
    const { port } = await listen();
    const second = startHttpServer({
      host: '127.0.0.1',
      port,
      routes: new Map(),
      limits: LIMITS,
      log: createLogBook(),
    });

    await expect(second).rejects.toMatchObject({
      code: 'DAEMON_ADDRESS_UNAVAILABLE',
      details: { host: '127.0.0.1', port, reason: 'EADDRINUSE' },
    });
  });
});
