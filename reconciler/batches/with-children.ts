import { deviceKey } from '../../ledger/fold-run.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { DeviceRecord, Run } from '../../ledger/run.ts';

/** Batches of a run that were begun, by their number. */
export async function childrenOf(view: LedgerView, run: Run): Promise<ReadonlyMap<number, Run>> {
  const children = await Promise.all(run.children.map((child) => view.run(child.run)));
  return new Map(children.flatMap((child) => (child?.batch ? [[child.batch.number, child]] : [])));
}

/** A run as people care for it: with what is known of its switches from the batches they are in. */
export function withChildren(run: Run, children: Iterable<Run>): Run {
  const known = new Map<string, DeviceRecord>();
  let { lease } = run;
  for (const child of children) {
    lease = lease ?? child.lease;
    for (const device of child.devices) known.set(deviceKey(device), device);
  }
  return {
    ...run,
    ...(lease ? { lease } : {}),
    devices: run.devices.map((device) => known.get(deviceKey(device)) ?? device),
  };
}
