import { describe, expect, it } from 'vitest';
import { APP, startHarness } from './harness.ts';

const MARKER = '<!-- pointsman:alarm:schedule -->';
const ALARM = { title: 'The schedule has stopped', body: `${MARKER}\nNothing has run since yesterday.` };
const OPEN = 'POST /repos/acme/fleet/issues';

describe('raiseAlarm()', () => {
  it('opens an issue once, and sends nothing when it says this already', async () => {
    const { github, forgeFor, signal, writes } = await startHarness();

    await forgeFor().raiseAlarm(MARKER, ALARM, signal);
    await forgeFor().raiseAlarm(MARKER, ALARM, signal);

    expect(github.issues()).toMatchObject([{ author: APP, state: 'open', ...ALARM }]);
    expect(writes()).toEqual([OPEN]);
  });

  it('brings it up to date', async () => {
    const { github, forgeFor, signal } = await startHarness();
    await forgeFor().raiseAlarm(MARKER, ALARM, signal);

    await forgeFor().raiseAlarm(MARKER, { ...ALARM, body: `${MARKER}\nFor two days now.` }, signal);

    expect(github.issues()).toMatchObject([{ state: 'open', body: `${MARKER}\nFor two days now.` }]);
  });

  it('closes it when there is nothing to raise any more, and then sends nothing', async () => {
    const { github, forgeFor, signal, writes } = await startHarness();
    await forgeFor().raiseAlarm(MARKER, ALARM, signal);

    await forgeFor().raiseAlarm(MARKER, undefined, signal);
    await forgeFor().raiseAlarm(MARKER, undefined, signal);

    expect(github.issues()).toMatchObject([{ state: 'closed', stateReason: 'completed' }]);
    expect(writes()).toHaveLength(2);
  });

  it('opens the same one again, and says what is the case now', async () => {
    const { github, forgeFor, signal } = await startHarness();
    await forgeFor().raiseAlarm(MARKER, ALARM, signal);
    await forgeFor().raiseAlarm(MARKER, undefined, signal);

    await forgeFor().raiseAlarm(MARKER, { ...ALARM, title: 'It has stopped again' }, signal);

    expect(github.issues()).toMatchObject([{ state: 'open', title: 'It has stopped again' }]);
  });

  it('keeps subjects apart', async () => {
    const { github, forgeFor, signal } = await startHarness();
    const other = '<!-- pointsman:alarm:clock -->';
    await forgeFor().raiseAlarm(MARKER, ALARM, signal);
    await forgeFor().raiseAlarm(other, { title: 'The clock', body: `${other}\nis late` }, signal);

    await forgeFor().raiseAlarm(MARKER, undefined, signal);

    expect(github.issues().map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  it('leaves issues and pull requests of others alone, however they are marked', async () => {
    const { github, forgeFor, signal } = await startHarness();
    await fetch(`${github.apiUrl}/repos/acme/fleet/issues`, {
      method: 'POST',
      headers: { authorization: `Bearer ${github.tokenFor('cy')}` },
      body: JSON.stringify({ title: 'All is well', body: `${MARKER}\nno alarm here` }),
    });
    await github.as(APP).push('marked', { m: '1\n' }, 'm');
    const marked = await github.as(APP).openPullRequest({ title: 'm', head: 'marked', body: ALARM.body });

    await forgeFor().raiseAlarm(MARKER, ALARM, signal);
    await forgeFor().raiseAlarm(MARKER, undefined, signal);

    expect(github.issues().map(({ author, state }) => [author, state])).toEqual([
      ['cy', 'open'],
      [APP, 'closed'],
    ]);
    expect(github.pullRequest(marked).state).toBe('open');
  });

  it('finds what it opened when only the answer was lost, and sends it once', async () => {
    const { github, forgeFor, signal, writes } = await startHarness();
    github.inject({ method: 'POST', path: '/issues' }, { kind: 'drop-after' });

    await forgeFor().raiseAlarm(MARKER, ALARM, signal);

    expect(github.issues()).toHaveLength(1);
    expect(writes()).toEqual([OPEN]);
  });

  it('does not send it again when nothing came of it', async () => {
    const { github, forgeFor, signal, writes } = await startHarness();
    github.inject({ method: 'POST', path: '/issues' }, { kind: 'drop-before' });

    await expect(forgeFor().raiseAlarm(MARKER, ALARM, signal)).rejects.toMatchObject({ code: 'FORGE_UNAVAILABLE' });
    expect(writes()).toEqual([OPEN]);
  });

  it('sends nothing that it would not find again', async () => {
    const { github, forgeFor, signal } = await startHarness();

    const raising = forgeFor().raiseAlarm(MARKER, { title: 'x', body: `x\n${MARKER}` }, signal);

    await expect(raising).rejects.toMatchObject({ code: 'FORGE_REQUEST_INVALID' });
    expect(github.requests()).toEqual([]);
  });
});
