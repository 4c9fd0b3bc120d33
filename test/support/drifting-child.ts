/** A test file that is not run with the others: its second test lets a request drift from GitHub's description, unnoticed by itself. */
import { it } from 'vitest';
import { startHarness } from '../forge/harness.ts';

async function ask(query: string): Promise<void> {
  const { github } = await startHarness();
  const headers = { authorization: `Bearer ${github.tokenFor('ana')}` };
  await fetch(`${github.apiUrl}/repos/acme/fleet/pulls${query}`, { headers });
}

it('keeps to it', () => ask('?state=open'));
it('drifts', () => ask('?stat=open'));
it('keeps to it again', () => ask('?state=all'));
