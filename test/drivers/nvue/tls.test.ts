import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Target } from '../../../drivers/driver.ts';
import { driverFor } from '../../../drivers/registry.ts';
import { createManualClock } from '../../../sandbox/clock.ts';
import { createSandboxCa, type IssuedCertificate, issueSelfSigned } from '../../../sandbox/switches/certificates.ts';
import { drivenClock, never } from '../lab.ts';
import { silent } from '../silent.ts';

/** Promise: not a byte of the password to anybody who has not proved to be the switch. */
describe('the identity of the switch', () => {
  const PASSWORD = 'canary-password';
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const ca = createSandboxCa();
  const selfSigned = issueSelfSigned(['127.0.0.1', 'leaf01']);
  const signed = ca.issue(['127.0.0.1', 'leaf01.example.net']);
  const signedForAnother = ca.issue(['192.0.2.99', 'leaf99.example.net']);
  const impostor = issueSelfSigned(['127.0.0.1', 'leaf01']);

  async function serve(certificate: IssuedCertificate, status = 200) {
    const requests: { readonly authorization: string | undefined; readonly host: string | undefined }[] = [];
    const server: Server = createServer(
      { cert: certificate.certificatePem, key: certificate.keyPem },
      (request, response) => {
        requests.push({ authorization: request.headers.authorization, host: request.headers.host });
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ hostname: 'leaf01', 'product-release': '5.11.1', 'serial-number': 'MT0001' }));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const connections = () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
    return { port: (server.address() as AddressInfo).port, requests, connections };
  }

  async function open(port: number, tls: Target['tls'], host = '127.0.0.1') {
    const target = { device: 'leaf01', host, port, tls, logins: [{ username: 'cumulus', password: PASSWORD }] };
    const deps = { clock: drivenClock(createManualClock()), log: silent, pollMilliseconds: 1000 };
    const session = await driverFor('cumulus').open(target, deps, never);
    closing.push(() => session.close());
    return session;
  }

  it.each([
    { case: 'a pinned self-signed certificate', certificate: selfSigned, tls: { pins: [selfSigned.pin] } },
    { case: 'the second of two pins', certificate: selfSigned, tls: { pins: [impostor.pin, selfSigned.pin] } },
    { case: 'a chain to the CA for the address', certificate: signed, tls: { ca: ca.certificatePem } },
    {
      case: 'a chain to the CA for the server name',
      certificate: signed,
      tls: { ca: ca.certificatePem, serverName: 'leaf01.example.net' },
    },
    {
      case: 'a chain to the CA while the pin is of the certificate before',
      certificate: signed,
      tls: { ca: ca.certificatePem, pins: [selfSigned.pin] },
    },
    {
      case: 'a pin while the CA knows nothing of the certificate',
      certificate: selfSigned,
      tls: { ca: ca.certificatePem, pins: [selfSigned.pin] },
    },
  ])('is proved by $case', async ({ certificate, tls }) => {
    const { port, requests } = await serve(certificate);

    const identity = await (await open(port, tls)).identify(never);

    expect(identity.pin).toBe(certificate.pin);
    expect(requests.every(({ authorization }) => authorization?.startsWith('Basic '))).toBe(true);
  });

  it.each([
    { case: 'another certificate than the pinned one', certificate: impostor, tls: { pins: [selfSigned.pin] } },
    {
      case: 'a self-signed certificate where a CA is asked for',
      certificate: impostor,
      tls: { ca: ca.certificatePem },
    },
    {
      case: 'a certificate of the CA for another switch',
      certificate: signedForAnother,
      tls: { ca: ca.certificatePem },
    },
    {
      case: 'a certificate of the CA for another server name',
      certificate: signed,
      tls: { ca: ca.certificatePem, serverName: 'leaf99.example.net' },
    },
    {
      case: 'a certificate of another CA of the same name',
      certificate: createSandboxCa().issue(['127.0.0.1', 'leaf01']),
      tls: { ca: ca.certificatePem },
    },
    {
      case: 'neither the pin nor the chain',
      certificate: impostor,
      tls: { ca: ca.certificatePem, pins: [selfSigned.pin] },
    },
  ])('is not proved by $case, and the password is not sent', async ({ certificate, tls }) => {
    const { port, requests } = await serve(certificate);

    const opening = open(port, tls);

    await expect(opening).rejects.toMatchObject({
      code: 'DRIVER_IDENTITY_MISMATCH',
      disposition: 'needs-human',
      next: expect.stringContaining(certificate.pin),
      details: { foundPin: certificate.pin, expectedPins: 'pins' in tls ? tls.pins : [] },
    });
    expect(requests).toEqual([]);
  });

  it('is asked for by its name even when an address is dialled', async () => {
    const { port, requests } = await serve(signed);

    await open(port, { ca: ca.certificatePem, serverName: 'leaf01.example.net' });

    expect(requests[0]?.host).toBe(`leaf01.example.net:${port}`);
  });

  it.each([
    { case: 'it was another certificate', certificate: impostor, status: 200 },
    { case: 'the login was refused', certificate: selfSigned, status: 401 },
  ])('leaves no connection open when $case', async ({ certificate, status }) => {
    const { port, connections } = await serve(certificate, status);

    await expect(open(port, { pins: [selfSigned.pin] })).rejects.toMatchObject({ disposition: 'needs-human' });

    await expect.poll(connections).toBe(0);
  });

  it('is not waited for where nobody speaks TLS', async () => {
    const server = createTcpServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('SSH-2.0-OpenSSH_9.2\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(() => resolve())));

    await expect(open((server.address() as AddressInfo).port, { pins: [selfSigned.pin] })).rejects.toMatchObject({
      code: 'DRIVER_UNREACHABLE',
      details: { mayHaveActed: false },
    });
  });
});
