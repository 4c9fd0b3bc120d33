/** What a person waits for who asks the ledger: whole commands, from process start to exit, when it holds 10,000 runs. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { openRemote } from '../git/open-remote.ts';
import { createLedger } from '../ledger/create-ledger.ts';
import type { Log } from '../schemas/log.ts';
import { BRANCH, fill, nameOf, stepOn } from './ledger.ts';
import { gitDirOf, withWorld } from './line.ts';
import { measureCommand, type Taken } from './measure.ts';

const RUNS = 10_000;
const OPEN = 10;
/** Each command is run this often; the one in the middle by CPU time counts, which other work disturbs least. */
const ROUNDS = 5;
/** About the last month of them, when a fleet of this size is checked every hour. */
const BIG_RUNS = 750;
const BIG_RUN_SWITCHES = 700;
const AUTHOR = { name: 'Pointsman', email: 'pointsman@example.net' };

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const clock = { now: () => Date.now(), sleep: async () => undefined };
const { signal } = new AbortController();

interface CommandCost {
  readonly ledger: string;
  readonly command: string;
  readonly 'wall s': string;
  readonly 'CPU s': string;
  readonly 'of it git': string;
  readonly 'peak MB': number;
}

function benchCommands(ledger: string, switchesOf?: (index: number) => number): Promise<readonly CommandCost[]> {
  return withWorld({ devices: 1, switches: 0 }, async ({ access, folder }) => {
    await fillRemote(gitDirOf(folder), join(folder, 'writer.git'), switchesOf);
    const here = ['--remote', access.remoteUrl, '--cache', join(folder, 'cache')];
    const { environment } = access;
    // Everything is fetched once, as on a machine that has asked before.
    await measureCommand({ args: ['runs', ...here], environment });

    const commands: readonly (readonly string[])[] = [
      ['--version'],
      ['runs', ...here],
      ['runs', '--open', ...here],
      ['runs', '--device', 'leaf42', ...here],
      ['show', nameOf(RUNS - 1), ...here],
      ['show', nameOf(0), ...here],
    ];
    const costs: CommandCost[] = [];
    for (const args of commands) {
      const taken: Taken[] = [];
      for (let round = 0; round < ROUNDS; round++) taken.push(await measureCommand({ args, environment }));
      costs.push(costOf(ledger, args.filter((arg) => !here.includes(arg)).join(' '), middle(taken)));
    }
    return costs;
  });
}

/** The ledger beside the fleet, with an index as every step leaves it. */
async function fillRemote(gitDir: string, copy: string, switchesOf?: (index: number) => number): Promise<void> {
  const repository = await openRemote({ url: `file://${gitDir}` }, copy, { environment: process.env });
  await fill(repository, RUNS, OPEN, signal, switchesOf);
  const ledger = createLedger({ repository, branch: BRANCH, author: AUTHOR, log: silent, clock });
  await ledger.append(async () => stepOn(RUNS, 'IN_PROGRESS'), signal);
  execFileSync('git', ['-C', gitDir, 'gc', '--quiet']);
}

function middle(taken: readonly Taken[]): Taken {
  const found = taken.toSorted((a, b) => a.cpuMs - b.cpuMs)[Math.floor(taken.length / 2)];
  if (!found) throw new Error('nothing was measured');
  return found;
}

function costOf(ledger: string, command: string, { wallMs, cpuMs, gitCpuMs, peakMegabytes }: Taken): CommandCost {
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(2);
  return {
    ledger,
    command,
    'wall s': seconds(wallMs),
    'CPU s': seconds(cpuMs),
    'of it git': seconds(gitCpuMs),
    'peak MB': Math.round(peakMegabytes),
  };
}

if (import.meta.main) {
  console.table([
    ...(await benchCommands(`${RUNS} runs of 20 switches`)),
    ...(await benchCommands(`the last ${BIG_RUNS} of ${BIG_RUN_SWITCHES}`, (index) =>
      index < RUNS - BIG_RUNS ? 20 : BIG_RUN_SWITCHES,
    )),
  ]);
}
