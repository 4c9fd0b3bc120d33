import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ChildOptions, type Ended, root, runChild, scratchFolder } from './run.ts';

/** Plain JavaScript an old Node reads, too, so that what it prints tells who ran it. */
const SCRIPT = `
const [what, ...args] = process.argv.slice(2);
if (what === 'tell') console.log(JSON.stringify({ node: process.versions.node, args, flags: process.execArgv, path: process.env.PATH, compiled: process.env.NODE_COMPILE_CACHE }));
if (what === 'exit') process.exit(Number(args[0]));
if (what === 'die') process.kill(process.pid, 'SIGKILL');
if (what === 'wait') {
  if (args[0] === 'tidy') process.on('SIGTERM', () => { console.log('tidied up'); process.exit(7); });
  console.log('ready');
  setTimeout(() => {}, 20_000); // Nobody is to look after it when the launcher fails to.
}
`;

const launcher = join(root, 'scripts', 'with-pinned-node.mjs');
const pinned = join(root, 'node_modules', 'node', 'bin', 'node');
/** The oldest Node on this machine's PATH; where there is no other, the one that runs the tests. */
const oldest = oldestNode();
let script: string;

beforeAll(() => {
  const file = join(scratchFolder(), 'script.mjs');
  writeFileSync(file, SCRIPT);
  script = relative(root, file);
});

const run = (args: readonly string[], signalWhen?: ChildOptions['signalWhen']): Promise<Ended> =>
  runChild(oldest, [launcher, ...args], {
    cwd: scratchFolder(),
    environment: { PATH: dirname(oldest) },
    ...(signalWhen ? { signalWhen } : {}),
  });

describe('a script run with the pinned Node', () => {
  it('runs on Node 24 whatever Node was started, with its arguments as they are', async () => {
    const args = ['--flag', 'two words', '', '*'];

    const ended = await run([script, 'tell', ...args]);

    const told = JSON.parse(ended.out) as { node: string; args: readonly string[]; path: string };
    expect(ended).toMatchObject({ how: 0, said: '' });
    expect(told.node).toBe(versionOf(pinned));
    expect(told.node).toMatch(/^24\./);
    expect(told.args).toEqual(args);
  });

  it('hands the pinned Node on to what it starts itself', async () => {
    const { path } = JSON.parse((await run([script, 'tell'])).out) as { path: string };

    expect(path.split(delimiter)[0]).toBe(join(root, 'node_modules', '.bin'));
  });

  it('has garbage collected early', async () => {
    const { flags } = JSON.parse((await run([script, 'tell'])).out) as { flags: readonly string[] };

    expect(flags).toEqual(['--max-semi-space-size=8', '--heap-growing-percent=100']);
  });

  it('keeps what Node makes of the sources beside the packages, or where it is told to', async () => {
    const { compiled } = JSON.parse((await run([script, 'tell'])).out) as { compiled: string };
    const told = await runChild(oldest, [launcher, script, 'tell'], {
      cwd: scratchFolder(),
      environment: { PATH: dirname(oldest), NODE_COMPILE_CACHE: '/elsewhere' },
    });

    expect(compiled).toBe(join(root, 'node_modules', '.cache', 'node'));
    expect(JSON.parse(told.out)).toMatchObject({ compiled: '/elsewhere' });
  });

  it('ends with the exit code of the script', async () => {
    expect((await run([script, 'exit', '3'])).how).toBe(3);
    expect((await run([script, 'exit', '0'])).how).toBe(0);
  });

  it('ends as shells tell it when the script was killed: 128 and the number of the signal', async () => {
    expect((await run([script, 'die'])).how).toBe(128 + 9);
  });

  it('hands SIGTERM on, and ends when the script has tidied up', async () => {
    const ended = await run([script, 'wait', 'tidy'], (out) => (out.includes('ready') ? 'SIGTERM' : undefined));

    expect(ended).toEqual({ how: 7, out: 'ready\ntidied up\n', said: '' });
  });

  it('ends, too, when SIGTERM ends the script outright', async () => {
    const ended = await run([script, 'wait'], (out) => (out.includes('ready') ? 'SIGTERM' : undefined));

    expect(ended.how).toBe(128 + 15);
  });

  it('says what it needs when no script is named', async () => {
    expect(await run([])).toEqual({ how: 1, out: '', said: 'with-pinned-node.mjs needs the script to run\n' });
  });

  it('is how the command is started, from any folder', async () => {
    const ended = await runChild(oldest, [join(root, 'bin', 'pointsman.mjs'), '--version'], {
      cwd: scratchFolder(),
      environment: { PATH: process.env['PATH'] ?? '' },
    });

    expect(ended).toMatchObject({ how: 0, said: '' });
    expect(ended.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

function versionOf(node: string): string {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1);
}

function oldestNode(): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), dirname(process.execPath)];
  const nodes = [...new Set(folders)].map((folder) => join(folder, 'node')).filter((file) => existsSync(file));
  const major = (node: string): number => Number(versionOf(node).split('.')[0]);
  return nodes.toSorted((a, b) => major(a) - major(b))[0] ?? process.execPath;
}
