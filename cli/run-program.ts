import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { UsageError } from './errors.ts';
import type { ExitCode, Io } from './io.ts';
import { renderError } from './render-error.ts';
import { runCommand } from './run-command.ts';

/**
 * Arguments in, exit code out; everything else goes through `io`. Never throws: what a command throws is said, and ends in 1.
 *
 * @param args Without the names of Node and of the script.
 */
export async function runProgram(io: Io, args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = describeProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // Help or the version was asked for.
    io.say(renderError(error instanceof CommanderError ? usageErrorOf(error) : error));
    return 1;
  }
}

function describeProgram(io: Io, onEnd: (code: ExitCode) => void): Command {
  const program = new Command('pointsman')
    .description('Sets network switches, and only on an approval.')
    .version(packageJson.version)
    .exitOverride()
    // Its complaints are said by whoever catches them, in the form of all others.
    .configureOutput({ writeOut: io.out, writeErr: io.say, outputError() {} });

  // What a command needs is loaded when it is asked for: all of them together take longer to load than most of them to run.
  const run =
    <A extends readonly unknown[]>(command: (io: Io, ...args: A) => Promise<ExitCode>) =>
    async (...args: A): Promise<void> => {
      onEnd(await runCommand(io, () => command(io, ...args)));
    };
  const withFleet = (command: Command) =>
    command.option('--fleet <folder>', 'the fleet repo, or a folder inside it', '.');
  const withRemote = (command: Command) =>
    command
      .option(
        '--remote <url>',
        'where the fleet repo is pushed (unless set: POINTSMAN_REMOTE, or in GitHub Actions the repository of the job)',
      )
      .option(
        '--cache <folder>',
        'where the copy of the fleet repo is kept between runs (unless set: pointsman/ in the cache folder of the user)',
      );
  const withSite = (command: Command) =>
    command.option(
      '--site <site...>',
      'work for these sites, from inside their networks; unless given, for all that name no runner of their own',
    );
  const withJson = (command: Command) => command.option('--json', 'print JSON', false);

  withJson(withRemote(withFleet(program.command('validate'))))
    .description('Checks every file of the fleet and reports all problems at once. Contacts no switch.')
    .argument('[commit]', 'a commit instead of the work tree')
    .option('--ref <ref>', 'a ref of the remote fleet repo instead, for example refs/pull/7/merge')
    .action(
      run(async (of, commit: string | undefined, options) =>
        (await import('./commands/validate.ts')).validateCommand(of, commit, options),
      ),
    );

  withJson(withSite(withRemote(withFleet(program.command('plan')))))
    .description('Shows what would change on which switch. Exit code 0: nothing, 2: changes, 3: blocked, 1: error.')
    .argument('[base]', 'commit the switches are expected to run (unless set: HEAD)')
    .argument('[head]', 'commit they should run (unless set: the work tree)')
    .option('--pr <number>', 'plan a pull request of the remote fleet repo and publish the plan there')
    .action(
      run(async (of, base: string | undefined, head: string | undefined, options) =>
        (await import('./commands/plan.ts')).planCommand(of, base, head, options),
      ),
    );

  withJson(withSite(withRemote(withFleet(program.command('simulate')))))
    .description(
      'Shows what a request would do, without doing any of it. Exit code 0: it would run, 3: it would wait or not all of it would be done, 1: it would be refused.',
    )
    .argument('[request]', 'name or path of a file in requests/ (unless set: the one the pull request brings)')
    .option('--pr <number>', 'of this pull request of the remote fleet repo, as it would be merged')
    .option('--offline', 'ask no switch: what would change is then not known', false)
    .action(
      run(async (of, request: string | undefined, options) =>
        (await import('./commands/simulate.ts')).simulateCommand(of, request, options),
      ),
    );

  withJson(withSite(withRemote(program.command('reconcile'))))
    .description(
      'One pass: does everything that is due, records it, and exits. Exit code 0: done, 1: something failed, 3: something waits.',
    )
    .action(run(async (of, options) => (await import('./commands/reconcile.ts')).reconcileCommand(of, options)));

  withSite(withRemote(program.command('serve')))
    .description('Passes, whenever a webhook or the schedule says that it is time. Ends when it is asked to.')
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <number>', 'and on which port; 0 takes one that is free', '8080')
    .option('--metrics-host <address>', 'where health and metrics are told (unless set: where webhooks are taken)')
    .option('--metrics-port <number>', 'and on which port (unless set: the same)')
    .option('--schedule <cron>', 'a pass at these times, whatever webhooks say', '*/5 * * * *')
    .option('--time-zone <name>', 'whose clock the schedule follows', 'UTC')
    .option('--jitter <duration>', 'puts each of these times off by up to this much', '30s')
    .option('--grace <duration>', 'what a pass under way is given when the service is asked to end', '60s')
    .option('--no-webhooks', 'take none; only the schedule wakes the service')
    .action(run(async (of, options) => (await import('./commands/serve.ts')).serveCommand(of, options)));

  withRemote(program.command('matrix'))
    .description('Prints the sites with a runner of their own that have something to do, as a GitHub Actions matrix.')
    .option('--all', 'all that have a runner, whether there is something to do or not', false)
    .action(run(async (of, options) => (await import('./commands/matrix.ts')).matrixCommand(of, options)));

  withRemote(program.command('alive'))
    .description('Looks whether the schedule still starts passes, and keeps an alarm issue open while it does not.')
    .option('--within <duration>', 'how long ago it may have fired last', '90m')
    .option('--workflow <file>', 'the file in .github/workflows that has the schedule', 'pointsman.yml')
    .action(run(async (of, options) => (await import('./commands/alive.ts')).aliveCommand(of, options)));

  withRemote(program.command('init'))
    .description('Makes a fleet repo to begin with, in a folder or as a pull request. Never overwrites a file.')
    .option('--out <folder>', 'write the files there')
    .option('--pr', 'or open them as a pull request of the remote repository', false)
    .option('--repository <owner/name>', 'where the fleet repo is (unless set: what the address of the remote says)')
    .option('--site <site>', 'the name of the first site, for example ams1')
    .option('--team <org/team>', 'who approves changes and owns the rules, for example acme/netops')
    .option('--approvals <number>', 'how many of them have to say yes', '1')
    .option(
      '--branch <branch>',
      'the branch that says what switches should be (unless set: the default branch, or main)',
    )
    .option('--time-zone <name>', 'of the site, for example Europe/Amsterdam', 'UTC')
    .option('--role <role>', 'what the first switches do', 'leaf')
    .option('--platform <platform>', 'cumulus, nvos or frr', 'cumulus')
    .option('--device <device>', 'name of an example switch, which is never deployed', 'example01')
    .option(
      '--action <owner/name@commit>',
      'the release of Pointsman that the workflows call (unless set: the one this copy names)',
    )
    .action(run(async (of, options) => (await import('./commands/init.ts')).initCommand(of, options)));

  withJson(withRemote(program.command('doctor')))
    .description(
      'Examines what safety rests on, and says how to close each gap. Changes nothing. Exit code 0: no finding, 1: a danger (or an error), 3: only weak places, or not all could be established.',
    )
    .option('--switches', 'also sign in to every switch with the account for planning, and ask who it is', false)
    .action(run(async (of, options) => (await import('./commands/doctor.ts')).doctorCommand(of, options)));

  withJson(withRemote(withFleet(program.command('adopt'))))
    .description(
      'Brings switches that run already into the fleet: what they run becomes what they should run, so that merging it changes nothing. Sends switches nothing but questions. Exit code 0: adopted, 1: not, 2: not, something would change, 3: certificates have to be accepted first, or something is blocked.',
    )
    .argument(
      '<switch...>',
      'ams1/leaf01=10.0.0.11, or an address alone: then the switch is called what it calls itself',
    )
    .option('--site <site>', 'where those stand that name no site')
    .option(
      '--role <role=names>',
      'for example leaf=leaf*, any number of times; unless given, leaf01 is a leaf',
      listed,
    )
    .option('--platform <platform>', 'what they are (unless set: what each says of itself)')
    .option('--accept-pin <sha256>', 'a certificate that you compared with the console of its switch', listed)
    .option('--ca <file>', 'the CA that signed the certificates, in PEM; each is pinned as it is now')
    .option('--trust-on-first-use', 'take whoever answers for the switch, and send him the password', false)
    .option(
      '--secrets-out <path>',
      'where secrets go: a folder; a file of lines for GitHub Actions when it ends in .txt, of variables when in .env',
    )
    .option('--out <folder>', 'write the files there instead of into the work tree of the fleet repo')
    .option('--pr', 'or open them as a pull request of the remote fleet repo', false)
    .option('--overwrite', 'files that are in the way may be replaced', false)
    .option('--allow-differences', 'go on although the first plan would not be empty', false)
    .action(
      run(async (of, addresses: readonly string[], options) =>
        (await import('./commands/adopt.ts')).adoptCommand(of, addresses, options),
      ),
    );

  withJson(withRemote(program.command('runs')))
    .description('Lists runs, newest first: what they are for, and how they stand or came out.')
    .option('--open', 'only those that have not ended', false)
    .option('--status <status>', 'only running, paused, completed, rejected, failed, terminated or timed-out', listed)
    .option('--workflow <workflow>', 'only of this workflow, for example DriftCheck', listed)
    .option('--device <device>', 'only those about this switch, by its name or a glob', listed)
    .option('--all', 'batches too, each below the run it is of', false)
    .option('--limit <number>', 'how many', '20')
    .action(run(async (of, options) => (await import('./commands/runs.ts')).runsCommand(of, options)));

  const drift = withJson(withRemote(program.command('drift')))
    .description(
      'Lists what switches run that nobody merged, as the last check found it. Contacts no switch. Exit code 0: nothing, 2: something, 1: error.',
    )
    .action(run(async (of, options) => (await import('./commands/drift.ts')).driftCommand(of, options)));
  for (const [way, does] of [
    ['revert', 'takes it back on every switch that has it'],
    ['adopt', 'makes it what the fleet repo says'],
  ] as const) {
    withSite(drift.command(way))
      .configureHelp({ showGlobalOptions: true })
      .description(`Opens a pull request for what differs on a switch, which ${does}. Exit code 0: opened, 1: not.`)
      .argument('<device>')
      // What it shares with its parent is taken by that, wherever it stands.
      .action(
        run(async (of, device: string, _, command: Command) =>
          (await import('./commands/drift.ts')).driftWayCommand(of, way, device, command.optsWithGlobals()),
        ),
      );
  }

  withJson(withRemote(program.command('show')))
    .description('Shows one run: how it stands, what to do, stages, batches, switches, what happened.')
    .argument('<run>', 'its name, or the end of it')
    .action(
      run(async (of, name: string, options) => (await import('./commands/show.ts')).showCommand(of, name, options)),
    );

  const withReason = (command: Command) =>
    command.option('--reason <text>', 'why, in one line; stands on record with your name');

  withJson(withReason(withRemote(program.command('approve'))))
    .description('Approves what a run waits for, by a review in your name on the page that asks.')
    .argument('<run>', 'its name, or the end of it')
    .action(
      run(async (of, name: string, options) =>
        (await import('./commands/control.ts')).controlCommand(of, 'approve', name, undefined, options),
      ),
    );

  withJson(withReason(withRemote(program.command('reject'))))
    .description('Rejects what a run waits for, by a review in your name on the page that asks. No switch is touched.')
    .argument('<run>', 'its name, or the end of it')
    .action(
      run(async (of, name: string, options) =>
        (await import('./commands/control.ts')).controlCommand(of, 'reject', name, undefined, options),
      ),
    );

  withJson(withRemote(program.command('retry')))
    .description('Has a failed stage of a run done again from its start, where its workflow allows it.')
    .argument('<run>', 'its name, or the end of it')
    .argument('[stage]', 'the one that failed unless given')
    .action(
      run(async (of, name: string, stage: string | undefined, options) =>
        (await import('./commands/control.ts')).controlCommand(of, 'retry', name, stage, options),
      ),
    );

  withJson(withReason(withRemote(program.command('terminate'))))
    .description(
      'Ends a run at once and for good, and says how every switch is left. Exit code 0: done, 1: refused, 3: it ends as soon as whoever changes switches for it has stopped.',
    )
    .argument('<run>', 'its name, or the end of it')
    .option('--wait <duration>', 'how long to wait for whoever is changing switches for it', '1m')
    .action(
      run(async (of, name: string, options) =>
        (await import('./commands/control.ts')).controlCommand(of, 'terminate', name, undefined, options),
      ),
    );

  withJson(withReason(withRemote(program.command('pause'))))
    .description('Holds a run at its next border, until somebody resumes it.')
    .argument('<run>', 'its name, or the end of it')
    .action(
      run(async (of, name: string, options) =>
        (await import('./commands/control.ts')).controlCommand(of, 'pause', name, undefined, options),
      ),
    );

  withJson(withReason(withRemote(program.command('resume'))))
    .description('Lets a paused run go on.')
    .argument('<run>', 'its name, or the end of it')
    .action(
      run(async (of, name: string, options) =>
        (await import('./commands/control.ts')).controlCommand(of, 'resume', name, undefined, options),
      ),
    );

  withJson(withRemote(program.command('watch')))
    .description(
      'Follows a run until it ends. Exit code 0: completed, 1: ended otherwise, 3: you stopped watching while it waited for a person.',
    )
    .argument('<run>', 'its name, or the end of it')
    .option('--every <duration>', 'how often it looks', '5s')
    .action(
      run(async (of, name: string, options) => (await import('./commands/watch.ts')).watchCommand(of, name, options)),
    );

  withJson(withFleet(program.command('explain')))
    .description('Says which file, line and commit put a setting on a switch.')
    .argument('<device>')
    .argument('[path]', 'for example interface.swp1.link.mtu; a key with dots in brackets: ip.address[10.1.2.3/24]')
    .option('--commit <commit>', 'at this commit', 'HEAD')
    .action(
      run(async (of, device: string, path: string | undefined, options) =>
        (await import('./commands/explain.ts')).explainCommand(of, device, path, options),
      ),
    );

  withJson(withRemote(program.command('backup')))
    .description(
      'Reads running configurations and keeps on the ledger what differs from the last backup, redacted, in one commit.',
    )
    .argument('[device...]', 'names or globs')
    .option('--site <site>', 'switches of this site, by name or glob, any number of times', listed)
    .option('--all', 'every switch of the fleet', false)
    .option('--out <folder>', 'write files here instead of the ledger')
    .action(
      run(async (of, devices: readonly string[], options) =>
        (await import('./commands/backup.ts')).backupCommand(of, devices, options),
      ),
    );

  program
    .command('demo')
    .description('Plays the journey of one change in a sandbox: switches, GitHub and all.')
    .option('--world <folder>', 'leave the world there to look at')
    .option('--fast', 'do not pause for the reader', false)
    .action(run(async (of, options) => (await import('./commands/demo.ts')).demoCommand(of, options)));

  return program;
}

/** An option that may be given several times. One that took several words would take the arguments behind it too. */
function listed(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** `error: unknown command 'plna'`, then `(Did you mean plan?)`, in our form. */
function usageErrorOf(error: CommanderError): UsageError {
  if (error.code === 'commander.help') {
    return new UsageError({ problem: 'no command was given', next: 'The commands stand above.' }, { cause: error });
  }
  const [complaint = '', suggestion] = error.message.split('\n');
  const meant = suggestion === undefined ? '' : `${suggestion.replace(/^\(|\)$/g, '')} `;
  return new UsageError(
    { problem: complaint.replace(/^error: /, ''), next: `${meant}pointsman help <command> tells what it takes.` },
    { cause: error },
  );
}
