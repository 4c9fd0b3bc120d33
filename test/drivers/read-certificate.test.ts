import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readCertificate } from '../../drivers/read-certificate.ts';
import { createLab, type Lab, never } from './lab.ts';

let close: () => Promise<void>;
afterEach(() => close());

describe('readCertificate()', () => {
  it('says which certificate is shown, and asks the switch nothing', async () => {
    const lab: Lab = await createLab();
    close = lab.close;
    const { host, port } = lab.target;

    const shown = await readCertificate({ device: 'leaf01', host, port }, never);

    expect(shown.pin).toBe(lab.switch.pin);
    expect(shown.subject).toMatch(/leaf01|127\.0\.0\.1/);
    expect(shown.validTo).toBeGreaterThan(0);
    expect(lab.switch.requests()).toEqual([]);
  });

  it('says that somebody answers who does not speak TLS', async () => {
    const server = createServer((socket) => socket.end('220 hello\r\n', () => socket.destroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => new Promise((resolve) => server.close(() => resolve()));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;

    await expect(readCertificate({ device: 'leaf01', host: '127.0.0.1', port }, never)).rejects.toMatchObject({
      code: 'DRIVER_UNREACHABLE',
      details: { device: 'leaf01', port, mayHaveActed: false },
    });
  });

  it('ends with the reason of whoever asked it to stop, before and while it waits', async () => {
    const connected = Promise.withResolvers<void>();
    const server = createServer((socket) => {
      socket.on('error', () => {});
      connected.resolve();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => new Promise((resolve) => server.close(() => resolve()));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const [reason, stop] = [new Error('stop'), new AbortController()];

    const never = readCertificate({ device: 'x', host: '127.0.0.1', port }, AbortSignal.abort(reason));
    await expect(never).rejects.toBe(reason);

    const waiting = readCertificate({ device: 'x', host: '127.0.0.1', port }, stop.signal);
    await connected.promise;
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
