import { expect, it } from 'vitest';
import { pinUses } from '../../cli/init/pin-uses.ts';
import { workflows } from '../actions/workflow-files.ts';

const to = { repository: 'acme/pointsman', commit: 'a'.repeat(40), says: 'v0.2.0' };
const textOf = (end: string): string => workflows.find(({ file }) => file.endsWith(end))?.text ?? '';

it('lets every use of the action name the release, and nothing else change', () => {
  const before = textOf('/fleet-plan.yml');

  const after = pinUses(before, 'action', to);

  const changed = after.split('\n').filter((line, at) => line !== before.split('\n')[at]);
  expect(changed).toHaveLength((before.match(/pointsman@/g) ?? []).length);
  expect(new Set(changed)).toEqual(new Set([`        uses: acme/pointsman@${to.commit} # v0.2.0`]));
  expect(pinUses(after, 'action', to)).toBe(after);
});

it('lets callers name the workflows, and leaves the action to itself', () => {
  const caller = textOf('/pointsman-plan.yml');

  expect(pinUses(caller, 'workflow', to)).toContain(
    `    uses: acme/pointsman/.github/workflows/fleet-plan.yml@${to.commit} # v0.2.0\n`,
  );
  expect(pinUses(caller, 'action', to)).toBe(caller);
  expect(pinUses(textOf('/fleet-plan.yml'), 'workflow', to)).toBe(textOf('/fleet-plan.yml'));
});
