/** Where a repository is at GitHub, for programs and for people. */
export interface GithubAddress {
  /** Root of the REST API, without a slash at its end. */
  readonly api: string;
  /** `owner/name` */
  readonly repository: string;
}

/**
 * What the address of a clone says about where it is: github.com, a company on ghe.com, or a GitHub Enterprise Server.
 *
 * @returns `undefined` for what is no `owner/name` on a host, a folder for example.
 *
 * Source: GitHub's documentation, "Getting started with the REST API" of each of the three.
 */
export function readGithubAddress(remote: string): GithubAddress | undefined {
  const found = WEB.exec(remote) ?? SSH.exec(remote) ?? SCP.exec(remote);
  const { scheme = 'https', host, repository } = found?.groups ?? {};
  if (!host || !repository) return undefined;
  return { api: apiAt(scheme, host.toLowerCase()), repository };
}

const REPOSITORY = String.raw`(?<repository>[^/\s]+/[^/\s]+?)(?:\.git)?/?$`;
const WEB = new RegExp(String.raw`^(?<scheme>https?)://(?<host>[^/@\s]+)/${REPOSITORY}`, 'i');
const SSH = new RegExp(String.raw`^ssh://(?:[^/@\s]+@)?(?<host>[^/@:\s]+)(?::\d+)?/${REPOSITORY}`, 'i');
const SCP = new RegExp(String.raw`^(?:[^/@\s]+@)?(?<host>[^/@:\s]+):(?!/)${REPOSITORY}`, 'i');

function apiAt(scheme: string, host: string): string {
  if (host === 'github.com' || host === 'ssh.github.com') return 'https://api.github.com';
  if (host.endsWith('.ghe.com')) return `https://api.${host}`;
  return `${scheme.toLowerCase()}://${host}/api/v3`;
}

/** Where people look at what this API answers about, for example `https://github.com`. */
export function webAddressOf(api: string): string {
  const { origin, protocol, host, pathname } = new URL(api);
  // A server of one's own has both on one host, and its API below a path.
  if (pathname !== '/') return origin;
  return `${protocol}//${host.replace(/^api\./, '')}`;
}
