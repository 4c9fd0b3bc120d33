import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../../drivers/driver.ts';
import { computeChanges } from '../../../plans/compute-changes.ts';
import { never } from '../lab.ts';
import { sharedNode, stopSharedNode } from './bench.ts';
import { confTree, missing } from './node.ts';

/** Each as somebody wrote it; what every configuration has is put before. They follow each other on one node. */
const folder = join(import.meta.dirname, 'configurations');
const HEAD =
  'frr defaults datacenter\nhostname leaf01\nlog file /var/log/frr/frr.log\nservice integrated-vtysh-config\n';
const files = readdirSync(folder).sort();

describe.skipIf(missing.length > 0)('a configuration that was made live and confirmed', () => {
  let session: Session;

  beforeAll(async () => {
    const node = await sharedNode();
    await node.reset();
    session = await node.open();
  });
  afterAll(stopSharedNode);

  it.each(files)('%s leaves nothing to plan', async (file) => {
    const intended = confTree(HEAD + readFileSync(join(folder, file), 'utf8'));
    const before = await session.read(never);
    const { candidate, deviceChanges } = await session.stage(intended, before.candidates, never);
    expect(deviceChanges).not.toEqual([]);
    await session.commit(candidate, 300, never);
    await session.confirm(candidate, never);

    const after = await session.read(never);

    expect(after.unsaved).toBe(false);
    expect(computeChanges((await session.respell?.(intended, after, never)) ?? {}, after.tree)).toEqual([]);
  });

  it('has more than forty to show', () => {
    expect(files.length).toBeGreaterThan(40);
  });
});
