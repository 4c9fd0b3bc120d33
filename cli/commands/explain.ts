import { explainDevice } from '../../desired-state/explain-device.ts';
import type { Origin } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { BlameLine, Repository } from '../../git/repository.ts';
import { visible } from '../../plans/safe-text.ts';
import { platforms } from '../../reconciler/platforms.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { type FleetOptions, openFleet, revisionOf } from '../open-fleet.ts';
import { readSettingPath, writeSettingPath } from '../setting-path.ts';
import { showProblems } from '../show-problems.ts';

/** `pointsman explain`: which file, line and commit put each setting there. */
export async function explainCommand(
  io: Io,
  name: string,
  path: string | undefined,
  options: FleetOptions & { readonly commit: string },
): Promise<ExitCode> {
  const asked = path === undefined ? [] : readSettingPath(path);
  const repository = await openFleet(io, options);
  const commit = await revisionOf(repository, options.commit);
  const loaded = await loadFleet({ repository, revision: commit }, { platforms });
  if (loaded.kind === 'invalid') {
    io.out(showProblems(loaded.problems, options));
    return 1;
  }
  const device = loaded.fleet.devices.get(name);
  if (!device) {
    throw new UsageError({
      problem: `the fleet has no device ${name}`,
      next: `It has: ${[...loaded.fleet.devices.keys()].slice(0, 20).join(', ')}.`,
    });
  }
  const explained = explainDevice(loaded.fleet, device, platforms, asked);
  if (explained.kind === 'invalid') {
    io.out(showProblems(explained.problems, options));
    return 1;
  }
  if (explained.leaves.length === 0) {
    throw new UsageError({
      problem: `${name} has nothing at ${path}`,
      next: `pointsman explain ${name} lists everything it has.`,
    });
  }
  const blames = await blameAll(
    repository,
    commit,
    explained.leaves.map(({ origin }) => origin),
  );
  const leaves = explained.leaves.map(({ path: at, value, origin }) => ({
    path: at,
    value,
    origin,
    commit: blames.get(keyOf(origin)),
  }));
  io.out(
    options.json
      ? `${JSON.stringify(leaves, undefined, 2)}\n`
      : leaves
          .map(
            ({ path: at, value, origin, commit: by }) =>
              `${visible(`${writeSettingPath(at)} = ${JSON.stringify(value)}`)}\n    ${visible(`${placeOf(origin)}${by ? `, ${wordsOf(by)}` : ''}`)}\n`,
          )
          .join(''),
  );
  return 0;
}

/** Many leaves share a line; each line is asked about once. */
async function blameAll(
  repository: Repository,
  commit: string,
  origins: readonly (Origin | undefined)[],
): Promise<ReadonlyMap<string, BlameLine>> {
  const places = new Map(
    origins.flatMap((origin) =>
      origin?.line === undefined ? [] : [[keyOf(origin), { ...origin, line: origin.line }] as const],
    ),
  );
  const blames = new Map<string, BlameLine>();
  for (const [key, { file, line }] of places) {
    const found = await repository.blame(commit, file, line);
    if (found) blames.set(key, found);
  }
  return blames;
}

function keyOf(origin: Origin | undefined): string {
  return origin ? `${origin.file}:${origin.line ?? ''}` : '';
}

function placeOf(origin: Origin | undefined): string {
  if (!origin) return 'nobody wrote it: the platform’s own form';
  return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`;
}

function wordsOf({ commit, author, at, summary }: BlameLine): string {
  return `${commit.slice(0, 12)} ${author} ${new Date(at).toISOString().slice(0, 10)} "${summary}"`;
}
