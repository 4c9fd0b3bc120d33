import { verify } from 'unixcrypt';

/** `cannot-tell` is not `same`: whoever asks has to treat it as a possible change. */
export type SecretComparison = 'same' | 'different' | 'cannot-tell';

/**
 * Whether a switch shows what we would set, though it may show a hash of it.
 *
 * @param intended The secret itself.
 * @param shown What the switch has: the same text, a SHA-crypt hash of it, or text only the switch understands.
 * @param isOpaque True for text that cannot be compared with a secret.
 */
export function compareSecret(intended: string, shown: string, isOpaque: (text: string) => boolean): SecretComparison {
  if (intended === shown) return 'same';
  if (isOpaque(shown)) return 'cannot-tell';
  const hash = SHA_CRYPT.exec(shown);
  if (!hash || SHA_CRYPT.test(intended)) return 'different';
  // The switch chooses the rounds, and we pay for them.
  if (Number(hash[1] ?? DEFAULT_ROUNDS) > MOST_ROUNDS) return 'cannot-tell';
  return verifies(intended, shown) ? 'same' : 'different';
}

/** `$5$` and `$6$`, optionally with rounds. Source: https://www.akkadia.org/drepper/SHA-crypt.txt */
const SHA_CRYPT = /^\$[56]\$(?:rounds=(\d{1,9})\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{43,86}$/;
const DEFAULT_ROUNDS = 5_000;
const MOST_ROUNDS = 100_000;

function verifies(secret: string, hash: string): boolean {
  try {
    return verify(secret, hash);
  } catch {
    // Rounds under 1,000 and a digest of the wrong length are refused by throwing: no hash of ours.
    return false;
  }
}
