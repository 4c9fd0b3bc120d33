import type { Run, StageRecord } from '../../ledger/run.ts';
import { stageNamed } from '../../workflows/all-workflows.ts';
import { isRetryable } from '../deploy/after-apply.ts';
import { BATCHES, moved } from '../deploy/run-events.ts';
import { type Control, type Controlling, whyOver } from './run-control.ts';

type Refused = Control & { readonly kind: 'refused' };

/**
 * Has a failed stage done again from its start. Only where its workflow says that a person may, where it failed for a reason
 * that may pass, and in a run that has not ended.
 *
 * @param named The stage; the one that failed unless given.
 */
export function decideRetry(run: Run, named: string | undefined, { by, now }: Controlling): Control {
  const over = run.parent === undefined ? whyOver(run) : ofBatch(run.parent, run);
  if (over) return over;
  if (run.paused?.automatic) {
    return refused(
      `${run.paused.by} holds it: ${run.paused.why ?? 'it does not say why'}`,
      'It can be tried again when that is over.',
    );
  }
  if (run.paused) {
    return refused(`it is paused by ${run.paused.by}`, 'Resume it first:', `/pointsman resume ${run.name}`);
  }
  const found = findStage(run, named);
  if ('kind' in found) return found;
  const refusal = whyNotAgain(run, found);
  if (refusal) return refusal;
  const why = `${found.name} is tried again`;
  return { kind: 'move', events: [{ ...moved(now, found.name, 'IN_PROGRESS', 'tried again'), by }], why };
}

/** What failed in a batch is tried again with the run it is of, which decides what comes after it. */
function ofBatch(parent: string, run: Run): Refused {
  return refused(
    `it is batch ${run.batch?.number ?? '?'} of ${parent}, and is tried again with that`,
    'Write',
    `/pointsman retry ${parent} ${BATCHES}`,
  );
}

function findStage(run: Run, named: string | undefined): StageRecord | Refused {
  const failed = run.stages.filter(({ state }) => state === 'FAILED');
  const standing = run.stages.map(({ name, state }) => `${name} ${state}`).join(', ');
  if (named === undefined) {
    const [only, ...others] = failed;
    if (only && others.length === 0) return only;
    if (!only) return refused('no stage of it has failed', `It stands so: ${standing}.`);
    return refused(
      `${failed.length} stages of it have failed, and it is not said which is meant`,
      'Name it, for example',
      `/pointsman retry ${run.name} ${only.name}`,
    );
  }
  const stage = run.stages.find(({ name }) => name === named);
  if (!stage) return refused(`it has no stage ${named}`, `It stands so: ${standing}.`);
  if (stage.state === 'FAILED') return stage;
  return refused(`${named} is ${stage.state}, and only what is FAILED is tried again`, `It stands so: ${standing}.`);
}

function whyNotAgain(run: Run, { name, error }: StageRecord): Refused | undefined {
  const stage = stageNamed(run.workflow, name);
  if (!stage) return refused(`${run.workflow} of this version has no stage ${name}`, NEW_RUN);
  if (!stage.retryable) return refused(`${name} is not tried again, its workflow says so`, stage.whenFailed.advice);
  // These stop on purpose: what they found does not pass by being tried again.
  if (error && error.disposition !== 'retry-later') {
    return refused(
      `${name} failed for a reason that does not pass by itself: ${error.message}`,
      `${error.next} ${NEW_RUN}`,
    );
  }
  if (stage.touchesDevice && !run.devices.some(isRetryable)) {
    const why = 'no switch of it failed for a reason that may pass by itself';
    return refused(`${name} is not tried again: ${why}`, `See the reason beside each switch. ${NEW_RUN}`);
  }
  return undefined;
}

const NEW_RUN = 'Mend the cause, and merge that: it is a new run.';

function refused(why: string, next: string, copy?: string): Refused {
  return { kind: 'refused', why, next, ...(copy === undefined ? {} : { copy }) };
}
