import { PointsmanError } from '../schemas/errors.ts';

/** GitHub understood us and said no. Asking again will not help until somebody changes something. */
export class ForgeRefusedError extends PointsmanError {
  readonly code = 'FORGE_REFUSED';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: {
    /** Method and path, for example `GET /orgs/acme/teams/noc/members`. */
    readonly request: string;
    readonly status: number;
    /** GitHub's own words. */
    readonly reason: string;
    /** `x-accepted-github-permissions`, for example `members=read`: what the token lacks. */
    readonly acceptedPermissions?: string;
    /** Only of a 401: when GitHub answered, by its clock, milliseconds since the epoch. */
    readonly answeredAt?: number;
  };

  constructor(details: ForgeRefusedError['details']) {
    super(`GitHub refused ${details.request}: ${details.status} ${details.reason}`);
    this.details = details;
    this.next = whatHelps(details);
  }
}

function whatHelps({ status, reason, acceptedPermissions }: ForgeRefusedError['details']): string {
  if (status === 401) return 'Give Pointsman a token that GitHub accepts; this one is wrong, expired or revoked.';
  if (status >= 300 && status < 400) {
    return 'The repository was renamed or moved: put its new name into the settings of the fleet.';
  }
  if (acceptedPermissions)
    return `Give the token of Pointsman the permission ${acceptedPermissions}${whereToGrant(reason)}.`;
  if (status === 403) return `Give the token of Pointsman the permission this request needs${whereToGrant(reason)}.`;
  if (status === 404) return 'Either this does not exist, or the token of Pointsman may not see it: check both.';
  return 'Change what GitHub objects to, then run again.';
}

/** GitHub's words tell what kind of token it was given. */
function whereToGrant(reason: string): string {
  if (/by integration/i.test(reason)) {
    return ': for an App in its settings (Permissions & events), and accept it where it is installed; for GITHUB_TOKEN under permissions of the job';
  }
  return /by personal access token/i.test(reason)
    ? ': at GitHub under Settings, Developer settings, Fine-grained tokens'
    : '';
}

/** GitHub could not be reached, did not answer in time, or answered that it is broken. */
export class ForgeUnavailableError extends PointsmanError {
  readonly code = 'FORGE_UNAVAILABLE';
  readonly disposition = 'retry-later';
  readonly next =
    'The next pass asks again. If it lasts, look at https://www.githubstatus.com and at the network between.';
  readonly details: {
    readonly request: string;
    /** `ECONNRESET`, `502 Bad Gateway`… */
    readonly reason: string;
    /** Absent when nothing was answered. */
    readonly status?: number;
    /** True when the request may have been acted on: whoever sent it has to look before sending it again. */
    readonly mayHaveActed: boolean;
  };

  constructor(details: ForgeUnavailableError['details']) {
    super(`GitHub did not answer ${details.request}: ${details.reason}`);
    this.details = details;
  }
}

/** We have asked too much, and the wait is longer than a pass should stand still. */
export class ForgeRateLimitedError extends PointsmanError {
  readonly code = 'FORGE_RATE_LIMITED';
  readonly disposition = 'retry-later';
  readonly next: string;
  readonly details: {
    readonly request: string;
    /** `primary`: requests per hour. `secondary`: too fast. */
    readonly limit: 'primary' | 'secondary';
    /** ISO 8601, UTC: when GitHub will listen again. */
    readonly resetsAt: string;
  };

  constructor(details: ForgeRateLimitedError['details']) {
    super(
      `GitHub limits our requests until ${details.resetsAt} (${details.limit}); ${details.request} was not performed`,
    );
    this.details = details;
    this.next = `A pass after ${details.resetsAt} goes on.`;
  }
}

/** An answer came, but not one we can rely on. */
export class ForgeAnswerUnreadableError extends PointsmanError {
  readonly code = 'FORGE_ANSWER_UNREADABLE';
  readonly disposition = 'needs-human';
  readonly next = 'Check that the API address is GitHub’s and nothing in between rewrites its answers.';
  readonly details: {
    readonly request: string;
    /** Where in the answer, for example `head.sha`; empty for the answer as a whole. */
    readonly at: string;
    readonly expected: string;
    /** The kind of value found there, never the value. */
    readonly found: string;
  };

  constructor(details: ForgeAnswerUnreadableError['details']) {
    const where = details.at ? ` at ${details.at}` : '';
    super(`the answer to ${details.request} has ${details.found}${where}, expected ${details.expected}`);
    this.details = details;
  }
}

/** GitHub gives only the beginning of a list, and what it leaves out could matter. */
export class ForgeListIncompleteError extends PointsmanError {
  readonly code = 'FORGE_LIST_INCOMPLETE';
  readonly disposition = 'needs-human';
  readonly next = 'Split the pull request, or squash its commits into fewer.';
  readonly details: { readonly request: string; readonly given: number; readonly wanted: number };

  constructor(details: ForgeListIncompleteError['details']) {
    super(`GitHub lists ${details.given} of ${details.wanted} for ${details.request}`);
    this.details = details;
  }
}

/** The fork a pull request came from was deleted: who pushed to its branch can no longer be known. */
export class ForgeForkGoneError extends PointsmanError {
  readonly code = 'FORGE_FORK_GONE';
  readonly disposition = 'needs-human';
  readonly next = 'Open the pull request anew from a repository that exists.';
  readonly details: { readonly branch: string; readonly commit: string };

  constructor(details: ForgeForkGoneError['details']) {
    super(`the repository that the branch ${details.branch} was in is gone, and with it who pushed to it`);
    this.details = details;
  }
}

/** The caller asked for something GitHub would not take, or not understand as it was meant. Nothing was sent. */
export class ForgeRequestInvalidError extends PointsmanError {
  readonly code = 'FORGE_REQUEST_INVALID';
  readonly disposition = 'needs-human';
  readonly next = 'Correct the name in the fleet repo if it comes from there; otherwise this is a bug of Pointsman.';
  readonly details: { readonly what: string; readonly expected: string; readonly found: string };

  constructor(details: ForgeRequestInvalidError['details']) {
    super(`${details.what} must be ${details.expected}, found ${details.found}`);
    this.details = details;
  }
}

/** Somebody sent a webhook delivery that GitHub did not make, or GitHub signs with another secret. Nothing in it was read. */
export class ForgeWebhookForgedError extends PointsmanError {
  readonly code = 'FORGE_WEBHOOK_FORGED';
  readonly disposition = 'needs-human';
  readonly next =
    'If GitHub shows this delivery as its own, give Pointsman the secret that is set in the webhook. Otherwise nothing has to be done: it was refused.';
  readonly details: { readonly reason: 'not-signed' | 'signature-malformed' | 'signature-wrong' };

  constructor(details: ForgeWebhookForgedError['details']) {
    super(`a webhook delivery is ${FORGED_AS[details.reason]}`);
    this.details = details;
  }
}

const FORGED_AS: Readonly<Record<ForgeWebhookForgedError['details']['reason'], string>> = {
  'not-signed': 'not signed with SHA-256',
  'signature-malformed': 'signed in a form that GitHub does not use',
  'signature-wrong': 'not signed with a secret of ours',
};

/** A webhook delivery is signed with our secret, and not what GitHub sends. */
export class ForgeWebhookUnreadableError extends PointsmanError {
  readonly code = 'FORGE_WEBHOOK_UNREADABLE';
  readonly disposition = 'needs-human';
  readonly next =
    'Set the content type of the webhook to application/json, and check that nothing in between rewrites headers. Until then the next scheduled pass finds what this was about.';
  readonly details: {
    /** A header, or where in the body, for example `push: ref`. */
    readonly at: string;
    readonly expected: string;
    /** The kind of value found there, never the value. */
    readonly found: string;
  };

  constructor(details: ForgeWebhookUnreadableError['details']) {
    super(`a webhook delivery has ${details.found} at ${details.at}, expected ${details.expected}`);
    this.details = details;
  }
}

/** A webhook delivery is larger than what we are ready to hold. Nothing in it was read. */
export class ForgeWebhookTooLargeError extends PointsmanError {
  readonly code = 'FORGE_WEBHOOK_TOO_LARGE';
  readonly disposition = 'retry-later';
  readonly next = 'Nothing has to be done: the next scheduled pass finds what it was about.';
  readonly details: { readonly bytes: number; readonly largest: number };

  constructor(details: ForgeWebhookTooLargeError['details']) {
    super(`a webhook delivery has ${details.bytes} bytes, at most ${details.largest} are read`);
    this.details = details;
  }
}

/** The private key of the App cannot be used. Nothing was sent. */
export class ForgeKeyUnusableError extends PointsmanError {
  readonly code = 'FORGE_KEY_UNUSABLE';
  readonly disposition = 'needs-human';
  readonly next =
    'Give the .pem file as GitHub made it (Settings of the App, Private keys), whole, from BEGIN to END; a newline may be written as \\n.';
  /** Nothing of the key itself. */
  readonly details: { readonly problem: string };

  constructor(details: ForgeKeyUnusableError['details']) {
    super(`the private key of the App cannot be used: ${details.problem}`);
    this.details = details;
  }
}

/** GitHub does not believe that we are the App we say we are. */
export class ForgeSignInRefusedError extends PointsmanError {
  readonly code = 'FORGE_SIGN_IN_REFUSED';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: {
    readonly appId: string;
    /** GitHub's own words. */
    readonly reason: string;
    readonly likely: 'key' | 'clock';
    /** How much later it is by our clock than by GitHub's; absent when GitHub did not tell the time. */
    readonly clockAheadSeconds?: number;
  };

  constructor(details: ForgeSignInRefusedError['details']) {
    const { appId, reason, clockAheadSeconds: ahead } = details;
    const clock = ahead === undefined ? '' : ` (our clock is ${Math.abs(ahead)} s ${ahead < 0 ? 'behind' : 'ahead'})`;
    super(`GitHub does not let us sign in as App ${appId}: ${reason}${details.likely === 'clock' ? clock : ''}`);
    this.details = details;
    this.next =
      details.likely === 'clock'
        ? 'Set the clock of this machine right (NTP): GitHub only believes what was signed in the last ten minutes.'
        : 'Check that the App ID and the private key belong together and that the key was not deleted at GitHub (Settings of the App).';
  }
}

/** The App is real, but may not act on this repository. */
export class ForgeAppNotInstalledError extends PointsmanError {
  readonly code = 'FORGE_APP_NOT_INSTALLED';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: {
    readonly appId: string;
    readonly repository: string;
    readonly problem: 'not-installed' | 'suspended';
    /** The installation, if there is one. */
    readonly url?: string;
  };

  constructor(details: ForgeAppNotInstalledError['details']) {
    const { appId, repository, problem, url } = details;
    const how = problem === 'suspended' ? 'is suspended for' : 'is not installed on';
    super(`App ${appId} ${how} ${repository}`);
    this.details = details;
    this.next =
      problem === 'suspended'
        ? `Unsuspend it${url ? `: ${url}` : ' in the settings of the organisation, GitHub Apps'}.`
        : `Install the App on ${repository} (Settings of the App, Install App), or add the repository to its installation${url ? `: ${url}` : ''}.`;
  }
}

/** The App was given less than this needs. */
export class ForgePermissionMissingError extends PointsmanError {
  readonly code = 'FORGE_PERMISSION_MISSING';
  readonly disposition = 'needs-human';
  readonly next: string;
  readonly details: {
    readonly purpose: 'read' | 'work' | 'git';
    /** As `checks: write`. */
    readonly missing: readonly string[];
    /** The installation, where a new permission has to be accepted. */
    readonly url: string;
  };

  constructor(details: ForgePermissionMissingError['details']) {
    const missing = details.missing.join(', ');
    super(`the App of Pointsman lacks ${missing}`);
    this.details = details;
    this.next = `Grant ${missing} in the settings of the App (Permissions & events), then accept it at ${details.url}.`;
  }
}
