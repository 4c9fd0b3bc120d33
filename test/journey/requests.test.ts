import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { simulateCommand } from '../../cli/commands/simulate.ts';
import { foldRun } from '../../ledger/fold-run.ts';
import type { Run } from '../../ledger/run.ts';
import { runsAt } from '../support/crash-world.ts';
import { createJourney, git, type Journey } from '../support/journey.ts';

const folder = join(import.meta.dirname, '..', '..', 'examples', 'requests');
const examples = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
const DEPLOYS = /^workflow: (ConfigurationDeploy|MultiDeploy|Rollback)$/m;
const GOES_BACK = /^workflow: Rollback$/m;

let journey: Journey;
afterEach(() => journey.close());

describe('a request to copy', { timeout: 180_000 }, () => {
  it.each(examples)('does what its simulation says, stage by stage and batch by batch: %s', async (file) => {
    journey = await createJourney({ pace: { confirmWithinSeconds: 900 } });
    await journey.reconcile();
    const text = await withPast(readFileSync(join(folder, file), 'utf8'));
    // What a request puts right: every leaf was touched by hand.
    for (const name of ['leaf01', 'leaf02', 'leaf03', 'leaf04']) {
      journey.world.switches
        .get(name)
        ?.outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': 'touched by hand' } } });
    }
    const number = await journey.open({
      title: `Ask for ${file}`,
      branch: 'ask',
      files: new Map([[`requests/${file}`, text]]),
    });
    const simulated = await journey.run((io) =>
      simulateCommand(io, file.replace(/\.yaml$/, ''), {
        ...{ remote: journey.world.github.remoteUrl, cache: join(journey.gitDir, '..', 'cache-of-simulation') },
        ...{ pr: String(number), fleet: '.', json: true, offline: false },
      }),
    );
    await journey.reconcile();
    if (DEPLOYS.test(text)) await journey.approve(number);
    await journey.merge(number);
    const passed = await journey.reconcile();

    const simulation = JSON.parse(simulated.out);
    const runs = [...(await runsAt(journey.gitDir))].flatMap(([name, events]) => foldRun(name, events) ?? []);
    const all: readonly Run[] = runs.filter(({ request }) => request !== undefined);
    const parent = all.find((one) => one.parent === undefined);
    const batches = all.flatMap((one) =>
      one.batch ? [{ number: one.batch.number, devices: one.devices.map(({ device }) => device) }] : [],
    );
    expect(passed.said + passed.out).toContain('completed');
    expect(simulation.workflow).toBe(parent?.workflow);
    expect(simulation.stages.map(({ name }: { name: string }) => name)).toEqual(parent?.stages.map(({ name }) => name));
    expect(parent?.stages.map(({ state }) => state)).toEqual(parent?.stages.map(() => 'COMPLETE'));
    expect([...simulation.targets.names].sort()).toEqual(parent?.devices.map(({ device }) => device));
    expect(
      simulation.batches.map(({ number: nth, devices }: { number: number; devices: string[] }) => ({
        number: nth,
        devices,
      })),
    ).toEqual(batches.length > 0 ? batches.toSorted((a, b) => a.number - b.number) : atOnce(parent));
  });
});

/**
 * What a Rollback goes back over: a change that reached the leaves.
 *
 * @returns The request with a commit and a run of this world where the example names its own.
 */
async function withPast(text: string): Promise<string> {
  if (!GOES_BACK.test(text)) return text;
  const earlier = (await git(journey.gitDir, ['rev-parse', 'main'])).out.trim();
  const number = await journey.open(journey.stories.addVlan);
  await journey.plan(number);
  await journey.approve(number);
  const commit = await journey.merge(number);
  await journey.reconcile();
  const run = `configurationdeploy-pr-${number}-${commit.slice(0, 12)}`;
  return text.replace(/^ {4}commit: \S+/m, `    commit: "${earlier}"`).replace(/^ {4}run: \S+/m, `    run: ${run}`);
}

/** Where a run has no batches, what changes is done at once; what only reads has nothing to do. */
function atOnce(run: Run | undefined) {
  const devices = run?.devices.filter(({ attempts }) => attempts > 0).map(({ device }) => device) ?? [];
  return devices.length > 0 ? [{ number: 1, devices }] : [];
}
