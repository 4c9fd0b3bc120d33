import type { Platform } from '../../schemas/fleet.ts';
import { UsageError } from '../errors.ts';
import type { Pin } from './pin-uses.ts';

/** What a first fleet repo is made from. All of it is safe to put into YAML, Markdown and CODEOWNERS as it stands. */
export interface Answers {
  /** `owner/name` */
  readonly repository: string;
  /** Root of the REST API; absent for github.com. */
  readonly api?: string;
  readonly branch: string;
  readonly site: string;
  /** IANA name. */
  readonly timeZone: string;
  /** `org/slug` of those who approve. */
  readonly team: string;
  readonly approvals: number;
  readonly role: string;
  readonly platform: Platform;
  readonly device: string;
  /** The release of Pointsman its workflows call; the one this copy names unless given. */
  readonly action?: Pin;
}

/** As they were given on the command line. */
export interface AnswerOptions {
  readonly repository?: string;
  readonly branch?: string;
  readonly site?: string;
  readonly timeZone: string;
  readonly team?: string;
  readonly approvals: string;
  readonly role: string;
  readonly platform: string;
  readonly device: string;
  readonly action?: string;
}

const PLATFORMS: readonly Platform[] = ['cumulus', 'nvos', 'frr'];
const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;
const NAME_WORDS = 'lower-case letters, digits, dots and dashes, at most 63';
const PAIR = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9._-]+$/;
const BRANCH = /^[A-Za-z0-9][\w./-]*$/;
const ZONE = /^[A-Za-z0-9+-]+(?:\/[A-Za-z0-9_+-]+)*$/;
const ACTION = /^(?<repository>[A-Za-z0-9][\w.-]*\/[A-Za-z0-9._-]+)@(?<commit>(?!0{40})[0-9a-f]{40})$/;
const MOST_APPROVALS = 20;

/**
 * @param known What the address of the remote says, where one was given.
 * @throws {UsageError} With everything that is missing or wrong, at once.
 */
export function readAnswers(
  options: AnswerOptions,
  known: { readonly repository: string; readonly api: string } | undefined,
): Answers {
  const repository = options.repository ?? known?.repository;
  const branch = options.branch ?? 'main';
  const approvals = Number(options.approvals);
  const platform = PLATFORMS.find((known) => known === options.platform);
  const problems = [
    ...asked('--repository', repository, PAIR, 'where the fleet repo is, for example acme/fleet'),
    ...(known && repository && known.repository.toLowerCase() !== repository.toLowerCase()
      ? [`--repository is ${repository}, and the remote is ${known.repository}`]
      : []),
    ...asked('--site', options.site, NAME, `the name of the first site, for example ams1 (${NAME_WORDS})`),
    ...asked(
      '--team',
      options.team,
      PAIR,
      'the team that approves changes and owns the rules, for example acme/netops',
    ),
    ...asked('--branch', branch, BRANCH, 'the branch that says what switches should be, for example main'),
    ...asked('--time-zone', options.timeZone, ZONE, 'the time zone of the site, for example Europe/Amsterdam'),
    ...asked('--role', options.role, NAME, `what the first switches do, for example leaf (${NAME_WORDS})`),
    ...asked('--device', options.device, NAME, `the name of the example switch (${NAME_WORDS})`),
    ...(options.action === undefined
      ? []
      : asked(
          '--action',
          options.action,
          ACTION,
          'the release that the workflows call, <owner>/<name>@<commit>, with all 40 hex digits (a tag or branch can be moved)',
        )),
    ...(platform === undefined ? [`--platform is one of ${PLATFORMS.join(', ')}`] : []),
    ...(Number.isInteger(approvals) && approvals >= 1 && approvals <= MOST_APPROVALS
      ? []
      : [`--approvals is how many have to say yes, 1 to ${MOST_APPROVALS}`]),
  ];
  if (problems.length > 0) {
    throw new UsageError({ problem: problems.join('; '), next: 'Give them and run it again.' });
  }
  const { repository: from, commit } = ACTION.exec(options.action ?? '')?.groups ?? {};
  const elsewhere = known && known.api !== 'https://api.github.com' ? { api: known.api } : {};
  return {
    repository: repository ?? '',
    ...elsewhere,
    branch,
    site: options.site ?? '',
    timeZone: options.timeZone,
    team: options.team ?? '',
    approvals,
    role: options.role,
    platform: platform ?? 'cumulus',
    device: options.device,
    ...(from !== undefined && commit !== undefined ? { action: { repository: from, commit } } : {}),
  };
}

function asked(flag: string, value: string | undefined, pattern: RegExp, meaning: string): readonly string[] {
  if (value === undefined) return [`${flag} is missing: ${meaning}`];
  return pattern.test(value) ? [] : [`${flag} is ${JSON.stringify(value)}: ${meaning}`];
}
