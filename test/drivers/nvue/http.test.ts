import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createNvueHttp, type NvueHttp } from '../../../drivers/nvue/http.ts';
import { createRedactor } from '../../../drivers/nvue/redact.ts';
import { createManualClock } from '../../../sandbox/clock.ts';
import { issueSelfSigned } from '../../../sandbox/switches/certificates.ts';
import { drivenClock, never } from '../lab.ts';
import { silent } from '../silent.ts';

const OLD = { username: 'cumulus', password: 'canary-old' };
const NEW = { username: 'cumulus', password: 'canary-new' };
const certificate = issueSelfSigned(['127.0.0.1']);
const HTML = '<html><body>502 Bad Gateway</body></html>';

/** Answers no switch should give, and some that they do give while their web server restarts. */
describe('HTTP', () => {
  let end: () => Promise<void>;
  afterEach(() => end());

  type Answer = (request: IncomingMessage, response: ServerResponse, n: number) => void;
  const json =
    (status: number, body: unknown): Answer =>
    (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
    };
  const page =
    (status: number): Answer =>
    (_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end(HTML);
    };

  async function serve(answer: Answer, logins = [OLD]) {
    const requests: string[] = [];
    const server = createServer({ cert: certificate.certificatePem, key: certificate.keyPem }, (request, response) => {
      requests.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      request.resume().on('end', () => answer(request, response, requests.length));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const clock = createManualClock();
    const target = { device: 'leaf01', host: '127.0.0.1', port, tls: { pins: [certificate.pin] }, logins };
    const http: NvueHttp = createNvueHttp(target, { clock: drivenClock(clock), log: silent }, createRedactor());
    end = async () => {
      await http.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return { http, requests, clock };
  }
  const basic = ({ username, password }: typeof OLD) =>
    `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

  it('asks again, later each time, when a GET meets a restarting server', async () => {
    const { http, requests, clock } = await serve((request, response, n) =>
      (n < 3 ? page(502) : json(200, { ok: true }))(request, response, n),
    );
    const startedAt = clock.now();

    expect(await http.get('/x', never)).toEqual({ status: 200, json: { ok: true } });

    expect(requests).toHaveLength(3);
    expect(clock.now() - startedAt).toBe(1500);
  });

  it('gives up asking after three times', async () => {
    const { http, requests } = await serve(page(503));

    await expect(http.get('/x', never)).rejects.toMatchObject({
      code: 'DRIVER_AGENT_DOWN',
      details: { status: 503, mayHaveActed: false },
    });

    expect(requests).toHaveLength(3);
  });

  it.each(['POST', 'PATCH', 'DELETE'] as const)(
    'sends %s once, and says that it may have been done',
    async (method) => {
      const { http, requests } = await serve(page(502));

      await expect(http.send(method, '/x', {}, never)).rejects.toMatchObject({
        code: 'DRIVER_AGENT_DOWN',
        details: { mayHaveActed: true },
      });

      expect(requests).toHaveLength(1);
    },
  );

  it('says of a change whose connection broke that it may have been done', async () => {
    const { http, requests } = await serve((request) => request.socket.destroy());

    await expect(http.send('PATCH', '/x', {}, never)).rejects.toMatchObject({
      code: 'DRIVER_UNREACHABLE',
      details: { mayHaveActed: true },
    });

    expect(requests).toHaveLength(1);
  });

  it.each([
    { case: 'HTML with a success status', answer: page(200) },
    {
      case: 'HTML that calls itself JSON',
      answer: ((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(HTML);
      }) as Answer,
    },
    {
      case: 'an empty body',
      answer: ((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end();
      }) as Answer,
    },
  ])('takes $case for unreadable, not for an empty configuration', async ({ answer }) => {
    const { http } = await serve(answer);

    await expect(http.get('/x', never, 1)).rejects.toMatchObject({ code: 'DRIVER_REPLY_UNREADABLE' });
  });

  it('takes text that is not UTF-8 for no answer', async () => {
    const { http } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x22, 0xff, 0x22]));
    });

    await expect(http.get('/x', never, 1)).rejects.toMatchObject({ code: 'DRIVER_UNREACHABLE' });
  });

  it('stops reading an answer of more than 32 MiB', async () => {
    const { http } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      const more = (left: number): void => {
        if (left === 0 || response.destroyed) response.end('{}');
        else response.write(chunk, () => more(left - 1));
      };
      more(34);
    });

    await expect(http.get('/x', never, 1)).rejects.toMatchObject({
      code: 'DRIVER_UNREACHABLE',
      details: { reason: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' },
    });
  });

  it('follows no redirect', async () => {
    const { http, requests } = await serve((_request, response) => {
      response.writeHead(302, { location: 'https://203.0.113.9/' }).end();
    });

    await expect(http.get('/x', never, 1)).rejects.toMatchObject({
      code: 'DRIVER_REQUEST_REFUSED',
      details: { status: 302 },
    });

    expect(requests).toHaveLength(1);
  });

  it('goes on with the login that was accepted last', async () => {
    const { http, requests } = await serve(
      (request, response, n) => {
        const known = request.headers.authorization === basic(NEW);
        (known ? json(200, {}) : page(401))(request, response, n);
      },
      [OLD, NEW],
    );

    await http.get('/x', never);
    await http.send('PATCH', '/x', {}, never);

    expect(requests.map((request) => request.split(' Basic')[0])).toEqual(['GET /x', 'GET /x', 'PATCH /x']);
  });

  it('passes on what the switch says of a refusal, without the values it echoes', async () => {
    const { http } = await serve(
      json(400, {
        title: 'Bad Request',
        detail: 'Validation failed',
        validation: {
          selected_errors: [
            { error: "'$nvsec$0f9c' is too short", instanceLocation: '/vrf/default/router/bgp/password' },
            { error: 'Not an IPv4 prefix', instanceLocation: '/interface/swp1/ip/address/10.0.0.1~132' },
          ],
        },
      }),
    );

    await expect(http.send('PATCH', '/x', {}, never)).rejects.toMatchObject({
      code: 'DRIVER_REQUEST_REFUSED',
      details: {
        refusals: [
          { location: '/vrf/default/router/bgp/password', words: "'«secret»' is too short" },
          { location: '/interface/swp1/ip/address/10.0.0.1~132', words: 'Not an IPv4 prefix' },
        ],
      },
    });
  });

  it('has no credential in any error', async () => {
    const { http } = await serve(page(401), [OLD, NEW]);

    const error = await http.get('/x', never).catch((failure) => failure);

    const text = JSON.stringify(error) + error.stack + String(error.cause?.stack);
    for (const secret of [OLD.password, NEW.password, basic(OLD), basic(NEW)]) expect(text).not.toContain(secret);
  });
});
