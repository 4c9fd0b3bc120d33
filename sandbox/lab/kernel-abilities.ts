import { spawnSync } from 'node:child_process';
import { LabCommandFailedError } from './errors.ts';
import { LAB_ENVIRONMENT } from './run-process.ts';

/** What a fabric may want of the kernel, each with a command that needs it. */
const TRIALS = {
  vxlan: 'ip link add name t type vxlan id 1 dstport 4789',
  'vlan-aware-bridge': 'ip link add name t type bridge vlan_filtering 1',
  vlan: 'ip link add link lo name t type vlan id 10',
  vrf: 'ip link add name t type vrf table 10',
  bond: 'ip link add name t type bond',
  dummy: 'ip link add name t type dummy',
  mpls: 'test -e /proc/sys/net/mpls/platform_labels',
  netem: 'tc qdisc add dev lo root netem delay 1ms',
} as const;

export type KernelAbility = keyof typeof TRIALS;

/** By ability, whether this kernel has it. Without what it lacks, a configuration can be parsed here and not be proven. */
export type KernelAbilities = Readonly<Record<KernelAbility, boolean>>;

/** Tries each in a network namespace that is gone at once. Needs root. */
export function readKernelAbilities(): KernelAbilities {
  const script = Object.entries(TRIALS).map(
    ([ability, command]) => `if ${command}; then echo ${ability} >&3; fi; ip link delete dev t`,
  );
  const found = spawnSync('unshare', ['--net', 'sh', '-c', script.join('\n')], {
    env: LAB_ENVIRONMENT,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const said = found.output?.[3];
  if (typeof said !== 'string' || found.error !== undefined) {
    throw new LabCommandFailedError({
      doing: 'Trying what the kernel can do',
      exitCode: found.status,
      said: found.error?.message ?? found.stderr ?? '',
    });
  }
  const able = new Set(said.split('\n'));
  return Object.fromEntries(Object.keys(TRIALS).map((ability) => [ability, able.has(ability)])) as KernelAbilities;
}
