import { AUTOMATION } from '../desired-state/fleet-layout.ts';
import type { TipRules } from './tip-rules.ts';

/** Why nothing automatic is done, and where that is said. */
export interface Held {
  readonly reason: string;
  /** `automation.yaml`, with the place in it. */
  readonly where: string;
}

/**
 * Whether the fleet's branch says that nothing automatic is done now: at all, at a site, or by a workflow. A file that cannot
 * be read says so too.
 *
 * @param about `sites`: all it is about; `undefined` where that is not known, and then no site holds it.
 */
export function decidePaused(
  automation: TipRules['automation'],
  { workflow, sites }: { readonly workflow: string; readonly sites: readonly string[] | undefined },
): Held | undefined {
  if (automation.kind === 'unknown') {
    return { reason: `what it says is not known: ${automation.why}`, where: AUTOMATION };
  }
  const { paused, reason = UNSAID, sites: ofSites = {}, workflows = {} } = automation.value;
  if (paused) return { reason, where: AUTOMATION };
  // Asked with the names of the file: a name that objects have by themselves is nobody's site.
  const site = Object.entries(ofSites).find(([name, one]) => one.paused && sites?.includes(name));
  if (site) return { reason: site[1].reason ?? UNSAID, where: `${AUTOMATION} (site ${site[0]})` };
  const ofWorkflow = Object.entries(workflows).find(([name, one]) => one.paused && name === workflow);
  if (ofWorkflow) return { reason: ofWorkflow[1].reason ?? UNSAID, where: `${AUTOMATION} (workflow ${workflow})` };
  return undefined;
}

const UNSAID = 'it does not say why';
