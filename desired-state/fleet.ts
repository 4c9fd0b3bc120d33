/**
 * A fleet at a commit, and what it renders to. The interface of this room; `loadFleet`, `loadChange`, `renderDevice`,
 * `selectDevices`, `deviceAccess` and `explainDevice` produce and read these.
 */
import type {
  ApprovalRules,
  Automation,
  Credential,
  Device,
  Images,
  Platform,
  Request,
  Role,
  Settings,
  Site,
  Tls,
} from '../schemas/fleet.ts';
import type { Leaf, Tree, TreePath } from '../schemas/json.ts';
import type { SecretPattern } from '../schemas/secret.ts';
import type { TextForm } from '../schemas/text-form.ts';
import type { FleetSources } from './fleet-sources.ts';
import type { Origin, SecretPlace } from './places.ts';

export type { Origin } from './places.ts';

/** A parsed file of the fleet repo: its value, and where each of its nodes stands. */
export interface Sourced<T> {
  readonly file: string;
  readonly value: T;
}

/** What this room has to know of a platform. A driver is one. */
export interface PlatformKnowledge {
  readonly secretPatterns: readonly SecretPattern[];
  /** Brings a tree to the form in which it is compared. */
  normalise(tree: Tree): Tree;
  /** How its templates are read, where they give text and no tree. */
  readonly text?: TextForm;
}

export type Platforms = Readonly<Record<Platform, PlatformKnowledge>>;

/** Files of a fleet, checked: what is here is valid and every reference resolves. All of them, unless a part was asked for. */
export interface Fleet {
  /** Tree or commit it was read at. */
  readonly revision: string;
  readonly settings: Sourced<Settings>;
  readonly sites: ReadonlyMap<string, Sourced<Site>>;
  readonly roles: ReadonlyMap<string, Sourced<Role>>;
  /** By device name; names are unique in a fleet. */
  readonly devices: ReadonlyMap<string, FleetDevice>;
  readonly images: Images;
  readonly approvals: ApprovalRules;
  readonly automation: Automation;
  /** By name; what was asked for once and is done stays as a record. */
  readonly requests: ReadonlyMap<string, Sourced<Request>>;
  /** Devices there are, read or not. */
  readonly deviceCount: number;
  /** What rendering works from; for this room only. */
  readonly sources: FleetSources;
}

/** The part of a fleet that rendering needs. */
export type RenderSource = Pick<Fleet, 'sites' | 'roles' | 'sources'>;

export interface FleetDevice extends Sourced<Device> {
  readonly name: string;
  readonly site: string;
}

/** A selection: all that is named must hold; lists mean "one of". Globs know `*` and `?`. */
export interface Selector {
  readonly names?: readonly string[];
  readonly sites?: readonly string[];
  readonly roles?: readonly string[];
  readonly platforms?: readonly string[];
  readonly statuses?: readonly string[];
  readonly tenants?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * What the fleet says one switch should hold. Secrets are still references: at a {@link SecretPlace} of kind `value` the
 * leaf is the text `secret:<name>`, of kind `key` the key is.
 */
export interface IntendedConfiguration {
  readonly device: string;
  readonly tree: Tree;
  readonly secrets: readonly SecretPlace[];
  /** Where the fleet has secrets in another state of it. What a switch has there is masked all the same. */
  readonly alsoSecret?: readonly Pick<SecretPlace, 'path' | 'at'>[];
  /** Where the leaf at `path` (or the nearest node above or below it) was written. */
  originOf(path: TreePath): Origin | undefined;
}

/** How to reach one switch, with the narrower scope's settings winning: device, then site, then fleet. */
export interface DeviceAccess {
  readonly platform: Platform;
  readonly host: string;
  readonly port: number;
  readonly serial: string;
  readonly tls: Tls;
  /** Host keys it may show, in the form of `Identity.pin`. Absent where it is not spoken to through SSH. */
  readonly hostKeys?: readonly string[];
  readonly plan: Credential;
  readonly apply: Credential;
}

/** One leaf and its story, for `pointsman explain`. */
export interface LeafExplanation {
  readonly path: TreePath;
  readonly value: Leaf;
  readonly origin: Origin | undefined;
}
