import { describe, expect, it } from 'vitest';
import { APP, startHarness } from './harness.ts';

const CREATE = 'POST /repos/acme/fleet/deployments';
const SAY = 'POST /repos/acme/fleet/deployments/*/statuses';

async function startDeployed(options: Parameters<typeof startHarness>[0] = {}) {
  const harness = await startHarness(options);
  const commit = await harness.github.as('bo').merge(harness.pull);
  const report = {
    environment: 'ams1',
    commit,
    run: 'configure-1-abc',
    state: 'in_progress',
    description: 'Batch 1 of 2',
    logUrl: 'https://example.com/runs/1',
  } as const;
  /** States said of each deployment, in the order they were said. */
  const said = () =>
    harness.github.deployments().map(({ environment, statuses }) => [environment, statuses.map(({ state }) => state)]);
  return { ...harness, commit, report, said };
}

describe('reportDeployment()', () => {
  it('makes one deployment for a run and a site, and tells on it how that goes', async () => {
    const { github, forgeFor, report, said, signal } = await startDeployed();

    await forgeFor().reportDeployment(report, signal);
    await forgeFor().reportDeployment({ ...report, state: 'success', description: 'Done' }, signal);

    expect(said()).toEqual([['ams1', ['in_progress', 'success']]]);
    expect(github.deployments()[0]).toMatchObject({ creator: APP, commit: report.commit });
    expect(github.deployments()[0]?.statuses[1]).toMatchObject({ description: 'Done', logUrl: report.logUrl });
  });

  it('sends nothing when it says this already', async () => {
    const { forgeFor, report, signal, writes } = await startDeployed();
    await forgeFor().reportDeployment(report, signal);

    await forgeFor().reportDeployment(report, signal);

    expect(writes()).toEqual([CREATE, SAY]);
  });

  it('does not take back a later run when an earlier one is told again', async () => {
    const { forgeFor, report, said, signal, writes } = await startDeployed();
    const done = { ...report, state: 'success', description: 'Done' } as const;
    await forgeFor().reportDeployment(done, signal);
    await forgeFor().reportDeployment({ ...done, run: 'configure-2-def' }, signal);

    await forgeFor().reportDeployment(done, signal);

    expect(said()).toEqual([
      ['ams1', ['success', 'inactive']],
      ['ams1', ['success']],
    ]);
    expect(writes()).toHaveLength(4);
  });

  it('keeps sites apart, and runs too', async () => {
    const { forgeFor, report, said, signal } = await startDeployed();
    for (const [environment, run] of [
      ['ams1', 'a'],
      ['fra1', 'a'],
      ['ams1', 'b'],
    ] as const) {
      await forgeFor().reportDeployment({ ...report, environment, run }, signal);
    }

    expect(said()).toEqual([
      ['ams1', ['in_progress']],
      ['fra1', ['in_progress']],
      ['ams1', ['in_progress']],
    ]);
  });

  it('deploys what is merged although a check is not green and the branch has gone on', async () => {
    const { github, forgeFor, report, said, signal } = await startDeployed();
    const check = { name: 'pointsman / ready', commit: report.commit, title: 'Waiting', summary: 'Waiting' };
    await forgeFor().reportCheck(check, signal);
    await github.as('ana').push('main', { later: '1\n' }, 'later');

    await forgeFor().reportDeployment(report, signal);

    expect(said()).toEqual([['ams1', ['in_progress']]]);
  });

  it('does not take a deployment of somebody else for ours, whatever its payload says', async () => {
    const { github, forgeFor, report, said, signal } = await startDeployed();
    const { environment, commit: ref, run } = report;
    await fetch(`${github.apiUrl}/repos/acme/fleet/deployments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${github.tokenFor('ana')}` },
      body: JSON.stringify({ ref, environment, payload: { run }, required_contexts: [] }),
    });

    await forgeFor().reportDeployment(report, signal);

    expect(said()).toEqual([
      ['ams1', []],
      ['ams1', ['in_progress']],
    ]);
  });

  it.each([CREATE, SAY])('finds what it wrote when the answer to %s was lost, and writes once', async (route) => {
    const { github, forgeFor, report, said, signal, writes } = await startDeployed();
    const path = route === CREATE ? /\/deployments$/ : /\/statuses$/;
    github.inject({ method: 'POST', path }, { kind: 'drop-after' });

    await forgeFor().reportDeployment(report, signal);

    expect(said()).toEqual([['ams1', ['in_progress']]]);
    expect(writes()).toEqual([CREATE, SAY]);
  });

  it.each([CREATE, SAY])('does not send %s again when nothing came of it; the next report does', async (route) => {
    const { github, forgeFor, report, said, signal, writes } = await startDeployed();
    const path = route === CREATE ? /\/deployments$/ : /\/statuses$/;
    github.inject({ method: 'POST', path }, { kind: 'drop-before' });

    await expect(forgeFor().reportDeployment(report, signal)).rejects.toMatchObject({ code: 'FORGE_UNAVAILABLE' });
    expect(writes().filter((write) => write === route)).toHaveLength(1);

    await forgeFor().reportDeployment(report, signal);
    expect(said()).toEqual([['ams1', ['in_progress']]]);
  });

  it('cuts what GitHub would refuse as too long', async () => {
    const { github, forgeFor, report, signal } = await startDeployed();
    const long = { ...report, description: '🚦'.repeat(200) };

    await forgeFor().reportDeployment(long, signal);
    await forgeFor().reportDeployment(long, signal);

    const statuses = github.deployments()[0]?.statuses ?? [];
    expect(statuses).toHaveLength(1);
    expect(statuses[0]?.description).toMatch(/^🚦+…$/u);
  });
});
