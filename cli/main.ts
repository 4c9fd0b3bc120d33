import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { machineClock } from './clock.ts';
import { backupCommand } from './commands/backup.ts';
import { demoCommand } from './commands/demo.ts';
import { explainCommand } from './commands/explain.ts';
import { planCommand } from './commands/plan.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { runsCommand, showCommand } from './commands/runs.ts';
import { validateCommand } from './commands/validate.ts';
import type { ExitCode, Io } from './io.ts';
import { renderError } from './render-error.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () =>
    stop.abort(new Error(`stopped by ${signal}; switches inside a confirm window revert by themselves`)),
  );
}

const io: Io = {
  environment: process.env,
  cwd: process.cwd(),
  out: (text) => process.stdout.write(text),
  say: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true,
  clock: machineClock,
  signal: stop.signal,
};

const program = new Command('pointsman')
  .description('Sets network switches, and only on an approval.')
  .version(packageJson.version)
  .showHelpAfterError()
  .exitOverride();

let exitCode: ExitCode = 0;
const run =
  <A extends readonly unknown[]>(command: (io: Io, ...args: A) => Promise<ExitCode>) =>
  async (...args: A): Promise<void> => {
    exitCode = await command(io, ...args);
  };
const withFleet = (command: Command) =>
  command.option('--fleet <folder>', 'the fleet repo, or a folder inside it', '.');
const withRemote = (command: Command) =>
  command
    .option('--remote <url>', 'where the fleet repo is pushed (unless set: origin of the folder, or GitHub)')
    .option('--cache <folder>', 'where the copy of the fleet repo is kept between runs');
const withJson = (command: Command) => command.option('--json', 'print JSON', false);

withJson(withFleet(program.command('validate')))
  .description('Checks every file of the fleet and reports all problems at once.')
  .argument('[commit]', 'a commit instead of the work tree')
  .action(run((of, commit: string | undefined, options) => validateCommand(of, commit, options)));

withJson(withRemote(withFleet(program.command('plan'))))
  .description('Shows what would change on which switch. Exit code 0: nothing, 2: changes, 3: blocked, 1: error.')
  .argument('[base]', 'commit the switches are expected to run')
  .argument('[head]', 'commit they should run; the work tree when absent')
  .option('--pr <number>', 'plan a pull request and publish the plan there')
  .action(
    run((of, base: string | undefined, head: string | undefined, options) => planCommand(of, base, head, options)),
  );

withJson(withRemote(program.command('reconcile')))
  .description('One pass: does everything that is due, records it, and exits.')
  .action(run((of, options) => reconcileCommand(of, options)));

withJson(withRemote(program.command('runs')))
  .description('Lists runs, newest first.')
  .option('--limit <number>', 'how many', '20')
  .action(run((of, options) => runsCommand(of, options)));

withJson(withRemote(program.command('show')))
  .description('Shows one run: stages, switches, what to do.')
  .argument('<run>', 'its name, or the end of it')
  .action(run((of, name: string, options) => showCommand(of, name, options)));

withJson(withFleet(program.command('explain')))
  .description('Says which file, line and commit put a setting on a switch.')
  .argument('<device>')
  .argument('[path]', 'for example interface.swp1.link.mtu')
  .option('--commit <commit>', 'at this commit', 'HEAD')
  .action(run((of, device: string, path: string | undefined, options) => explainCommand(of, device, path, options)));

withJson(withRemote(program.command('backup')))
  .description('Reads running configurations and keeps them on the ledger, redacted.')
  .argument('<device...>', 'names or globs')
  .option('--out <folder>', 'write files here instead of the ledger')
  .action(run((of, devices: readonly string[], options) => backupCommand(of, devices, options)));

program
  .command('demo')
  .description('Plays the journey of one change in a sandbox: switches, GitHub and all.')
  .option('--world <folder>', 'leave the world there to look at')
  .option('--fast', 'do not pause for the reader', false)
  .action(run((of, options) => demoCommand(of, options)));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? 0 : 1;
  else {
    io.say(renderError(error));
    exitCode = 1;
  }
}
// Leaving at once would cut what a pipe has not taken yet.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
