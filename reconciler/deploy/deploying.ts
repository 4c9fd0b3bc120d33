import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import type { PointsmanError } from '../../schemas/errors.ts';
import type { LoadedCommit } from '../load-commit.ts';
import type { TipRules } from '../tip-rules.ts';
import type { Part } from './ask-and-apply.ts';
import type { DeployWork } from './deploy-work.ts';

/** The run as it is, what it is about, and what was loaded for it. */
export interface Deploying {
  readonly work: DeployWork;
  readonly run: Run | undefined;
  readonly view: LedgerView;
  readonly loaded: LoadedCommit;
  readonly rules: TipRules;
  readonly mayBegin?: (site: string) => PointsmanError | undefined;
}

/** A run of its own, as a part: all of it. */
export function partOf({ work, loaded, mayBegin }: Deploying, plan: Part['plan']): Part {
  return {
    run: work.run,
    workflow: work.workflow,
    commit: work.commit,
    plan,
    loaded,
    keepsOpen: false,
    ...(mayBegin ? { mayBegin } : {}),
  };
}
