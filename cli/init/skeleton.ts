import { kinds, publishedSchema } from '../../schemas/kinds.ts';
import type { Answers } from './answers.ts';

/** A fleet repo to begin with: path to text. Pure, but for the workflows, which are given. */
export type Skeleton = ReadonlyMap<string, string>;

const SCHEMAS = '.vscode/pointsman';

/** Files somebody may already have for other reasons: theirs stays. */
export const KEPT_IF_THERE: ReadonlySet<string> = new Set(['README.md', '.vscode/settings.json', '.github/CODEOWNERS']);

/** @param workflows Name to text of `examples/github-workflows/`. */
export function makeSkeleton(answers: Answers, workflows: ReadonlyMap<string, string>): Skeleton {
  const { site, role, device, branch } = answers;
  return new Map([
    ['README.md', readme(answers)],
    ['pointsman.yaml', settings(answers)],
    ['approvals.yaml', approvals(answers)],
    [`desired-state/sites/${site}.yaml`, siteFile(answers)],
    [`desired-state/roles/${role}.yaml`, roleFile(answers)],
    [`desired-state/devices/${site}/${device}.yaml`, deviceFile(answers)],
    ...(answers.platform === 'frr'
      ? [[`desired-state/templates/${role}.frr.conf.j2`, FRR_TEMPLATE] as [string, string]]
      : []),
    ['.github/CODEOWNERS', codeOwners(answers)],
    ...[...workflows].map(([name, text]): [string, string] => [
      `.github/workflows/${name}`,
      text.replace(/^( *branches: )\[main\]$/m, `$1[${branch}]`),
    ]),
    ['.vscode/settings.json', editorSettings()],
    ...Object.keys(kinds).map((kind): [string, string] => [
      `${SCHEMAS}/${kind}.schema.json`,
      `${JSON.stringify(publishedSchema(kind as keyof typeof kinds), undefined, 2)}\n`,
    ]),
  ]);
}

/** For editors that know the language server; those that do not see a comment. */
function schemaLine(kind: keyof typeof kinds, depth: number): string {
  return `# yaml-language-server: $schema=${'../'.repeat(depth)}${SCHEMAS}/${kind}.schema.json`;
}

function settings({ repository, api, branch, platform }: Answers): string {
  return `${schemaLine('settings', 0)}
# Settings of this fleet.
forge:
  kind: github
  repository: ${repository}${api === undefined ? '' : `\n  api: ${api}`}
branch: ${branch}
ledger:
  branch: pointsman/ledger

secrets:
  sources:
    # fleet/fingerprint-key is the variable POINTSMAN_SECRET_FLEET_FINGERPRINT_KEY.
    - kind: environment
  # Plans show secrets as fingerprints made with this key: openssl rand -hex 32.
  fingerprint_key: { secret: fleet/fingerprint-key }

${platform === 'frr' ? KEY_CREDENTIALS : PASSWORD_CREDENTIALS}
rollout:
  # Switches that are changed at the same time.
  devices_at_once: 4
  # A switch takes a change back by itself unless it is confirmed within this time.
  confirm_within_seconds: 300
`;
}

const PASSWORD_CREDENTIALS = `credentials:
  # Plans run for every pull request, so they get the weaker account: it may try a candidate and apply none.
  plan:
    username: pointsman-plan
    password: { secret: fleet/plan-password }
  apply:
    username: pointsman
    password: { secret: fleet/apply-password }
`;

const KEY_CREDENTIALS = `credentials:
  # The accounts of ours on every router, and their SSH keys; docs/frr.md of Pointsman says what else has to be there.
  # Plans run for every pull request, so they get the weaker account: it may look and change nothing.
  plan:
    username: watcher
    private_key: { secret: fleet/plan-key }
  apply:
    username: pointsman
    private_key: { secret: fleet/apply-key }
`;

function approvals({ team, approvals: needed }: Answers): string {
  return `${schemaLine('approvals', 0)}
# Who has to say yes before a switch is touched. Every rule that matches a plan has to be satisfied.
expires_after_hours: 24
rules:
  - name: every change
    approvals: ${needed}
    by:
      teams: [${team}]
`;
}

function siteFile({ site, timeZone }: Answers): string {
  return `${schemaLine('site', 2)}
# ${site}: what all its switches share.
time_zone: ${timeZone}
`;
}

function roleFile({ role, platform }: Answers): string {
  if (platform === 'frr') {
    return `${schemaLine('role', 2)}
# What every ${role} has in common. Its templates give /etc/frr/frr.conf, whole: what is not in it goes away.
templates: [${role}.frr.conf.j2]
`;
  }
  return `${schemaLine('role', 2)}
# What every ${role} has in common. A device’s own file adds to it, and wins.
configuration:
  interface:
    swp1-2:
      type: swp
      link:
        state:
          up: {}
`;
}

function deviceFile({ device, role, platform }: Answers): string {
  return `${schemaLine('device', 3)}
# An example that touches nothing: the address is one nobody has (RFC 5737), and deploy_enabled is false.
${platform === 'frr' ? '# Of your own: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub, read on its console.' : '# To bring your own switches in as they are: pointsman help adopt.'}
platform: ${platform}
role: ${role}
address: 192.0.2.11
serial: EXAMPLE-${device.toUpperCase()}
${platform === 'frr' ? HOST_KEY : CERTIFICATE_PIN}flags:
  deploy_enabled: false
`;
}

const CERTIFICATE_PIN = `tls:
  pins:
    - sha256:${'0'.repeat(64)}
`;

const HOST_KEY = `ssh:
  host_keys:
    - SHA256:${'A'.repeat(43)}
`;

/** `show running-config` of one of yours is a good beginning. */
const FRR_TEMPLATE = `frr defaults datacenter
hostname {{ device.name }}
log syslog informational
service integrated-vtysh-config
`;

function codeOwners({ team }: Answers): string {
  return `# With “Require review from Code Owners”, these have to review. The last line that matches counts.
* @${team}
/.github/ @${team}
/approvals.yaml @${team}
/automation.yaml @${team}
/permissions.yaml @${team}
/pointsman.yaml @${team}
`;
}

/** Which schema is for which file; paths as the YAML extension matches them. */
function editorSettings(): string {
  const of = (kind: string): string => `${SCHEMAS}/${kind}.schema.json`;
  const schemas = {
    [of('settings')]: 'pointsman.yaml',
    [of('approvals')]: 'approvals.yaml',
    [of('permissions')]: 'permissions.yaml',
    [of('site')]: 'desired-state/sites/*.yaml',
    [of('role')]: 'desired-state/roles/*.yaml',
    [of('device')]: 'desired-state/devices/*/*.yaml',
    [of('images')]: 'desired-state/images.yaml',
    [of('request')]: 'requests/*.yaml',
    [of('automation')]: 'automation.yaml',
    [of('startup')]: 'desired-state/**/*.startup.yaml',
  };
  return `${JSON.stringify({ 'yaml.schemas': schemas }, undefined, 2)}\n`;
}

function readme({ repository, site, role, device, team, branch }: Answers): string {
  return `# ${repository}

What our switches should be. Change a file, open a pull request, read the plan that Pointsman writes under it, have it
approved by ${team}, merge. Nothing reaches a switch without that approval.

| File | Says |
| --- | --- |
| \`pointsman.yaml\` | settings: where secrets come from, how switches are reached |
| \`approvals.yaml\` | who has to approve what |
| \`desired-state/sites/${site}.yaml\` | what is common to the site |
| \`desired-state/roles/${role}.yaml\` | what is common to the role |
| \`desired-state/devices/${site}/${device}.yaml\` | one switch |
| branch \`pointsman/ledger\` | what happened: plans, approvals, runs, backups. Written by Pointsman alone |

\`pointsman validate\` checks the files, \`pointsman plan\` shows what would change, \`pointsman doctor\` says whether the
rules of this repository hold. What is on \`${branch}\` when Pointsman first looks is taken as it is: installing it changes
no switch.
`;
}
