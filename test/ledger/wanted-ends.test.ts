import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { renderRunPage } from '../../ledger/render-run-page.ts';
import { applied, ended, fold, intent, planned, started, T0 } from './build.ts';

const wanted: RunEvent = { at: T0 + 1_000, kind: 'end-wanted', by: 'dora', why: 'wrong port' };
const illegal = expect.objectContaining({ code: 'LEDGER_ILLEGAL_MOVE' });

describe('a run whose end somebody wants', () => {
  it('says who, when and why, whoever says so again', () => {
    const run = fold([started(), wanted, { ...wanted, by: 'eve', at: T0 + 9_000 }]);

    expect(run).toMatchObject({
      status: 'RUNNING',
      endWanted: { by: 'dora', at: T0 + 1_000, why: 'wrong port' },
    });
  });

  it('takes no intent for a switch that nobody has begun', () => {
    expect(() => fold([started(), wanted, intent(['leaf-01'])])).toThrow(illegal);
  });

  it('takes the intent of whoever looks after the switches that were begun', () => {
    const run = fold([started(), intent(['leaf-01', 'leaf-02']), wanted, intent(['leaf-02'])]);

    expect(run.lease?.devices).toEqual(['ams1/leaf-01', 'ams1/leaf-02']);
    expect(() => fold([started(), intent(['leaf-01']), wanted, intent(['leaf-01', 'leaf-02'])])).toThrow(illegal);
  });

  it('starts no other run', () => {
    const child: RunEvent = { at: T0, kind: 'child-started', stage: 'perform_backup', run: 'batchdeploy-x' };

    expect(() => fold([started(), wanted, child])).toThrow(illegal);
  });

  it('records what became of its switches, and ends as TERMINATED with nothing left to want', () => {
    const run = fold([
      started(),
      planned(['leaf-01']),
      intent(['leaf-01']),
      wanted,
      ended('leaf-01', applied),
      { at: T0 + 2_000, kind: 'run-ended', status: 'TERMINATED', by: 'dora', why: 'terminated by dora: wrong port' },
    ]);

    expect(run).toMatchObject({ status: 'TERMINATED', endedBy: 'dora', devices: [{ outcome: applied }] });
    expect(run).not.toHaveProperty('endWanted');
    expect(() => fold([started(), { ...wanted, kind: 'run-ended', status: 'TERMINATED' }, wanted])).toThrow(illegal);
  });

  it('says on its page who wants it and what is waited for', () => {
    const events = [started(), intent(['leaf-01']), wanted];

    const page = renderRunPage(fold(events), events);

    expect(page).toContain(
      'dora wants it ended (wrong port). Whoever changes switches for it stops, and then it ends.',
    );
    expect(page).toContain('dora wants it ended at once. wrong port');
  });
});
