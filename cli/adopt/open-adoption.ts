import { cellCode, code, prose } from '../../plans/safe-text.ts';
import { count } from '../../plans/words.ts';
import { fleetRef, type ReconcilerDeps } from '../../reconciler/deps.ts';
import { sha256OfJson } from '../../schemas/canonical.ts';
import { UsageError } from '../errors.ts';
import { type Adoption, isEmpty, sitesOf } from './adoption.ts';
import { commitWith, type FleetBase } from './fleet-base.ts';

/**
 * Pushes the adopted files to a branch of their own and opens a pull request that explains itself. The branch is named for
 * what is in it, so that doing it twice is doing it once.
 *
 * @param base Read at the tip of the fleet's branch.
 * @throws {UsageError} Somebody else pushed to that branch.
 */
export async function openAdoption(
  deps: ReconcilerDeps,
  base: FleetBase,
  adoption: Adoption,
  signal: AbortSignal,
): Promise<{ readonly number: number; readonly url: string }> {
  const { files, switches } = adoption;
  const title = `Adopt ${count(switches.length, 'switch', 'switches')} of ${sitesOf(switches)}`;
  const digest = sha256OfJson([base.revision, files.files]).slice(0, 12);
  const branch = `pointsman/adopt-${digest}`;
  const ref = `refs/heads/${branch}`;

  const there = (await deps.repository.fetch([ref], signal)).get(ref);
  if (there === undefined) {
    const commit = await commitWith(base, files.files, {
      parent: base.revision,
      message: `${title}\n\nWhat they run becomes what they should run.\n`,
      author: { ...deps.author, at: deps.clock.now() },
    });
    const pushed = await deps.repository.push(ref, commit, undefined, signal);
    if (pushed.kind === 'moved') {
      throw new UsageError({ problem: `somebody else made the branch ${branch} just now`, next: 'Run it again.' });
    }
  } else {
    const parent = (await deps.repository.commitInfo(there)).parents[0];
    const changed = await deps.repository.changedFiles(base.revision, there);
    const expected = files.files.map(({ path }) => path).join();
    if (
      parent !== base.revision ||
      changed
        .map(({ path }) => path)
        .sort()
        .join() !== expected
    ) {
      throw new UsageError({
        problem: `the branch ${branch} is there and holds something else`,
        next: 'Look at it, delete it, and run this again.',
      });
    }
  }
  const { number, url } = await deps.forge.openPullRequest(
    {
      branch,
      base: fleetRef(deps.settings).replace(/^refs\/heads\//, ''),
      title,
      body: deps.redact(renderAdoptionBody(adoption)),
    },
    signal,
  );
  return { number, url };
}

/** What a reviewer has to know. All that switches say of themselves stands in code. */
export function renderAdoptionBody(adoption: Adoption): string {
  const { switches, files, secrets } = adoption;
  const firstUse = switches.filter(({ proven }) => proven.by === 'first-use');
  const names = [...secrets.values.keys()].sort();
  return [
    isEmpty(adoption)
      ? '**Merging this changes nothing on any switch.** The configuration these switches run becomes what they should run.'
      : '**Merging this changes switches.** What they run became what they should run, as far as it could; the plan after the merge shows the rest.',
    '',
    isEmpty(adoption)
      ? 'It was compared with the switches themselves just before this was opened: the first plan is empty. Switches that are new to the fleet are planned after the merge, since addresses and certificates are believed of the base branch only. That plan will be empty too, and backups are taken.'
      : 'Switches that are new to the fleet are planned after the merge, since addresses and certificates are believed of the base branch only. That plan needs its own approval.',
    '',
    '| Switch | Runs | Serial | Role | Certificate |',
    '| --- | --- | --- | --- | --- |',
    ...switches.map(({ name, role, found, proven }) => {
      const runs = `${found.platform} ${found.identity.version}`;
      const proof = proven.by === 'fleet-ca' ? 'by the CA of the fleet' : cellCode(found.identity.pin);
      return `| ${cellCode(name)} | ${cellCode(runs)} | ${cellCode(found.identity.serial)} | ${cellCode(role)} | ${proof} |`;
    }),
    '',
    ...(firstUse.length > 0
      ? [
          `**Nobody has compared the certificates of ${firstUse.map(({ name }) => code(name)).join(', ')} with the switches.** Do that before you approve: once merged, they are what proves a switch.`,
          '',
        ]
      : []),
    `The desired state has ${count(files.written.lines, 'line')}; the configurations one by one would have ${count(files.apart.lines, 'line')}.`,
    ...(files.kept.length > 0
      ? [`${prose(files.kept.join(', '))} stayed as they are: other switches stand under them.`]
      : []),
    '',
    ...(names.length > 0
      ? [
          '**Before merging**, these secrets have to be where `pointsman.yaml` looks for them. Whoever ran `pointsman adopt` has their values in a file outside of this repository.',
          '',
          ...names.map((name) => `- ${code(name)}`),
          '',
        ]
      : []),
    ...(secrets.hidden.length > 0
      ? [
          'These no switch gives away. Somebody who knows them has to supply them too:',
          '',
          ...secrets.hidden.map(({ name }) => `- ${code(name)}`),
          '',
        ]
      : []),
    ...(secrets.encrypted.length > 0
      ? [
          `${count(secrets.encrypted.length, 'secret')} of these ${secrets.encrypted.length === 1 ? 'is' : 'are'} kept as the switch encrypted them: good for that switch, and for no other. \`docs/adopt.md\` says how to replace them.`,
          '',
        ]
      : []),
  ].join('\n');
}
