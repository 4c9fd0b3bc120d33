/**
 * The one contract for all platforms. `drivers/<platform>/` implements it, `drivers/registry.ts` lists them, and the
 * conformance suite in `test/drivers/conformance.ts` is run against each.
 *
 *     open → identify → read → stage → commit ─ fresh session → health, read → confirm → save
 *                                └ discard, safe at any moment, also after our own crash
 */
import type { Change, ChangeMark } from '../schemas/change.ts';
import type { Clock } from '../schemas/clock.ts';
import type { Identity } from '../schemas/device.ts';
import type { Tree, TreePath } from '../schemas/json.ts';
import type { Log } from '../schemas/log.ts';
import type { SecretPattern } from '../schemas/secret.ts';
import type { TextForm } from '../schemas/text-form.ts';

/** What a platform can do by itself. Plans say what is missing; nothing is pretended. */
export interface Capabilities {
  /** Configuration can be staged on the switch without being live. */
  readonly candidate: boolean;
  /** The switch accounts for the difference between candidate and running itself. */
  readonly nativeDiff: boolean;
  /** A candidate becomes live wholly or not at all. */
  readonly atomic: boolean;
  /**
   * Who reverts when no confirmation comes: the platform by itself, a helper of ours that waits on the switch, or nobody.
   * In none of the three does it take us or a connection.
   */
  readonly timedConfirm: 'platform' | 'helper' | 'none';
  /** A reboot inside the confirm window ends in the old configuration. */
  readonly revertSurvivesReboot: boolean;
}

/** An account on the switch and what proves that it is ours: one of the two. In memory; never logged, never in an error. */
export interface Login {
  readonly username: string;
  readonly password?: string;
  /** In PEM, as `ssh-keygen` writes it, without a passphrase. Only for platforms that are spoken to through SSH. */
  readonly privateKey?: string;
}

/** Where and how to speak to one switch. */
export interface Target {
  /** Name in the fleet; used in errors and logs only. */
  readonly device: string;
  readonly host: string;
  readonly port: number;
  /** The switch must show a certificate one of `pins` names, or one signed by `ca`. Neither given: refused before connecting. */
  readonly tls: { readonly ca?: string; readonly pins?: readonly string[]; readonly serverName?: string };
  /**
   * For platforms that are spoken to through SSH, in place of `tls`: host keys the switch may show, each `sha256:<64 hex>` of
   * the key as it is sent. None given: refused before connecting.
   */
  readonly hostKeys?: readonly string[];
  /** Tried in order when the switch says 401, so that a change of our own password does not lock us out. Never empty. */
  readonly logins: readonly Login[];
}

export interface DriverDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** How often a running apply is looked at, in milliseconds. */
  readonly pollMilliseconds: number;
}

/** The running configuration at one moment. */
export interface Running {
  /** Ranges expanded, volatile parts dropped. Secrets are in here: mask before it leaves memory. */
  readonly tree: Tree;
  /** Changes whenever someone applies anything (NVUE: applied revision and apply id). Evidence, and a cheap "has it moved". */
  readonly baseToken: string;
  /** True when the switch would boot into something else. */
  readonly unsaved: boolean;
  /** Every candidate id on the switch now, ours or not. Taken down before we stage, so ours can be told apart after a crash. */
  readonly candidates: readonly string[];
  /** Somebody's change that is being applied or waits for an answer right now, and blocks ours. */
  readonly busyWith?: { readonly candidate: string; readonly state: string };
}

/** How a staged candidate stands, from the switch's own words. */
export type CandidateState =
  /** Staged, not live. */
  | { readonly kind: 'staged' }
  /** On its way to being live. */
  | { readonly kind: 'applying'; readonly state: string }
  /** Live, and reverted by the switch unless confirmed. */
  | {
      readonly kind: 'awaiting-confirm';
      readonly state: string;
      /** Of the switch's timer, by its own account; absent when it does not say. */
      readonly secondsLeft?: number;
    }
  /** Live for good. `saved`: survives a reboot. */
  | { readonly kind: 'live'; readonly saved: boolean; readonly issues: readonly string[] }
  /**
   * The switch took it back, or never made it live. `state` and `issues` are its own words. `unconfirmed`: it was live, and
   * nobody said in time that it may stay, or somebody said that it may not; it may still be on its way back.
   */
  | {
      readonly kind: 'reverted';
      readonly state: string;
      readonly issues: readonly string[];
      readonly unconfirmed?: true;
    }
  /** No candidate of that id on the switch. */
  | { readonly kind: 'gone' };

/** What the switch makes of an intended configuration staged on it. */
export interface Staged {
  /** Names the candidate on the switch. */
  readonly candidate: string;
  readonly state: CandidateState;
  /** The switch's own account: what would change, in the order of {@link Change} paths. Secrets are in here. */
  readonly deviceChanges: readonly Change[];
}

/** One probe and its answer. */
export interface Probe {
  /** `system-health`, `interface swp1`, `bgp swp51`, `bgp RED 10.0.0.1` (a VRF and its peer), `lldp swp1`, `mlag-peer`. */
  readonly name: string;
  readonly ok: boolean;
  /** The switch's words, for people. Of an LLDP neighbour: its system and its port. */
  readonly found: string;
  /** Further LLDP neighbours of the same port, younger ones first. Absent when there are none. */
  readonly others?: readonly string[];
}

/** What a switch nobody has described yet says of itself, beside its identity. */
export interface Introduction {
  /** As it calls its system. Foreign text. */
  readonly product: string;
  /** The platform that is; absent when we know none of that name. */
  readonly platform?: string;
  /** Of the management interface, lower-case; absent when it does not say. */
  readonly mac?: string;
}

/** Who made live what runs now, by the switch's own books. */
export interface LastChange {
  /** Account on the switch. Foreign text. */
  readonly by: string;
  /** Milliseconds since the epoch by the switch's clock; absent when it does not say. */
  readonly at?: number;
}

/** One open, authenticated conversation with one switch, on a connection of its own. Every call has a deadline. */
export interface Session {
  identify(signal: AbortSignal): Promise<Identity>;

  /** Asked when a switch is adopted. Never changes it. */
  introduce(signal: AbortSignal): Promise<Introduction>;

  /** Reads what is running. Never changes the switch. */
  read(signal: AbortSignal): Promise<Running>;

  /**
   * What is intended, as this switch would write it beside what it runs: where its own tools see no difference, the running
   * spelling stands, and a file that `intended` says nothing about is as it runs. Comparing this with `running` gives what
   * the switch would change. Never changes it. Only on platforms where one configuration has several spellings.
   *
   * @param intended With real secrets.
   * @throws {ConfigurationRefusedError} The switch cannot read a line of it.
   * @throws {NotPermittedError} These credentials may not ask.
   */
  respell?(intended: Tree, running: Running, signal: AbortSignal): Promise<Tree>;

  /**
   * Puts `intended` into a candidate as a full replacement, without making it live. Resumable: after a crash, a candidate
   * that is not among `knownBefore` and holds nothing, everything unset, or exactly `intended` is taken up again, in
   * whatever state it is, and nothing already sent is sent again.
   *
   * @param intended With real secrets.
   * @param knownBefore {@link Running.candidates} from before the intent was recorded.
   * @throws {ConfigurationRefusedError} The switch refused a leaf. The candidate has been discarded.
   * @throws {NotPermittedError} These credentials may not stage.
   */
  stage(intended: Tree, knownBefore: readonly string[], signal: AbortSignal): Promise<Staged>;

  /**
   * Makes a staged candidate live, reverting by itself unless confirmed within the time; returns when it is live and
   * waits for the confirmation, or has ended otherwise. Looks before it sends: an apply that already runs is followed.
   *
   * @throws {ConfigurationRefusedError} Refused as a whole (`invalid`). Nothing is live, the candidate has been discarded.
   * @throws {ApplyFailedError} Failed on the way; the switch's rollback has been waited for.
   * @throws {ConfirmExpiredError} It was live, could not be reached in time, and has been taken back by the switch.
   * @throws {BusyError | CandidateChangedError | NothingToApplyError} Nothing was sent.
   * @throws {UnreachableError | ApplyUnfinishedError | OutcomeUnknownError} Not confirmed: what went live reverts by itself.
   */
  commit(candidate: string, confirmWithinSeconds: number, signal: AbortSignal): Promise<CandidateState>;

  state(candidate: string, signal: AbortSignal): Promise<CandidateState>;

  /**
   * Who last applied anything. Only on platforms that keep books of it; changes made past the switch's own configuration
   * system are in none.
   *
   * @returns `undefined` when the switch does not know.
   */
  lastChange?(signal: AbortSignal): Promise<LastChange | undefined>;

  /** What the switch and its links and neighbours say of themselves. */
  health(signal: AbortSignal): Promise<readonly Probe[]>;

  /** Keeps it. To be called on a session opened after {@link Session.commit}. Looks before it sends. */
  confirm(candidate: string, signal: AbortSignal): Promise<CandidateState>;

  /** Makes what is running survive a reboot. Does nothing where it already does. */
  save(signal: AbortSignal): Promise<void>;

  /** Takes a candidate back, before or after commit; a candidate that is gone or live for good is left alone. */
  discard(candidate: string, signal: AbortSignal): Promise<void>;

  close(): Promise<void>;
}

/** A thing a full replace must not do, found before the switch is contacted. */
export interface Hazard {
  /** Stable: `own-user-removed`, `management-interface-removed`… `rollout.allow_hazards` names these. */
  readonly name: string;
  readonly message: string;
  readonly path: TreePath;
}

/** A platform. Everything here but `open` is pure knowledge of it. */
export interface Driver {
  readonly platform: string;
  readonly capabilities: Capabilities;

  /**
   * Connects, verifies the switch's TLS identity, and only then logs in.
   *
   * @throws {UnreachableError} No connection, or it ended.
   * @throws {IdentityMismatchError} Another certificate. No credential was sent.
   * @throws {AuthenticationError} No login was accepted.
   */
  open(target: Target, deps: DriverDeps, signal: AbortSignal): Promise<Session>;

  /** Absent on platforms whose configuration is a tree by itself. */
  readonly text?: TextForm;

  /** A tree as written by people, brought to the form `read` returns: ranges expanded, aliases resolved, header dropped. */
  normalise(tree: Tree): Tree;
  /** Where secrets live in this platform's configuration. */
  readonly secretPatterns: readonly SecretPattern[];
  /** True for text the switch made from a secret that cannot be compared with the secret itself (`$nvsec$…`, `*`). */
  isOpaqueSecret(text: string): boolean;
  /** What switches that back each other up have in common, such as the address both answer to; none where it backs up none. */
  redundancyKeys(tree: Tree): readonly string[];
  hazards(intended: Tree, running: Tree, username: string): readonly Hazard[];
  mark(change: Change, running: Tree): readonly ChangeMark[];
  /**
   * Probes that get worse because the changes themselves say so: an interface or a BGP neighbour that is taken away or shut
   * down is not expected to be up. Everything else that gets worse is a finding.
   *
   * @param intended What the switch is to run.
   * @returns Names of probes, as globs.
   */
  expectedLosses(changes: readonly Change[], intended: Tree): readonly string[];
  /**
   * A masked tree as the file the switch's own replace command loads, with a header people can read; of a platform with
   * {@link Driver.text}, a list of `header` and `text`, which holds each of its files as it is.
   */
  renderBackup(tree: Tree, identity: Identity): { readonly extension: string; readonly text: string };
}
