import { describe, expect, it } from 'vitest';
import type { CheckReport } from '../../forge/forge.ts';
import { startHarness } from './harness.ts';

async function startWithReport() {
  const harness = await startHarness();
  const commit = harness.github.pullRequest(harness.pull).headCommit;
  const report: CheckReport = { name: 'pointsman / plan', commit, title: 'reading 3 switches', summary: 'so far' };
  return { ...harness, commit, report };
}

const CREATE_RUN = 'POST /repos/acme/fleet/check-runs';
const EDIT_RUN = 'PATCH /repos/acme/fleet/check-runs/*';
const CREATE_STATUS = 'POST /repos/acme/fleet/statuses/*';

describe('reportCheck() with the token of an App', () => {
  it('creates a check run and brings the same one up to date', async () => {
    const { github, forgeFor, signal, commit, report, writes } = await startWithReport();

    await forgeFor().reportCheck(report, signal);
    await forgeFor().reportCheck({ ...report, conclusion: 'action_required', title: '3 change' }, signal);

    expect(github.checks(commit).runs).toMatchObject([
      { name: report.name, status: 'completed', conclusion: 'action_required', title: '3 change', summary: 'so far' },
    ]);
    expect(writes()).toEqual([CREATE_RUN, EDIT_RUN]);
  });

  it('sends nothing when it already says this', async () => {
    const { forgeFor, signal, report, writes } = await startWithReport();
    const finished = { ...report, conclusion: 'success', detailsUrl: 'https://example.com/1' } as const;
    await forgeFor().reportCheck(finished, signal);

    await forgeFor().reportCheck(finished, signal);

    expect(writes()).toEqual([CREATE_RUN]);
  });

  it.each<Partial<CheckReport>>([
    { conclusion: 'failure' },
    { title: 'other' },
    { summary: 'other' },
    { detailsUrl: 'https://example.com/2' },
  ])('says it again when %o changed', async (change) => {
    const { forgeFor, signal, report, writes } = await startWithReport();
    const finished = { ...report, conclusion: 'success', detailsUrl: 'https://example.com/1' } as const;
    await forgeFor().reportCheck(finished, signal);

    await forgeFor().reportCheck({ ...finished, ...change }, signal);

    expect(writes()).toEqual([CREATE_RUN, EDIT_RUN]);
  });

  it('leaves the check run of another App alone', async () => {
    const { github, forgeFor, signal, commit, report } = await startWithReport();
    await forgeFor('github-actions[bot]').reportCheck({ ...report, conclusion: 'success' }, signal);

    await forgeFor().reportCheck({ ...report, conclusion: 'failure' }, signal);

    expect(github.checks(commit).runs.map(({ app, conclusion }) => [app, conclusion])).toEqual([
      ['github-actions[bot]', 'success'],
      ['pointsman[bot]', 'failure'],
    ]);
  });

  it('starts a new run where the last one was finished', async () => {
    const { github, forgeFor, signal, commit, report } = await startWithReport();
    await forgeFor().reportCheck({ ...report, conclusion: 'failure' }, signal);

    await forgeFor().reportCheck(report, signal);
    await forgeFor().reportCheck({ ...report, conclusion: 'success' }, signal);

    expect(github.checks(commit).runs.map(({ conclusion }) => conclusion)).toEqual(['failure', 'success']);
  });

  it('finds the run it created when only the answer was lost', async () => {
    const { github, forgeFor, signal, commit, report } = await startWithReport();
    github.inject({ method: 'POST', path: '/check-runs' }, { kind: 'drop-after' });

    await forgeFor().reportCheck(report, signal);

    expect(github.checks(commit).runs).toHaveLength(1);
  });

  it('fails when creating it failed and nothing is there', async () => {
    const { github, forgeFor, signal, commit, report } = await startWithReport();
    github.inject({ method: 'POST', path: '/check-runs' }, { kind: 'drop-before' });

    await expect(forgeFor().reportCheck(report, signal)).rejects.toMatchObject({ code: 'FORGE_UNAVAILABLE' });
    expect(github.checks(commit).runs).toEqual([]);
  });

  it('refuses a summary GitHub would not take', async () => {
    const { github, forgeFor, signal, report } = await startWithReport();

    const reporting = forgeFor().reportCheck({ ...report, summary: 'x'.repeat(65_536) }, signal);

    await expect(reporting).rejects.toMatchObject({ code: 'FORGE_REQUEST_INVALID' });
    expect(github.requests()).toEqual([]);
  });
});

describe('reportCheck() with the token of a person', () => {
  it.each([
    [undefined, 'pending'],
    ['success', 'success'],
    ['neutral', 'success'],
    ['failure', 'failure'],
    ['cancelled', 'error'],
    ['action_required', 'pending'],
  ] as const)('says %s as the commit status %s', async (conclusion, state) => {
    const { github, forgeFor, signal, commit, report } = await startWithReport();

    await forgeFor('bo').reportCheck({ ...report, ...(conclusion ? { conclusion } : {}) }, signal);

    expect(github.checks(commit)).toMatchObject({
      runs: [],
      statuses: [{ context: report.name, state, description: 'reading 3 switches', author: 'bo' }],
    });
  });

  it('says in the log, once, that it is statuses', async () => {
    const { forgeFor, signal, report, log } = await startWithReport();
    const forge = forgeFor('bo');

    await forge.reportCheck(report, signal);
    await forge.reportCheck({ ...report, conclusion: 'success' }, signal);

    expect(log.lines.filter((line) => line.includes('commit statuses used'))).toHaveLength(1);
  });

  it('sends nothing when the newest status already says this', async () => {
    const { forgeFor, signal, report, writes } = await startWithReport();

    await forgeFor('bo').reportCheck(report, signal);
    await forgeFor('bo').reportCheck(report, signal);
    await forgeFor('bo').reportCheck({ ...report, conclusion: 'success' }, signal);
    await forgeFor('bo').reportCheck(report, signal);

    expect(writes()).toEqual([CREATE_STATUS, CREATE_STATUS, CREATE_STATUS]);
  });

  it('cuts a title to what a status can hold', async () => {
    const { github, forgeFor, signal, commit, report } = await startWithReport();

    await forgeFor('bo').reportCheck({ ...report, title: 'x'.repeat(200) }, signal);

    expect(github.checks(commit).statuses[0]?.description).toBe(`${'x'.repeat(139)}…`);
  });
});
