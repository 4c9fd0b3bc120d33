import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { UnreachableError } from './errors.ts';

/** What a switch shows to whoever connects, before anything is said. Proves nothing by itself. */
export interface ShownCertificate {
  /** `sha256:<64 hex>` of the certificate (DER), as `tls.pins` has it. */
  readonly pin: string;
  /** Names the certificate gives itself, on one line; foreign text. */
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly validTo: number;
}

export interface CertificateAddress {
  /** Used in errors only. */
  readonly device: string;
  readonly host: string;
  readonly port: number;
}

const LIMIT_MS = 10_000;

/**
 * Looks at the certificate of whoever listens there, and hangs up. Nothing is sent but the handshake: no credential can
 * reach a stranger this way.
 *
 * @throws {UnreachableError} Nobody listens, or nobody who speaks TLS, within ten seconds.
 */
export async function readCertificate(
  { device, host, port }: CertificateAddress,
  signal: AbortSignal,
): Promise<ShownCertificate> {
  signal.throwIfAborted();
  const socket = connect({
    host,
    port,
    // It is looked at, not believed.
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  try {
    return await shownOn(socket, AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]));
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof DOMException ? `no TLS connection within ${LIMIT_MS / 1000} s` : reasonOf(error);
    throw new UnreachableError(
      { device, host, port, request: 'the TLS handshake', reason, mayHaveActed: false },
      { cause: error },
    );
  } finally {
    socket.destroy();
  }
}

function shownOn(socket: TLSSocket, signal: AbortSignal): Promise<ShownCertificate> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed during the TLS handshake')));
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      if (!certificate) {
        reject(new Error('it showed no certificate'));
        return;
      }
      resolve({
        pin: `sha256:${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`,
        subject: certificate.subject.replaceAll('\n', ', '),
        validTo: Date.parse(certificate.validTo),
      });
    });
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
