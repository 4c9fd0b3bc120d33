import type { RemoteProblem } from './errors.ts';

/**
 * What kind of trouble git's stderr (in the C locale) tells of. The first line of the table that fits wins; what fits none is
 * `unreachable`: networks fail in more ways than can be listed, and trying again later does no harm.
 */
export function remoteProblem(said: string): RemoteProblem {
  return TABLE.find(([pattern]) => pattern.test(said))?.[1] ?? 'unreachable';
}

/** Sources: http.c, remote-curl.c, connect.c, transport.c, send-pack.c, receive-pack.c of Git 2.39; OpenSSH; GitHub's own words. */
const TABLE: readonly (readonly [RegExp, RemoteProblem])[] = [
  [/requested URL returned error: (?:407|429|5\d\d)|HTTP (?:407|429|5\d\d)/, 'unreachable'],
  [/requested URL returned error: 30\d|unable to update url base from redirection/, 'untrusted'],
  [/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/, 'untrusted'],
  [/SSL certificate|server certificate|certificate subject|unable to get local issuer/i, 'untrusted'],
  [/dubious ownership/, 'untrusted'],
  [/requested URL returned error: (?:401|403)|HTTP (?:401|403)/, 'refused'],
  [/Authentication failed|could not read (?:Username|Password)|Invalid username or/, 'refused'],
  [/Permission denied|Permission to \S+ denied|access denied|not authorized/i, 'refused'],
  [/requested URL returned error: (?:404|410)|HTTP 404/, 'not-found'],
  [/repository .*not found|does not appear to be a git repository|no such file or directory/i, 'not-found'],
  [/declined|protected branch|GH0\d\d:|deny(?:ing|\b)|prohibited|refusing to|shallow update not allowed/i, 'rejected'],
  [/fsck error|unpacker error|index-pack abnormal exit|exists; cannot create/, 'rejected'],
  [/transport '.*' not allowed|protocol '.*' is not supported|Unable to find remote helper/, 'refused'],
  [/not our ref|couldn't find remote ref|cannot lock ref|Server does not allow request for unadvertised/, 'busy'],
];
