import { reconcileCommand } from '../../cli/commands/reconcile.ts';
import type { RunEvent } from '../../ledger/events.ts';
import { formatEvents } from '../../ledger/events-codec.ts';
import { eventsAt } from './crash-world.ts';
import { git, type Journey, type Ran } from './journey.ts';

/** `pointsman reconcile` in this process, ended in the middle: as when a runner is cancelled. */
export async function reconcileUntil(journey: Journey, signal: AbortSignal): Promise<Ran> {
  const remote = { remote: journey.world.github.remoteUrl, cache: `${journey.gitDir}-cache`, json: false };
  return journey.run((io) => reconcileCommand({ ...io, signal }, remote));
}

type Intent = Extract<RunEvent, { readonly kind: 'intent' }>;

/** Rewrites the newest intent on the ledger, as if another process had written it. */
export async function rewriteIntent(journey: Journey, change: (intent: Intent) => Intent): Promise<void> {
  const { gitDir, world } = journey;
  const events = await eventsAt(gitDir);
  const newest = events.findLastIndex(({ kind }) => kind === 'intent');
  const changed = events.map((event, index) => (index === newest && event.kind === 'intent' ? change(event) : event));
  const { out } = await git(gitDir, ['ls-tree', '-r', '--name-only', 'pointsman/ledger', 'runs/']);
  const path = out.split('\n').find((name) => name.endsWith('/events.jsonl')) ?? '';
  await world.github.as('dora').push('pointsman/ledger', { [path]: formatEvents(changed) }, 'Another owner');
}

/** Somebody who was here and is gone: our pid, and another start. Source: reconciler/owner.ts. */
export function dead(intent: Intent): Intent {
  return { ...intent, owner: { ...intent.owner, startedTicks: '1' } };
}

/** Somebody nothing can be found out about. */
export function elsewhere(intent: Intent): Intent {
  return { ...intent, owner: { id: 'another-one', scope: 'another machine', pid: 1, startedTicks: '1' } };
}
