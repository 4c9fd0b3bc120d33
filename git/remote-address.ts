import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Setting } from './environment.ts';
import { GitAddressError } from './errors.ts';
import type { RemoteAddress } from './repository.ts';

/** An address that was checked. */
export interface CheckedAddress {
  readonly url: string;
  readonly transport: 'file' | 'http' | 'ssh';
}

/** What git has to be told to send a token. */
export interface TokenSettings {
  /** Hold the token. */
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
    return { url, transport: 'ssh' };
  }
  if (scheme === 'file') return { url, transport: 'file' };
  if (scheme !== undefined) refuse(`uses ${scheme}, which is not one of file, https, http, ssh`);
  if (/^[^/]*::/.test(url)) refuse('names a remote helper');
  // As git tells them apart: a colon before the first slash makes it host:path.
  if (/^[^/]+:/.test(url)) return { url, transport: 'ssh' };
  // Git would take a relative path from the Git folder it runs in, not from here.
  return { url: pathToFileURL(resolve(url)).href, transport: 'file' };
}

function httpAddress(url: string, token: RemoteAddress['token']): CheckedAddress {
  const { username, password, protocol, hostname } = parseUrl(url);
  if (username !== '' || password !== '') refuse('holds a user or a password');
  if (token !== undefined && protocol === 'http:' && !LOOPBACK.test(hostname)) {
    refuse('would carry the token unencrypted');
  }
  if (typeof token === 'string') checkToken(token);
  return { url, transport: 'http' };
}

/**
 * @param url That `checkAddress` let pass with a token.
 * @throws {GitAddressError} The token cannot be sent in a header.
 */
export function tokenSettings(url: string, token: string): TokenSettings {
  checkToken(token);
  const { origin } = parseUrl(url);
  const basic = Buffer.from(`x-access-token:${token}`, 'utf8').toString('base64');
  return {
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

function checkToken(token: string): void {
  if (token === '' || /[^\x21-\x7e]/.test(token)) refuse('comes with an empty or unreadable token');
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
