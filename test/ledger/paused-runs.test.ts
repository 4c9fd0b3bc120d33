import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { isPaused } from '../../ledger/legal-moves.ts';
import { renderRunPage } from '../../ledger/render-run-page.ts';
import { applied, ended, fold, intent, moved, planned, RUN, STAGES, started, T0 } from './build.ts';

const paused: RunEvent = { at: T0 + 1_000, kind: 'run-paused', by: 'dora' };
const resumed: RunEvent = { at: T0 + 2_000, kind: 'run-resumed', by: 'max' };
const ends = (status: 'COMPLETED' | 'FAILED' | 'TERMINATED'): RunEvent => ({
  at: T0 + 3_000,
  kind: 'run-ended',
  status,
});

describe('a paused run', () => {
  it('says who holds it and since when, until it is resumed', () => {
    const run = fold([started(), paused]);

    expect(run).toMatchObject({ status: 'PAUSED', paused: { by: 'dora', at: T0 + 1_000 } });
    expect(isPaused(run.status)).toBe(true);
    expect(fold([started(), paused, resumed])).toMatchObject({ status: 'RUNNING' });
    expect(fold([started(), paused, resumed])).not.toHaveProperty('paused');
  });

  it('keeps who paused it first', () => {
    expect(fold([started(), paused, { ...paused, by: 'eve', at: T0 + 9_000 }]).paused?.by).toBe('dora');
  });

  it('takes no intent, so that no switch is touched', () => {
    expect(() => fold([started(), paused, intent(['leaf-01'])])).toThrow(
      expect.objectContaining({ code: 'LEDGER_ILLEGAL_MOVE' }),
    );
    expect(fold([started(), paused, resumed, intent(['leaf-01'])]).lease).toBeDefined();
  });

  it('ends as TERMINATED and not as if it had gone on', () => {
    expect(fold([started(), paused, ends('TERMINATED')])).toMatchObject({ status: 'TERMINATED' });
    expect(fold([started(), paused, ends('TERMINATED')])).not.toHaveProperty('paused');
    for (const status of ['COMPLETED', 'FAILED'] as const)
      expect(() => fold([started(), paused, ends(status)])).toThrow(
        expect.objectContaining({ code: 'LEDGER_ILLEGAL_MOVE' }),
      );
  });

  it('still records what became of a switch', () => {
    expect(fold([started(), intent(['leaf-01']), paused, ended('leaf-01', applied)]).devices[0]?.outcome).toEqual(
      applied,
    );
  });

  it('is not paused or resumed after its end', () => {
    for (const event of [paused, resumed])
      expect(() => fold([started(), ends('TERMINATED'), event])).toThrow(
        expect.objectContaining({ code: 'LEDGER_ILLEGAL_MOVE' }),
      );
  });

  it('is held only once every switch that is being changed has its outcome, and what began is brought to its end', () => {
    const wanted = [started(), planned(['leaf-01', 'leaf-02']), intent(['leaf-01', 'leaf-02']), paused];
    const between = fold([...wanted, ended('leaf-01', applied)]);

    expect(between).toMatchObject({ status: 'RUNNING', pauseWanted: { by: 'dora', at: T0 + 1_000 } });
    expect(fold([...wanted, intent(['leaf-01', 'leaf-02'])]).status).toBe('RUNNING');
    const after = fold([...wanted, ended('leaf-01', applied), ended('leaf-02', applied)]);
    expect(after).toMatchObject({ status: 'PAUSED', paused: { by: 'dora', at: T0 + 1_000 } });
    expect(after).not.toHaveProperty('pauseWanted');
  });

  it('is not held any more when it is resumed before that', () => {
    const run = fold([started(), intent(['leaf-01']), paused, resumed, ended('leaf-01', applied)]);

    expect(run.status).toBe('RUNNING');
    expect(run).not.toHaveProperty('pauseWanted');
  });

  it('by the kill switch becomes that of a person who says so too, and never the other way round', () => {
    const automatic: RunEvent = { ...paused, by: 'automation.yaml', why: 'storm', automatic: true };

    expect(fold([started(), automatic]).paused).toMatchObject({ by: 'automation.yaml', why: 'storm', automatic: true });
    expect(fold([started(), automatic, paused]).paused).toEqual({ by: 'dora', at: T0 + 1_000 });
    expect(fold([started(), paused, automatic]).paused).toEqual({ by: 'dora', at: T0 + 1_000 });
  });

  it('by the kill switch says on its page why, and that it goes on by itself', () => {
    const events = [started(), { ...paused, by: 'automation.yaml', why: 'storm', automatic: true } as const];

    expect(renderRunPage(fold(events), events)).toContain(
      'automation.yaml paused it at 2026-11-20 10:00:01 UTC (storm). It goes on by itself once that is lifted.',
    );
  });

  it('says on its page who paused it and how it goes on', () => {
    const events = [started(), moved(STAGES[0], 'IN_PROGRESS'), planned(['leaf-01']), paused];

    const page = renderRunPage(fold(events), events);

    expect(page).toContain('**PAUSED**');
    expect(page).toContain(
      `dora paused it at 2026-11-20 10:00:01 UTC. It goes on after the comment \`/pointsman resume ${RUN}\``,
    );
    expect(page).toContain('Paused by dora.');
  });
});
