/** The plan: everything one pull request or request would do, and everything that was decided from. Made once, never edited. */
import type { Change, ChangeMark } from '../schemas/change.ts';
import type { Identity } from '../schemas/device.ts';
import type { ErrorDocument } from '../schemas/errors.ts';
import type { Problem } from '../schemas/problem.ts';
import type { RememberedSecrets } from './align-secrets.ts';

/** A {@link Change} as reviewers see it: with its marks and where in the fleet repo it comes from. */
export interface PlannedChange {
  readonly change: Change;
  readonly marks: readonly ChangeMark[];
  /** `desired-state/roles/leaf.yaml:12`. Absent for what is unset because nobody wrote it. */
  readonly origin?: string;
}

interface PlannedDevice {
  readonly device: string;
  readonly site: string;
  readonly role: string;
  readonly platform: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where the switch stood before, when the change moves it: the rules of that site have their say as well. Not in the digest. */
  readonly siteBefore?: string;
  /**
   * Secrets the switch encrypts itself and that a trial showed to be the intended ones, to be known again when the plan is
   * made once more without one. Fingerprints; evidence, not in the digest.
   */
  readonly recognisedSecrets?: RememberedSecrets;
}

/** A switch that would change. */
export interface ChangingDevice extends PlannedDevice {
  readonly kind: 'changing';
  readonly identity: Identity;
  /** In digest order, see {@link computeChanges}. Never empty. */
  readonly changes: readonly PlannedChange[];
  /** Hash of device, identity, platform, version and changes: what must still hold for this switch when it is applied. */
  readonly digest: string;
  /** Hash of the changes alone: equal for switches that form one diff group. */
  readonly changesDigest: string;
  /** From the driver; evidence, not in the digest. */
  readonly baseToken: string;
  /** SHA-256 of the masked running configuration the changes were computed from. Evidence. */
  readonly runningDigest: string;
  /** Whether the switch itself was asked to try the candidate. */
  readonly trial: 'accepted' | 'not-permitted' | 'not-asked';
  /** Switches that share one of these back each other up, by their own configuration (MLAG). Evidence; batches follow from it. */
  readonly backsUp?: readonly string[];
  /** Things a reviewer should know: unsaved configuration, another version than the image says, what the platform cannot do. */
  readonly notes: readonly string[];
}

/** A switch that already runs what is intended. */
export interface UnchangedDevice extends PlannedDevice {
  readonly kind: 'unchanged';
}

/** A switch nothing can be said about, or that must not be touched. It blocks itself and no other. */
export interface BlockedDevice extends PlannedDevice {
  readonly kind: 'blocked';
  readonly error: ErrorDocument;
}

export type DevicePlan = ChangingDevice | UnchangedDevice | BlockedDevice;

/** Switches whose changes are equal. */
export interface DiffGroup {
  /** `A`, `B`, … `Z`, `AA`…; most careful first: management, then disruptive, then by size. */
  readonly name: string;
  readonly changesDigest: string;
  /** Names, sorted. */
  readonly devices: readonly string[];
  readonly changes: readonly PlannedChange[];
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** How the devices of a plan are worked through. Part of the digest, as far as it is there. */
export interface Rollout {
  readonly devicesAtOnce: number;
  readonly confirmWithinSeconds: number;
  /** Most switches of one batch; of both the smaller counts. */
  readonly batchSize?: number;
  readonly batchPercentage?: number;
  readonly canaryPercentage?: number;
  /** Percent of the canaries. */
  readonly canarySuccessThreshold?: number;
  /** Batches that ask for an approval of their own; absent: none. */
  readonly gate?: 'first' | 'each';
  readonly barrier?: boolean;
  /** Labels whose equal values keep switches of one site out of one batch. */
  readonly apart?: readonly string[];
  /** Globs of probes that may get worse. */
  readonly expectedChanges?: readonly string[];
  readonly retryCount?: number;
  readonly retryDelaySeconds?: number;
  readonly timeoutSeconds?: number;
}

/** Switches that are done together, one batch after the other. Part of the digest. */
export interface Batch {
  /** From 1, in the order they are done. */
  readonly number: number;
  readonly canary?: boolean;
  /** An approval of its own releases it. */
  readonly gate?: boolean;
  /** Names, sorted. */
  readonly devices: readonly string[];
}

/** The file in `requests/` a plan is made for. Part of the digest, but for its reason. */
export interface PlannedRequest {
  readonly name: string;
  readonly workflow: string;
  /** Foreign text. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly notBefore?: number;
  /** `0 2 * * * Europe/Amsterdam`. Foreign text. */
  readonly schedule?: string;
  /** A Rollback: back to what, in words: `commit 1234abcd5678`. */
  readonly backTo?: string;
  readonly outsideWindows?: boolean;
  readonly evenWhenPaused?: boolean;
}

/** What a plan was made for and from. Evidence: not in the digest. */
export interface PlanSource {
  /** Absent for a plan of two commits or a work tree. */
  readonly pullRequest?: number;
  readonly head: string;
  readonly base: string;
  /** Tree of the merge result that was rendered. */
  readonly tree: string;
  /** When running configurations were read, milliseconds since the epoch: first and last. Absent when none was. */
  readonly readFrom?: number;
  readonly readTo?: number;
  /** Where several runners read, each of its own sites: when each did last. */
  readonly readBy?: Readonly<Record<string, number>>;
}

export interface Plan {
  readonly version: 1;
  /** `p1:` and 64 hex digits. */
  readonly digest: string;
  readonly workflow: string;
  /** Names, in order. */
  readonly stages: readonly string[];
  readonly rollout: Rollout;
  readonly source: PlanSource;
  /** Sorted by site, then name. */
  readonly devices: readonly DevicePlan[];
  readonly groups: readonly DiffGroup[];
  /** Absent where all is one batch: the workflow then has no batches. */
  readonly batches?: readonly Batch[];
  readonly request?: PlannedRequest;
  /** Devices the pull request takes out of the fleet: nothing is done to their switches. */
  readonly removed: readonly string[];
  /** Devices in the fleet that this plan does not concern. */
  readonly elsewhere: number;
}

/** Instead of a plan, when the fleet at the head is not valid. */
export interface InvalidFleet {
  readonly source: Omit<PlanSource, 'readFrom' | 'readTo'>;
  readonly problems: readonly Problem[];
}

/** Instead of a plan, when the fleet is valid and yet no switch is asked. */
export interface NotPlanned {
  readonly source: Omit<PlanSource, 'readFrom' | 'readTo'>;
  /** `fork`: its author may have no right to see what switches run. `other-base`: merging it does not reach the fleet. */
  readonly reason: 'fork' | 'other-base';
  /** Branch the pull request goes to. */
  readonly baseBranch: string;
  /** Devices whose files it changes, sorted. */
  readonly devices: readonly string[];
}
