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
