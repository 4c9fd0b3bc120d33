import { expect, it } from 'vitest';
import { makeAppJwt, readAppKey } from '../../forge/app-jwt.ts';
import { createGithubForge } from '../../forge/create-github-forge.ts';
import type { Forge } from '../../forge/forge.ts';
import { createGithubInspector } from '../../forge/inspect-repository.ts';
import type { RepositoryInspector } from '../../forge/inspector.ts';
import { createTokenSource, type SignIn } from '../../forge/sign-in.ts';
import { wellProtected } from '../../sandbox/github/protection.ts';
import { namesOperation, routesInSources } from '../../scripts/openapi/routes-in-sources.ts';
import { privateKey } from '../forge/app.ts';
import { APP, type Harness, startHarness } from '../forge/harness.ts';
import { readOpenapiExtract } from './openapi-judge.ts';
import { takeVerdicts } from './watch-github.ts';

type PullHarness = Harness & { readonly pull: number };

const BASE = '/repos/acme/fleet';
const MARKER = '<!-- pointsman -->';

it('every route of the product and of the emulation keeps to GitHub’s description, in requests and in answers', async () => {
  const harness = await startHarness({ users: [{ login: 'ada', role: 'admin' }] });
  const { github, pull } = harness;
  const { appId, installationId } = github.apps.install(APP, { privateKey });
  const signIn = { kind: 'app' as const, appId: String(appId), privateKey };
  github.configure({
    ...wellProtected(appId),
    classic: { main: { approvals: 1, enforceAdmins: true, allowForcePushes: false, allowDeletions: false } },
    environments: [{ name: 'ams', branches: ['main'], secrets: ['SWITCH_PASSWORD'] }],
    secrets: ['TOKEN'],
    deployKeys: [{ title: 'backup', readOnly: false }],
    codeOwnersErrors: [{ line: 3, kind: 'Unknown owner' }],
  });
  await github.scheduledRun('pointsman.yml');
  await github.enqueue(pull, 'bo');

  const ways: readonly SignIn[] = [
    signIn,
    { ...signIn, installationId },
    { kind: 'token', token: github.tokenFor('ada') },
    { kind: 'token', token: github.tokenFor(APP) },
  ];
  for (const way of ways) {
    const options = optionsFor(harness, way);
    await askAllOfForge(harness, createGithubForge({ ...options, token: options.tokens }));
    await askAllOfInspector(harness, createGithubInspector(options));
  }
  await askAsApp(harness, signIn);
  await doWhatPeopleDo(harness);
  await beRefused(harness);

  const { violations, requestShapes, answerShapes } = takeVerdicts();
  const answered = [...answerShapes].filter((shape) => / 2\d\d /.test(shape));
  const operations = Object.keys(readOpenapiExtract().operations);
  const silent = routesInSources().filter((route) => {
    const names = operations.filter((name) => namesOperation(route, name));
    return !answered.some((shape) => names.some((name) => shape.startsWith(`${name} `)));
  });
  expect(violations).toEqual([]);
  expect(silent.map(({ file, method, shape }) => `nothing here asks ${method} ${shape} of ${file}`)).toEqual([]);
  const driven = new Set(answered.map((shape) => shape.split(' ', 2).join(' ')));
  console.log(
    `${requestShapes.size} request shapes and ${answerShapes.size} answer shapes of ${driven.size} operations validated ` +
      `against ${readOpenapiExtract().source}: ${violations.length} violations`,
  );
});

function optionsFor({ github, log, clock }: Harness, signIn: SignIn) {
  const options = { repository: 'acme/fleet', api: github.apiUrl, signIn, log, clock };
  return { ...options, tokens: createTokenSource(options) };
}

async function askAllOfForge({ github, pull, signal }: PullHarness, forge: Forge): Promise<void> {
  const { headCommit, baseCommit } = github.pullRequest(pull);
  const found = await forge.pullRequest(pull, signal);
  await forge.openPullRequests(signal);
  await forge.pullRequestFrom('change', signal);
  await forge.closedBy(pull, signal);
  await forge.commits(pull, signal);
  await forge.pushers(found.head, signal);
  await forge.pushes('main', signal);
  await forge.commitsBetween(baseCommit, headCommit, signal);
  await github.as('bo').approve(pull);
  await forge.reviews(pull, signal);
  await forge.mergedBy(headCommit, 'main', signal);
  await forge.teamMembers('acme/noc', signal);
  await forge.permission('ana', signal);
  await forge.viewer(signal);
  await forge.submitReview(pull, { state: 'approved', commit: headCommit, body: 'Fine.' }, signal);
  await forge.submitReview(pull, { state: 'changes-requested', commit: headCommit, body: 'Not yet.' }, signal);
  await forge.defaultBranch(signal);
  await forge.mergeGroups('main', signal);
  await forge.latestScheduledRun('pointsman.yml', signal);

  const { id } = await forge.writeStickyComment(pull, MARKER, `${MARKER}\nfirst`, signal);
  await forge.writeStickyComment(pull, MARKER, `${MARKER}\nsecond`, signal);
  await forge.stickyComment(pull, MARKER, signal);
  await forge.commentsSince(0, signal);
  await forge.react(id, 'eyes', signal);

  const check = { name: 'pointsman / plan', commit: headCommit, title: '1 device', summary: 'leaf-1' };
  await forge.reportCheck(check, signal);
  const detailsUrl = 'https://example.com/run/1';
  await forge.reportCheck({ ...check, conclusion: 'action_required', detailsUrl }, signal);

  const run = `deploy-${id}`;
  const deployment = { environment: 'ams', commit: baseCommit, run, description: 'leaf-1' };
  await forge.reportDeployment({ ...deployment, state: 'in_progress' }, signal);
  await forge.reportDeployment({ ...deployment, state: 'success', logUrl: detailsUrl }, signal);

  await forge.raiseAlarm(MARKER, { title: 'The schedule stopped', body: `${MARKER}\nsince noon` }, signal);
  await forge.raiseAlarm(MARKER, { title: 'The schedule stopped', body: `${MARKER}\nsince morning` }, signal);
  await forge.raiseAlarm(MARKER, undefined, signal);

  const branch = `pointsman/gate/${id}`;
  await github.as('ana').push(branch, { 'approvals/a.yaml': 'digest: x\n' }, 'ask');
  const order = { branch, base: 'main', title: 'Go on?', body: 'The second batch' };
  const { number } = await forge.openPullRequest(order, signal);
  await forge.openPullRequest({ ...order, body: 'The second batch, again' }, signal);
  await forge.closePullRequest(number, signal);
  await forge.closedBy(number, signal);
  await forge.deleteBranch(branch, signal);
}

async function askAllOfInspector({ signal }: PullHarness, inspector: RepositoryInspector): Promise<void> {
  await inspector.repository(signal);
  await inspector.token(signal);
  await inspector.codeOwnersErrors('main', signal);
  await inspector.environments(signal).catch(refusal);
  await inspector.guards('main', signal).catch(refusal);
  await inspector.actions(signal).catch(refusal);
  await inspector.forks(signal).catch(refusal);
  await inspector.openSecrets(signal).catch(refusal);
  await inspector.writingKeys(signal).catch(refusal);
}

/** What only administrators are shown is refused to an App in a form of its own. */
function refusal(error: unknown): void {
  expect(error).toMatchObject({ code: expect.stringMatching(/^FORGE_/) });
}

/** What the product never asks, for people do it. */
async function doWhatPeopleDo(harness: PullHarness): Promise<void> {
  const { github } = harness;
  const commit = await github.as('ana').push('second', { 'b.yaml': 'b: 1\n' }, 'more');
  const opened = await ask(harness, 'ana', `POST ${BASE}/pulls`, { title: 'More', head: 'second', base: 'main' });
  const { number } = opened as { readonly number: number };
  await ask(harness, 'ana', `PATCH ${BASE}/pulls/${number}`, { title: 'More of it' });
  await ask(harness, 'ana', `GET ${BASE}/pulls/${number}/files?per_page=100`);
  await ask(harness, 'ana', `GET ${BASE}/pulls?state=all&head=acme:second&sort=updated&direction=desc`);
  const review = await ask(harness, 'bo', `POST ${BASE}/pulls/${number}/reviews`, {
    event: 'APPROVE',
    commit_id: commit,
  });
  const dismissals = `${BASE}/pulls/${number}/reviews/${(review as { readonly id: number }).id}/dismissals`;
  await ask(harness, 'bo', `PUT ${dismissals}`, { message: 'not yet' });
  await ask(harness, 'bo', `POST ${BASE}/pulls/${number}/reviews`, { event: 'REQUEST_CHANGES', body: 'why?' });

  const said = await ask(harness, 'ana', `POST ${BASE}/issues/${number}/comments`, { body: 'because' });
  const comment = `${BASE}/issues/comments/${(said as { readonly id: number }).id}`;
  await ask(harness, 'ana', `GET ${comment}`);
  await ask(harness, 'bo', `POST ${comment}/reactions`, { content: '+1' });
  await ask(harness, 'bo', `GET ${comment}/reactions`);
  await ask(harness, 'ana', `DELETE ${comment}`);
  await ask(harness, 'ada', `PUT ${BASE}/pulls/${number}/merge`, { merge_method: 'squash' });
  await ask(harness, 'ada', `GET ${BASE}/pulls/${number}`);
  await ask(harness, 'ada', `GET ${BASE}/commits/${commit}/pulls`);
}

/** Who the App is, which it is told only with a token of its own making. */
async function askAsApp(harness: PullHarness, { appId }: Extract<SignIn, { kind: 'app' }>): Promise<void> {
  const jwt = makeAppJwt(appId, readAppKey(privateKey), harness.clock.now());
  await askWith(harness, jwt, 'GET /app');
  await askWith(harness, jwt, 'GET /app/installations');
  await askWith(harness, jwt, `GET ${BASE}/installation`);
}

/** One refusal of every kind there is. */
async function beRefused(harness: PullHarness): Promise<void> {
  const { pull } = harness;
  await ask(harness, 'ana', `GET ${BASE}/pulls/999`);
  await ask(harness, 'cy', `GET ${BASE}/actions/secrets`);
  await ask(harness, 'ana', `POST ${BASE}/check-runs`, { name: 'x', head_sha: 'c'.repeat(40) });
  await ask(harness, 'ana', `POST ${BASE}/pulls`, { title: 'x', head: 'nope', base: 'main' });
  await ask(harness, 'ana', `POST ${BASE}/pulls/${pull}/reviews`, { event: 'APPROVE' });
  await ask(harness, 'ana', `POST ${BASE}/issues/${pull}/comments`, { body: '' });
  await ask(harness, 'ana', `PUT ${BASE}/pulls/${pull}/merge`, { sha: 'c'.repeat(40) });
  await askWith(harness, 'nobody', `GET ${BASE}`);
}

function ask(harness: PullHarness, login: string, route: string, input?: unknown): Promise<unknown> {
  return askWith(harness, harness.github.tokenFor(login), route, input);
}

/** As a browser or a script would. @returns What came back. */
async function askWith({ github }: PullHarness, token: string, route: string, input?: unknown): Promise<unknown> {
  const [method = '', path = ''] = route.split(' ');
  const response = await fetch(`${github.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(input === undefined ? {} : { body: JSON.stringify(input) }),
  });
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}
