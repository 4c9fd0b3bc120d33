import { describe, expect, it } from 'vitest';
import { DiffChangedError } from '../../workflows/errors.ts';
import { foreseen } from '../../workflows/foreseen.ts';

describe('foreseen()', () => {
  const whole = new AbortController().signal;
  const overdue = new DOMException('The operation was aborted due to timeout', 'TimeoutError');

  it('hands on what was thrown on purpose', () => {
    const error = new DiffChangedError({ device: 'leaf01', approved: 'a', found: 'b', why: 'c' });

    expect(foreseen(error, 'leaf01', whole)).toBe(error);
  });

  it('makes a limit that passed an error of that switch', () => {
    expect(foreseen(overdue, 'leaf01', whole)).toMatchObject({
      code: 'WORKFLOW_SWITCH_OVERDUE',
      details: { device: 'leaf01' },
    });
  });

  it('does not take the end of the whole for the fault of a switch', () => {
    expect(() => foreseen(overdue, 'leaf01', AbortSignal.abort(overdue))).toThrow(overdue);
  });

  it('lets a bug through', () => {
    const bug = new TypeError('x is not a function');

    expect(() => foreseen(bug, 'leaf01', whole)).toThrow(bug);
  });
});
