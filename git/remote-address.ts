import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Setting } from './environment.ts';
import { GitAddressError } from './errors.ts';
import type { RemoteAddress } from './repository.ts';

/** An address that was checked, and what git has to be told to use it. */
export interface CheckedAddress {
  readonly url: string;
  readonly transport: 'file' | 'http' | 'ssh';
  /** Holds the token. */
  readonly settings: readonly Setting[];
  /** Words that must not be printed. */
  readonly secrets: readonly string[];
}

/**
 * Only plain transports: others (`ext::`) run commands, and a name that begins with `-` is an option to somebody.
 *
 * @throws {GitAddressError} Unknown transport; a password in it; a token that would travel unencrypted, or not at all.
 */
export function checkAddress({ url, token }: RemoteAddress): CheckedAddress {
  if (url === '' || url.startsWith('-') || /[\0\n\r]/.test(url)) refuse('is empty or not an address');

  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return httpAddress(url, token);
  if (token !== undefined) refuse('is not http(s), so its token could not be sent');
  if (scheme === 'ssh') {
    if (parseUrl(url).password !== '') refuse('holds a password');
    return { url, transport: 'ssh', settings: [], secrets: [] };
  }
  if (scheme === 'file') return { url, transport: 'file', settings: [], secrets: [] };
  if (scheme !== undefined) refuse(`uses ${scheme}, which is not one of file, https, http, ssh`);
  if (/^[^/]*::/.test(url)) refuse('names a remote helper');
  // As git tells them apart: a colon before the first slash makes it host:path.
  if (/^[^/]+:/.test(url)) return { url, transport: 'ssh', settings: [], secrets: [] };
  // Git would take a relative path from the Git folder it runs in, not from here.
  return { url: pathToFileURL(resolve(url)).href, transport: 'file', settings: [], secrets: [] };
}

function httpAddress(url: string, token: string | undefined): CheckedAddress {
  const { username, password, protocol, hostname, origin } = parseUrl(url);
  if (username !== '' || password !== '') refuse('holds a user or a password');
  if (token === undefined) return { url, transport: 'http', settings: [], secrets: [] };
  if (token === '' || /[^\x21-\x7e]/.test(token)) refuse('comes with an empty or unreadable token');
  if (protocol === 'http:' && !LOOPBACK.test(hostname)) refuse('would carry the token unencrypted');

  const basic = Buffer.from(`x-access-token:${token}`, 'utf8').toString('base64');
  return {
    url,
    transport: 'http',
    settings: [
      // Empty first: a helper or a header of the user's would send somebody else's credential along.
      ['credential.helper', ''],
      [`http.${origin}/.extraHeader`, ''],
      [`http.${origin}/.extraHeader`, `Authorization: Basic ${basic}`],
      // After a redirect git sends the header to wherever it was redirected.
      ['http.followRedirects', 'false'],
    ],
    secrets: [token, basic],
  };
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

function parseUrl(url: string): URL {
  try {
    return new URL(url);
  } catch {
    return refuse('cannot be read as a URL');
  }
}

function refuse(problem: string): never {
  throw new GitAddressError({ problem });
}
