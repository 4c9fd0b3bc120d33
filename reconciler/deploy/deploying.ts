import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import type { PointsmanError } from '../../schemas/errors.ts';
import type { HeldWork } from '../hold.ts';
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

/** What the fleet's branch has to allow before these switches are begun. */
export function heldWork(
  { loaded }: Pick<Deploying, 'loaded'>,
  devices: readonly { readonly site: string }[],
): HeldWork {
  const { request, rollout } = loaded;
  return {
    sites: [...new Set(devices.map(({ site }) => site))].sort(),
    ...(request?.notBefore === undefined ? {} : { notBefore: request.notBefore }),
    ...(request?.outsideWindows ? { outsideWindows: true } : {}),
    secondsNeeded: rollout.confirmWithinSeconds,
  };
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
