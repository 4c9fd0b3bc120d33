/** Small events and runs for tests: valid, and as dull as they can be. */
import type { Owner, RunEvent } from '../../ledger/events.ts';
import { foldRun } from '../../ledger/fold-run.ts';
import type { Run } from '../../ledger/run.ts';
import type { ErrorDocument } from '../../schemas/errors.ts';
import type { Log } from '../../schemas/log.ts';

export type EventOf<Kind extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: Kind }>;

/** 2026-11-20 10:00:00 UTC */
export const T0 = Date.UTC(2026, 10, 20, 10);
export const COMMIT = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';
export const RUN = 'configurationdeploy-pr-412-a1b2c3d4e5f6';
export const DIGEST = `p1:${'5'.repeat(64)}`;
export const STAGES = [
  'load_intended_configuration',
  'perform_configuration_diff',
  'apply_configuration',
  'perform_backup',
] as const;

export const ownerA: Owner = { id: 'runner-a', scope: 'boot-1', pid: 4711, startedTicks: '99' };
export const ownerB: Owner = { id: 'runner-b' };

export function started(changes: Partial<EventOf<'run-started'>> = {}): RunEvent {
  return {
    at: T0,
    kind: 'run-started',
    workflow: 'ConfigurationDeploy',
    stages: STAGES,
    commit: COMMIT,
    pullRequest: 412,
    ...changes,
  };
}

export function moved(stage: string, to: EventOf<'stage-moved'>['to'], at = T0, more: object = {}): RunEvent {
  return { at, kind: 'stage-moved', stage, to, ...more };
}

export function planned(devices: readonly string[], at = T0): RunEvent {
  return {
    at,
    kind: 'planned',
    digest: DIGEST,
    devices: devices.map((device) => ({ site: 'ams1', device, digest: 'd'.repeat(64) })),
  };
}

export function intent(devices: readonly string[], changes: Partial<EventOf<'intent'>> = {}): RunEvent {
  return {
    at: T0,
    kind: 'intent',
    stage: 'apply_configuration',
    digest: DIGEST,
    owner: ownerA,
    deadline: T0 + 600_000,
    fence: 'f'.repeat(40),
    devices: devices.map((device) => ({
      site: 'ams1',
      device,
      attempt: 1,
      candidatesBefore: ['7'],
      baseToken: 'rev_12_apply_3',
    })),
    ...changes,
  };
}

export function ended(device: string, outcome: EventOf<'device-ended'>['outcome'], at = T0): RunEvent {
  return { at, kind: 'device-ended', site: 'ams1', device, stage: 'apply_configuration', outcome };
}

export const applied: EventOf<'device-ended'>['outcome'] = {
  kind: 'applied',
  candidate: '12',
  probes: ['system-health'],
};

export function anError(changes: Partial<ErrorDocument> = {}): ErrorDocument {
  return {
    code: 'WORKFLOW_MANAGEMENT_LOST',
    disposition: 'needs-human',
    message: 'leaf-03 did not answer within 300 s of the change going live',
    next: 'Correct the change in a new pull request.',
    details: {},
    ...changes,
  };
}

/** @throws When there is no event. */
export function fold(events: readonly RunEvent[], name = RUN): Run {
  const run = foldRun(name, events);
  if (!run) throw new Error('no events, no run');
  return run;
}

export const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silent,
};
