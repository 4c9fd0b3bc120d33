/**
 * Runs a script of ours with the Node the project pins, whatever Node started us, and installs the project's
 * packages first when they are not there. So `npm start` and `npm test` work on a fresh clone.
 *
 * Plain JavaScript on purpose: it is the only file an older Node has to be able to read.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const windows = process.platform === 'win32';
const pinned = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
const NEEDED_MAJOR = 24;

const [script, ...args] = process.argv.slice(2);
if (!script) fail('with-pinned-node.mjs needs the script to run');

if (!installed()) install();

// Garbage is collected before there is much of it: a plan of a thousand switches peaks at two thirds, for about a tenth more CPU time.
const collectEarly = ['--max-semi-space-size=8', '--heap-growing-percent=100'];
// What Node makes of our sources is kept: a short command takes half as long. Beside the packages, so that only those may write there
// who may write those too; where nobody may, it is made each time.
const compiled = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node');
const child = spawn(nodeToUse(), [...collectEarly, join(root, script), ...args], {
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    NODE_COMPILE_CACHE: compiled,
  },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));

/** npm writes `node_modules/.package-lock.json` last, so its presence means an install that ended. */
function installed() {
  const written = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(written)) return false;
  const wanted = lockedVersions(join(root, 'package-lock.json'));
  const present = lockedVersions(written);
  return Object.entries(wanted).every(([path, entry]) => entry.optional || present[path]?.version === entry.version);
}

function lockedVersions(file) {
  const { packages } = JSON.parse(readFileSync(file, 'utf8'));
  delete packages[''];
  return packages;
}

function install() {
  console.error('Installing packages (once, about half a minute)…');
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: windows,
  });
  if (done.status !== 0) fail('npm ci failed; its own words are above. Check the network and run the command again.');
}

function nodeToUse() {
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath;
  fail(
    `Node ${NEEDED_MAJOR} is needed; this is ${process.version}, and the pinned one was not installed ` +
      '(npm did not run the install script of the package "node"). Run: npm ci --ignore-scripts=false',
  );
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
