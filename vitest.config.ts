import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['test/support/judged-github.ts'],
    // A net for tests that hang, no measure of how long they may take: emulated switches, real git processes and child
    // reconcilers share two cores in CI, and those are shared with others.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // Most of what takes time here waits: for another process, for a second to pass. Twice the cores of a small machine are
    // then used about fully.
    maxWorkers: 4,
  },
});
