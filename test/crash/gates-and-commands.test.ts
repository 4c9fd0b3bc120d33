import { describeKills } from '../support/crash-rows.ts';
import { DIRECT_PUSH, PAUSE_AND_RESUME, PLAN_COMMAND, TERMINATE_ON_A_GATE } from '../support/crash-scenes.ts';

/** Rows of the crash matrix for what asks by a gate, and for commands; `npm run crash-matrix` runs them all. */
describeKills([
  {
    scene: DIRECT_PUSH,
    at: [
      ['performed', 'new pull request'],
      ['performed', 'delete branch'],
    ],
  },
  { scene: PLAN_COMMAND, at: [['performed', 'new comment']] },
  { scene: PAUSE_AND_RESUME, at: [['performed', 'pause by dora']] },
  { scene: TERMINATE_ON_A_GATE, at: [['received', 'delete branch']] },
]);
