import { describe, expect, it } from 'vitest';
import { rest, startWorld } from './harness.ts';

const ROUTE = '/repos/acme/fleet/deployments';
const APP = 'pointsman[bot]';

async function startDeployable() {
  const github = await startWorld();
  const first = await github.as('ana').push('main', { 'a.txt': '1\n' }, 'begin');
  const deploy = (order: object) => rest(github, APP, `POST ${ROUTE}`, { environment: 'ams1', ...order });
  const say = (id: number, state: string) => rest(github, APP, `POST ${ROUTE}/${id}/statuses`, { state });
  const states = async (id: number): Promise<readonly string[]> =>
    (await rest(github, APP, `GET ${ROUTE}/${id}/statuses`)).body.map((one: { readonly state: string }) => one.state);
  return { github, first, deploy, say, states };
}

describe('a deployment', () => {
  it('is not made of what lies behind the default branch, unless it is said not to merge that', async () => {
    const { github, first, deploy } = await startDeployable();
    await github.as('ana').push('main', { 'a.txt': '2\n' }, 'later');

    const merging = await deploy({ ref: first });
    const made = await deploy({ ref: first, auto_merge: false, payload: { run: 'a' } });

    expect(merging.status).toBe(202);
    expect(made).toMatchObject({ status: 201, body: { sha: first, payload: { run: 'a' }, environment: 'ams1' } });
    expect((await rest(github, 'cy', `GET ${ROUTE}?sha=${first}&environment=ams1`)).body).toHaveLength(1);
    expect((await rest(github, 'cy', `GET ${ROUTE}?environment=fra1`)).body).toEqual([]);
  });

  it('is not made while a check is not green, unless none is required', async () => {
    const { github, first, deploy } = await startDeployable();
    await rest(github, APP, 'POST /repos/acme/fleet/check-runs', { name: 'ready', head_sha: first });

    expect((await deploy({ ref: 'main' })).status).toBe(409);
    expect((await deploy({ ref: 'main', required_contexts: [] })).status).toBe(201);
  });

  it('is inactive once a later one of its environment succeeded, and only then', async () => {
    const { deploy, say, states } = await startDeployable();
    const [failed, one, two, elsewhere] = [
      await deploy({ ref: 'main' }),
      await deploy({ ref: 'main' }),
      await deploy({ ref: 'main' }),
      await deploy({ ref: 'main', environment: 'fra1' }),
    ].map(({ body }) => body.id);
    await say(failed, 'failure');
    await say(one, 'success');
    await say(elsewhere, 'success');

    await say(two, 'in_progress');
    expect(await states(one)).toEqual(['success']);
    await say(two, 'success');

    expect(await states(one)).toEqual(['inactive', 'success']);
    expect(await states(failed)).toEqual(['failure']);
    expect(await states(elsewhere)).toEqual(['success']);
  });

  it('is not for those who may only read, nor of what does not exist', async () => {
    const { github, deploy } = await startDeployable();

    expect((await rest(github, 'cy', `POST ${ROUTE}`, { ref: 'main' })).status).toBe(403);
    expect((await deploy({ ref: 'nope' })).status).toBe(422);
  });
});

describe('workflow runs', () => {
  it('are those of one file, newest first, by what started them', async () => {
    const { github, first } = await startDeployable();
    await github.scheduledRun('pointsman.yml', 1_000);
    await github.scheduledRun('pointsman.yml', 61_000);
    await github.scheduledRun('pointsman.yml', 99_000, 'push');

    const route = 'GET /repos/acme/fleet/actions/workflows/pointsman.yml/runs?event=schedule';
    const { body } = await rest(github, 'cy', route);

    expect(body).toMatchObject({
      total_count: 2,
      workflow_runs: [
        { run_started_at: '1970-01-01T00:01:01Z', event: 'schedule', head_sha: first },
        { run_started_at: '1970-01-01T00:00:01Z' },
      ],
    });
    expect((await rest(github, 'cy', route.replace('pointsman', 'other'))).status).toBe(404);
  });
});
