import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { ForgeKeyUnusableError } from './errors.ts';

/** A clock that is fast by less than this is still believed. Source: GitHub's documentation, "Generating a JSON Web Token". */
const BACKDATED_SECONDS = 60;
/** GitHub takes ten minutes at most; half of that leaves room for a clock that is fast. */
const VALID_SECONDS = 300;

/**
 * @param pem As GitHub gives it (PKCS#1), or PKCS#8.
 * @throws {ForgeKeyUnusableError} Not PEM, encrypted, or not RSA.
 */
export function readAppKey(pem: string): KeyObject {
  const key = parse(pem);
  if (key.asymmetricKeyType !== 'rsa') {
    throw new ForgeKeyUnusableError({ problem: `it is of kind ${key.asymmetricKeyType}, GitHub Apps have RSA keys` });
  }
  return key;
}

function parse(pem: string): KeyObject {
  // Asked before, because OpenSSL would ask whoever sits at the terminal for the passphrase.
  if (ENCRYPTED.test(pem)) throw new ForgeKeyUnusableError({ problem: 'it is encrypted' });
  try {
    return createPrivateKey(pem);
  } catch {
    // Without a cause: what OpenSSL says of it may quote it.
    throw new ForgeKeyUnusableError({ problem: 'it is no private key in PEM form' });
  }
}

/** PKCS#8 says so in its first line, PKCS#1 in a header (RFC 1421). */
const ENCRYPTED = /^-----BEGIN ENCRYPTED|^Proc-Type:.*\bENCRYPTED/m;

/**
 * Says that we are the App, for the next five minutes.
 *
 * @param appId Number or client id of the App.
 * @param now Milliseconds since the epoch.
 *
 * Source: GitHub's documentation, "Generating a JSON Web Token (JWT) for a GitHub App"; RFC 7519.
 */
export function makeAppJwt(appId: string, key: KeyObject, now: number): string {
  const seconds = Math.floor(now / 1000);
  const claims = { iat: seconds - BACKDATED_SECONDS, exp: seconds + VALID_SECONDS, iss: appId };
  const said = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${said}.${sign('RSA-SHA256', Buffer.from(said), key).toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
