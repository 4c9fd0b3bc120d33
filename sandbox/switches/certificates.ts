/**
 * X.509 certificates for emulated switches: EC P-256, SHA-256, version 3, written in DER here because a thousand of them
 * have to be ready in a second or two.
 *
 * Source: RFC 5280 (structure), RFC 5480 (EC keys), RFC 5758 (ecdsa-with-SHA256).
 */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';

/** A certificate with its private key. */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** `sha256:<64 hex>` of the certificate's DER. */
  readonly pin: string;
}

/** Names a certificate is for: the first is also its common name. IP addresses become IP subject alternative names. */
export type CertificateNames = readonly [string, ...string[]];

/** A certificate authority that lives in memory. */
export interface SandboxCa {
  readonly certificatePem: string;
  issue(names: CertificateNames): IssuedCertificate;
}

/** As switches make them at first boot: signed with its own key. */
export function issueSelfSigned(names: CertificateNames): IssuedCertificate {
  const keys = newKeys();
  return encode({ names, keys, issuer: names[0], signer: keys.privateKey, authority: false });
}

export function createSandboxCa(name = 'Sandbox CA'): SandboxCa {
  const keys = newKeys();
  const own = encode({ names: [name], keys, issuer: name, signer: keys.privateKey, authority: true });
  return {
    certificatePem: own.certificatePem,
    issue: (names) => encode({ names, keys: newKeys(), issuer: name, signer: keys.privateKey, authority: false }),
  };
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function newKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

interface Contents {
  readonly names: CertificateNames;
  readonly keys: Keys;
  readonly issuer: string;
  readonly signer: KeyObject;
  readonly authority: boolean;
}

function encode(contents: Contents): IssuedCertificate {
  const { names, keys, issuer, signer } = contents;
  const algorithm = sequence(ECDSA_WITH_SHA256);
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    algorithm,
    commonName(issuer),
    // Fixed, because a sandbox's clock may stand anywhere while TLS libraries ask the machine's.
    sequence(der(UTC_TIME, '200101000000Z'), der(UTC_TIME, '491231235959Z')),
    commonName(names[0]),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensionsOf(contents))),
  );
  const signature = sign('sha256', body, signer);
  const certificate = sequence(body, algorithm, der(BIT_STRING, Buffer.concat([Buffer.from([0]), signature])));
  return {
    certificatePem: pem('CERTIFICATE', certificate),
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    pin: `sha256:${createHash('sha256').update(certificate).digest('hex')}`,
  };
}

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;

const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex');
const SUBJECT_KEY_IDENTIFIER = Buffer.from('0603551d0e', 'hex');
const AUTHORITY_KEY_IDENTIFIER = Buffer.from('0603551d23', 'hex');
/** keyUsage, critical, keyCertSign only. */
const KEY_CERT_SIGN = Buffer.from('300e0603551d0f0101ff040403020204', 'hex');
const SUBJECT_ALTERNATIVE_NAME = Buffer.from('0603551d11', 'hex');

function der(tag: number, content: Buffer | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return Buffer.concat([Buffer.from([tag]), length(bytes.length), bytes]);
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  if (bytes < 0x100) return Buffer.from([0x81, bytes]);
  return Buffer.from([0x82, bytes >> 8, bytes & 0xff]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(SEQUENCE, Buffer.concat(parts));
}

function explicit(number: number, content: Buffer): Buffer {
  return der(0xa0 | number, content);
}

function integer(bytes: Buffer): Buffer {
  return der(INTEGER, bytes);
}

function commonName(name: string): Buffer {
  return sequence(der(SET, sequence(COMMON_NAME, der(UTF8_STRING, name))));
}

function extensionsOf({ names, keys, signer, authority }: Contents): readonly Buffer[] {
  const ownId = keyIdentifier(keys.publicKey);
  const issuerId = keyIdentifier(createPublicKey(signer));
  return [
    basicConstraints(authority),
    sequence(SUBJECT_KEY_IDENTIFIER, der(OCTET_STRING, der(OCTET_STRING, ownId))),
    sequence(AUTHORITY_KEY_IDENTIFIER, der(OCTET_STRING, sequence(der(0x80, issuerId)))),
    ...(authority ? [KEY_CERT_SIGN] : [alternativeNames(names)]),
  ];
}

/** Any value that tells keys apart will do. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function basicConstraints(authority: boolean): Buffer {
  const value = authority ? sequence(der(BOOLEAN, Buffer.from([0xff]))) : sequence();
  return sequence(BASIC_CONSTRAINTS, der(BOOLEAN, Buffer.from([0xff])), der(OCTET_STRING, value));
}

function alternativeNames(names: CertificateNames): Buffer {
  const entries = names.map((name) =>
    isIPv4(name) || isIPv6(name) ? der(0x87, addressBytes(name)) : der(0x82, Buffer.from(name, 'latin1')),
  );
  return sequence(SUBJECT_ALTERNATIVE_NAME, der(OCTET_STRING, sequence(...entries)));
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
