import type { DeviceDrift } from '../../../ledger/ledger.ts';
import type { DriftPlace, DriftRule, Finding } from '../../../reconciler/drift/findings.ts';

export const T0 = Date.UTC(2026, 10, 20, 10, 0);

/** A switch that greets otherwise than it should. */
export function drift(device: string, with_: Partial<DeviceDrift> = {}): DeviceDrift {
  return {
    site: 'ams1',
    device,
    since: T0,
    seenAt: T0,
    run: 'driftcheck-by-nightly-20261120t0200z',
    commit: 'c'.repeat(40),
    digest: 'd'.repeat(64),
    changes: [{ path: ['system', 'message', 'pre-login'], intended: 'hello', running: 'by hand' }],
    more: 0,
    ...with_,
  };
}

export const PROPOSE: DriftRule = { name: 'all', policy: 'propose' };

export function under(rule?: DriftRule, shard = ''): DriftPlace {
  return { shard, ...(rule ? { rule } : {}) };
}

export function finding(id: string, with_: Partial<Finding> = {}): Finding {
  return {
    id,
    devices: ['leaf01'],
    sites: ['ams1'],
    since: T0,
    by: [],
    byOthers: false,
    changes: drift('leaf01').changes,
    digest: drift('leaf01').digest,
    more: 0,
    rule: 'all',
    policy: 'propose',
    propose: 'revert',
    most: 5,
    shard: '',
    ...with_,
  };
}
