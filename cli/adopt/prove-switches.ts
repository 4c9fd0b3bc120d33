import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readCertificate, type ShownCertificate } from '../../drivers/read-certificate.ts';
import { defaultPortFor } from '../../drivers/registry.ts';
import { PointsmanError } from '../../schemas/errors.ts';
import type { Tls } from '../../schemas/fleet.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { ADOPTABLE } from './adoptable.ts';
import type { AdoptionOrder } from './read-orders.ts';

/** How the operator says which certificates are the right ones. */
export interface ProofOptions {
  readonly acceptPin?: readonly string[];
  readonly ca?: string;
  readonly trustOnFirstUse: boolean;
  readonly platform?: string;
}

/** A switch that answered, and why it is believed to be the one. */
export interface ProvenSwitch {
  readonly kind: 'proven';
  readonly order: AdoptionOrder;
  readonly port: number;
  readonly shown: ShownCertificate;
  /** What the conversation has to be held to. */
  readonly tls: Tls;
  /** `fleet-ca`: the fleet vouches for it already, so no pin is written. */
  readonly by: 'accepted-pin' | 'ca' | 'fleet-ca' | 'first-use';
}

export type LookedAt =
  | ProvenSwitch
  /** It answered, and nobody has said yet that it is the right one. */
  | {
      readonly kind: 'unproven';
      readonly order: AdoptionOrder;
      readonly port: number;
      readonly shown: ShownCertificate;
    }
  | { readonly kind: 'failed'; readonly order: AdoptionOrder; readonly error: PointsmanError };

/**
 * Looks at the certificate of every switch, and sends none of them anything. Whether one is believed is decided by what the
 * operator accepted, or by the CA of the fleet.
 *
 * @param fleetTls What the fleet says of proofs at a site.
 */
export async function proveSwitches(
  io: Io,
  orders: readonly AdoptionOrder[],
  options: ProofOptions,
  fleetTls: (site: string) => Tls | undefined,
): Promise<readonly LookedAt[]> {
  const accepted = readPins(options.acceptPin ?? []);
  const ca = options.ca === undefined ? undefined : readCa(resolve(io.cwd, options.ca));
  return Promise.all(
    orders.map(async (order): Promise<LookedAt> => {
      try {
        const { port, shown } = await lookAt(order, options.platform, io.signal);
        const proof = proofOf(shown, accepted, ca, fleetTls(order.site), options.trustOnFirstUse);
        return proof ? { kind: 'proven', order, port, shown, ...proof } : { kind: 'unproven', order, port, shown };
      } catch (error) {
        if (!(error instanceof PointsmanError)) throw error;
        return { kind: 'failed', order, error };
      }
    }),
  );
}

function proofOf(
  shown: ShownCertificate,
  accepted: ReadonlySet<string>,
  ca: string | undefined,
  fleet: Tls | undefined,
  trustOnFirstUse: boolean,
): Pick<ProvenSwitch, 'tls' | 'by'> | undefined {
  const pinned: Tls = { pins: [shown.pin] };
  if (accepted.has(shown.pin) || fleet?.pins?.includes(shown.pin)) return { tls: pinned, by: 'accepted-pin' };
  // Whether it signed this one is judged where the connection is made, before anything is sent.
  if (ca !== undefined) return { tls: { ca }, by: 'ca' };
  if (fleet?.ca !== undefined) return { tls: fleet, by: 'fleet-ca' };
  return trustOnFirstUse ? { tls: pinned, by: 'first-use' } : undefined;
}

/** Where no port was given: wherever one of the platforms listens, tried all at once. */
async function lookAt(
  { label: device, host, port }: AdoptionOrder,
  platform: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly port: number; readonly shown: ShownCertificate }> {
  const ports = port === undefined ? (platform === undefined ? ADOPTABLE : [platform]).map(defaultPortFor) : [port];
  const looked = await Promise.allSettled(
    [...new Set(ports)].map(async (at) => ({
      port: at,
      shown: await readCertificate({ device, host, port: at }, signal),
    })),
  );
  const found = looked.find((one) => one.status === 'fulfilled');
  if (found) return found.value;
  throw looked.find((one) => one.status === 'rejected')?.reason;
}

/** @throws {UsageError} Not the SHA-256 of a certificate. */
function readPins(texts: readonly string[]): ReadonlySet<string> {
  return new Set(
    texts.map((text) => {
      const digits = text
        .replace(/^.*=/, '')
        .replace(/^sha256:/i, '')
        .replaceAll(':', '')
        .toLowerCase();
      if (/^[0-9a-f]{64}$/.test(digits)) return `sha256:${digits}`;
      throw new UsageError({
        problem: `--accept-pin is "${text}"`,
        next: 'Give the SHA-256 of the certificate: sha256: and 64 hex digits, or as openssl prints it.',
      });
    }),
  );
}

/** @throws {UsageError} */
function readCa(file: string): string {
  const text = textOf(file);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new UsageError({
    problem: `${file} holds no certificate in PEM`,
    next: 'Give --ca the file of the CA that signed the certificates of the switches.',
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError({ problem: `${file} cannot be read`, next: 'Give --ca a file that is there.' }, { cause });
  }
}
