import { afterEach, expect, it } from 'vitest';
import { composeReconciler } from '../../cli/compose.ts';
import { connect } from '../../cli/connect.ts';
import { runPass } from '../../reconciler/pass.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

it('a service whose pass lost the ledger in the middle of an apply goes on in its next pass, without waiting for its own lease', async () => {
  journey = await createJourney();
  const number = await journey.open(journey.stories.ntpOnOneLeaf);
  await journey.plan(number);
  await journey.approve(number);
  await journey.merge(number);
  let lift = () => {};
  // The intent is the push before the first write to a switch; what comes after it is not taken any more.
  const stop = journey.world.github.onRequest(({ phase, path, mutating }) => {
    if (phase !== 'performed' || !mutating || !path.includes('git-receive-pack')) return;
    stop();
    lift = journey.world.github.inject(
      { path: /git-receive-pack/ },
      { kind: 'status', status: 503 },
      Number.POSITIVE_INFINITY,
    );
  });

  const passes: string[] = [];
  await journey.run(async (io) => {
    const options = { remote: journey.world.github.remoteUrl, cache: `${journey.gitDir}-service` };
    const connection = await connect(io, options);
    for (let pass = 0; pass < 2; pass++) {
      const report = await runPass(await composeReconciler(io, options, undefined, connection), io.signal);
      passes.push(report.failures.map(({ error }) => error.code).join() || report.runs.map(({ kind }) => kind).join());
      lift();
    }
    return 0;
  });

  expect(passes[0]).toMatch(/^GIT_/);
  expect(passes[1]).toBe('ended');
  expect(journey.comment(number)).toContain('Applied: 1 applied');
});
