import { stringify } from 'yaml';
import type { Tree } from '../../schemas/json.ts';
import { headerOf } from './operational.ts';
import type { SwitchSpec } from './switch-spec.ts';

/** A configuration as `nv config show` writes it and `/etc/nvue.d/startup.yaml` holds it: YAML 1.2, list form. */
export function renderStartupYaml(spec: SwitchSpec, configuration: Tree): string {
  const blocks = [{ header: headerOf(spec) }, { set: configuration }];
  // The store shares equal parts between revisions; in a file each is written out.
  return stringify(blocks, { version: '1.2', sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false });
}
