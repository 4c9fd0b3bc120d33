import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import { renderProblems } from '../../schemas/render-problems.ts';
import { fleetRepo, platforms, problemsOf } from './fleet-repo.ts';

const folder = join(import.meta.dirname, 'fixtures', 'twenty-mistakes');
const files = Object.fromEntries(
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(folder, path), readFileSync(path, 'utf8')]),
);

it('A fleet with twenty mistakes is told all twenty, in file order, at their lines and columns', async () => {
  expect(await problemsOf(files)).toEqual([
    'approvals.yaml:3:16 SCHEMAS_VALUE',
    'desired-state/devices/ams1/leaf01.yaml:5:17 SCHEMAS_VALUE',
    'desired-state/devices/ams1/leaf02.yaml:5:8 DESIRED_STATE_IMAGE_UNKNOWN',
    'desired-state/devices/ams1/leaf03.yaml:3:10 DESIRED_STATE_NOT_UNIQUE',
    'desired-state/devices/ams1/leaf04.yaml:2:7 DESIRED_STATE_ROLE_UNKNOWN',
    'desired-state/devices/ams1/leaf05.yaml:7:3 SCHEMAS_YAML_DUPLICATE_KEY',
    'desired-state/devices/ams1/leaf06.yaml:4:1 SCHEMAS_UNKNOWN_FIELD',
    'desired-state/devices/fra1/leaf11.yaml:4:9 DESIRED_STATE_NOT_UNIQUE',
    'desired-state/images.yaml:5:11 SCHEMAS_VALUE',
    'desired-state/roles/leaf.yaml:7:5 DESIRED_STATE_RANGE',
    'desired-state/roles/spine.yaml:3:5 DESIRED_STATE_TEMPLATE_UNKNOWN',
    'desired-state/roles/spine.yaml:5:5 DESIRED_STATE_CONFIGURATION',
    'desired-state/sites/ams1.yaml:1:12 DESIRED_STATE_TIME_ZONE',
    'desired-state/sites/ams1.yaml:9:11 DESIRED_STATE_SECRET_IN_PLAIN_TEXT',
    'desired-state/sites/fra1.yaml:3:8 SCHEMAS_YAML_SYNTAX',
    'desired-state/templates/lib/ntp.j2:1 DESIRED_STATE_TEMPLATE',
    'desired-state/templates/rack.j2:3 DESIRED_STATE_TEMPLATE',
    'pointsman.yaml:4:15 SCHEMAS_VALUE',
    'pointsman.yaml:7:13 SCHEMAS_VALUE',
    'workflows/nightly.yaml DESIRED_STATE_NOT_SUPPORTED',
  ]);
});

it('What people read of the twenty mistakes is as it was agreed', async () => {
  const { repository, commit } = await fleetRepo();

  const loaded = await loadFleet({ repository, revision: await commit(files) }, { platforms, render: true });

  if (loaded.kind === 'valid') throw new Error('it was taken for valid');
  expect(renderProblems(loaded.problems)).not.toContain('never-show-this');
  await expect(renderProblems(loaded.problems)).toMatchFileSnapshot('fixtures/twenty-mistakes.txt');
});
