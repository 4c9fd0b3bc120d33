import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foldRun } from '../../ledger/fold-run.ts';
import { hasEnded } from '../../ledger/legal-moves.ts';
import { decidePause, decideResume, decideTerminate } from '../../reconciler/commands/run-control.ts';
import { anyEvent, takenOf } from '../ledger/arbitrary-events.ts';
import { RUN, started, T0 } from '../ledger/build.ts';

const controls = { pause: decidePause, resume: decideResume, terminate: decideTerminate };
const anything = fc.array(anyEvent, { minLength: 1, maxLength: 60, size: 'max' });

it('whatever a person may do to a run can follow all that may have happened in it, and leads where it says', () => {
  fc.assert(
    fc.property(anything, fc.constantFrom('pause', 'resume', 'terminate' as const), (wishes, verb) => {
      const { history, run } = takenOf([started(), ...wishes]);
      if (!run) throw new Error('a run that was started is there');

      const control = controls[verb](run, { by: 'dora', now: T0 + 1 });

      if (control.kind === 'refused') return;
      const after = foldRun(RUN, [...history, ...control.events]);
      const held = after?.status === 'PAUSED' || after?.pauseWanted !== undefined;
      if (verb === 'terminate') expect(after?.endWanted).toBeDefined();
      else expect(held).toBe(verb === 'pause');
      expect(hasEnded(run.status)).toBe(false);
    }),
  );
});
