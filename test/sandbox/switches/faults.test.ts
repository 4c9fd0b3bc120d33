import { describe, expect, it } from 'vitest';
import { APPLY, callerOf, draft, startLeaf, stateOf, walkOf } from './fixture.ts';

const greet = { system: { message: { 'pre-login': 'hello' } } };

describe('a connection that breaks', () => {
  it('before the request was acted on leaves nothing behind', async () => {
    const { leaf, cumulus } = await startLeaf();
    leaf.faults.onRequest({ kind: 'drop-before' }, { method: 'POST', path: /\/revision$/ });

    await expect(cumulus.post('/revision')).rejects.toMatchObject({ code: 'ECONNRESET' });

    expect(leaf.revisions()).toEqual([{ id: '1', state: 'applied_and_saved' }]);
    expect(leaf.requests().at(-1)).not.toHaveProperty('status');
    expect((await cumulus.post('/revision')).status).toBe(201);
  });

  it('after the request was acted on has lost the answer only', async () => {
    const { leaf, cumulus } = await startLeaf();
    leaf.faults.onRequest({ kind: 'drop-after' }, { method: 'POST' });

    await expect(cumulus.post('/revision')).rejects.toMatchObject({ code: 'ECONNRESET' });

    expect(leaf.revisions().at(-1)).toEqual({ id: '2', state: 'pending' });
    expect(leaf.requests().at(-1)).toMatchObject({ method: 'POST', status: 201 });
  });

  it('on the n-th request for the given number of times strikes those and no other', async () => {
    const { leaf, cumulus } = await startLeaf();
    const reply = { status: 500, body: { message: 'boom' } };
    leaf.faults.onRequest({ kind: 'reply', reply }, { path: /health/, nth: 2, times: 2 });

    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) {
      statuses.push((await cumulus.get('/system/health')).status);
      await cumulus.get('/system');
    }

    expect(statuses).toEqual([200, 500, 500, 200, 200]);
  });
});

describe('an API that is not itself', () => {
  it('answers 502 with HTML while nginx is alone, and not a moment longer', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.badGatewayFor(20_000);

    const answer = await cumulus.get('/system');
    expect(answer).toMatchObject({ status: 502, headers: { 'content-type': 'text/html' } });
    expect(answer.text).toContain('<title>502 Bad Gateway</title>');

    clock.advance(20_000);
    expect((await cumulus.get('/system')).status).toBe(200);
  });

  it('refuses logins for a while', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.refuseLoginsFor(5_000);

    expect((await cumulus.get('/system')).status).toBe(401);
    clock.advance(5_000);
    expect((await cumulus.get('/system')).status).toBe(200);
  });

  it('answers 403 while the default password was never changed', async () => {
    const { leaf, cumulus } = await startLeaf();
    leaf.faults.defaultPasswordUnchanged(true);
    expect((await cumulus.get('/system')).status).toBe(403);

    leaf.faults.clear();
    expect((await cumulus.get('/system')).status).toBe(200);
  });

  it('answers slowly by the sandbox’s clock', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.onRequest({ kind: 'slow', milliseconds: 30_000 });
    let answered = false;
    const performed = new Promise<void>((resolve) => {
      leaf.onRequest(({ phase }) => {
        if (phase === 'performed') setImmediate(resolve);
      });
    });

    const answer = cumulus.get('/system').then((found) => {
      answered = true;
      return found;
    });
    await performed;
    expect([answered, clock.untilNextTimer()]).toEqual([false, 30_000]);
    clock.advance(30_000);

    expect((await answer).status).toBe(200);
  });

  it('restarts in the middle of an apply that changes its settings, and is back afterwards', async () => {
    const { clock, cumulus } = await startLeaf();
    const id = await draft(cumulus, { system: { api: { certificate: 'self-signed' } } });
    await cumulus.patch(`/revision/${id}`, APPLY);

    clock.advance(700);
    expect((await cumulus.get(`/revision/${id}`)).status).toBe(502);
    clock.advance(10_000);

    expect(await stateOf(cumulus, id)).toBe('applied_and_saved');
  });

  it('resets every connection while it is unplugged', async () => {
    const { leaf, cumulus } = await startLeaf();
    leaf.faults.unplugged(true);
    await expect(cumulus.get('/system')).rejects.toMatchObject({ code: 'ECONNRESET' });

    expect(leaf.requests()).toEqual([]);
    leaf.faults.unplugged(false);
    expect((await cumulus.get('/system')).status).toBe(200);
  });
});

describe('an apply that goes wrong', () => {
  it('asks even though the answer was sent along', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.onApply({ kind: 'ays', answerable: false });
    const id = await draft(cumulus, greet);

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);
    expect(await stateOf(cumulus, id)).toBe('ays');

    await cumulus.patch(`/revision/${id}`, { state: 'ays_yes' });
    clock.advance(10_000);
    expect(await stateOf(cumulus, id)).toBe('applied_and_saved');
  });

  it('asks whether to ignore a failure, and goes back to the named target on ignore_fail_no', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const before = leaf.applied();
    leaf.faults.onApply({ kind: 'ignore-fail' });
    const id = await draft(cumulus, greet);
    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);
    const asked = await cumulus.get(`/revision/${id}`);
    expect(asked.body).toMatchObject({
      state: 'ignore_fail',
      transition: {
        progress: 'Failure during apply. Ignore?',
        issue: { '0': { severity: 'error', code: 'systemctl' } },
      },
    });

    await cumulus.patch(`/revision/${id}`, { state: 'ignore_fail_no' });

    const refused = await cumulus.get(`/revision/${id}`);
    const target = refused.body.transition.issue['1'].data.rollback_target;
    expect([refused.body.state, target]).toEqual(['ignore_fail_no', `rev_${id}_apply_1/start`]);
    expect(await stateOf(cumulus, target)).toBe('reloading');
    expect(leaf.applied()).toMatchObject(greet);
    clock.advance(200);
    expect(await stateOf(cumulus, target)).toBe('applied');
    expect(leaf.applied()).toBe(before);
  });

  it('is kept half-applied by whoever answers ignore_fail_yes, under the name the switch knows', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.onApply({ kind: 'ignore-fail' }, 2);

    const hyphen = await draft(cumulus, greet);
    await cumulus.patch(`/revision/${hyphen}`, { ...APPLY, 'auto-prompt': { 'ignore-fail': 'ignore_fail_yes' } });
    clock.advance(10_000);
    expect(await stateOf(cumulus, hyphen)).toBe('ignore_fail');
    await cumulus.patch(`/revision/${hyphen}`, { state: 'ignore_fail_no' });
    clock.advance(10_000);

    const underscore = await draft(cumulus, greet);
    await cumulus.patch(`/revision/${underscore}`, { ...APPLY, 'auto-prompt': { ignore_fail: 'ignore_fail_yes' } });
    clock.advance(10_000);
    expect(await stateOf(cumulus, underscore)).toBe('applied_and_saved');
    expect(leaf.applied()).toMatchObject(greet);
  });

  it('fails, says where it goes back to, and has gone back when that point is applied', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    const before = leaf.applied();
    leaf.faults.onApply({ kind: 'apply-fail' });
    const id = await draft(cumulus, greet);

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(700);

    const { body } = await cumulus.get(`/revision/${id}`);
    expect(body.state).toBe('apply_fail');
    expect(body.transition.issue['1']).toMatchObject({ data: { rollback_target: `rev_${id}_apply_1/start` } });
    expect(await stateOf(cumulus, `rev_${id}_apply_1/start`)).toBe('reloading');
    clock.advance(200);
    expect(await stateOf(cumulus, `rev_${id}_apply_1/start`)).toBe('applied');
    expect(leaf.applied()).toBe(before);
  });

  it.each([
    ['verify-error', 'verify_error', 'Failed to verify configuration'],
    ['ready-error', 'ready_error', 'Failed to prepare to apply'],
  ] as const)('stops with %s before anything is live', async (kind, state, progress) => {
    const { leaf, clock, cumulus } = await startLeaf();
    const before = leaf.applied();
    leaf.faults.onApply({ kind });
    const id = await draft(cumulus, greet);

    await cumulus.patch(`/revision/${id}`, APPLY);

    expect(walkOf(leaf, clock, id).at(-1)).toBe(state);
    expect((await cumulus.get(`/revision/${id}`)).body.transition).toMatchObject({
      progress,
      issue: { '0': { severity: 'error', message: 'Unrecoverable internal error' } },
    });
    expect(leaf.applied()).toBe(before);
  });

  it('is invalid where a test says so', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.onApply({ kind: 'invalid', location: 'bridge.domain', reason: 'no such bridge' });
    const id = await draft(cumulus, greet);

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);

    const { body } = await cumulus.get(`/revision/${id}`);
    expect([body.state, body.transition.issue['0'].data.location]).toEqual(['invalid', 'bridge.domain']);
  });

  it('ends well by its state and badly by its issue', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.onApply({ kind: 'error-issue' });
    const id = await draft(cumulus, greet);

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);

    const { body } = await cumulus.get(`/revision/${id}`);
    expect([body.state, body.transition.issue['0'].severity]).toEqual(['applied_and_saved', 'error']);
  });

  it('leaves the switch unwell until another configuration is live', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.onApply({ kind: 'unhealthy' });
    const id = await draft(cumulus, greet);
    await cumulus.patch(`/revision/${id}`, { ...APPLY, 'state-controls': { confirm: 60 } });
    clock.advance(10_000);
    expect((await cumulus.get('/system/health')).body).toMatchObject({
      status: 'Not OK',
      issues: { '0': { issue: 'frr.service is not running' } },
    });

    await cumulus.patch(`/revision/${id}`, { state: 'confirm_no' });
    clock.advance(10_000);

    expect((await cumulus.get('/system/health')).body).toMatchObject({ status: 'OK', issues: {} });
  });

  it('loses management once it is live, and has it back when the timer took it back', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.onApply({ kind: 'lose-management' });
    const id = await draft(cumulus, greet);
    await cumulus.patch(`/revision/${id}`, { ...APPLY, 'state-controls': { confirm: 60 } });
    clock.advance(10_000);
    await expect(cumulus.get('/system')).rejects.toMatchObject({ code: 'ECONNRESET' });

    clock.advance(60_000);

    expect(await stateOf(cumulus, id)).toBe('confirm_fail');
  });

  it('lingers in one state', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.onApply({ kind: 'slow', state: 'reloading', milliseconds: 120_000 });
    const id = await draft(cumulus, greet);

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(120_000);
    expect(await stateOf(cumulus, id)).toBe('reloading');
    clock.advance(10_000);
    expect(await stateOf(cumulus, id)).toBe('applied_and_saved');
  });

  it('goes wrong as often as it was told, and not after that', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    leaf.faults.onApply({ kind: 'ready-error' });
    const id = await draft(cumulus, greet);
    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);
    expect(await stateOf(cumulus, id)).toBe('ready_error');

    await cumulus.patch(`/revision/${id}`, APPLY);
    clock.advance(10_000);

    expect(await stateOf(cumulus, id)).toBe('applied_and_saved');
  });
});

describe('other people', () => {
  it('make their change live at a moment the test chooses', async () => {
    const { leaf, cumulus } = await startLeaf();
    leaf.onRequest(({ phase, request }) => {
      if (phase === 'received' && request.method === 'POST') leaf.outOfBand.applyAs('noc', greet);
    });

    await cumulus.post('/revision');

    expect(leaf.startup()).toMatchObject(greet);
    expect(leaf.revisions()).toEqual([
      { id: '1', state: 'applied_and_saved' },
      { id: '2', state: 'applied_and_saved' },
      { id: '3', state: 'pending' },
    ]);
    expect((await cumulus.get('/revision/applied')).body).toMatchObject({
      'state-controls': { 'apply-type': 'CLI' },
      'last-apply': { 'apply-id': 'rev_2_apply_1', user: 'noc' },
    });
  });

  it('leave drafts behind', async () => {
    const { leaf, cumulus } = await startLeaf();

    const id = leaf.outOfBand.draftAs('noc', greet);

    expect((await cumulus.get(`/?rev=${id}&diff=applied&filled=false`)).body).toEqual(greet);
  });
});

describe('what a switch remembers of requests', () => {
  it('is who, what and what came of it, without passwords', async () => {
    const { leaf, cumulus } = await startLeaf();

    await cumulus.patch('/system?rev=77', { hostname: 'x' });
    await callerOf(leaf, 'cumulus:wrong-password').get('/system');

    expect(leaf.requests()).toMatchObject([
      {
        n: 1,
        method: 'PATCH',
        path: '/nvue_v1/system?rev=77',
        query: { rev: ['77'] },
        body: { hostname: 'x' },
        user: 'cumulus',
        status: 404,
      },
      { n: 2, method: 'GET', user: 'cumulus', status: 401 },
    ]);
    expect(JSON.stringify(leaf.requests())).not.toMatch(/correct|wrong-password/);
  });

  it('tells of each twice, before and after it is acted on, and waits for whoever listens', async () => {
    const { leaf, cumulus } = await startLeaf();
    const seen: unknown[] = [];
    const stop = leaf.onRequest(async ({ phase, mutating, request }) => {
      await new Promise(setImmediate);
      seen.push([phase, request.method, mutating, leaf.revisions().length]);
    });

    await cumulus.post('/revision');
    await cumulus.get('/revision');
    stop();
    await cumulus.get('/revision');

    expect(seen).toEqual([
      ['received', 'POST', true, 1],
      ['performed', 'POST', true, 2],
      ['received', 'GET', false, 2],
      ['performed', 'GET', false, 2],
    ]);
  });

  it('is the most there were in any second', async () => {
    const { leaf, clock, cumulus } = await startLeaf();
    for (const pause of [500, 500, 2_000, 0]) {
      await cumulus.get('/revision');
      clock.advance(pause);
    }

    expect(leaf.peakRequestsPerSecond()).toBe(2);
  });
});
