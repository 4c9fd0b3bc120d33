import { PointsmanError } from '../schemas/errors.ts';
import type { TreePath } from '../schemas/json.ts';

/** No connection, or it ended. `mayHaveActed` is true when the request was on its way: the switch may have done what it said. */
export class UnreachableError extends PointsmanError {
  readonly code = 'DRIVER_UNREACHABLE';
  readonly disposition = 'retry-later';
  readonly next =
    'A later pass looks at the switch again; check its power, its management network and its API service.';
  readonly details: {
    readonly device: string;
    readonly host: string;
    readonly port: number;
    readonly request: string;
    readonly reason: string;
    readonly mayHaveActed: boolean;
  };

  constructor(details: UnreachableError['details'], options?: ErrorOptions) {
    super(
      `${details.device} (${details.host}:${details.port}) did not answer ${details.request}: ${details.reason}`,
      options,
    );
    this.details = details;
  }
}

/** Somebody answers, but not the configuration service: it is starting, upgrading or down. */
export class AgentDownError extends PointsmanError {
  readonly code = 'DRIVER_AGENT_DOWN';
  readonly disposition = 'retry-later';
  readonly next =
    'A later pass tries again. If it stays so, restart the configuration service (nvued, or FRR) on the switch.';
  readonly details: {
    readonly device: string;
    readonly request: string;
    readonly status: number;
    readonly words: string;
    readonly mayHaveActed: boolean;
  };

  constructor(details: AgentDownError['details'], options?: ErrorOptions) {
    super(`${details.device} answered ${details.request} with ${details.status}: ${details.words}`, options);
    this.details = details;
  }
}

/** The switch showed another certificate than the fleet repo says. No credential was sent. */
export class IdentityMismatchError extends PointsmanError {
  readonly code = 'DRIVER_IDENTITY_MISMATCH';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: {
    readonly device: string;
    readonly host: string;
    readonly port: number;
    readonly expectedPins: readonly string[];
    readonly foundPin: string;
    /** Why the chain did not do either. Absent when no CA is configured. */
    readonly chain?: string;
    /** What was shown; a certificate unless said. */
    readonly what?: 'host key';
  };

  constructor(details: IdentityMismatchError['details'], options?: ErrorOptions) {
    super(
      `${details.device} (${details.host}:${details.port}) showed the ${details.what ?? 'certificate'} ${details.foundPin}, ` +
        `${details.expectedPins.length > 0 ? `expected ${details.expectedPins.join(' or ')}` : 'no pin is configured'}` +
        `${details.chain === undefined ? '' : `; by the CA: ${details.chain}`}`,
      options,
    );
    const add =
      details.what === undefined
        ? `${details.foundPin} to tls.pins`
        : `${asShownBySsh(details.foundPin)} to ssh.host_keys`;
    this.next =
      `If the switch was meant to get this ${details.what ?? 'certificate'}, add ${add} of ${details.device} ` +
      'in a pull request. If not, somebody may be answering in its place.';
    this.details = details;
  }
}

/** `SHA256:…`, as `ssh-keygen -l` and fleet files write it. */
function asShownBySsh(pin: string): string {
  return `SHA256:${Buffer.from(pin.replace('sha256:', ''), 'hex').toString('base64').replace(/=+$/, '')}`;
}

/** Nothing says which certificate or host key to expect. Nothing was sent. */
export class IdentityNotConfiguredError extends PointsmanError {
  readonly code = 'DRIVER_IDENTITY_NOT_CONFIGURED';
  readonly disposition = 'needs-human';
  readonly next =
    'Add tls.pins or tls.ca for this switch, or for its site, to the fleet repo; ssh.host_keys where it is spoken to through SSH.';
  readonly details: {
    readonly device: string;
    /** What is expected; a certificate unless said. */
    readonly what?: 'host key';
  };

  constructor(details: IdentityNotConfiguredError['details'], options?: ErrorOptions) {
    const { device, what } = details;
    super(
      `${device} has ${what === undefined ? 'neither a CA nor a pinned certificate' : 'no pinned host key'}`,
      options,
    );
    this.details = details;
  }
}

/** The switch accepted none of the logins. */
export class AuthenticationError extends PointsmanError {
  readonly code = 'DRIVER_AUTHENTICATION_FAILED';
  readonly disposition = 'needs-human';
  readonly next = 'Check the credentials this site uses, and that the account still exists on the switch.';
  readonly details: { readonly device: string; readonly usernames: readonly string[] };

  constructor(details: AuthenticationError['details'], options?: ErrorOptions) {
    super(
      `${details.device} accepted none of ${details.usernames.length} logins (${details.usernames.join(', ')})`,
      options,
    );
    this.details = details;
  }
}

/** A login that this platform has no use for. Nothing was sent. */
export class LoginUnsuitableError extends PointsmanError {
  readonly code = 'DRIVER_LOGIN_UNSUITABLE';
  readonly disposition = 'needs-human';
  readonly next = 'Name what the platform takes in the credentials of this switch, or of its site, in the fleet repo.';
  readonly details: {
    readonly device: string;
    readonly username: string;
    /** `a password`. */
    readonly needs: string;
  };

  constructor(details: LoginUnsuitableError['details'], options?: ErrorOptions) {
    super(`${details.device} is logged in to with ${details.needs}, and ${details.username} has none`, options);
    this.details = details;
  }
}

/** Logged in, and not allowed to. */
export class NotPermittedError extends PointsmanError {
  readonly code = 'DRIVER_NOT_PERMITTED';
  readonly disposition = 'needs-human';
  readonly next =
    'Give the account a role that may do this, or change the default password if the switch asks for that.';
  readonly details: {
    readonly device: string;
    readonly username: string;
    readonly request: string;
    readonly words: string;
  };

  constructor(details: NotPermittedError['details'], options?: ErrorOptions) {
    super(`${details.device} does not let ${details.username} do ${details.request}: ${details.words}`, options);
    this.details = details;
  }
}

/** What we need on the switch to change it safely is not there, or is not what belongs to this release. Nothing was sent to it. */
export class HelperUnsuitableError extends PointsmanError {
  readonly code = 'DRIVER_HELPER_UNSUITABLE';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: {
    readonly device: string;
    /** Its path on the switch. */
    readonly helper: string;
    readonly expectedSha256: string;
    readonly reason: string;
  };

  constructor(details: HelperUnsuitableError['details'], options?: ErrorOptions) {
    super(`${details.device} cannot be changed with its ${details.helper}: ${details.reason}`, options);
    this.next =
      `Install the file of this release (sha256 ${details.expectedSha256}) as ${details.helper}, owned by root, mode 0755; ` +
      'docs/frr.md gives the commands.';
    this.details = details;
  }
}

/** Our helper on the switch could not do its work. What was live is live, or is taken back by itself. */
export class HelperFailedError extends PointsmanError {
  readonly code = 'DRIVER_HELPER_FAILED';
  readonly disposition = 'needs-human';
  readonly next = 'Read what the switch says; a full disk and a missing package are the usual reasons.';
  readonly details: {
    readonly device: string;
    readonly request: string;
    /** `failed`, `unsupported`, `garbled` or `usage`. */
    readonly word: string;
    readonly words: string;
  };

  constructor(details: HelperFailedError['details'], options?: ErrorOptions) {
    super(`${details.device} could not do ${details.request}: ${details.words}`, options);
    this.details = details;
  }
}

/** The switch understood the request and said no. */
export class RequestRefusedError extends PointsmanError {
  readonly code = 'DRIVER_REQUEST_REFUSED';
  readonly disposition = 'needs-human';
  readonly next = 'Read what the switch says; a newer release may want the request in another form.';
  readonly details: {
    readonly device: string;
    readonly request: string;
    readonly status: number;
    readonly words: string;
    /** One entry per place the switch names, `location` as it writes it. */
    readonly refusals: readonly { readonly location: string; readonly words: string }[];
  };

  constructor(details: RequestRefusedError['details'], options?: ErrorOptions) {
    super(`${details.device} refused ${details.request} with ${details.status}: ${details.words}`, options);
    this.details = details;
  }
}

/** The answer is not what the protocol says it is. Nothing is concluded from it. */
export class ReplyUnreadableError extends PointsmanError {
  readonly code = 'DRIVER_REPLY_UNREADABLE';
  readonly disposition = 'retry-later';
  readonly next = 'A later pass asks again. If it stays so, this release of the switch is not known to the driver.';
  readonly details: {
    readonly device: string;
    readonly request: string;
    readonly expected: string;
    readonly found: string;
  };

  constructor(details: ReplyUnreadableError['details'], options?: ErrorOptions) {
    super(`${details.device} answered ${details.request} with ${details.found}, expected ${details.expected}`, options);
    this.details = details;
  }
}

/** The switch refused the configuration, a leaf of it or as a whole. Nothing is live; the candidate has been discarded. */
export class ConfigurationRefusedError extends PointsmanError {
  readonly code = 'DRIVER_CONFIGURATION_REFUSED';
  readonly disposition = 'needs-human';
  readonly next = 'Correct the named places in the fleet repo. The switch runs what it ran before.';
  readonly details: {
    readonly device: string;
    readonly candidate: string;
    /** The switch's own words. `path` is empty when it named no place. */
    readonly refusals: readonly { readonly path: TreePath; readonly words: string }[];
  };

  constructor(details: ConfigurationRefusedError['details'], options?: ErrorOptions) {
    const said = details.refusals.map(
      ({ path, words }) => `${path.length > 0 ? path.join(' ') : 'configuration'}: ${words}`,
    );
    super(`${details.device} refused the configuration: ${said.join('; ')}`, options);
    this.details = details;
  }
}

/** The switch failed to make the configuration live and was told, or decided itself, to go back. */
export class ApplyFailedError extends PointsmanError {
  readonly code = 'DRIVER_APPLY_FAILED';
  readonly disposition = 'needs-human';
  readonly next = 'Read the issues, look at the named services on the switch, then plan again.';
  readonly details: {
    readonly device: string;
    readonly candidate: string;
    readonly state: string;
    readonly issues: readonly string[];
    /** True when the switch was seen back in its earlier configuration. */
    readonly rolledBack: boolean;
  };

  constructor(details: ApplyFailedError['details'], options?: ErrorOptions) {
    super(
      `${details.device} did not take revision ${details.candidate}: ${details.state}` +
        `${details.issues.length > 0 ? ` (${details.issues.join('; ')})` : ''}`,
      options,
    );
    this.details = details;
  }
}

/** The change was live, nobody confirmed it in time, and the switch took it back by its own timer. */
export class ConfirmExpiredError extends PointsmanError {
  readonly code = 'DRIVER_CONFIRM_EXPIRED';
  readonly disposition = 'needs-human';
  readonly next =
    'The switch runs what it ran before. Find out why it could not be spoken to in time before it is tried again.';
  readonly details: { readonly device: string; readonly candidate: string; readonly confirmWithinSeconds: number };

  constructor(details: ConfirmExpiredError['details'], options?: ErrorOptions) {
    super(
      `${details.device} took revision ${details.candidate} back: nobody confirmed it within ${details.confirmWithinSeconds} s`,
      options,
    );
    this.details = details;
  }
}

/** The switch was still busy with the candidate when our time for it ended. Nothing was confirmed. */
export class ApplyUnfinishedError extends PointsmanError {
  readonly code = 'DRIVER_APPLY_UNFINISHED';
  readonly disposition = 'retry-later';
  readonly next = 'Nothing was confirmed: the switch goes back by itself. A later pass looks what it ended in.';
  readonly details: {
    readonly device: string;
    readonly candidate: string;
    readonly state: string;
    readonly waitedSeconds: number;
  };

  constructor(details: ApplyUnfinishedError['details'], options?: ErrorOptions) {
    super(
      `${details.device} was still "${details.state}" with revision ${details.candidate} after ${details.waitedSeconds} s`,
      options,
    );
    this.details = details;
  }
}

/** A state this driver does not know. Nothing is confirmed while it lasts. */
export class UnknownStateError extends PointsmanError {
  readonly code = 'DRIVER_STATE_UNKNOWN';
  readonly disposition = 'needs-human';
  readonly next =
    'Look at the revision on the switch. If the state is new in this release, the driver has to learn it.';
  readonly details: { readonly device: string; readonly candidate: string; readonly state: string };

  constructor(details: UnknownStateError['details'], options?: ErrorOptions) {
    super(
      `${details.device} says revision ${details.candidate} is "${details.state}", which this driver does not know`,
      options,
    );
    this.details = details;
  }
}

/** The switch itself sees no difference between candidate and running. The candidate has been discarded. */
export class NothingToApplyError extends PointsmanError {
  readonly code = 'DRIVER_NOTHING_TO_APPLY';
  readonly disposition = 'void-approval';
  readonly next = 'The switch already runs what was approved; the next plan will say so.';
  readonly details: { readonly device: string; readonly candidate: string };

  constructor(details: NothingToApplyError['details'], options?: ErrorOptions) {
    super(`${details.device} sees nothing to apply in revision ${details.candidate}`, options);
    this.details = details;
  }
}

/** What the candidate would change is no longer what it was when it was staged. The candidate has been discarded. */
export class CandidateChangedError extends PointsmanError {
  readonly code = 'DRIVER_CANDIDATE_CHANGED';
  readonly disposition = 'void-approval';
  readonly next =
    'Somebody applied or edited something on the switch in between. A new plan is made from what runs now.';
  readonly details: { readonly device: string; readonly candidate: string };

  constructor(details: CandidateChangedError['details'], options?: ErrorOptions) {
    super(
      `${details.device}: revision ${details.candidate} would now change something else than when it was staged`,
      options,
    );
    this.details = details;
  }
}

/** Somebody else's change is on its way on this switch. Nothing was sent. */
export class BusyError extends PointsmanError {
  readonly code = 'DRIVER_BUSY';
  readonly disposition = 'retry-later';
  readonly next = 'A later pass goes on when the other change has ended.';
  readonly details: { readonly device: string; readonly candidate: string; readonly state: string };

  constructor(details: BusyError['details'], options?: ErrorOptions) {
    super(
      `${details.device} is busy with revision ${details.candidate} of somebody else ("${details.state}")`,
      options,
    );
    this.details = details;
  }
}

/** An answer was lost, and looking did not tell whether the request was carried out. It was not sent again. */
export class OutcomeUnknownError extends PointsmanError {
  readonly code = 'DRIVER_OUTCOME_UNKNOWN';
  readonly disposition = 'retry-later';
  readonly next = 'A later pass looks at the switch and goes on from what it finds.';
  readonly details: {
    readonly device: string;
    readonly candidate: string;
    readonly request: string;
    readonly found: string;
  };

  constructor(details: OutcomeUnknownError['details'], options?: ErrorOptions) {
    super(`${details.device}: the answer to ${details.request} was lost, and ${details.found}`, options);
    this.details = details;
  }
}

/** What runs would not survive a reboot, and saving did not help. */
export class SaveFailedError extends PointsmanError {
  readonly code = 'DRIVER_SAVE_FAILED';
  readonly disposition = 'retry-later';
  readonly next =
    'The change is live but would be lost by a reboot. A later pass saves again; `nv config save` or `vtysh -c write` does it by hand.';
  readonly details: { readonly device: string; readonly state: string };

  constructor(details: SaveFailedError['details'], options?: ErrorOptions) {
    super(
      `${details.device} would boot into another configuration than it runs (save ended in "${details.state}")`,
      options,
    );
    this.details = details;
  }
}

/** No driver of that name. */
export class PlatformUnknownError extends PointsmanError {
  readonly code = 'DRIVER_PLATFORM_UNKNOWN';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: { readonly platform: string; readonly known: readonly string[] };

  constructor(details: PlatformUnknownError['details'], options?: ErrorOptions) {
    super(`no driver for platform "${details.platform}"`, options);
    this.next = `Use one of: ${details.known.join(', ')}.`;
    this.details = details;
  }
}
