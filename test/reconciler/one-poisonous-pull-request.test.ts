import { afterEach, expect, it } from 'vitest';
import { composeReconciler } from '../../cli/compose.ts';
import { runPass } from '../../reconciler/pass.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

it('a bug met at one pull request is told, and the others are planned all the same', async () => {
  journey = await createJourney();
  const poisonous = await journey.open(journey.stories.ntpOnOneLeaf);
  const other = await journey.open(journey.stories.addVlan);

  const ran = await journey.run(async (io) => {
    const deps = await composeReconciler(io, {
      remote: journey.world.github.remoteUrl,
      cache: `${journey.gitDir}-copy`,
    });
    const { fetch } = deps.repository;
    const repository = {
      ...deps.repository,
      fetch: (...asked: Parameters<typeof fetch>) => {
        if (asked[0].includes(`refs/pull/${poisonous}/head`)) throw new TypeError('undefined is not a switch');
        return fetch(...asked);
      },
    };
    const report = await runPass({ ...deps, repository }, io.signal);
    io.out(JSON.stringify(report.failures));
    return 0;
  });

  expect(JSON.parse(ran.out)).toMatchObject([
    { about: `pull request #${poisonous}`, error: { code: 'RECONCILER_UNFORESEEN' } },
  ]);
  expect(ran.said).toContain('undefined is not a switch');
  expect(journey.comment(other)).toContain('## Plan: 4 devices change');
});

it('a bug met at one comment is told, and what is due is done all the same', async () => {
  journey = await createJourney();
  const number = await journey.open(journey.stories.ntpOnOneLeaf);
  await journey.plan(number);
  await journey.approve(number);
  await journey.merge(number);
  const poisonous = await journey.world.github.as('ada').comment(number, '/pointsman help');

  const ran = await journey.run(async (io) => {
    const deps = await composeReconciler(io, {
      remote: journey.world.github.remoteUrl,
      cache: `${journey.gitDir}-copy`,
    });
    const react: typeof deps.forge.react = async () => {
      throw new TypeError('undefined is not a reaction');
    };
    const report = await runPass({ ...deps, forge: { ...deps.forge, react } }, io.signal);
    io.out(JSON.stringify(report.failures));
    return 0;
  });

  expect(JSON.parse(ran.out)).toMatchObject([
    { error: { code: 'RECONCILER_UNFORESEEN', details: { about: `comment ${poisonous}` } } },
  ]);
  expect(journey.comment(number)).toContain('## Applied: 1 applied');
});
