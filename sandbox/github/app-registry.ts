import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { allows, type Grant, type Permissions } from './app-permissions.ts';
import { GithubRefusal, notFound } from './errors.ts';
import type { Account, GithubState } from './state.ts';

const HOUR_MS = 3_600_000;

/** All that is asked of an App by us, and what a careful person would give it. */
const DEFAULT_PERMISSIONS: Permissions = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  checks: 'write',
  statuses: 'write',
  issues: 'write',
  deployments: 'write',
  actions: 'read',
  members: 'read',
};

/** An App on the one repository, with what only its owner and the product know. */
export interface InstalledApp {
  readonly appId: number;
  readonly clientId: string;
  readonly installationId: number;
  /** PEM, PKCS#1, as GitHub gives it. */
  readonly privateKey: string;
}

interface InstallOrder {
  readonly permissions?: Permissions;
  /** PEM. */
  readonly privateKey?: string;
  /** An hour, as at GitHub, unless given. */
  readonly tokensLastMilliseconds?: number;
}

/** What its owner and those who installed it do. */
export interface AppControl {
  /**
   * Installs it, in place of an installation it has already.
   *
   * @param login Of its bot, which has to be one of the users: `pointsman[bot]`.
   * @param order The key is made unless given, which takes a while.
   */
  install(login: string, order?: InstallOrder): InstalledApp;
  change(installationId: number, change: Partial<Pick<Installation, 'permissions' | 'suspended' | 'selected'>>): void;
  /** A fine-grained token of a person. */
  personalToken(login: string, permissions: Permissions): string;
  /** Every installation token ends now, as when somebody revokes them. */
  endTokens(): void;
}

export interface Installation {
  readonly id: number;
  readonly appId: number;
  readonly clientId: string;
  readonly login: string;
  readonly key: KeyObject;
  readonly installedAt: number;
  readonly tokensLastMilliseconds: number;
  readonly permissions: Permissions;
  readonly suspended: boolean;
  /** The repository is one of those it was installed on. */
  readonly selected: boolean;
}

export interface IssuedToken {
  readonly token: string;
  readonly endsAt: number;
  readonly permissions: Permissions;
}

export interface AppRegistry extends AppControl {
  /** By number or client id. */
  installationOf(issuer: string): Installation | undefined;
  /** @throws {GithubRefusal} 422: it asks for more than was given. */
  issue(installation: Installation, permissions: Permissions | undefined): IssuedToken;
  /** Who holds a token that was made here and has not ended, and what it is good for. */
  holderOf(token: string): { readonly account: Account; readonly grant: Grant } | undefined;
}

export function createAppRegistry(state: GithubState, now: () => number): AppRegistry {
  const installations = new Map<number, Installation>();
  const tokens = new Map<string, { readonly login: string; readonly grant: Grant; readonly endsAt: number }>();

  function account(login: string): Account {
    const found = state.accounts.get(login.toLowerCase());
    if (!found) throw notFound();
    return found;
  }

  return {
    install(login, order = {}) {
      const { permissions = DEFAULT_PERMISSIONS, privateKey = makeKey(), tokensLastMilliseconds = HOUR_MS } = order;
      const appId = account(login).id;
      for (const [id, installation] of installations) if (installation.appId === appId) installations.delete(id);
      const installationId = state.nextId();
      const clientId = `Iv23li${appId}`;
      installations.set(installationId, {
        id: installationId,
        appId,
        clientId,
        login,
        key: createPublicKey(createPrivateKey(privateKey)),
        installedAt: now(),
        tokensLastMilliseconds,
        permissions,
        suspended: false,
        selected: true,
      });
      return { appId, clientId, installationId, privateKey };
    },

    change(installationId, change) {
      const found = installations.get(installationId);
      if (!found) throw notFound();
      installations.set(installationId, { ...found, ...change });
    },

    personalToken(login, permissions) {
      const token = `github_pat_${randomBytes(30).toString('hex')}`;
      const grant: Grant = { kind: 'personal access token', permissions };
      tokens.set(token, { login, grant, endsAt: Number.POSITIVE_INFINITY });
      return token;
    },

    endTokens() {
      for (const [token, { grant }] of tokens) if (grant.kind === 'integration') tokens.delete(token);
    },

    installationOf: (issuer) =>
      [...installations.values()].find(({ appId, clientId }) => issuer === String(appId) || issuer === clientId),

    issue({ login, permissions: granted, tokensLastMilliseconds }, permissions = granted) {
      const tooMuch = Object.entries(permissions).some(([name, level]) => !allows(granted, name, level));
      if (tooMuch) {
        const message = 'The permissions requested are not granted to this installation.';
        throw new GithubRefusal({ status: 422, message });
      }
      const token = `ghs_${randomBytes(18).toString('hex')}`;
      // GitHub tells whole seconds.
      const endsAt = Math.floor((now() + tokensLastMilliseconds) / 1000) * 1000;
      const whole = { metadata: 'read', ...permissions };
      tokens.set(token, { login, grant: { kind: 'integration', permissions: whole }, endsAt });
      return { token, endsAt, permissions: whole };
    },

    holderOf(token) {
      const found = tokens.get(token);
      if (!found || found.endsAt <= now()) return undefined;
      const { login, grant } = found;
      // What only administrators may is shown to a token that was given administration, whoever it is of.
      const administers = allows(grant.permissions, 'administration', 'read');
      const holder = account(login);
      return { account: { ...holder, token, role: administers ? 'admin' : holder.role }, grant };
    },
  };
}

function makeKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}
