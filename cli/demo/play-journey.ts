import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { computeChanges } from '../../plans/compute-changes.ts';
import { renderChange } from '../../plans/render-change.ts';
import { type DemoStory, makeDemoStories } from '../../sandbox/fleets/demo-stories.ts';
import type { World } from '../../sandbox/world.ts';
import type { Tree } from '../../schemas/json.ts';
import { planCommand } from '../commands/plan.ts';
import { reconcileCommand } from '../commands/reconcile.ts';
import { runsCommand } from '../commands/runs.ts';
import type { ExitCode, Io } from '../io.ts';
import { createNarrator } from './narrator.ts';

/** The journey of two changes: one that is reviewed, approved and made, and one that would cut a switch off. */
export async function playJourney(io: Io, world: World, cache: string, fast: boolean): Promise<Journey> {
  const told = createNarrator(io, fast);
  const scene = createScene(io, world, cache);
  const stories = makeDemoStories(world.files);

  await told.step('A fabric, and the repository that says what it should be');
  told.tell(
    `Two spines and four leaves are up (emulated Cumulus 5.11 switches, real TLS), and a GitHub with the repository acme/fleet.`,
  );
  told.tell(
    `leaf01 answers on ${addressOf(world, 'leaf01')}; its certificate is pinned in desired-state/devices/ams1/leaf01.yaml.`,
  );

  await told.step(`ada opens a pull request: ${stories.addVlan.title}`);
  const number = await open(world, stories.addVlan, 'ada');
  told.show(await scene.gitDiff(stories.addVlan.branch));
  told.tell(
    'Pointsman renders what every switch should run, asks every switch what it runs, lets each try the change and',
  );
  told.tell('take it back again, and writes one comment. Exit code 2 means: there are changes.');
  told.command(`pointsman plan --pr ${number}`);
  const planned = await scene.run((own) =>
    planCommand(own, undefined, undefined, { ...scene.options, pr: String(number), fleet: '.', json: false }),
  );
  told.tell(`  exit code ${planned.code}`);
  told.tell('\nThe comment, as reviewers see it:');
  told.show(commentOn(world, number));

  await told.step('Who may approve');
  told.tell(
    `ada tries to approve her own pull request: ${await refusalOf(() => world.github.as('ada').approve(number))}`,
  );
  told.tell('Were a forge to allow it, Pointsman would still not count it: an author never approves her own change.');
  await scene.nextSecond();
  await world.github.as('bea').approve(number);
  told.tell(
    'bea, of acme/netops, reads the comment and approves. Her approval is of that digest, and of nothing else.',
  );

  await told.step('The merge, and what Pointsman does with it');
  const before = world.switches.get('leaf01')?.applied() ?? {};
  await world.github.as('ada').merge(number, { method: 'merge' });
  told.tell(
    'ada merges. On the next pass Pointsman finds the merge, the plan and the approval, asks every switch again, writes',
  );
  told.tell(
    'down what it is about to do, and does it: staged, live under a revert timer, proven from a fresh connection, confirmed.',
  );
  told.command('pointsman reconcile');
  const passed = await scene.run(
    (own) => reconcileCommand(own, { ...scene.options, json: false }),
    (line) => told.tell(`  … ${line}`),
  );
  told.show(passed.out);
  told.tell('leaf01 before and after:');
  told.show(differenceOf(before, world.switches.get('leaf01')?.applied() ?? {}));
  told.tell('The same comment on the pull request now tells what happened:');
  told.show(commentOn(world, number));

  await told.step('A change that would cut a switch off');
  const second = await open(world, stories.cutManagement, 'ada');
  told.tell(`ada opens "${stories.cutManagement.title}". A reviewer could miss what it takes away; the plan does not:`);
  told.command(`pointsman plan --pr ${second}`);
  const blocked = await scene.run((own) =>
    planCommand(own, undefined, undefined, { ...scene.options, pr: String(second), fleet: '.', json: false }),
  );
  told.tell(`  exit code ${blocked.code}: blocked`);
  told.show(commentOn(world, second));

  await told.step('The record');
  told.tell(
    'Everything is a commit on the ledger branch: plans, intents (written before a switch is touched), outcomes, backups.',
  );
  told.command('git log pointsman/ledger');
  told.show(await scene.ledgerLog());
  told.command('pointsman runs');
  told.show((await scene.run((own) => runsCommand(own, { ...scene.options, limit: '10', json: false }))).out);
  return { well: planned.code === 2 && passed.code === 0 && blocked.code === 3, pullRequests: [number, second] };
}

interface Journey {
  /** Everything went as it is told here. */
  readonly well: boolean;
  readonly pullRequests: readonly number[];
}

interface Scene {
  readonly options: { readonly remote: string; readonly cache: string };
  /** Runs a command as the product would be run, and keeps what it prints. */
  run(
    command: (own: Io) => Promise<ExitCode>,
    onProgress?: (line: string) => void,
  ): Promise<{ readonly code: ExitCode; readonly out: string }>;
  gitDiff(branch: string): Promise<string>;
  ledgerLog(): Promise<string>;
  /** GitHub's clock tells seconds: what is approved in the second it was shown in does not count. */
  nextSecond(): Promise<void>;
}

function createScene(io: Io, world: World, cache: string): Scene {
  const { github } = world;
  const options = { remote: github.remoteUrl, cache: join(cache, 'mirror') };
  return {
    options,
    async run(command, onProgress) {
      let out = '';
      let shown = '';
      const own: Io = {
        environment: { ...world.environment, PATH: io.environment['PATH'], HOME: io.environment['HOME'] },
        cwd: io.cwd,
        out: (text) => {
          out += text;
        },
        say: (text) => {
          const line = plain(text);
          if (onProgress && line && line !== shown) onProgress(line);
          shown = line;
        },
        isTerminal: onProgress !== undefined,
        clock: io.clock,
        signal: io.signal,
      };
      return { code: await command(own), out };
    },
    async gitDiff(branch) {
      return gitIn(github.gitDir, ['diff', '--unified=1', `main...${branch}`]);
    },
    async ledgerLog() {
      return gitIn(github.gitDir, ['log', '--format=%h %s', 'pointsman/ledger']);
    },
    async nextSecond() {
      const now = Date.now();
      await wait(1_100 - (now % 1_000), undefined, { signal: io.signal });
    },
  };
}

async function open(world: World, story: DemoStory, login: string): Promise<number> {
  const actor = world.github.as(login);
  await actor.push(story.branch, Object.fromEntries(story.files), story.title);
  return actor.openPullRequest({ title: story.title, head: story.branch, body: story.body });
}

function commentOn(world: World, number: number): string {
  const [comment] = world.github.comments(number);
  return comment ? folded(comment.body) : '(no comment)';
}

/** As a browser shows it: the first part that can be opened is open, the others are folded. */
function folded(body: string): string {
  let seen = 0;
  return body.replaceAll(
    /<details><summary>(.*?)<\/summary>(.*?)<\/details>/gs,
    (_, summary: string, content: string) => {
      seen += 1;
      const title = summary.replaceAll(/<\/?code>/g, '`');
      return seen === 1 ? `▾ ${title}${content.trimEnd()}` : `▸ ${title}`;
    },
  );
}

function addressOf(world: World, name: string): string {
  const one = world.switches.get(name);
  return one ? `https://${one.host}:${one.port}` : 'nowhere';
}

async function refusalOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'it was accepted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What a switch has now and had not before, and the other way round, as NVUE would say it. */
function differenceOf(before: Tree, after: Tree): string {
  return computeChanges(after, before).flatMap(renderChange).join('\n');
}

/** A line of progress without what moves the cursor. */
function plain(text: string): string {
  return text.replaceAll('\r', '').replaceAll('\u001b[2K', '').trim();
}

/** The reader's own git, as they would run it themselves. */
async function gitIn(gitDir: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', [`--git-dir=${gitDir}`, ...args]);
  return stdout;
}
