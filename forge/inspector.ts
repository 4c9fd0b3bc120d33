/** What safety rests on at the forge, in our words. Only read; `createGithubInspector` is the one implementation. */

/** Of the repository itself. */
export interface RepositoryFacts {
  /** `owner/name` */
  readonly name: string;
  readonly visibility: 'public' | 'internal' | 'private';
  readonly defaultBranch: string;
}

/** Somebody who need not keep to a guard. */
export interface Bypass {
  /** For people: `App 1234`, `team 7`, `administrators of the organization`… */
  readonly who: string;
  /** Set when it is an App. */
  readonly appId?: number;
  /** Set when it is one person. */
  readonly userId?: number;
}

/** One ruleset, or the classic protection, as far as it holds for one branch. */
export interface BranchGuard {
  /** For people: `ruleset "fleet"`, `branch protection`. */
  readonly name: string;
  /** Absent where it asks for no pull request. */
  readonly pullRequest?: {
    readonly approvals: number;
    readonly dismissesStale: boolean;
    readonly lastPushApproved: boolean;
    readonly codeOwners: boolean;
  };
  /** Absent where it asks for no checks. `appId` absent: whoever may write can report the check. */
  readonly checks?: {
    readonly strict: boolean;
    readonly required: readonly { readonly name: string; readonly appId?: number }[];
  };
  readonly refusesForcePush: boolean;
  readonly refusesDeletion: boolean;
  /** Only those of `bypass` may push at all. */
  readonly refusesPush: boolean;
  /** Absent: the forge does not tell this token. */
  readonly bypass?: readonly Bypass[];
}

export interface BranchGuards {
  readonly guards: readonly BranchGuard[];
  /** There may be more, which this token may not see, and why. */
  readonly unread?: string;
}

/** How workflows may run. */
export interface ActionsFacts {
  readonly enabled: boolean;
  /** What the token of a job may do unless the workflow says otherwise. */
  readonly jobsMayWrite: boolean;
  readonly jobsMayApprove: boolean;
  /** Any action of anybody may run. */
  readonly anyAction: boolean;
  readonly onlyPinned: boolean;
}

/** What workflows of forks are given, beyond running. */
export interface ForkFacts {
  readonly run: boolean;
  readonly getSecrets: boolean;
  readonly getWriteTokens: boolean;
}

/** An environment that holds secrets for jobs. */
export interface EnvironmentFacts {
  readonly name: string;
  /** `any`: every branch; `protected`: those with classic protection; otherwise patterns. */
  readonly branches: 'any' | 'protected' | readonly string[];
  readonly secrets: readonly string[];
}

/** What is known of the token we ask with, without using it. */
export interface TokenFacts {
  readonly kind: 'installation' | 'classic' | 'fine-grained' | 'other';
  readonly login: string;
  /** Of a classic token. */
  readonly scopes?: readonly string[];
  /** The App behind it, where it is one whose page we may see. `permissions`: `contents` to `write`. */
  readonly app?: { readonly id: number; readonly permissions: Readonly<Record<string, string>> };
  /** The person behind it, where it is one. */
  readonly person?: { readonly id: number; readonly administrator: boolean };
  /** The forge's clock when it answered, milliseconds since the epoch, to the second. */
  readonly forgeTime: number;
  /** Ours, halfway between asking and being answered. */
  readonly ourTime: number;
}

/** Every method throws what the forge throws when it does not tell: never an empty answer for an unknown one. */
export interface RepositoryInspector {
  repository(signal: AbortSignal): Promise<RepositoryFacts>;
  guards(branch: string, signal: AbortSignal): Promise<BranchGuards>;
  actions(signal: AbortSignal): Promise<ActionsFacts>;
  /** `undefined` where the question does not arise: the repository is public, so forks get neither. */
  forks(signal: AbortSignal): Promise<ForkFacts | undefined>;
  environments(signal: AbortSignal): Promise<readonly EnvironmentFacts[]>;
  /** Names of secrets every workflow of the repository may read, those of the organization too. */
  openSecrets(signal: AbortSignal): Promise<readonly string[]>;
  /** Titles of deploy keys that may push. */
  writingKeys(signal: AbortSignal): Promise<readonly string[]>;
  /** What the forge cannot read of CODEOWNERS: `line 3: Unknown owner`. */
  codeOwnersErrors(branch: string, signal: AbortSignal): Promise<readonly string[]>;
  token(signal: AbortSignal): Promise<TokenFacts>;
}
