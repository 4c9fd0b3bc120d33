import { type KeyObject, verify } from 'node:crypto';
import { GithubRefusal } from './errors.ts';

const LONGEST_SECONDS = 600;

/**
 * Who signed in as an App.
 *
 * @param keyOf The public key of an App by what the token names as issuer.
 * @param now Milliseconds since the epoch.
 * @throws {GithubRefusal} 401, 404; in the words of GitHub.
 *
 * Source: GitHub's documentation, "Generating a JSON Web Token (JWT) for a GitHub App"; RFC 7519.
 */
export function verifyAppJwt(
  jwt: string | undefined,
  keyOf: (issuer: string) => KeyObject | undefined,
  now: number,
): { readonly issuer: string } {
  const [head, body, signature] = jwt?.split('.') ?? [];
  if (!head || !body || !signature || partOf(head)['alg'] !== 'RS256') throw undecodable();
  const { iss, iat, exp } = partOf(body);
  if (typeof iss !== 'string' && typeof iss !== 'number') throw undecodable();
  const key = keyOf(String(iss));
  if (!key) throw new GithubRefusal({ status: 404, message: 'Integration not found' });
  if (!verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) {
    throw undecodable();
  }

  const seconds = Math.floor(now / 1000);
  if (typeof exp !== 'number' || exp <= seconds) {
    throw refused(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > seconds + LONGEST_SECONDS) throw refused("'Expiration time' claim ('exp') is too far in the future");
  if (typeof iat !== 'number' || iat > seconds) {
    throw refused("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  }
  return { issuer: String(iss) };
}

function partOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Answered below, as any other part that is no object.
  }
  throw undecodable();
}

function undecodable(): GithubRefusal {
  return refused('A JSON web token could not be decoded');
}

function refused(message: string): GithubRefusal {
  return new GithubRefusal({ status: 401, message });
}
