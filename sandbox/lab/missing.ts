import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { LAB_ENVIRONMENT } from './run-process.ts';

/** Debian packages of a lab, each with a file that only it brings. */
const PACKAGES = {
  frr: '/usr/lib/frr/zebra',
  'frr-pythontools': '/usr/lib/frr/frr-reload.py',
  lldpd: '/usr/sbin/lldpd',
  'openssh-server': '/usr/sbin/sshd',
  'openssh-client': '/usr/bin/ssh-keygen',
  iproute2: '/usr/sbin/ip',
  ifupdown2: '/usr/sbin/ifreload',
  tini: '/usr/bin/tini',
  'iputils-ping': '/usr/bin/ping',
  nftables: '/usr/sbin/nft',
  sudo: '/usr/bin/sudo',
  procps: '/usr/bin/pgrep',
  // ifupdown2 complains about every bridge without it.
  'bridge-utils': '/usr/sbin/brctl',
} as const;

/** Makes in namespaces of its own, for a moment, what a lab is made of. Its exit code says which of it could not be made. */
const TRIAL = `
ip link add name a type veth peer name b || exit 11
ip link add name c type bridge || exit 12
mount -t tmpfs tmpfs /mnt || exit 13
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root || exit 14
nft add table bridge t || exit 15
`;

const TRIAL_FAILURES: Readonly<Record<number, string>> = {
  11: 'This kernel cannot make veth interfaces (CONFIG_VETH).',
  12: 'This kernel cannot make bridges (CONFIG_BRIDGE).',
  13: 'A tmpfs cannot be mounted here.',
  14: 'This kernel cannot mount an overlay over / (CONFIG_OVERLAY_FS).',
  15: 'This kernel cannot filter on bridges (CONFIG_NF_TABLES_BRIDGE).',
};

/** What was found out about a machine. */
export interface LabGround {
  readonly platform: string;
  readonly root: boolean;
  /** Of {@link PACKAGES}. */
  readonly absentPackages: readonly string[];
  /** The exit code of the trial and what it said; absent when it was not made. */
  readonly trial?: { readonly exitCode: number | null; readonly said: string };
}

/** Why no lab can run on this machine, a sentence each; none when one can. Installs nothing. */
export function missingForLab(): readonly string[] {
  return decideMissing(readGround());
}

export function decideMissing({ platform, root, absentPackages, trial }: LabGround): readonly string[] {
  if (platform !== 'linux') return [`A lab needs Linux; this is ${platform}.`];
  const missing: string[] = [];
  if (absentPackages.length > 0) {
    const names = absentPackages.join(' ');
    missing.push(
      `These Debian packages are missing: ${absentPackages.join(', ')}. Install them with: sudo scripts/install-lab.sh ` +
        `(or sudo apt-get install --no-install-recommends ${names}, which also starts their services).`,
    );
  }
  if (!root) missing.push('A lab needs root, for namespaces and mounts; run this with sudo.');
  if (trial && trial.exitCode !== 0) {
    const known = TRIAL_FAILURES[trial.exitCode ?? 0] ?? 'Namespaces cannot be made here, not even by root.';
    missing.push(`${known}${trial.said ? ` The machine says: ${trial.said}` : ''}`);
  }
  return missing;
}

function readGround(): LabGround {
  const platform = process.platform;
  const root = process.getuid?.() === 0;
  const absentPackages = Object.entries(PACKAGES).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
  if (platform !== 'linux' || !root || absentPackages.length > 0) return { platform, root, absentPackages };
  const { status, stderr } = spawnSync('unshare', ['--mount', '--net', 'sh', '-c', TRIAL], {
    env: LAB_ENVIRONMENT,
    encoding: 'utf8',
  });
  return { platform, root, absentPackages, trial: { exitCode: status, said: (stderr ?? '').trim() } };
}
