/** The process `bench-world.ts` starts: emulated switches, an emulated GitHub, and people, told what to do from outside. */
import { execFileSync } from 'node:child_process';
import { createRealClock } from '../sandbox/clock.ts';
import { applyEdit, type Endpoint, withEndpoints, withRollout } from '../sandbox/fleets/fleet-files.ts';
import { makeSyntheticFleet } from '../sandbox/synthetic-fleet.ts';
import { createWorld, type World } from '../sandbox/world.ts';
import type { BenchWorld, ChangeName, Pace } from './bench-world.ts';
import { serveCalls } from './calls.ts';

/** A switch takes seconds for an apply; unless asked otherwise the product is measured, not the waiting. */
const QUICK: Pace = { stepMilliseconds: 10, pollMilliseconds: 100 };

const clock = createRealClock();

function createBenchWorld(): BenchWorld {
  let world: World | undefined;
  let fleet: ReturnType<typeof makeSyntheticFleet> | undefined;
  let opened = 0;

  const started = () => {
    if (!world || !fleet) throw new Error('the world was not started');
    return { world, fleet };
  };

  /** A change as someone would make it to the fleet as it is: with the addresses the switches have here. */
  function editFor(change: ChangeName): Record<string, string> {
    const { world, fleet } = started();
    const edit = fleet.change[change];
    const endpoints = new Map<string, Endpoint>(
      [...world.switches].map(([name, { host, port, pin }]) => [name, { address: `${host}:${port}`, pin }]),
    );
    const files = withEndpoints(applyEdit(fleet.files, edit), endpoints);
    return Object.fromEntries([...edit.keys()].map((path) => [path, files.get(path) ?? '']));
  }

  return {
    async start(size, folder) {
      const { stepMilliseconds, pollMilliseconds } = size.pace ?? QUICK;
      const made = makeSyntheticFleet({ devices: size.devices });
      const there = made.switches.slice(0, size.switches);
      const configurations = new Map(there.map(({ name, configuration }) => [name, configuration]));
      fleet = made;
      world = await createWorld({
        clock,
        folder,
        files: withRollout(made.files, {
          pollMilliseconds,
          ...(size.batchSize === undefined ? {} : { batchSize: size.batchSize }),
        }),
        switches: there.map((spec) => ({ ...spec, stepMilliseconds })),
        secrets: made.secrets,
        configurationsAt: async () => configurations,
      });
      return { remoteUrl: world.github.remoteUrl, environment: world.environment };
    },

    async open(change) {
      const ada = started().world.github.as('ada');
      opened += 1;
      const branch = `bench-${opened}-${change}`;
      await ada.push(branch, editFor(change), `Change number ${opened}`);
      return ada.openPullRequest({ title: `Change number ${opened}`, head: branch });
    },

    async approve(number) {
      await clock.sleep(1_000 - (clock.now() % 1_000) + 10, new AbortController().signal);
      await started().world.github.as('bea').approve(number);
    },

    async merge(number) {
      await started().world.github.as('ada').merge(number);
    },

    async addresses() {
      return [...started().world.switches.values()].map(({ name, host, port, pin }) => ({ name, host, port, pin }));
    },

    async count() {
      const { github, switches } = started().world;
      const perSwitch = [...switches.values()].map((one) => one.requests().length);
      const requests = github.requests();
      const rest = requests.filter(({ kind }) => kind === 'rest');
      const comments = Array.from({ length: opened }, (_, index) => github.comments(index + 1)).flat();
      const longest = comments.reduce((most, { body }) => (body.length > most.length ? body : most), '');
      return {
        switchRequests: perSwitch.reduce((sum, count) => sum + count, 0),
        mostOfOneSwitch: Math.max(0, ...perSwitch),
        restCalls: rest.length,
        unchanged: rest.filter(({ status }) => status === 304).length,
        written: rest.filter(({ mutating }) => mutating).length,
        gitCalls: requests.filter(({ kind }) => kind === 'git').length,
        ledgerCommits: commitsOf(github.gitDir, 'pointsman/ledger'),
        comments: comments.length,
        longestComment: longest.length,
        commentLines: longest.split('\n').length,
      };
    },
  };
}

function commitsOf(gitDir: string, branch: string): number {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', [`--git-dir=${gitDir}`, ...args], { encoding: 'utf8' }).trim();
  return git('for-each-ref', `refs/heads/${branch}`) === '' ? 0 : Number(git('rev-list', '--count', branch));
}

serveCalls(createBenchWorld());
