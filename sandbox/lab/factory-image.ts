import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINEER, homeOf, ownerIn, POINTSMAN, renderAccounts } from './accounts.ts';
import type { ImageFile, ImageFolder } from './image-file.ts';

/** What every node has on its disk when it comes from the factory, over the machine's own files. */
export interface FactoryImage {
  readonly folders: Readonly<Record<string, ImageFolder>>;
  readonly files: ReadonlyMap<string, ImageFile>;
}

/** Of the machine's root, what a node shares; everything else there is hidden from it. */
const SHARED = new Set([
  'bin',
  'dev',
  'etc',
  'lib',
  'lib32',
  'lib64',
  'libx32',
  'proc',
  'run',
  'sbin',
  'sys',
  'usr',
  'var',
]);

const HIDDEN_DEEPER = [
  ...['/etc/cron.d', '/etc/frr', '/etc/lldpd.d', '/etc/network/interfaces.d', '/etc/profile.d', '/etc/ssh'],
  ...['/etc/sudoers.d', '/usr/local', '/var/log', '/var/mail', '/var/spool', '/var/tmp'],
];

/**
 * Paths of the machine that a node must not see: people's folders, keys, logs, and what would be run at a login.
 *
 * @param topLevel Names in the machine's `/`.
 */
export function hiddenPaths(topLevel: readonly string[]): readonly string[] {
  return [...topLevel.filter((name) => !SHARED.has(name)).map((name) => `/${name}`), ...HIDDEN_DEEPER];
}

export interface FactoryInput {
  readonly passwd: string;
  readonly group: string;
  /** Public keys, as in `authorized_keys`. */
  readonly keys: { readonly pointsman: string; readonly engineer: string };
  readonly imageFiles: ReadonlyMap<string, ImageFile>;
}

export function makeFactoryImage({ passwd, group, keys, imageFiles }: FactoryInput): FactoryImage {
  const frr = ownerIn(passwd, 'frr');
  const files: Record<string, ImageFile> = {
    ...renderAccounts(passwd, group),
    [join(homeOf(POINTSMAN.name), '.ssh/authorized_keys')]: { content: keys.pointsman, mode: 0o600, owner: POINTSMAN },
    [join(homeOf(ENGINEER.name), '.ssh/authorized_keys')]: { content: keys.engineer, mode: 0o600, owner: ENGINEER },
    '/etc/sudoers': { content: SUDOERS, mode: 0o440 },
    '/etc/sudoers.d/engineer': { content: `${ENGINEER.name} ALL=(ALL:ALL) NOPASSWD: ALL\n`, mode: 0o440 },
    // What the machine's own shells do at a start is not the switch's business, and can cost seconds for each command.
    '/etc/bash.bashrc': { content: '', mode: 0o644 },
    '/etc/profile': { content: 'umask 022\n', mode: 0o644 },
    '/etc/environment': { content: '', mode: 0o644 },
    '/etc/ssh/sshd_config': { content: SSHD, mode: 0o644 },
    '/etc/lldpd.conf': { content: LLDPD, mode: 0o644 },
    '/etc/frr/daemons': { content: DAEMONS, mode: 0o640, owner: frr },
    '/etc/frr/vtysh.conf': { content: 'service integrated-vtysh-config\n', mode: 0o640, owner: frr },
    '/usr/bin/systemctl': { content: script('systemctl.sh'), mode: 0o755 },
    '/usr/local/lib/pointsman-lab/boot': { content: script('boot.sh'), mode: 0o755 },
  };
  return {
    folders: {
      '/root': { mode: 0o700 },
      '/tmp': { mode: 0o1777 },
      '/var/tmp': { mode: 0o1777 },
      '/var/log': { mode: 0o755 },
      '/var/log/frr': { mode: 0o750, owner: frr },
      '/etc/frr': { mode: 0o750, owner: frr },
      '/etc/network/interfaces.d': { mode: 0o755 },
      '/etc/sudoers.d': { mode: 0o755 },
      '/usr/local/sbin': { mode: 0o755 },
      '/usr/local/bin': { mode: 0o755 },
      [homeOf(POINTSMAN.name)]: { mode: 0o755, owner: POINTSMAN },
      [join(homeOf(POINTSMAN.name), '.ssh')]: { mode: 0o700, owner: POINTSMAN },
      [homeOf(ENGINEER.name)]: { mode: 0o755, owner: ENGINEER },
      [join(homeOf(ENGINEER.name), '.ssh')]: { mode: 0o700, owner: ENGINEER },
    },
    files: new Map([...Object.entries(files), ...imageFiles]),
  };
}

/** A script of the folder `scripts/`. */
export function script(name: string): string {
  return readFileSync(join(import.meta.dirname, 'scripts', name), 'utf8');
}

const SUDOERS = `Defaults env_reset
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
`;

/** MaxStartups and MaxSessions are far above sshd's own, so that a whole fleet at once meets our limits and not these. */
const SSHD = `HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
MaxStartups 1000
MaxSessions 100
PrintMotd no
PrintLastLog no
Subsystem sftp internal-sftp
`;

/** Every five seconds instead of thirty, so that nobody waits. Ports by their names, as Cumulus Linux tells them, so that a neighbour reads `leaf01 swp51`. */
const LLDPD = `configure lldp portidsubtype ifname
configure lldp tx-interval 5
`;

const DAEMONS = `frr_profile="datacenter"
bgpd=yes
ospfd=yes
bfdd=yes
vtysh_enable=yes
zebra_options="  -A 127.0.0.1 -s 90000000"
bgpd_options="   -A 127.0.0.1"
ospfd_options="  -A 127.0.0.1"
staticd_options="-A 127.0.0.1"
bfdd_options="   -A 127.0.0.1"
`;
