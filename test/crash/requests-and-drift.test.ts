import {
  ADOPT_INSTEAD,
  DIFF,
  DRIFT_ENFORCED,
  DRIFT_PROPOSED,
  ROLLBACK,
  SITE_BACKUP_BY_CLOCK,
} from '../support/crash-requests.ts';
import { describeKills } from '../support/crash-rows.ts';

/** Rows of the crash matrix for what is asked for, and for drift; `npm run crash-matrix` runs them all. */
describeKills([
  { scene: DIFF, at: [['performed', 'new comment']] },
  { scene: SITE_BACKUP_BY_CLOCK, at: [['received', 'completed, 2 switches asked']] },
  {
    scene: DRIFT_PROPOSED,
    at: [
      ['performed', 'new pull request'],
      ['received', 'delete branch'],
    ],
  },
  {
    scene: DRIFT_ENFORCED,
    at: [
      ['received', 'apply'],
      ['performed', 'confirm'],
    ],
  },
  { scene: ADOPT_INSTEAD, at: [['performed', 'delete branch']] },
  { scene: ROLLBACK, at: [['performed', 'apply']] },
]);
