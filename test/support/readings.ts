import { foldRun } from '../../ledger/fold-run.ts';
import type { Run } from '../../ledger/run.ts';
import { runsAt } from './crash-world.ts';
import { git, type Journey } from './journey.ts';

/** What tests of runs that only read ask of a world. */
export interface Readings {
  /** Merges a pull request that adds `requests/<name>.yaml`, once the ledger has begun. @returns Its number. */
  ask(name: string, workflow: string, ...lines: readonly string[]): Promise<number>;
  /** Pushes files to the branch without a pull request; `null` takes one away. */
  push(files: Readonly<Record<string, string | null>>): Promise<void>;
  /** The only run whose name begins so. */
  run(beginning: string): Promise<Run>;
  runs(): Promise<readonly Run[]>;
  /** A file beside the page of the only run whose name begins so. */
  artifact(beginning: string, file: string): Promise<string>;
  /** Comments about runs that only read. */
  told(number: number): readonly string[];
  /** Switches that were asked anything since the last call, and how often they were asked to change anything. */
  asked(): { readonly devices: readonly string[]; readonly writes: number };
}

export function requestText(workflow: string, ...lines: readonly string[]): string {
  return [`workflow: ${workflow}`, 'reason: before the move', ...lines, ''].join('\n');
}

export function readingsOf(journey: Journey): Readings {
  const { world, gitDir } = journey;
  const seen = new Map<string, number>();

  async function runs(): Promise<readonly Run[]> {
    return [...(await runsAt(gitDir))].flatMap(([name, events]) => foldRun(name, events) ?? []);
  }

  async function run(beginning: string): Promise<Run> {
    const all = await runs();
    const [found, ...others] = all.filter(({ name }) => name.startsWith(beginning));
    if (found && others.length === 0) return found;
    throw new Error(`not one run begins with ${beginning}: ${all.map(({ name }) => name).join(', ')}`);
  }

  return {
    async ask(name, workflow, ...lines) {
      await journey.reconcile();
      const number = await journey.open({
        title: `Ask for ${name}`,
        branch: `ask-${name}`,
        files: new Map([[`requests/${name}.yaml`, requestText(workflow, ...lines)]]),
      });
      await journey.merge(number);
      return number;
    },
    push: async (files) => {
      await world.github.as('ada').push('main', files, 'Push it');
    },
    run,
    runs,
    async artifact(beginning, file) {
      const { name } = await run(beginning);
      const { out } = await git(gitDir, ['ls-tree', '-r', '--name-only', 'pointsman/ledger', 'runs/']);
      const path = out.split('\n').find((one) => one.endsWith(`/${name}/${file}`));
      return (path === undefined ? undefined : await journey.ledgerFile(path)) ?? 'missing';
    },
    told: (number) =>
      world.github
        .comments(number)
        .map(({ body }) => body)
        .filter((body) => body.startsWith('<!-- pointsman:run ')),
    asked() {
      const since = [...world.switches].map(([name, one]) => {
        const all = one.requests();
        const fresh = all.slice(seen.get(name) ?? 0);
        seen.set(name, all.length);
        return { name, fresh };
      });
      return {
        devices: since.filter(({ fresh }) => fresh.length > 0).map(({ name }) => name),
        writes: since.flatMap(({ fresh }) => fresh).filter(({ method }) => method !== 'GET').length,
      };
    },
  };
}
