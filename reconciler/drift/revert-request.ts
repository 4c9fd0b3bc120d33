import { REQUESTS } from '../../desired-state/fleet-layout.ts';
import { renderYaml } from '../../desired-state/render-yaml.ts';
import type { ObjectId, Repository } from '../../git/repository.ts';
import type { Settings } from '../../schemas/fleet.ts';
import { rollback } from '../../workflows/rollback.ts';
import { rolloutOf, workflowOfRollout } from '../load-commit.ts';
import type { Finding } from './findings.ts';

/** A request may name no more switches, whatever the settings say. */
const MOST_DEVICES = 500;

/**
 * The request that takes a finding back: a deploy of what the fleet says to these switches, or, where a Rollback made them run
 * something else, once more to what that made them run.
 */
export async function revertRequest(
  { repository, settings }: { readonly repository: Repository; readonly settings: Settings },
  tip: ObjectId,
  finding: Finding,
): Promise<ReadonlyMap<string, string>> {
  const path = await freePath(repository, tip, `revert-drift-${finding.id}`);
  return new Map([[path, requestText(settings, finding)]]);
}

function requestText(settings: Pick<Settings, 'rollout' | 'requests'>, finding: Finding): string {
  const { devices, id, wentBack } = finding;
  const most = Math.min(settings.requests?.most_devices ?? MOST_DEVICES, MOST_DEVICES);
  const targets = { devices: devices.slice(0, most) };
  const request =
    wentBack?.ledger === undefined
      ? {
          workflow: workflowOfRollout(rolloutOf(settings)).name,
          reason: `These switches run something else than the fleet repo says, and nobody merged that (drift ${id}).`,
          targets,
        }
      : {
          workflow: rollback.name,
          reason: `These switches run something else than ${wentBack.run} took them back to, and nobody merged that (drift ${id}).`,
          targets,
          input: { to: { backup: wentBack.ledger } },
        };
  return `${renderYaml(request).join('\n')}\n`;
}

/** One that was merged before is done with: the same name would ask for nothing. */
async function freePath(repository: Repository, tip: ObjectId, name: string): Promise<string> {
  const taken = new Set((await repository.listFiles(tip, REQUESTS.replace(/\/$/, ''))).map(({ path }) => path));
  let number = 1;
  const path = (): string => `${REQUESTS}${name}${number === 1 ? '' : `-${number}`}.yaml`;
  while (taken.has(path())) number++;
  return path();
}
