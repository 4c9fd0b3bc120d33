/** What GitHub's REST API answers for people, Apps and repositories, and what every body needs. Source: its description 2022-11-28. */
import { repositoryBody } from './repository-body.ts';
import type { Account, Fork, GithubState } from './state.ts';

/** Where a body is rendered for: the state, and the addresses as the asker knows them. */
export interface BodyContext {
  readonly state: GithubState;
  /** `http://host:port/api/v3` */
  readonly api: string;
  /** `http://host:port` */
  readonly html: string;
}

/** GitHub's times: ISO 8601, UTC, whole seconds. */
export function isoTime(at: number): string {
  return new Date(Math.floor(at / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

export function isoTimeOrNull(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : isoTime(at);
}

export function nodeId(kind: string, id: number | string): string {
  return `${kind}_${Buffer.from(`${kind}:${id}`).toString('base64url')}`;
}

export function userBody({ api, html }: BodyContext, account: Pick<Account, 'id' | 'login' | 'type'>) {
  const { id, login, type } = account;
  const url = `${api}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId(type === 'Bot' ? 'BOT' : 'U', id),
    avatar_url: `${html}/avatars/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: type === 'Bot' ? `${html}/apps/${login.replace('[bot]', '')}` : `${html}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
    user_view_type: 'public',
  };
}

/** As its owner is shown an account; people only. */
export function ownUserBody(context: BodyContext, account: Account) {
  return {
    ...userBody(context, account),
    name: account.login,
    company: null,
    blog: '',
    location: null,
    email: account.email,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: isoTime(0),
    updated_at: isoTime(0),
  };
}

export function userOf(context: BodyContext, login: string) {
  const account = context.state.accounts.get(login.toLowerCase());
  if (!account) throw new TypeError(`the emulated GitHub lost ${login}`);
  return userBody(context, account);
}

/** The App behind a bot account; `null` for people. */
export function appBody(context: BodyContext, login: string) {
  const account = context.state.accounts.get(login.toLowerCase());
  if (account?.type !== 'Bot') return null;
  const slug = account.login.replace('[bot]', '');
  return {
    id: account.id,
    slug,
    node_id: nodeId('A', account.id),
    owner: ownerBody(context),
    name: slug,
    description: null,
    external_url: context.html,
    html_url: `${context.html}/apps/${slug}`,
    created_at: isoTime(0),
    updated_at: isoTime(0),
    permissions: { checks: 'write', contents: 'write', issues: 'write', metadata: 'read', pull_requests: 'write' },
    events: ['pull_request', 'pull_request_review', 'push'],
  };
}

export function ownerBody(context: BodyContext) {
  return { ...userBody(context, { id: 1, login: context.state.owner, type: 'User' }), type: 'Organization' };
}

export function fullRepository(context: BodyContext) {
  return repositoryBody({ ...context, owner: ownerBody(context) });
}

export function forkBody(context: BodyContext, fork: Fork) {
  return {
    ...repositoryBody({ ...context, state: fork, owner: userOf(context, fork.owner) }),
    id: fork.id,
    node_id: nodeId('R', fork.id),
    fork: true,
    private: fork.private,
    visibility: fork.private ? 'private' : 'public',
  };
}
