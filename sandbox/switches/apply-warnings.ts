/** What makes an apply stop and ask, or fail, because of what it changes. Pure. */
import type { Tree } from '../../schemas/json.ts';
import type { Issue } from './revisions.ts';
import { at, branch, equal } from './tree.ts';

/** The warnings an apply raises before it goes on. Source: device-protocols reference A.7, A.10. */
export function applyWarnings(before: Tree, after: Tree, editedFiles: ReadonlySet<string>): Issue[] {
  const warnings: Issue[] = [...editedFiles].map((file) => ({
    severity: 'warning',
    code: 'config_overwrite',
    message: `${file} has been manually changed since the last apply; it will be overwritten`,
    data: { file },
  }));
  const changed = (path: readonly string[]): boolean => !equal(at(before, path) ?? null, at(after, path) ?? null);
  if (changed(['interface', 'eth0'])) {
    warnings.push({
      severity: 'warning',
      code: 'management_interface',
      message: 'The configuration of the management interface eth0 changes; you may lose the connection to the switch',
      data: { location: 'interface.eth0' },
    });
  }
  if (changed(['router', 'bgp', 'autonomous-system'])) {
    warnings.push({
      severity: 'warning',
      code: 'frr_restart',
      message: 'The frr service will be restarted because the BGP autonomous-system changes',
      data: { location: 'router.bgp.autonomous-system' },
    });
  }
  return warnings;
}

/** True when the account that applies would be deleted: a logged-in user cannot be. */
export function accountLost(before: Tree, after: Tree, user: string): boolean {
  const path = ['system', 'aaa', 'user'];
  return branch(before, path)[user] !== undefined && branch(after, path)[user] === undefined;
}
