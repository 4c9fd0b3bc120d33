import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import type { Target } from '../driver.ts';
import { IdentityMismatchError, IdentityNotConfiguredError } from '../errors.ts';
import { TIMEOUTS_MS } from './facts.ts';

export interface VerifiedConnector {
  readonly connector: buildConnector.connector;
  /** `sha256:<64 hex>` of the certificate shown on the last connection. Empty before the first. */
  pin(): string;
}

/** The connection was never usable: nothing has been sent on it. */
export class ConnectFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectFailure';
  }
}

/**
 * A connector that hands a socket over only after the switch has proved who it is, so that no byte of `Authorization` is
 * ever written to somebody else: Basic auth would give him the password.
 *
 * A pin that matches is enough, and so is a chain to the CA that names the switch: with both configured either may be
 * rotated without the other. The certificate is judged here and not by Node's `checkServerIdentity`, which is not called
 * for self-signed peers; sessions are never resumed, since a resumed one shows no certificate.
 *
 * @throws {IdentityNotConfiguredError} Neither CA nor pins.
 */
export function createVerifiedConnector(target: Target): VerifiedConnector {
  const { device, host, port } = target;
  const { ca, pins = [], serverName } = target.tls;
  if (ca === undefined && pins.length === 0) throw new IdentityNotConfiguredError({ device });
  const expected = new Set(pins.map((pin) => pin.toLowerCase()));
  // An IP address is not a server name (RFC 6066); its SAN is verified all the same.
  const servername = serverName ?? (isIP(host) === 0 ? host : undefined);
  let shown = '';

  const judge = (socket: TLSSocket): Error | undefined => {
    const fingerprint = socket.getPeerX509Certificate()?.fingerprint256;
    if (!fingerprint) return new ConnectFailure('the switch showed no certificate');
    const foundPin = `sha256:${fingerprint.replaceAll(':', '').toLowerCase()}`;
    if (expected.has(foundPin) || (ca !== undefined && socket.authorized)) {
      shown = foundPin;
      return undefined;
    }
    return new IdentityMismatchError({
      device,
      host,
      port,
      expectedPins: [...expected],
      foundPin,
      ...(ca !== undefined && { chain: String(socket.authorizationError) }),
    });
  };

  const connector: buildConnector.connector = (_options, callback) => {
    const socket = connect({
      host,
      port,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...(ca !== undefined && { ca }),
      ...(servername !== undefined && { servername }),
    });
    let answered = false;
    const fail = (error: Error): void => {
      socket.destroy();
      if (answered) return;
      answered = true;
      callback(error, null);
    };
    const timer = setTimeout(
      () => fail(new ConnectFailure(`no TLS connection within ${TIMEOUTS_MS.connect / 1000} s`)),
      TIMEOUTS_MS.connect,
    );
    socket.once('error', (cause: Error & { readonly code?: string }) => {
      clearTimeout(timer);
      fail(new ConnectFailure(cause.code ?? cause.message, { cause }));
    });
    socket.once('close', () => {
      clearTimeout(timer);
      fail(new ConnectFailure('closed during the TLS handshake'));
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      const stranger = judge(socket);
      if (stranger) return fail(stranger);
      answered = true;
      callback(null, socket);
    });
  };

  return { connector, pin: () => shown };
}
