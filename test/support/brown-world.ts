import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { intendedAt } from '../../cli/demo/demo-world.ts';
import type { ExitCode, Io } from '../../cli/io.ts';
import { runProgram } from '../../cli/run-program.ts';
import { createRealClock } from '../../sandbox/clock.ts';
import { readDemoFabric } from '../../sandbox/demo-fabric.ts';
import type { FleetFiles } from '../../sandbox/fleets/fleet-files.ts';
import { type EmulatedSwitch, startSwitches } from '../../sandbox/switches/emulated-switch.ts';

/** The demo's switches, running, and a fleet repo that knows none of them. */
export interface BrownWorld {
  readonly switches: readonly EmulatedSwitch[];
  /** `ams1/leaf01=127.0.0.1:40123` for each. */
  readonly addresses: readonly string[];
  /** `--accept-pin sha256:…` for each. */
  readonly acceptAll: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** A work tree of the fleet repo, of its own. @param more Files beside the settings. */
  clone(more?: Readonly<Record<string, string>>): string;
  scratch(): string;
  adopt(
    fleet: string,
    args: readonly string[],
    environment?: Io['environment'],
  ): Promise<{ readonly code: ExitCode; readonly out: string; readonly said: string }>;
  close(): Promise<void>;
}

export async function createBrownWorld(): Promise<BrownWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-brown-'));
  const scratch = () => mkdtempSync(join(folder, 'x-'));
  const clock = createRealClock({ speed: 60 });
  const fabric = readDemoFabric();
  const described = repositoryOf(scratch(), fabric.files);
  const configurations = await intendedAt(join(described, '.git'), 'HEAD', fabric.secrets);
  const switches = await startSwitches(
    fabric.switches.map((spec) => ({ ...spec, configuration: configurations.get(spec.name) ?? {} })),
    { clock },
  );
  const files = bareFleet(fabric.files);
  const environment = Object.fromEntries(
    [...fabric.secrets]
      .filter(([name]) => name.startsWith('fleet/'))
      .map(([name, value]) => [`POINTSMAN_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`, value]),
  );
  return {
    switches,
    addresses: switches.map(({ name, host, port }) => `ams1/${name}=${host}:${port}`),
    acceptAll: switches.flatMap(({ pin }) => ['--accept-pin', pin]),
    environment,
    clone: (more = {}) => repositoryOf(scratch(), new Map([...files, ...Object.entries(more)])),
    scratch,
    async adopt(fleet, args, given = environment) {
      let out = '';
      let said = '';
      const io: Io = {
        environment: { PATH: process.env['PATH'], HOME: folder, ...given },
        cwd: fleet,
        out: (text) => {
          out += text;
        },
        say: (text) => {
          said += text;
        },
        isTerminal: false,
        color: false,
        clock,
        signal: new AbortController().signal,
      };
      const code = await runProgram(io, ['adopt', ...args]);
      return { code, out, said };
    },
    async close() {
      await Promise.all(switches.map((one) => one.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The demo's settings and rules, and nothing of its switches. */
function bareFleet(files: FleetFiles): FleetFiles {
  return new Map([...files].filter(([path]) => !path.startsWith('desired-state/')));
}

function repositoryOf(folder: string, files: FleetFiles): string {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.net'];
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    [...identity, 'commit', '--quiet', '-m', 'Describe the fleet'],
  ]) {
    execFileSync('git', ['-C', folder, ...args]);
  }
  return folder;
}
