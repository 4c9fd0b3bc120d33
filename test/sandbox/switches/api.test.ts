import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../sandbox/clock.ts';
import { createSandboxCa } from '../../../sandbox/switches/certificates.ts';
import { startSwitch } from '../../../sandbox/switches/emulated-switch.ts';
import { APPLY, callerOf, draft, leafSpec, startLeaf, stateOf } from './fixture.ts';

describe('logging in', () => {
  it('is asked for on every request, in the words of the release', async () => {
    const older = await startLeaf({ release: '5.9' });
    const newer = await startLeaf();

    const html = await callerOf(older.leaf, 'cumulus:wrong').get('/system');
    const json = await callerOf(newer.leaf, 'nobody:correct').get('/system');

    expect(html).toMatchObject({ status: 401, headers: { 'content-type': 'text/html' } });
    expect(json).toMatchObject({ status: 401, body: { status: 401 } });
    expect(html.headers['www-authenticate']).toMatch(/^Basic /);
    expect(json.headers['www-authenticate']).toMatch(/^Basic /);
  });

  it('as a monitor allows reading and nothing else', async () => {
    const { leaf, cumulus } = await startLeaf();
    const id = await draft(cumulus, { system: { hostname: 'x' } });
    const viewer = callerOf(leaf, 'viewer:look');

    expect((await viewer.get('/?rev=applied&filled=false')).status).toBe(200);
    expect((await viewer.get(`/?rev=${id}&diff=applied&filled=false`)).status).toBe(200);
    for (const refused of [
      await viewer.post('/revision'),
      await viewer.patch(`/?rev=${id}`, {}),
      await viewer.delete(`/?rev=${id}`),
      await viewer.patch(`/revision/${id}`, APPLY),
      await viewer.delete(`/revision/${id}`),
      await viewer.post('/system', { '@reboot': {} }),
    ]) {
      expect(refused).toMatchObject({ status: 403, body: { status: 403, title: 'Forbidden' } });
    }
    expect(leaf.revisions()).toHaveLength(2);
    expect(await stateOf(cumulus, id)).toBe('pending');
  });

  it('as a user of the spec works when the configuration lists no users', async () => {
    const { leaf } = await startLeaf({ configuration: {} });

    expect((await callerOf(leaf).get('/system')).status).toBe(200);
    expect((await callerOf(leaf, 'cumulus:wrong').get('/system')).status).toBe(401);
  });
});

describe('a connection', () => {
  it('is made with the certificate the switch was given', async () => {
    const ca = createSandboxCa();
    const certificate = ca.issue(['127.0.0.1', 'leaf01']);

    const { leaf } = await startLeaf({ certificate });

    expect([leaf.certificatePem, leaf.pin]).toEqual([certificate.certificatePem, certificate.pin]);
    const caller = callerOf({ ...leaf, certificatePem: ca.certificatePem });
    expect((await caller.get('/system')).status).toBe(200);
  });

  it('is refused by a client that trusts another switch', async () => {
    const { leaf } = await startLeaf();
    const other = await startLeaf();

    const confused = callerOf({ ...leaf, certificatePem: other.leaf.certificatePem });

    await expect(confused.get('/system')).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(leaf.requests()).toEqual([]);
  });
});

describe('bodies', () => {
  it.each([
    ['nothing at all', []],
    ['an empty object', ['{}']],
    ['no chunk under chunked encoding', []],
  ] as const)('of a new revision may be %s', async (words, chunks) => {
    const { cumulus } = await startLeaf();
    const headers: Record<string, string> = words.includes('chunked') ? { 'transfer-encoding': 'chunked' } : {};

    const answer = await cumulus.send('POST', '/revision', [...chunks], headers);

    expect(answer).toMatchObject({
      status: 201,
      body: { '2': { state: 'pending', transition: { issue: {}, progress: '' } } },
    });
  });

  it('that are not JSON are refused', async () => {
    const { cumulus } = await startLeaf();
    const id = await draft(cumulus, {});

    expect((await cumulus.send('PATCH', `/?rev=${id}`, ['{"system":'])).status).toBe(400);
    expect((await cumulus.send('PATCH', `/?rev=${id}`, ['[1]'])).status).toBe(400);
  });

  it('may come in pieces', async () => {
    const { cumulus } = await startLeaf();
    const id = await draft(cumulus, {});

    await cumulus.send('PATCH', `/?rev=${id}`, ['{"system":{"host', 'name":"zürich"}}'.slice(0, 7), 'zurich"}}']);

    expect((await cumulus.get(`/system?rev=${id}&filled=false`)).body.hostname).toBe('zurich');
  });
});

describe('reading a configuration', () => {
  it('has a header at the root, and only what was set unless it is filled', async () => {
    const { cumulus } = await startLeaf();

    const explicit = await cumulus.get('/?rev=applied&filled=false');
    const filled = await cumulus.get('/?rev=applied');

    expect(explicit.body.header).toEqual({
      model: 'MSN4600C',
      'nvue-api-version': 'nvue_v1',
      'rev-id': '1.0',
      version: 'Cumulus Linux 5.11.1',
    });
    expect(explicit.body.interface.swp1).toEqual({ type: 'swp' });
    expect(filled.body.interface.swp1).toEqual({
      type: 'swp',
      link: { 'auto-negotiate': 'on', mtu: 9216, state: { up: {} } },
    });
    expect(filled.body.interface.swp51.link.mtu).toBe(9216);
  });

  it.each([
    'startup',
    'empty',
    '1',
    'rev_1_apply_1',
    'rev_1_apply_1/start',
    'rev_1_apply_1/done',
    'rev_1_apply_1/success',
  ])('knows the revision %s', async (rev) => {
    const { cumulus } = await startLeaf();

    const { status, body } = await cumulus.get(`/?rev=${encodeURIComponent(rev)}&filled=false`);

    const isEmpty = rev === 'empty' || rev.endsWith('/start');
    expect([status, Object.keys(body).length]).toEqual([200, isEmpty ? 1 : 5]);
  });

  it('refuses a revision that cannot be, and does not find one that is not', async () => {
    const { cumulus } = await startLeaf();

    const wrong = await cumulus.get('/?rev=running');
    expect(wrong.status).toBe(400);
    expect(wrong.body.detail).toMatch(
      /^Wrong revision\. Allowed values are \[operational, startup, applied, empty\], a string in the format rev_<number>_apply_<number>/,
    );
    expect((await cumulus.get('/?rev=99')).status).toBe(404);
    expect((await cumulus.get('/?rev=applied&diff=99')).status).toBe(404);
  });

  it('does not find what is not configured', async () => {
    const { cumulus } = await startLeaf();

    expect(await cumulus.get('/mlag?rev=applied')).toMatchObject({
      status: 404,
      body: { detail: 'The requested item does not exist.' },
    });
  });

  it('keeps what include names and leaves out what omit names', async () => {
    const { cumulus } = await startLeaf();
    const path = '/interface?rev=applied&filled=false';

    const kept = await cumulus.get(`${path}&include=/swp*/link/mtu,/lo/type`);
    const left = await cumulus.get(`${path}&omit=/swp[1]*&omit=/*/ip&omit=/swp5?`);

    expect(kept.body).toEqual({
      lo: { type: 'loopback' },
      swp51: { link: { mtu: 9216 } },
      swp52: { link: { mtu: 9216 } },
    });
    expect(left.body).toEqual({
      eth0: { type: 'eth' },
      lo: { type: 'loopback' },
      swp2: { type: 'swp' },
      swp3: { type: 'swp' },
      swp4: { type: 'swp' },
    });
  });

  it('from the bare interfaces answers as the release does', async () => {
    const older = await startLeaf({ release: '5.9' });
    const newer = await startLeaf();

    expect((await older.cumulus.get('/interface')).body.swp1.link.state).toEqual({ up: {} });
    expect((await newer.cumulus.get('/interface?filled=false')).body.swp1).toEqual({ type: 'swp' });
  });

  it('by an unknown view is refused', async () => {
    const { cumulus } = await startLeaf();

    expect((await cumulus.get('/interface?view=nice')).status).toBe(400);
  });
});

describe('a draft', () => {
  it('starts as what is applied', async () => {
    const { cumulus } = await startLeaf();
    const id = await draft(cumulus, {});

    expect((await cumulus.get(`/?rev=${id}&diff=applied&filled=false`)).body).toEqual({});
    expect((await cumulus.get(`/revision/${id}`)).body).toMatchObject({
      state: 'pending',
      'additional-data': { 'parent-revision-id': '1' },
    });
  });

  it('may start from another revision', async () => {
    const { cumulus } = await startLeaf();

    const [id = ''] = Object.keys((await cumulus.post('/revision?base_rev=empty')).body);

    expect(Object.keys((await cumulus.get(`/?rev=${id}&filled=false`)).body)).toEqual(['header']);
  });

  it('differs towards the target: values are the target’s, null is what only the base has', async () => {
    const { cumulus } = await startLeaf();
    const id = await draft(cumulus, {
      system: { hostname: 'renamed', message: { 'pre-login': 'hello' } },
      interface: { swp4: null },
    });

    expect((await cumulus.get(`/?rev=${id}&diff=applied&filled=false`)).body).toEqual({
      system: { hostname: 'renamed', message: { 'pre-login': 'hello' } },
      interface: { swp4: null },
    });
    expect((await cumulus.get(`/?rev=applied&diff=${id}&filled=false`)).body).toEqual({
      system: { hostname: 'leaf01', message: null },
      interface: { swp4: { type: 'swp' } },
    });
    expect((await cumulus.get(`/system?rev=${id}&diff=applied&filled=false`)).body).toEqual({
      hostname: 'renamed',
      message: { 'pre-login': 'hello' },
    });
  });

  it('is emptied by deleting its root, and the answer is the release’s', async () => {
    for (const [release, status, text] of [
      ['5.9', 200, '{}'],
      ['5.11', 204, ''],
    ] as const) {
      const { cumulus } = await startLeaf({ release });
      const id = await draft(cumulus, {});

      expect(await cumulus.delete(`/?rev=${id}`)).toMatchObject({ status, text });
      expect(Object.keys((await cumulus.get(`/?rev=${id}&filled=false`)).body)).toEqual(['header']);
      expect(await cumulus.delete(`/revision/${id}`)).toMatchObject({ status, text });
      expect((await cumulus.get(`/revision/${id}`)).status).toBe(404);
    }
  });

  it('loses a subtree that is deleted, and only that', async () => {
    const { cumulus } = await startLeaf();
    const id = await draft(cumulus, {});

    await cumulus.delete(`/interface/swp4?rev=${id}`);

    expect((await cumulus.get(`/?rev=${id}&diff=applied&filled=false`)).body).toEqual({ interface: { swp4: null } });
    expect((await cumulus.delete(`/interface/swp4?rev=${id}`)).status).toBe(404);
  });

  it('answers a patch with the whole object up to 5.9, and with what changed from 5.10 on', async () => {
    for (const [release, body] of [
      ['5.9', { swp1: { type: 'swp', description: 'a' } }],
      ['5.11', { swp1: { description: 'a' } }],
    ] as const) {
      const { cumulus } = await startLeaf({ release, configuration: { interface: { swp1: { type: 'swp' } } } });
      const id = await draft(cumulus, {});

      expect((await cumulus.patch(`/interface?rev=${id}`, { swp1: { description: 'a' } })).body).toEqual(body);
    }
  });

  it('takes range keys, and adds the type of a port by itself', async () => {
    const { cumulus } = await startLeaf();
    const id = await draft(cumulus, {});

    const answer = await cumulus.patch(`/?rev=${id}`, { interface: { 'swp7-8': { description: 'new' } } });

    expect(answer.body).toEqual({
      interface: { swp7: { description: 'new', type: 'swp' }, swp8: { description: 'new', type: 'swp' } },
    });
  });

  it('is not seen by another one', async () => {
    const { cumulus } = await startLeaf();
    const first = await draft(cumulus, { system: { hostname: 'one' } });
    const second = await draft(cumulus, { system: { hostname: 'two' } });

    expect((await cumulus.get(`/system?rev=${first}&filled=false`)).body.hostname).toBe('one');
    expect((await cumulus.get(`/system?rev=${second}&filled=false`)).body.hostname).toBe('two');
    expect((await cumulus.get('/system?rev=applied&filled=false')).body.hostname).toBe('leaf01');
  });
});

describe('what is applied', () => {
  it.each([
    ['5.9', 409],
    ['5.11', 422],
  ] as const)('on release %s is not edited, and not deleted (%i)', async (release, status) => {
    const { leaf, cumulus } = await startLeaf({ release });
    const before = leaf.applied();

    for (const rev of ['applied', 'startup', 'empty', '1', 'rev_1_apply_1']) {
      expect((await cumulus.patch(`/?rev=${rev}`, { system: { hostname: 'x' } })).status).toBe(status);
      expect((await cumulus.delete(`/?rev=${rev}`)).status).toBe(status);
      expect((await cumulus.delete(`/revision/${rev}`)).status).toBe(status);
    }
    expect((await cumulus.patch('/', { system: { hostname: 'x' } })).status).toBe(400);
    expect(leaf.applied()).toBe(before);
  });
});

describe('a revision', () => {
  it('refuses states it does not know and properties it has not', async () => {
    const { cumulus } = await startLeaf();
    const id = await draft(cumulus, { system: { hostname: 'x' } });

    for (const body of [{ state: 'live' }, { state: 7 }, { status: 'apply' }]) {
      const answer = await cumulus.patch(`/revision/${id}`, body);
      expect(answer).toMatchObject({ status: 400, body: { validation: { selected_errors: [{}] } } });
    }
    expect(await stateOf(cumulus, id)).toBe('pending');
  });

  it('is kept until there are too many; what is live, saved or under way stays', async () => {
    const { leaf, cumulus } = await startLeaf({ maxRevisions: 10 });
    const applying = leaf.outOfBand.startApply('noc', { system: { hostname: 'x' } }, { confirmSeconds: 600 });

    for (let n = 0; n < 20; n++) await cumulus.post('/revision');

    const ids = Object.keys((await cumulus.get('/revision')).body);
    expect(ids).toHaveLength(10);
    expect(ids).toEqual(expect.arrayContaining(['1', applying, '22']));
    expect(ids).not.toContain('3');
  });

  it('is kept among many when it is live, and when the switch would boot into it', async () => {
    const { leaf, cumulus } = await startLeaf({ maxRevisions: 10, autoSave: false });
    const live = leaf.outOfBand.applyAs('noc', { system: { hostname: 'x' } });

    for (let n = 0; n < 20; n++) await cumulus.post('/revision');

    const ids = leaf.revisions().map(({ id }) => id);
    expect([ids.length, ids[0], ids[1]]).toEqual([10, '1', live]);
  });
});

describe('a path', () => {
  it('may use the historical alias', async () => {
    const { leaf } = await startLeaf();

    expect((await callerOf(leaf, 'cumulus:correct', '/cue_v1').get('/system')).status).toBe(200);
    expect((await callerOf(leaf, 'cumulus:correct', '/nvue_v2').get('/system')).status).toBe(404);
  });

  it('that is none is not found', async () => {
    const { cumulus } = await startLeaf();

    expect((await cumulus.get('/revision/1/2')).status).toBe(404);
    expect((await cumulus.get('/nothing')).status).toBe(404);
    expect((await cumulus.get('/system/%E0%A4%A')).status).toBe(400);
    expect((await cumulus.post('/system', { '@fly': {} })).status).toBe(405);
  });
});

it('closing frees the port and every timer', async () => {
  const clock = createManualClock();
  const leaf = await startSwitch(leafSpec, { clock });
  await callerOf(leaf).patch('/revision/applied', { state: 'save' });
  leaf.outOfBand.startApply('noc', { system: { hostname: 'x' } }, { confirmSeconds: 600 });
  leaf.reboot();
  leaf.outOfBand.startApply('noc', { system: { hostname: 'y' } });
  expect(clock.untilNextTimer()).toBeDefined();

  await leaf.close();

  expect(clock.untilNextTimer()).toBeUndefined();
  const again = await startSwitch({ ...leafSpec, port: leaf.port }, { clock });
  expect(again.port).toBe(leaf.port);
  await again.close();
});
