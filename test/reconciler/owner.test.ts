import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeOwner, isCertainlyDead, isOver } from '../../reconciler/owner.ts';

describe('isCertainlyDead()', () => {
  const us = describeOwner();

  it('says no of ourselves, and of an owner that says nothing about itself', () => {
    expect(isCertainlyDead(us, us)).toBe(false);
    expect(isCertainlyDead({ id: 'somebody' }, us)).toBe(false);
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'says yes of a process of this machine that has ended, and no while it runs',
    async () => {
      const child = spawn('sleep', ['60']);
      await once(child, 'spawn');
      const ticks = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ')[21];
      const owner = {
        ...us,
        id: 'child',
        pid: child.pid ?? 0,
        ...(ticks === undefined ? {} : { startedTicks: ticks }),
      };

      const alive = isCertainlyDead(owner, us);
      child.kill('SIGKILL');
      await once(child, 'exit');

      expect([alive, isCertainlyDead(owner, us)]).toEqual([false, true]);
    },
  );

  it.runIf(existsSync('/proc/self/stat'))('says yes when the pid belongs to another process by now', () => {
    expect(isCertainlyDead({ ...us, id: 'before', startedTicks: '1' }, us)).toBe(true);
  });

  it('says no of a process of another machine or container: its pid means nothing here', () => {
    expect(isCertainlyDead({ ...us, id: 'elsewhere', scope: 'another boot', pid: 999_999_999 }, us)).toBe(false);
  });
});

describe('isOver()', () => {
  const us = describeOwner();

  it('says yes of what we began in an earlier pass, and no of another process that lives', () => {
    expect(isOver(us, us)).toBe(true);
    expect(isOver({ ...us, id: 'another pass of another service in this process' }, us)).toBe(false);
  });
});
