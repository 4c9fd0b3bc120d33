/**
 * `npm run pin -- action <commit> <version>` after a release: the workflows that fleets call use it.
 * `npm run pin -- workflow <commit> <version>` after that is merged: the examples call those workflows.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinUses } from '../cli/init/pin-uses.ts';

const FILES = { action: '.github/workflows/fleet-*.yml', workflow: 'examples/github-workflows/*.yml' } as const;

const [kind, commit = '', says = '', repository = 'pointsman/pointsman'] = process.argv.slice(2);
if ((kind !== 'action' && kind !== 'workflow') || !/^[0-9a-f]{40}$/.test(commit) || !/^v\d/.test(says)) {
  console.error('Usage: npm run pin -- action|workflow <commit, 40 hex digits> <version, v1.2.3> [owner/name]');
  process.exit(1);
}
const root = join(import.meta.dirname, '..');
for (const name of globSync(FILES[kind], { cwd: root }).sort()) {
  const file = join(root, name);
  const before = readFileSync(file, 'utf8');
  const after = pinUses(before, kind, { repository, commit, says });
  if (after !== before) writeFileSync(file, after);
  console.log(`${name}: ${after === before ? 'as it was' : `pinned to ${commit}`}`);
}
