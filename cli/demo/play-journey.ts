import { computeChanges } from '../../plans/compute-changes.ts';
import { renderChange } from '../../plans/render-change.ts';
import { makeDemoStories } from '../../sandbox/fleets/demo-stories.ts';
import type { World } from '../../sandbox/world.ts';
import type { Tree } from '../../schemas/json.ts';
import { planCommand } from '../commands/plan.ts';
import { reconcileCommand } from '../commands/reconcile.ts';
import { runsCommand } from '../commands/runs.ts';
import type { Io } from '../io.ts';
import { createNarrator } from './narrator.ts';
import { createScene } from './scene.ts';

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
  const number = await scene.open(stories.addVlan, 'ada');
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
  told.show(scene.comment(number, 1));

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
  told.show(scene.comment(number, 0));

  await told.step('A change that would cut a switch off');
  const second = await scene.open(stories.cutManagement, 'ada');
  told.tell(`ada opens "${stories.cutManagement.title}". A reviewer could miss what it takes away; the plan does not:`);
  told.command(`pointsman plan --pr ${second}`);
  const blocked = await scene.run((own) =>
    planCommand(own, undefined, undefined, { ...scene.options, pr: String(second), fleet: '.', json: false }),
  );
  told.tell(`  exit code ${blocked.code}: blocked`);
  told.show(scene.comment(second, 0));

  await told.step('The record');
  told.tell(
    'Everything is a commit on the ledger branch: plans, intents (written before a switch is touched), outcomes, backups.',
  );
  told.command('git log pointsman/ledger');
  told.show(await scene.ledgerLog());
  told.command('pointsman runs');
  told.show(
    (
      await scene.run((own) =>
        runsCommand(own, { ...scene.options, open: false, all: false, limit: '10', json: false }),
      )
    ).out,
  );
  return { well: planned.code === 2 && passed.code === 0 && blocked.code === 3, pullRequests: [number, second] };
}

interface Journey {
  /** Everything went as it is told here. */
  readonly well: boolean;
  readonly pullRequests: readonly number[];
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
