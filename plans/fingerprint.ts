import { createHmac } from 'node:crypto';

/**
 * Makes the function that stands in for secret values everywhere outside memory: equal values give equal text, so that a
 * change of a secret is visible, and without the key nobody can try values against it.
 *
 * @param key Secret of the fleet (`secrets.fingerprint_key`). Another key gives other fingerprints, and so other digests.
 * @returns `«secret:<16 hex>»`: the first 64 bits of HMAC-SHA256.
 */
export function createFingerprint(key: string): (value: string) => string {
  return (value) => `«secret:${createHmac('sha256', key).update(value).digest('hex').slice(0, 16)}»`;
}

/** What a fingerprint looks like, as a source for regular expressions. */
export const FINGERPRINT = '«secret:[0-9a-f]{16}»';

const EXACTLY_ONE = new RegExp(`^${FINGERPRINT}$`);

/** Whether a text is a fingerprint and nothing else. */
export function isFingerprint(value: unknown): value is string {
  return typeof value === 'string' && EXACTLY_ONE.test(value);
}
