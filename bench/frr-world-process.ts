/** The process `frr-world.ts` starts. The lab ends with it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRealClock } from '../sandbox/clock.ts';
import type { FleetFiles } from '../sandbox/fleets/fleet-files.ts';
import type { Lab } from '../sandbox/lab/lab.ts';
import { startLab } from '../sandbox/lab/start-lab.ts';
import { createWorld, type World } from '../sandbox/world.ts';
import { factoryFiles } from '../test/support/lab-journey.ts';
import { serveCalls } from './calls.ts';
import { editOf, makeFrrFleet } from './frr-fleet.ts';
import type { FrrWorld } from './frr-world.ts';

const clock = createRealClock();
const { signal } = new AbortController();

function createFrrWorld(): FrrWorld {
  let there: { readonly world: World; readonly lab: Lab; readonly files: FleetFiles } | undefined;
  let asked = 0;
  const started = () => {
    if (!there) throw new Error('the world was not started');
    return there;
  };
  const push = async (branch: string, files: Readonly<Record<string, string>>, title: string): Promise<void> => {
    await started().world.github.as('ada').push(branch, files, title);
  };
  const nextSecond = () => clock.sleep(1_000 - (clock.now() % 1_000) + 10, signal);
  const approveAndMerge = async (number: number): Promise<string> => {
    const { github } = started().world;
    await nextSecond();
    await github.as('bea').approve(number);
    return github.as('ada').merge(number);
  };
  const open = async (name: string, files: Readonly<Record<string, string>>): Promise<number> => {
    asked += 1;
    const branch = `${name}-${asked}`;
    await push(branch, files, branch);
    return started().world.github.as('ada').openPullRequest({ title: branch, head: branch });
  };
  const openRequest = (workflow: string, input = ''): Promise<number> => {
    const text = `workflow: ${workflow}\nreason: to see what it costs\ntargets: { sites: [lab1] }\n${input}`;
    return open(workflow.toLowerCase(), { [`requests/${workflow.toLowerCase()}-${asked + 1}.yaml`]: text });
  };

  return {
    async start(size, folder) {
      mkdirSync(folder);
      const lab = await startLab({ ...size, imageFiles: factoryFiles(), directory: join(folder, 'lab') }, signal);
      const [node] = lab.nodes;
      const secrets = new Map([
        ['fleet/fingerprint-key', 'a key for fingerprints that is long enough to be one'],
        ['fleet/ssh-key', readFileSync(node?.privateKey ?? '', 'utf8')],
      ]);
      const files = await makeFrrFleet(lab);
      const configurationsAt = async () => new Map();
      const world = await createWorld({
        clock,
        folder: join(folder, 'world'),
        files,
        switches: [],
        secrets,
        configurationsAt,
      });
      there = { world, lab, files };
      return { remoteUrl: world.github.remoteUrl, environment: world.environment, lab: lab.state };
    },
    open: (change) => open(change, editOf(started().files, change)),
    openRollback: (commit) => openRequest('Rollback', `input:\n  to: { commit: "${commit.slice(0, 12)}" }\n`),
    async request(workflow) {
      await approveAndMerge(await openRequest(workflow));
    },
    approveAndMerge,
    async stop() {
      await there?.world.close();
      await there?.lab.stop();
    },
  };
}

serveCalls(createFrrWorld());
