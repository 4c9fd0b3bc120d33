/**
 * Runs in front of every test file: each emulated GitHub it starts is watched, and a test in which the product asks what
 * GitHub's description does not have, or the emulation answers so, fails at its end.
 */
import { afterAll, afterEach, vi } from 'vitest';
import type { startGithub as realStartGithub } from '../../sandbox/github/start-github.ts';
import { takeVerdicts, watchGithub } from '../contract/watch-github.ts';

vi.mock(import('../../sandbox/github/start-github.ts'), async (original) => {
  const { startGithub, ...others } = await original();
  const watched: typeof realStartGithub = async (options) => watchGithub(await startGithub(options));
  return { ...others, startGithub: watched };
});

function refuseViolations(): void {
  const { violations } = takeVerdicts();
  if (violations.length > 0) throw new Error(violations.join('\n'));
}

afterEach(refuseViolations);
afterAll(refuseViolations);
