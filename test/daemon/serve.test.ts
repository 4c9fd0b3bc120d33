import { afterEach, describe, expect, it } from 'vitest';
import type { ExitCode } from '../../cli/io.ts';
import { createJourney, git, type Journey } from '../support/journey.ts';
import { type Service, serveHere, spawnService, until } from '../support/service.ts';
import { SECRET } from '../support/signed-delivery.ts';

let journey: Journey;
let service: (Service & { stop(): Promise<ExitCode>; said(): string }) | undefined;
afterEach(async () => {
  await service?.stop();
  service = undefined;
  await journey.close();
});

/** What a process that was asked to end at once may take. */
const PROMPT_MS = 5_000;

const comments = (number: number): string =>
  journey.world.github
    .comments(number)
    .map(({ body }) => body)
    .join('\n');
const passesDone = (one: Service): Promise<number> => one.number('pointsman_passes_total{outcome="done"}');

describe('pointsman serve', () => {
  it('plans a pull request and deploys it after the merge, each because GitHub said so', async () => {
    journey = await createJourney();
    service = await serveHere(journey);
    const running = service;
    await until(async () => (await passesDone(running)) === 1);
    journey.world.github.deliverWebhooksTo(`${running.url}/webhook`, SECRET);

    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    await until(() => comments(number).includes(' digest='));
    await journey.approve(number);
    await journey.merge(number);
    await until(() => comments(number).includes('Applied: 1 applied, of 1 device'));
    await until(async () => (await running.number('pointsman_runs_ended_total{status="completed"}')) === 1);

    expect(await running.stop()).toBe(0);
    await journey.world.github.deliveriesSettled();
    const answers = journey.world.github.deliveries().map(({ event, status }) => `${event} ${status}`);
    expect(answers).toEqual(expect.arrayContaining(['pull_request 202', 'pull_request_review 202', 'push 202']));
    expect(answers.filter((answer) => / 4\d\d$/.test(answer))).toEqual([]);
  });

  it('finds at its start what was merged while it was not there', async () => {
    journey = await createJourney();
    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);

    service = await serveHere(journey);

    await until(() => comments(number).includes('Applied: 1 applied, of 1 device'));
  });

  it('sees that pointsman.yaml has changed, without being started again', async () => {
    journey = await createJourney();
    service = await serveHere(journey);
    const running = service;
    await until(async () => (await passesDone(running)) === 1);
    const settings = journey.world.files.get('pointsman.yaml') ?? '';
    await journey.world.github
      .as('dora')
      .push(
        'main',
        { 'pointsman.yaml': settings.replace('pointsman/ledger', 'pointsman/records') },
        'Keep the records elsewhere',
      );
    await running.notify('push');

    const records = ['rev-parse', '--verify', 'refs/heads/pointsman/records'];
    await until(async () => (await git(journey.gitDir, records)).code === 0);
  });

  it('is ready no more when pointsman.yaml names another repository, and sends nothing there', async () => {
    journey = await createJourney();
    service = await serveHere(journey);
    const running = service;
    await until(async () => (await passesDone(running)) === 1);
    const settings = journey.world.files.get('pointsman.yaml') ?? '';
    await journey.world.github
      .as('dora')
      .push(
        'main',
        { 'pointsman.yaml': settings.replace('repository: acme/fleet', 'repository: acme/another') },
        'Move the fleet',
      );
    await running.notify('push');
    await until(async () => (await running.number('pointsman_passes_failed_in_a_row')) > 0);

    expect(journey.world.github.requests().filter(({ path }) => path.includes('acme/another'))).toEqual([]);
  });

  it('lives through an outage: says that it is not ready and why, and does the work when it is over', async () => {
    journey = await createJourney();
    const lift = journey.world.github.inject({}, { kind: 'status', status: 503 }, Infinity);
    service = await serveHere(journey);
    const running = service;
    await until(async () => (await running.readiness()).text.includes('passes failed'));
    const during = await running.readiness();
    const alive = (await fetch(`${running.url}/healthz`)).status;
    lift();

    await until(async () => (await running.readiness()).status === 200);
    expect(during.status).toBe(503);
    expect(during.text).toMatch(/^not ready: the last \d+ passes failed \(GIT_REMOTE_FAILED\)$/);
    expect(alive).toBe(200);
  });
});

describe('SIGTERM to the service in the middle of an apply', () => {
  const pace = { confirmWithinSeconds: 30, pollMilliseconds: 20 };

  /** The service is asked to end the moment a switch was told to apply. */
  async function endDuringApply(grace: string) {
    journey = await createJourney({ speed: 1, switches: (spec) => ({ ...spec, stepMilliseconds: 10 }), pace });
    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);
    const leaf01 = journey.world.switches.get('leaf01');
    let askedAt = 0;
    let meanwhile: Promise<number> | undefined;
    const spawned = spawnService(journey, ['--grace', grace]);
    const stopListening = leaf01?.onRequest(async ({ phase, request }) => {
      if (phase !== 'performed' || askedAt > 0 || !JSON.stringify(request.body ?? {}).includes('"apply"')) return;
      askedAt = performance.now();
      const running = await spawned;
      running.child.process.kill('SIGTERM');
      await until(async () =>
        (await running.readiness().catch(() => ({ text: 'stopping' }))).text.includes('stopping'),
      );
      meanwhile = running.notify('push').catch(() => 0);
    });
    const { child } = await spawned;
    const how = await child.ended;
    stopListening?.();
    return {
      number,
      how,
      said: child.said(),
      tookMilliseconds: performance.now() - askedAt,
      meanwhile: await meanwhile,
    };
  }

  function confirms(): number {
    const requests = journey.world.switches.get('leaf01')?.requests() ?? [];
    return requests.filter(({ body }) => JSON.stringify(body ?? {}).includes('confirm_yes')).length;
  }

  it('lets the pass finish within its grace, takes no webhooks meanwhile, and ends with 0', async () => {
    const { number, how, said, meanwhile } = await endDuringApply('60s');

    expect(how).toBe(0);
    expect(meanwhile).toBe(503);
    expect(confirms()).toBe(1);
    expect(comments(number)).toContain('Applied: 1 applied, of 1 device');
    expect(said).toContain('"pass":"finished"');
  });

  it('without a grace stops where it is and confirms nothing; the next one goes on from there', async () => {
    const { number, how, tookMilliseconds } = await endDuringApply('0s');
    const before = confirms();
    const next = await journey.spawn(['reconcile']).ended;

    expect(how).toBe(0);
    expect(tookMilliseconds).toBeLessThan(PROMPT_MS);
    expect(before).toBe(0);
    expect(next.how).toBe(0);
    expect(confirms()).toBe(1);
    expect(comments(number)).toContain('Applied: 1 applied, of 1 device');
  });
});
