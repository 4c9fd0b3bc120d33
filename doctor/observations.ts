/** What was seen of everything that safety rests on, before anybody judges it. Plain data; made by `observe.ts`. */
import type {
  ActionsFacts,
  BranchGuards,
  EnvironmentFacts,
  ForkFacts,
  RepositoryFacts,
  TokenFacts,
} from '../forge/inspector.ts';

/** Something that was looked at: what it is, or why that could not be established. */
export type Seen<T> =
  | { readonly kind: 'seen'; readonly value: T }
  /** `next` is what would help; absent where it is the eyes of an administrator. */
  | { readonly kind: 'unknown'; readonly why: string; readonly next?: string };

/** A file below `.github/workflows/`. */
export interface WorkflowFile {
  readonly file: string;
  readonly text: string;
}

/** Who could satisfy one rule of `approvals.yaml`. */
export interface RuleFacts {
  readonly rule: string;
  readonly approvals: number;
  /** Logins, bots left out. Unknown where one of its teams could not be read. */
  readonly people: Seen<readonly string[]>;
}

/** What the fleet repo says at the tip of its branch. */
export interface FleetFacts {
  /** How many problems it has; its rules and secrets are those of a valid fleet only. */
  readonly problems: number;
  /** Absent where the fleet names no rule, or is not valid. */
  readonly rules: readonly RuleFacts[];
  /** Names of secrets that no source of `pointsman.yaml` knows. */
  readonly missingSecrets: readonly string[];
  /** A rule of `automation.yaml` takes drift back without a person. */
  readonly enforcing?: true;
  /** Characters of the fingerprint key; absent where no source knows it. */
  readonly fingerprintKeyLength?: number;
}

/** What one switch said when it was asked who it is. */
export interface SwitchFacts {
  readonly device: string;
  readonly found:
    | { readonly kind: 'answers' }
    | { readonly kind: 'other-serial'; readonly expected: string; readonly serial: string }
    | { readonly kind: 'failed'; readonly code: string; readonly message: string };
}

export interface Observations {
  /** Branch that says what switches should be. */
  readonly fleetBranch: string;
  readonly ledgerBranch: string;
  readonly repository: Seen<RepositoryFacts>;
  readonly fleetGuards: Seen<BranchGuards>;
  readonly ledgerGuards: Seen<BranchGuards>;
  /** Titles of deploy keys that may push. */
  readonly writingKeys: Seen<readonly string[]>;
  readonly token: Seen<TokenFacts>;
  readonly actions: Seen<ActionsFacts>;
  readonly forks: Seen<ForkFacts | undefined>;
  readonly environments: Seen<readonly EnvironmentFacts[]>;
  /** Names of secrets every workflow may read. */
  readonly openSecrets: Seen<readonly string[]>;
  readonly workflows: Seen<readonly WorkflowFile[]>;
  /** Text of the file GitHub takes; `undefined` where there is none. */
  readonly codeOwners: Seen<string | undefined>;
  readonly codeOwnersErrors: Seen<readonly string[]>;
  /** When the schedule last started a pass, milliseconds since the epoch; `undefined`: never, or there is no schedule. */
  readonly scheduledRunAt: Seen<number | undefined>;
  /** Our clock. */
  readonly now: number;
  /** Absent where there is none yet. */
  readonly fleet?: Seen<FleetFacts>;
  /** Whether the remote lets us push, without pushing. Absent where it was not tried. `refused`: why it does not. */
  readonly push?: Seen<{ readonly refused?: string }>;
  /** Absent where they were not to be asked. */
  readonly switches?: Seen<readonly SwitchFacts[]>;
}
