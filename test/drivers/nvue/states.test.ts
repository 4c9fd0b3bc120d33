import { describe, expect, it } from 'vitest';
import { STATES } from '../../../drivers/nvue/facts.ts';
import { blockerAmong, candidateStateOf } from '../../../drivers/nvue/states.ts';

describe('the states of a revision', () => {
  const error = { severity: 'error', words: '[error] systemctl: frr failed' };
  const warning = { severity: 'warning', words: '[warning] file: edited' };
  const kindOf = (state: string) => candidateStateOf('leaf01', { id: '12', state, issues: [] }).kind;

  it.each([
    { kind: 'staged', states: ['pending', 'detached', 'empty'] },
    {
      kind: 'applying',
      states: [
        ...['apply', 'checking', 'checked', 'verifying', 'verified', 'readying', 'ready', 'reloading', 'reloaded'],
        ...['check_health', 'ays', 'ignore_fail', 'ays_yes', 'ignore_fail_yes', 'confirm_yes'],
      ],
    },
    { kind: 'awaiting-confirm', states: ['confirm'] },
    { kind: 'live', states: ['applied', 'applied_and_saved', 'saved', 'auto_save', 'auto_saving', 'save', 'saving'] },
    {
      kind: 'reverted',
      states: [
        ...['invalid', 'verify_error', 'ready_error', 'apply_error', 'apply_fail', 'ays_fail', 'ays_no'],
        ...['confirm_fail', 'confirm_no', 'ignore_fail_no', 'failed', 'error', 'inactive', 'previous'],
      ],
    },
  ])('are $kind for $states', ({ kind, states }) => {
    expect(states.map(kindOf)).toEqual(states.map(() => kind));
  });

  it('are all of those and no other', () => {
    expect(STATES.size).toBe(40);
    for (const state of ['aysx', 'confirmed', 'applied ', 'Applied', '', 'constructor']) {
      expect(() => kindOf(state)).toThrow(expect.objectContaining({ code: 'DRIVER_STATE_UNKNOWN' }));
    }
  });

  it('survive a reboot only when they say so', () => {
    const saved = ['applied_and_saved', 'saved', 'applied', 'auto_saving'].map((state) =>
      candidateStateOf('leaf01', { id: '12', state, issues: [] }),
    );

    expect(saved.map((state) => state.kind === 'live' && state.saved)).toEqual([true, true, false, false]);
  });

  it('carry the errors of a success, and everything that was said of a failure', () => {
    const issues = [error, warning];

    expect(candidateStateOf('leaf01', { id: '12', state: 'applied', issues })).toMatchObject({ issues: [error.words] });
    expect(candidateStateOf('leaf01', { id: '12', state: 'invalid', issues })).toMatchObject({
      issues: [error.words, warning.words],
    });
  });

  it('of somebody else block us while they move or ask, and not for ever after', () => {
    const revision = (id: string, state: string) => ({ id, state, issues: [] });

    expect(blockerAmong([revision('1', 'applied'), revision('2', 'confirm_fail'), revision('3', 'ready_error')])).toBe(
      undefined,
    );
    expect(blockerAmong([revision('4', 'pending'), revision('5', 'confirm')])?.id).toBe('5');
    expect(blockerAmong([revision('5', 'reloading')], '5')).toBe(undefined);
    expect(blockerAmong([revision('6', 'never_heard_of')])?.id).toBe('6');
    expect(blockerAmong([revision('pending', 'apply')])).toBe(undefined);
  });
});
