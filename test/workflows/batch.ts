import { onTestFinished } from 'vitest';
import { decideApproval } from '../../approvals/decide-approval.ts';
import { driverFor } from '../../drivers/registry.ts';
import { makeChangingDevice } from '../../plans/make-plan.ts';
import type { SandboxClock } from '../../sandbox/clock.ts';
import { type EmulatedSwitch, startSwitch } from '../../sandbox/switches/emulated-switch.ts';
import type { SwitchSpec } from '../../sandbox/switches/switch-spec.ts';
import type { Clock } from '../../schemas/clock.ts';
import type { Tree } from '../../schemas/json.ts';
import type { ApplyInput } from '../../workflows/apply-input.ts';
import { compareSwitch } from '../../workflows/compare-switch.ts';
import { openSwitch, type SwitchDeps, type SwitchTarget } from '../../workflows/open-switch.ts';
import { someEvidence } from '../approvals/build.ts';
import { ADMIN, BASE, changed, never } from '../drivers/lab.ts';
import { silent } from '../drivers/silent.ts';

/** One emulated switch, an approved change of it, and what it ran before. */
export interface Changing {
  readonly leaf: EmulatedSwitch;
  readonly input: ApplyInput;
  readonly before: Tree;
}

export interface BatchOptions {
  /** What the switches wait on. */
  readonly clock: SandboxClock;
  /** What the product waits on; the same unless given. */
  readonly waits?: Clock;
  readonly size?: number;
  readonly spec?: (name: string) => Partial<SwitchSpec>;
  /** What is intended for one; other MTUs unless given. */
  readonly intended?: (name: string) => Tree;
}

/** Approved changes of `leaf01`, `leaf02`…, over TLS. Closed when the test ends. */
export async function startBatch({ clock, waits = clock, size = 1, spec, intended = otherMtu }: BatchOptions) {
  const steps: string[] = [];
  const deps: SwitchDeps = {
    driverFor,
    secrets: { read: async () => ADMIN.password },
    clock: waits,
    log: silent,
    fingerprint: (secret) => `fingerprint of ${secret.length} characters`,
    pollMilliseconds: 1000,
    onStep: (device, step) => void steps.push(`${device}: ${step}`),
  };
  const names = Array.from({ length: size }, (_, index) => `leaf${String(index + 1).padStart(2, '0')}`);
  const batch = new Map<string, Changing>();
  for (const name of names) batch.set(name, await startOne(deps, name, clock, spec?.(name) ?? {}, intended(name)));
  return {
    deps,
    /** How far each got, as people see it. */
    steps,
    names,
    of(name: string): Changing {
      const found = batch.get(name);
      if (!found) throw new Error(`no ${name}`);
      return found;
    },
  };
}

export type Batch = Awaited<ReturnType<typeof startBatch>>;

export function otherMtu(): Tree {
  return changed(BASE, ['interface', 'swp1-2', 'link', 'mtu'], 9000);
}

async function startOne(
  deps: SwitchDeps,
  name: string,
  clock: SandboxClock,
  spec: Partial<SwitchSpec>,
  tree: Tree,
): Promise<Changing> {
  const serial = `MT-${name}`;
  const leaf = await startSwitch(
    {
      name,
      serial,
      release: '5.11',
      configuration: BASE,
      users: [{ ...ADMIN, role: 'system-admin' }],
      hashes: { $6$canarysalt$canaryhash: ADMIN.password },
      stepMilliseconds: 300,
      neighbours: { swp1: { systemName: 'spine01', port: 'swp1' }, swp2: { systemName: 'spine02', port: 'swp1' } },
      ...spec,
    },
    { clock },
  );
  onTestFinished(() => leaf.close());
  const credential = { username: ADMIN.username, password: { secret: 'admin' } };
  const target: SwitchTarget = {
    device: name,
    site: 'ams1',
    access: {
      platform: spec.platform ?? 'cumulus',
      host: leaf.host,
      port: leaf.port,
      serial,
      tls: { pins: [leaf.pin] },
      plan: credential,
      apply: credential,
    },
    intended: { device: name, tree, secrets: [], originOf: () => undefined },
    opaqueSecrets: {},
  };
  const session = await openSwitch(deps, target, 'plan', never);
  const { identity, running, changes, runningDigest } = await compareSwitch(deps, target, session, never);
  await session.close();
  const approved = makeChangingDevice({
    device: name,
    site: 'ams1',
    role: 'leaf',
    platform: target.access.platform,
    labels: {},
    identity,
    changes: changes.map((change) => ({ change, marks: [] })),
    baseToken: running.baseToken,
    runningDigest,
    trial: 'not-asked',
    notes: [],
  });
  const decision = decideApproval(someEvidence());
  if (decision.kind !== 'granted') throw new Error('not approved');
  return {
    leaf,
    before: leaf.applied(),
    input: {
      target,
      approved,
      approval: decision.approval,
      candidatesBefore: running.candidates,
      takenOver: false,
      confirmWithinSeconds: 300,
    },
  };
}
