/** `npm run lab -- <command>`: a real routing fabric on this machine, running until it is taken down. See sandbox/lab/README.md. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LabRefusal } from '../sandbox/lab/errors.ts';
import { readKernelAbilities } from '../sandbox/lab/kernel-abilities.ts';
import type { RunningLab } from '../sandbox/lab/lab.ts';
import { missingForLab } from '../sandbox/lab/missing.ts';
import { findSupervised, startSupervisor, stopSupervised, supervise } from '../sandbox/lab/supervisor.ts';
import { PointsmanError } from '../schemas/errors.ts';

const USAGE = `npm run lab -- <command>

  up [--spines 2] [--leaves 2]   build a fabric, boot it, and leave it running
  down                           end it; nothing is left
  status [--json]                its nodes, its faults, and what this kernel can do
  ssh <node> [command…]          log in as the second operator, who may do everything

  cut <a> <b>                    pull the cables between two nodes
  join <a> <b>                   plug them in again
  blackhole <node>               nothing reaches its management port any more
  heal <node>                    end that
  kill <node> <daemon>           end a daemon with SIGKILL
  reboot <node>                  a power cut: the disk stays
  off <node>                     pull the plug; reboot puts it back
`;

const directory = join(process.cwd(), '.pointsman', 'lab');
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(name)));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof PointsmanError)) throw error;
  console.error(`${error.message}\n${error.next}`);
  process.exitCode = 1;
}

async function main([command, ...rest]: readonly string[]): Promise<number> {
  if (command === 'ssh') return logIn(rest);
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: {
      spines: { type: 'string', default: '2' },
      leaves: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
    },
  });
  const [first = '', second = ''] = positionals;
  const size = { spines: Number(values.spines), leaves: Number(values.leaves) };
  switch (command) {
    case 'up':
      return up(size);
    case 'supervise':
      await supervise({ ...size, directory, imageFiles: new Map() }, stop.signal);
      return 0;
    case 'down':
      console.log((await stopSupervised(directory)) ? 'The lab is down.' : 'No lab is running here.');
      return 0;
    case 'status':
      return status(values.json);
    case 'cut':
      await theLab().faults.cut(first, second);
      return done(`The cables between ${first} and ${second} are out.`);
    case 'join':
      await theLab().faults.join(first, second);
      return done(`The cables between ${first} and ${second} are in.`);
    case 'blackhole':
      await theLab().faults.blackhole(first);
      return done(`Nothing reaches the management port of ${first} now.`);
    case 'heal':
      await theLab().faults.heal(first);
      return done(`The management port of ${first} can be reached.`);
    case 'kill':
      await theLab().faults.kill(first, second);
      return done(`${second} on ${first} was killed.`);
    case 'reboot':
      await theLab().reboot(first);
      return done(`${first} is up again.`);
    case 'off':
      await theLab().powerOff(first);
      return done(`${first} is off.`);
    default:
      console.error(USAGE);
      return command === undefined || command === 'help' ? 0 : 2;
  }
}

async function up(size: { readonly spines: number; readonly leaves: number }): Promise<number> {
  const missing = missingForLab();
  if (missing.length > 0) {
    console.error(missing.join('\n'));
    return 1;
  }
  const argv = [...process.execArgv, import.meta.filename, 'supervise'];
  const begun = performance.now();
  const lab = await startSupervisor(
    directory,
    [...argv, '--spines', `${size.spines}`, '--leaves', `${size.leaves}`],
    stop.signal,
  );
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${lab.nodes.length} nodes are ready after ${seconds} s.\n\n${renderNodes(lab)}`);
  console.log('\nLog in with: npm run lab -- ssh leaf01\nEnd it with: npm run lab -- down');
  return 0;
}

async function status(json: boolean): Promise<number> {
  const lab = findSupervised(directory);
  const kernel = missingForLab().length === 0 ? readKernelAbilities() : undefined;
  const faults = await lab?.faults.active();
  if (json) {
    const nodes = lab?.nodes.map((node) => ({ ...node, on: lab.isOn(node.name) })) ?? [];
    console.log(
      JSON.stringify({ running: lab !== undefined, nodes, faults, kernel, missing: missingForLab() }, undefined, 2),
    );
    return 0;
  }
  console.log(lab ? renderNodes(lab) : 'No lab is running here.');
  for (const { a, b } of faults?.cut ?? []) console.log(`Cut: ${a.node} ${a.port} and ${b.node} ${b.port}`);
  for (const name of faults?.dark ?? []) console.log(`In a blackhole: ${name}`);
  for (const line of missingForLab()) console.log(line);
  if (kernel) {
    const having = (wanted: boolean): string =>
      Object.entries(kernel)
        .flatMap(([ability, has]) => (has === wanted ? [ability] : []))
        .join(', ') || 'nothing of it';
    console.log(`\nThis kernel has: ${having(true)}\nIt lacks: ${having(false)}`);
  }
  return 0;
}

function logIn([name = '', ...command]: readonly string[]): number {
  const lab = theLab();
  const config = join(lab.state.directory, 'ssh_config');
  return spawnSync('ssh', ['-F', config, name, ...command], { stdio: 'inherit' }).status ?? 1;
}

function theLab(): RunningLab {
  const lab = findSupervised(directory);
  if (lab) return lab;
  throw new LabRefusal({
    asked: `The lab in ${directory}`,
    found: 'none is running; start one with: npm run lab -- up',
  });
}

function renderNodes(lab: RunningLab): string {
  return lab.nodes
    .map(({ name, address, links }) => {
      const cables = links.map(({ port, peer, peerPort }) => `${port} ${peer} ${peerPort}`);
      const shown = cables.length > 4 ? [...cables.slice(0, 4), `and ${cables.length - 4} more`] : cables;
      return `${name.padEnd(8)} ${lab.isOn(name) ? 'on ' : 'off'} ${address.padEnd(13)} ${shown.join(', ')}`;
    })
    .join('\n');
}

function done(text: string): number {
  console.log(text);
  return 0;
}
