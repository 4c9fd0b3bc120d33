import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createGithubClient } from '../../forge/github-client.ts';
import { fixedToken } from '../../forge/token-source.ts';
import { startHarness } from '../forge/harness.ts';
import { takeVerdicts } from './watch-github.ts';

/** An emulation that calls the time of a check run by another name than GitHub does. */
vi.mock(import('../../sandbox/github/bodies.ts'), async (original) => {
  const { checkRunBody, ...others } = await original();
  const misspelt = (...given: Parameters<typeof checkRunBody>) => {
    const { started_at, ...body } = checkRunBody(...given);
    return { ...body, start_at: started_at };
  };
  return { ...others, checkRunBody: misspelt as unknown as typeof checkRunBody };
});

it('a wrong field is caught in what the emulation answers, and in what the product sends', async () => {
  const { github, pull, clock, log, signal } = await startHarness();
  const tokens = fixedToken(github.tokenFor('pointsman[bot]'));
  const client = createGithubClient({ api: github.apiUrl, tokens, clock, log });
  const { headCommit } = github.pullRequest(pull);
  expect(takeVerdicts().violations).toEqual([]);

  const repository = { owner: 'acme', repo: 'fleet' };
  const run = { name: 'pointsman / plan', head_sha: headCommit, detail_url: 'https://example.com/run/1' };
  await client.write('POST /repos/{owner}/{repo}/check-runs', { ...repository, ...run }, signal, false);

  // Taken here, or this test would fail at its end for what it planted.
  expect(takeVerdicts().violations).toEqual([
    'POST /repos/{owner}/{repo}/check-runs: the request at input /detail_url is not in the description',
    "POST /repos/{owner}/{repo}/check-runs: the answer must have required property 'started_at'",
    'POST /repos/{owner}/{repo}/check-runs: the answer at /start_at is not in the description',
  ]);
});

it('a test that lets something drift fails for it, and only that one', () => {
  const root = join(import.meta.dirname, '..', '..');
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-test-'));
  const config = join(folder, 'vitest.config.mjs');
  const test = { include: ['test/support/drifting-child.ts'], setupFiles: ['test/support/judged-github.ts'] };
  writeFileSync(config, `export default ${JSON.stringify({ root, test })}`);

  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const report = join(folder, 'report.json');
  const args = [vitest, 'run', '--config', config, '--reporter=json', `--outputFile=${report}`];
  spawnSync(process.execPath, args, { cwd: root });
  const [file] = JSON.parse(readFileSync(report, 'utf8')).testResults;
  rmSync(folder, { recursive: true, force: true });

  expect(
    file.assertionResults.map(({ title, status, failureMessages }: Readonly<Record<string, unknown>>) => ({
      title,
      status,
      says: (failureMessages as readonly string[]).map((message) => message.split('\n')[0]),
    })),
  ).toEqual([
    { title: 'keeps to it', status: 'passed', says: [] },
    {
      title: 'drifts',
      status: 'failed',
      says: ['Error: GET /repos/{owner}/{repo}/pulls: the request at query stat is not in the description'],
    },
    { title: 'keeps to it again', status: 'passed', says: [] },
  ]);
});
