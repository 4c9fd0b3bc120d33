import type { TokenPurpose } from './token-source.ts';

export type AccessLevel = 'read' | 'write';
export type Permissions = Readonly<Record<string, AccessLevel>>;

/** What a token for a purpose has to be allowed, and what else is asked for where the App was given it. */
interface Need {
  readonly always: Permissions;
  readonly ifGranted: Permissions;
}

/**
 * Source: GitHub's documentation, "Permissions required for GitHub Apps", for the requests of this room. Never asked for,
 * whatever the App was given: administration and workflows as `write`, and secrets.
 */
const NEEDS: Readonly<Record<TokenPurpose, Need>> = {
  read: {
    always: { metadata: 'read', contents: 'read', pull_requests: 'read', checks: 'read' },
    ifGranted: {
      // Teams in approvals.yaml.
      members: 'read',
      statuses: 'read',
      issues: 'read',
      deployments: 'read',
      // When the schedule last ran.
      actions: 'read',
      merge_queues: 'read',
      // What `doctor` looks at.
      administration: 'read',
      environments: 'read',
    },
  },
  work: {
    always: { metadata: 'read', contents: 'read', pull_requests: 'write', checks: 'write' },
    ifGranted: { contents: 'write', statuses: 'write', issues: 'write', deployments: 'write', members: 'read' },
  },
  git: { always: { metadata: 'read', contents: 'write' }, ifGranted: {} },
};

/**
 * What to ask for.
 *
 * @param granted What the App was given by those who installed it.
 * @returns `missing`: what cannot be done without, as `checks: write`; then nothing is to be asked for.
 */
export function decidePermissions(
  purpose: TokenPurpose,
  granted: Readonly<Record<string, string>>,
): { readonly wanted: Permissions; readonly missing: readonly string[] } {
  const { always, ifGranted } = NEEDS[purpose];
  const optional = Object.entries(ifGranted).filter(([name, level]) => covers(granted[name], level));
  return {
    wanted: { ...always, ...Object.fromEntries(optional) },
    missing: Object.entries(always)
      .filter(([name, level]) => !covers(granted[name], level))
      .map(([name, level]) => `${name}: ${level}`),
  };
}

function covers(granted: string | undefined, wanted: AccessLevel): boolean {
  return granted === 'write' || granted === 'admin' || granted === wanted;
}
