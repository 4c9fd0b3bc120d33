/** What an administrator sets at GitHub: rulesets, classic protection, Actions, environments, secrets, keys. */

/** As GitHub's REST API writes it, of the types this emulation knows. */
export type Rule =
  | { readonly type: 'creation' | 'deletion' | 'non_fast_forward' }
  | { readonly type: 'update'; readonly parameters: { readonly update_allows_fetch_and_merge: boolean } }
  | {
      readonly type: 'pull_request';
      readonly parameters: {
        readonly required_approving_review_count: number;
        readonly dismiss_stale_reviews_on_push: boolean;
        readonly require_last_push_approval: boolean;
        readonly require_code_owner_review: boolean;
        readonly required_review_thread_resolution: boolean;
      };
    }
  | {
      readonly type: 'required_status_checks';
      readonly parameters: {
        readonly strict_required_status_checks_policy: boolean;
        readonly required_status_checks: readonly { readonly context: string; readonly integration_id?: number }[];
      };
    };

export interface BypassActor {
  readonly actor_id: number | null;
  readonly actor_type: 'Integration' | 'OrganizationAdmin' | 'RepositoryRole' | 'Team' | 'DeployKey' | 'User';
  readonly bypass_mode: 'always' | 'pull_request' | 'exempt';
}

export interface Ruleset {
  readonly id: number;
  readonly name: string;
  /** Names of branches, without `refs/heads/`. */
  readonly branches: readonly string[];
  readonly bypass: readonly BypassActor[];
  readonly rules: readonly Rule[];
}

export interface ClassicProtection {
  readonly approvals?: number;
  readonly enforceAdmins: boolean;
  readonly allowForcePushes: boolean;
  readonly allowDeletions: boolean;
}

export interface Protection {
  readonly visibility: 'public' | 'internal' | 'private';
  readonly rulesets: readonly Ruleset[];
  /** By branch. */
  readonly classic: Readonly<Record<string, ClassicProtection>>;
  readonly actions: {
    readonly allowed: 'all' | 'local_only' | 'selected';
    readonly shaPinning: boolean;
    readonly jobsMayWrite: boolean;
    readonly jobsMayApprove: boolean;
    readonly forksRun: boolean;
    readonly forksGetSecrets: boolean;
    readonly forksGetWriteTokens: boolean;
  };
  readonly environments: readonly {
    readonly name: string;
    /** `any`: no policy; otherwise names of branches. */
    readonly branches: 'any' | readonly string[];
    readonly secrets: readonly string[];
  }[];
  /** Names of secrets of the repository. */
  readonly secrets: readonly string[];
  readonly deployKeys: readonly { readonly title: string; readonly readOnly: boolean }[];
  readonly codeOwnersErrors: readonly { readonly line: number; readonly kind: string }[];
  /** What `X-OAuth-Scopes` says of a person's classic token. */
  readonly scopes: readonly string[];
  /** What the page of an App says it asks for. */
  readonly appPermissions: Readonly<Record<string, string>>;
}

/** As GitHub makes a private repository: nothing is guarded. */
export const FRESH: Protection = {
  visibility: 'private',
  rulesets: [],
  classic: {},
  actions: {
    allowed: 'all',
    shaPinning: false,
    jobsMayWrite: false,
    jobsMayApprove: false,
    forksRun: false,
    forksGetSecrets: false,
    forksGetWriteTokens: false,
  },
  environments: [],
  secrets: [],
  deployKeys: [],
  codeOwnersErrors: [],
  scopes: ['repo', 'workflow'],
  appPermissions: {
    actions: 'read',
    checks: 'write',
    contents: 'write',
    deployments: 'write',
    issues: 'write',
    members: 'read',
    metadata: 'read',
    pull_requests: 'write',
  },
};

/** As the documentation advises: reviewed by code owners, checked by Pointsman, the ledger its own. */
export function wellProtected(appId: number, branch = 'main', ledger = 'pointsman/ledger'): Protection {
  return {
    ...FRESH,
    rulesets: [
      {
        id: 11,
        name: 'fleet',
        branches: [branch],
        bypass: [],
        rules: [
          { type: 'deletion' },
          { type: 'non_fast_forward' },
          {
            type: 'pull_request',
            parameters: {
              required_approving_review_count: 1,
              dismiss_stale_reviews_on_push: true,
              require_last_push_approval: true,
              require_code_owner_review: true,
              required_review_thread_resolution: false,
            },
          },
          {
            type: 'required_status_checks',
            parameters: {
              strict_required_status_checks_policy: true,
              required_status_checks: [{ context: 'pointsman / ready', integration_id: appId }],
            },
          },
        ],
      },
      {
        id: 12,
        name: 'ledger grows',
        branches: [ledger],
        bypass: [],
        rules: [{ type: 'deletion' }, { type: 'non_fast_forward' }],
      },
      {
        id: 13,
        name: 'ledger is Pointsman’s',
        branches: [ledger],
        bypass: [{ actor_id: appId, actor_type: 'Integration', bypass_mode: 'always' }],
        rules: [{ type: 'creation' }, { type: 'update', parameters: { update_allows_fetch_and_merge: false } }],
      },
    ],
    actions: { ...FRESH.actions, allowed: 'selected', shaPinning: true },
    environments: [{ name: 'pointsman', branches: [branch], secrets: ['POINTSMAN_APP_PRIVATE_KEY'] }],
  };
}

/** As it comes to be when everybody is in a hurry. */
export const BADLY_PROTECTED: Protection = {
  ...FRESH,
  visibility: 'public',
  classic: {
    main: { approvals: 0, enforceAdmins: false, allowForcePushes: true, allowDeletions: true },
  },
  actions: {
    allowed: 'all',
    shaPinning: false,
    jobsMayWrite: true,
    jobsMayApprove: true,
    forksRun: true,
    forksGetSecrets: true,
    forksGetWriteTokens: true,
  },
  environments: [{ name: 'pointsman', branches: 'any', secrets: [] }],
  secrets: ['POINTSMAN_APP_PRIVATE_KEY'],
  deployKeys: [{ title: 'old laptop', readOnly: false }],
  scopes: ['repo', 'workflow', 'admin:org'],
};
